"""Write what a person did into XMP sidecars beside the files, where other programs read it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaforge.catalog import outgoing
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.media import select_ids
from mediaforge.catalog.outgoing import Outgoing
from mediaforge.config import Config
from mediaforge.errors import NothingMatched
from mediaforge.extract.xmp_edit import Property, Rewritten
from mediaforge.model import RAW_SUFFIXES, Kind, MediaId, storable
from mediaforge.operations.ask import ask
from mediaforge.operations.files import replacing
from mediaforge.operations.select import by_targets
from mediaforge.scanned import Failed
from mediaforge.sidecars import Companion, Role, role_of

_REWRITE = "mediaforge.extract.xmp_edit:rewrite"
_PAGE = 2_000

_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"
_DIGIKAM = "http://www.digikam.org/ns/1.0/"
_MICROSOFT = "http://ns.microsoft.com/photo/1.0/"
_MEDIAPRO = "http://ns.iview-multimedia.com/mediapro/1.0/"

_PER_CENT = (0, 1, 25, 50, 75, 99)  # Microsoft's, by stars
_LEVELS = ((_IPTC, "Location"), (_PHOTOSHOP, "City"), (_PHOTOSHOP, "State"), (_PHOTOSHOP, "Country"))
# Which of these the parts of a place are, by how many it has: what has one part only is a city.
_PARTS = {1: _LEVELS[1:2], 2: _LEVELS[1::2], 3: _LEVELS[1:], 4: _LEVELS}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one item: `new`, `changed` or `unchanged`, or `refused` and why; its sidecar's absolute path."""

    media: MediaId
    sidecar: bytes
    what: str
    why: str | None = None


@dataclass(slots=True)
class SidecarReport:
    """What came of the items that the targets mean; `nothing`: of how many there is nothing of a person's to write."""

    outcomes: list[Outcome] = field(default_factory=list)
    nothing: int = 0
    away: int = 0  # missing, or on a disk that is not there

    def count(self, what: str) -> int:
        """Return of how many items this came."""
        return sum(one.what == what for one in self.outcomes)


async def write_sidecars(
    catalogue: Catalogue, config: Config, targets: Sequence[str], *, force: bool = False, dry_run: bool = False
) -> SidecarReport:
    """Write the sidecars of what the targets mean; NothingMatched when that is nothing.

    A sidecar that others changed since it was read is refused, unless `force`: what they wrote would be lost.
    """
    selection = await by_targets(catalogue, targets)
    ids = await select_ids(catalogue, selection.sql, selection.params, order="m.id")
    if not ids:
        raise NothingMatched(f"nothing matches '{selection.text}', so nothing was written")
    report = SidecarReport()
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        items = await outgoing.outgoing(catalogue, some)
        report.away += len(some) - len(items)
        wanted = [(item, properties) for item in items if (properties := list(_properties(item)))]
        report.nothing += len(items) - len(wanted)
        answers = await ask(config, _REWRITE, [(item.path, _paths(item), properties) for item, properties in wanted])
        done = [
            _outcome(item, answer, force=force, dry_run=dry_run)
            for (item, _properties), answer in zip(wanted, answers, strict=True)
        ]
        report.outcomes += [outcome for outcome, _now in done]
        async with catalogue.transaction():
            for outcome, now in done:
                if now is not None:
                    await outgoing.set_ours(catalogue, outcome.media, now)
    return report


def _outcome(item: Outgoing, answer: object, *, force: bool, dry_run: bool) -> tuple[Outcome, Companion | None]:
    """Write what a worker made of a sidecar, and return what came of it, and how the sidecar is then."""
    if isinstance(answer, Failed):
        return Outcome(item.id, _paths(item)[0], "refused", answer.message), None
    assert isinstance(answer, Rewritten)
    if answer.data is None:
        return Outcome(item.id, answer.path, "unchanged"), None
    if answer.known not in (None, item.ours, *item.read) and not force:
        why = "is not as it was read last: scan it first, or say --force"
        return Outcome(item.id, answer.path, "refused", why), None
    what = "new" if answer.known is None else "changed"
    if dry_run:
        return Outcome(item.id, answer.path, what), None
    try:
        with replacing(answer.path) as file:
            file.write(answer.data)
        status = os.stat(answer.path)
    except OSError as error:
        return Outcome(item.id, answer.path, "refused", f"cannot be written: {(error.strerror or str(error)).lower()}"), None
    now = Companion(os.path.basename(answer.path), status.st_size, storable(status.st_mtime_ns))
    return Outcome(item.id, answer.path, what), now


def _paths(item: Outgoing) -> list[bytes]:
    """Return where the sidecar of a file may stand: behind its whole name, or, as Adobe has it, in place of its suffix.

    That one is the raw picture's where there is one, and not that of the JPEG beside it. Names in another case count.
    """
    folder, name = os.path.split(item.path)
    stem, _dot, suffix = name.rpartition(b".")
    there = {one.name.lower(): one.name for one in item.seen if role_of(os.fsdecode(one.name)) is Role.XMP}
    alone = item.kind is not Kind.AUDIO and (not item.twins or suffix.lower().decode("ascii", "replace") in RAW_SUFFIXES)
    names = [name + b".xmp", *([stem + b".xmp"] if alone else [])]
    return [os.path.join(folder, there.get(one.lower(), one)) for one in names]


def _properties(item: Outgoing) -> Iterator[Property]:
    """Yield what the sidecar of an item is to say: all its tags, if a person had a part in them, and what a person set."""
    if item.tagged or (item.ours is not None and item.ours not in item.read):  # perhaps what was written was taken back
        yield from _tags(item.tags)
    for name, value in item.set_to.items():
        yield from _field(name, value)


def _tags(tags: Sequence[str]) -> Iterator[Property]:
    leaves = tuple(dict.fromkeys(tag.rpartition("/")[2] for tag in tags))
    above = frozenset(level for tag in tags for level in tag.split("/"))
    paths, piped = tuple(tags), tuple(tag.replace("/", "|") for tag in tags)
    yield Property((_DC, "subject"), leaves, "Bag", allowed=above)
    yield Property((_LIGHTROOM, "hierarchicalSubject"), piped, "Bag")
    yield Property((_DIGIKAM, "TagsList"), paths, "Seq")
    yield Property((_MICROSOFT, "LastKeywordXMP"), paths, "Bag", only_known=True)
    yield Property((_MEDIAPRO, "CatalogSets"), piped, "Bag", only_known=True)


def _field(name: str, value: Any) -> Iterator[Property]:
    """Yield what a person's word for a field is in XMP, if it is anything there."""
    match name:
        case "title" | "description":
            yield Property((_DC, name), (value,), "Alt")
        case "rating":
            yield Property((_XMP, "Rating"), (str(value),))
            yield Property((_MICROSOFT, "Rating"), (str(_PER_CENT[value]),), only_known=True)
        case "place":
            yield from _place(value)
        case "gps":
            yield Property((_EXIF, "GPSLatitude"), (_degrees(value[0], "NS"),))
            yield Property((_EXIF, "GPSLongitude"), (_degrees(value[1], "EW"),))


def _place(value: str) -> Iterator[Property]:
    parts = [part.strip() for part in value.split(",") if part.strip()] or [value]
    parts = [", ".join(parts[: len(parts) - 3]), *parts[-3:]] if len(parts) > len(_LEVELS) else parts
    said = dict(zip(_PARTS[len(parts)], parts, strict=True))
    for level in _LEVELS:
        yield Property(level, (said[level],) if level in said else ())


def _degrees(value: float, signs: str) -> str:
    """Return degrees as XMP has them (part 2, GPSCoordinate): 48,51.492000N."""
    minutes = round(abs(value) * 60, 6)
    return f"{int(minutes // 60)},{minutes % 60:.6f}{signs[value < 0]}"
