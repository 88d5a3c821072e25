"""What a found file and a row that is not where it was may share: the steps of recognising, in SQL, most trusted first.

`d` is a row of temp.difference, `g` one of temp.gone; `g.how` says how the row came to be there.
"""

from __future__ import annotations

from dataclasses import dataclass

from mediaforge.scanned import Evidence

WAS_MISSING = "was missing"  # before this scan
NOW_MISSING = "now missing"
DISPLACED = "displaced"  # another file stands at its path
SUSPECT = "suspect"  # outside the scan's scope: nobody has looked yet whether it is still there


@dataclass(frozen=True, slots=True)
class Step:
    """What the two share, and how it is asked for."""

    evidence: Evidence
    key: str
    condition: str


_SAME_VOLUME = """(g.library_id = d.library_id OR (SELECT volume FROM library WHERE id = g.library_id)
    = (SELECT volume FROM library WHERE id = d.library_id))"""
_NEW = f"d.media_id IS NULL AND g.how != '{DISPLACED}'"
_AT_ITS_PATH = f"g.library_id = d.library_id AND g.path = d.path AND d.media_id IS NULL AND g.how = '{WAS_MISSING}'"

BEFORE_READING = (
    Step(
        Evidence.INODE,
        "d.inode, d.size, d.mtime_ns",
        f"g.size = d.size AND g.inode = d.inode AND g.mtime_ns = d.mtime_ns AND {_SAME_VOLUME}",
    ),
    Step(Evidence.PATH, "d.library_id, d.path", f"{_AT_ITS_PATH} AND g.size = d.size AND g.mtime_ns = d.mtime_ns"),
)
"""What recognises a file without reading it."""

# A SHA-256 that says otherwise overrules a fingerprint, which has not seen the middle of the file.
BY_FINGERPRINT = Step(
    Evidence.FINGERPRINT,
    "d.size, d.fingerprint",
    f"g.size = d.size AND g.fingerprint = d.fingerprint AND {_NEW} AND coalesce(g.sha256 = d.sha256, TRUE)",
)

BY_SHA256 = Step(Evidence.SHA256, "d.sha256", f"g.sha256 = d.sha256 AND {_NEW}")

# Restored, or made anew, where it was missed: whoever tagged the old one means this one.
BY_PATH = Step(Evidence.PATH, "d.library_id, d.path", _AT_ITS_PATH)
