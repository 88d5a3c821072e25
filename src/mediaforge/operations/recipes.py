"""The recipes: what can be made from a file. A new one, or a better version, fills the whole catalogue by being stale."""

from __future__ import annotations

from mediaforge.build.run import Recipe

FACTS = Recipe(name="facts", version=1, work="mediaforge.extract.work:read")
"""Everything that can be read from a file without decoding it. Raise the version when a reader learns something."""

FINGERPRINT = "mediaforge.extract.work:fingerprint"
"""The work function that reads only what tells whether a new file is a missing one."""
