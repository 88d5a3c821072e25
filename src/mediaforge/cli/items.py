"""An item as a person and as a program sees it. The keys are stable and documented in docs/cli.md."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from mediaforge.model import Chapter, Correction, Media, Stream
from mediaforge.text import display_path

# The facts of an item, in the order of the documented object; what is not known is left out.
_BEFORE = (
    "format duration bit_rate width height orientation rotation fps pixel_format bit_depth hdr interlaced variable_frame_rate"
    " video_codec audio_codec channels sample_rate cover motion"
).split()
_AFTER = (
    "camera_make camera_model lens iso f_number exposure_time focal_length latitude longitude altitude place title description"
    " artist album album_artist composer genre year track disc"
).split()
_SHOW = "show season episode episode_title rating live_id burst_id".split()
_SET = "favourite note".split()

KEYS = (
    "id library path path_base64 kind state size modified added missing_since volume sha256 fingerprint sidecars".split()
    + "group group_kind group_with".split()
    + _BEFORE
    + ["streams", "chapters", "taken_at", "taken_source"]
    + _AFTER
    + ["keywords"]
    + _SHOW
    + _SET
    + ["tags", "rules", "collections", "playable", "corrections", "error"]
)
"""Every key that an item may have."""


def as_object(item: Media) -> dict[str, object]:
    """Return an item as the documented JSON object."""
    facts = item.facts
    text = {**_place(item), "streams": [_stream(s) for s in facts.streams], "keywords": list(facts.keywords)}
    text |= {name: getattr(facts, name) for name in (*_BEFORE, *_AFTER, *_SHOW)}
    text |= {
        "chapters": [_chapter(chapter) for chapter in facts.chapters] or None,
        "taken_at": facts.taken_at.isoformat() if facts.taken_at else None,
        "taken_source": facts.taken_source,
        "favourite": item.favourite or None,
        "note": item.note,
        "tags": list(item.tags),
        "rules": {tag: {"rule": rule, "query": query} for tag, (rule, query) in item.rules.items()} if item.rules else None,
        "collections": list(item.collections),
        "playable": item.playable,
        "corrections": {name: _correction(one) for name, one in item.corrections.items()} if item.corrections else None,
        "error": item.error,
    }
    return {key: text[key] for key in KEYS if text[key] is not None}


def _place(item: Media) -> dict[str, object]:
    shown = display_path(item.path)
    return {
        "id": item.id,
        "library": item.library,
        "path": shown,
        "path_base64": None if shown.encode() == item.path else base64.b64encode(item.path).decode(),
        "kind": item.kind,
        "state": item.state,
        "size": item.size,
        "modified": _instant(item.modified),
        "added": _instant(item.added),
        "missing_since": _instant(item.missing_since) if item.missing_since else None,
        "volume": item.volume_label,
        "sha256": item.sha256,
        "fingerprint": item.fingerprint,
        "sidecars": list(item.sidecars) or None,
        "group": item.group,
        "group_kind": item.group_kind,
        "group_with": [_member(*other) for other in item.group_with] if item.group_with else None,
    }


def _member(media: int, path: bytes) -> Mapping[str, object]:
    return {"id": media, "path": display_path(path)}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _stream(stream: Stream) -> Mapping[str, object]:
    return {name: value for name, value in asdict(stream).items() if value is not None}


def _correction(one: Correction) -> Mapping[str, object]:
    return {"value": one.value} | ({} if one.read is None else {"read": one.read}) | {"added": _instant(one.added)}


def _chapter(chapter: Chapter) -> Mapping[str, object]:
    return {name: value for name, value in asdict(chapter).items() if value is not None}


def size_text(size: int) -> str:
    """Return bytes in the largest fitting decimal unit: 1.5 GB."""
    number, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if number < 999.5 or unit == "PB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" or number >= 99.5 else f"{number:.1f} {unit}"


def counted(number: int, thing: str) -> str:
    """Return 1 file, 2,000 files."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def duration_text(seconds: float | None) -> str:
    """Return seconds as 3:25 or 1:02:03."""
    if seconds is None:
        return ""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def details(item: Media) -> str:
    """Return in a few words what an item is: where it is, if not there; its length, its picture's size, its codec."""
    facts = item.facts
    state = "" if item.state == "present" else f"{item.state} ({item.volume_label})" if item.volume_label else item.state
    if item.error:
        return f"{state} unreadable".strip()
    picture = f"{facts.width}×{facts.height}" if facts.width and facts.height else ""
    codec = (facts.video_codec or facts.audio_codec or facts.format or "") if item.kind != "image" else facts.format or ""
    return " ".join(part for part in (state, duration_text(facts.duration), picture, codec) if part)


def headline(item: Media) -> str:
    """Return the name under which a person knows an item, where it has one besides its file name."""
    facts = item.facts
    if facts.artist and facts.title:
        return f"{facts.artist} – {facts.title}"
    return facts.title or ""


def folded_text(item: Media, suffixes: Sequence[str]) -> str:
    """Return what else of its group an item stands for: by their suffixes where these tell them (+MOV), or how many (+12)."""
    own = display_path(item.path).rpartition(".")[2].lower()
    if len(suffixes) <= 2 and len({own, *suffixes}) == len(suffixes) + 1:
        return "".join(f"+{suffix.upper()}" for suffix in suffixes)
    return f"+{len(suffixes)}"
