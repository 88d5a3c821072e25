"""One item as a sheet: every fact, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator

from mediaforge.cli.items import as_object, duration_text, size_text
from mediaforge.cli.table import print_table
from mediaforge.model import Media, Stream

_CATALOGUE = {"id", "library", "state", "added", "missing_since", "volume", "fingerprint", "sha256", "collections"}
_FILE_SYSTEM = {"path", "path_base64", "size", "modified"}


def print_sheet(item: Media) -> None:
    """Print one item, a line for each fact."""
    print_table(("field", "value", "from"), [*_facts(item), *_streams(item), *_extra(item)], widest=24)


def _facts(item: Media) -> Iterator[tuple[str, str, str]]:
    for name, value in as_object(item).items():
        if name in ("streams", "chapters") or value == []:
            continue
        yield name, _text(name, value), _origin(item, name)
    for number, chapter in enumerate(item.facts.chapters, start=1):
        yield f"chapter {number}", f"{duration_text(chapter.start)} {chapter.title or ''}".strip(), _origin(item, "chapters")


_UNITS = {"bit_rate": "bit/s", "sample_rate": "Hz", "focal_length": "mm", "altitude": "m", "rotation": "°"}


def _text(name: str, value: object) -> str:
    match name, value:
        case "size", int():
            return f"{value:,} bytes{f' ({size_text(value)})' if value > 999 else ''}"
        case "duration", float():
            return f"{value:g} s ({duration_text(value)})"
        case "exposure_time", float() if 0 < value < 0.5:
            return f"{value:g} s (1/{1 / value:.0f})"
        case (("modified" | "added" | "missing_since"), str()):
            return f"{value[:19]}Z"
        case _, list():
            return ", ".join(str(part) for part in value)
    text = f"{value:g}" if isinstance(value, float) and name not in ("latitude", "longitude") else str(value)
    return " ".join(f"{text} {_UNITS.get(name, '')}".split()) if name != "path" else text


def _origin(item: Media, name: str) -> str:
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
        yield f"stream {stream.index}", _stream(stream), _origin(item, "streams")


def _stream(s: Stream) -> str:
    parts = [
        s.type,
        s.codec,
        s.profile and f"({s.profile})",
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
        text = str(value)
        yield name, text if len(text) <= 200 else text[:199] + "…", item.facts.origins.get(name, item.facts.reader)
