"""The recipes: what can be made from a file. A new one, or a better version, fills the whole catalogue by being stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mediaforge.build.run import Recipe

FACTS = Recipe(name="facts", version=1, work="mediaforge.extract.work:read")
"""Everything that can be read from a file without decoding it. Raise the version when a reader learns something."""

FACTS_AND_SHA256 = replace(FACTS, work="mediaforge.extract.work:read_hashed")
"""The same, with the file's SHA-256, for which all of it is read."""

TARGETS: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(name="sha256", version=1, work="mediaforge.extract.made:sha256", batch=16),
        Recipe(name="thumbnail", version=1, work="mediaforge.extract.thumbnail:draw", batch=8),
        Recipe(name="phash", version=1, work="mediaforge.extract.phash:look", batch=8),
    )
}
"""What is made of a file beside its facts, by name: `mediaforge build` makes it."""

READS_ALL = frozenset({"sha256"})
"""The recipes that read every byte of a file, for which a large one takes its time."""

FINGERPRINT = "mediaforge.extract.work:fingerprint"
"""The work function that reads only what tells whether a new file is a missing one."""

SHA256 = "mediaforge.extract.work:sha256"
"""The work function that reads a whole file for its SHA-256."""

IS_THERE = "mediaforge.scan.presence:is_there"
"""The work function that looks whether there is a file."""

IS_GONE = "mediaforge.scan.presence:is_gone"
"""The work function that looks whether a file is still where it was."""

WHICH_FILE = "mediaforge.scan.presence:which_file"
"""The work function that tells two files from two names of one."""
