"""One item as a sheet: every fact, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator

from mediaforge.cli.items import as_object, duration_text, size_text
from mediaforge.cli.table import print_table
from mediaforge.model import Media, Stream
from mediaforge.text import display_path

_CATALOGUE = frozenset("id library state added missing_since volume fingerprint sha256 collections group group_kind".split())
_FILE_SYSTEM = {"path", "path_base64", "size", "modified", "sidecars"}


def print_sheet(item: Media) -> None:
    """Print one item, a line for each fact."""
    print_table(("field", "value", "from"), [*_facts(item), *_streams(item), *_extra(item), *_playable(item)], widest=24)


def _facts(item: Media) -> Iterator[tuple[str, str, str]]:
    for name, value in as_object(item).items():
        if name in ("streams", "chapters", "playable", "corrections", "rules", "group_with") or value == []:
            continue
        yield name, _text(name, value), _origin(item, name)
    for media, path in item.group_with or ():
        yield "group with", f"{media} {display_path(path)}", "catalogue"
    for tag, (rule, query) in (item.rules or {}).items():
        yield f"tag {tag}", "put there by itself", f"rule {rule}: {query}" if query else f"rule {rule}, which is removed"
    for number, chapter in enumerate(item.facts.chapters, start=1):
        yield f"chapter {number}", f"{duration_text(chapter.start)} {chapter.title or ''}".strip(), _origin(item, "chapters")


_UNITS = {"bit_rate": "bit/s", "sample_rate": "Hz", "focal_length": "mm", "altitude": "m", "rotation": "°"}


def _playable(item: Media) -> Iterator[tuple[str, str, str]]:
    for player, reasons in (item.playable or {}).items():
        yield f"playable {player}", "; ".join(reasons) or "yes", "player"


def _text(name: str, value: object) -> str:
    match name, value:
        case _, bool():
            return "yes" if value else "no"
        case "size", int():
            return f"{value:,} bytes{f' ({size_text(value)})' if value > 999 else ''}"
        case "duration", float():
            return f"{value:g} s ({duration_text(value)})"
        case "exposure_time", float() if 0 < value < 0.5:
            return f"{value:g} s (1/{1 / value:.0f})"
        case (("modified" | "added" | "missing_since"), str()):
            return f"{value[:19]}Z"
        case "note", str():
            return " / ".join(value.splitlines())
        case _, list():
            return ", ".join(str(part) for part in value)
    text = f"{value:g}" if isinstance(value, float) and name not in ("latitude", "longitude") else str(value)
    return " ".join(f"{text} {_UNITS.get(name, '')}".split()) if name != "path" else text


# The key of an item to the field that a person sets, where these differ, and which part of its value the key has.
_FIELDS = {"taken_at": ("taken", None), "taken_source": ("taken", None), "latitude": ("gps", 0), "longitude": ("gps", 1)}


def _corrected(item: Media, name: str) -> str | None:
    """Return who set a fact that a person set, and what the file says instead."""
    field, part = _FIELDS.get(name, (name, None))
    one = (item.corrections or {}).get(field)
    if one is None or one.read is None or name == "taken_source":
        return None if one is None else "you"
    read = one.read[part] if part is not None and isinstance(one.read, list) else one.read
    return f"you; the file says {read!r}" if isinstance(read, str) else f"you; the file says {_text(name, read)}"


def _origin(item: Media, name: str) -> str:
    if said := _corrected(item, name):
        return said
    if name in _CATALOGUE:
        return "catalogue"
    if name in _FILE_SYSTEM:
        return "file system"
    if name == "tags":
        return ", ".join(sorted(set(item.tag_sources.values())))
    if name in ("taken_at", "taken_source"):
        return item.facts.origins.get("taken_at") or (item.facts.taken_source or "")
    if name == "kind":
        return item.facts.origins.get(name) or "file name"
    return item.facts.origins.get(name) or item.facts.reader


def _streams(item: Media) -> Iterator[tuple[str, str, str]]:
    for stream in item.facts.streams:
        yield f"stream {stream.index}", _stream(stream), stream.file or _origin(item, "streams")


def _stream(s: Stream) -> str:
    parts = [
        s.type,
        s.codec,
        s.profile and f"({s.profile})",
        f"level {s.level:.1f}" if s.level else None,
        f"{s.width}×{s.height}" if s.width and s.height else None,
        f"{s.fps:g} fps" if s.fps else None,
        s.pixel_format,
        f"{s.channels} channels" if s.channels else None,
        f"{s.sample_rate} Hz" if s.sample_rate else None,
        s.language,
        s.title and f"'{s.title}'",
        "default" if s.default else None,
        "forced" if s.forced else None,
        "cover picture" if s.attached_picture else None,
    ]
    return " ".join(part for part in parts if part)


def _extra(item: Media) -> Iterator[tuple[str, str, str]]:
    for name, value in sorted(item.facts.extra.items()):
        text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield name, text if len(text) <= 200 else text[:199] + "…", item.facts.origins.get(name, item.facts.reader)
