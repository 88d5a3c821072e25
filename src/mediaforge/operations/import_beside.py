"""Import what stands beside files: a folder of XMP sidecars, and what Google Takeout gives."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from mediaforge.catalog import libraries
from mediaforge.catalog.imports import Borne, Incoming, Set
from mediaforge.catalog.tags import keyword_tags
from mediaforge.config import Config
from mediaforge.extract.said import Said
from mediaforge.identity import Fingerprinted
from mediaforge.model import SUFFIXES, Kind
from mediaforge.operations.ask import ask
from mediaforge.operations.catalogues import opened
from mediaforge.operations.export_lines import CollectionLine
from mediaforge.operations.import_moves import Moves
from mediaforge.operations.import_said import corrections, level
from mediaforge.operations.imports import Left, Record, Source
from mediaforge.operations.recipes import FINGERPRINT
from mediaforge.operations.roots import is_below
from mediaforge.scanned import Failed
from mediaforge.sidecars import Beside, Role, role_of

_SAID = "mediaforge.extract.said:read"
_LOOKED_AT, _ENOUGH = 20, 8192  # files, and bytes of each, until it is plain what they are of
# A folder of Google's own, and no album, in the languages of its people.
_OF_A_YEAR = re.compile(
    r"(?:photos (?:from|de)|fotos (?:von|aus|de)|foto del|foto's uit|zdjęcia z|foton från|bilder fra|billeder fra) \d{4}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file that says something, and the media files that it is of; none where that is not seen, or it is of a folder."""

    path: bytes
    media: tuple[bytes, ...]


def has_xmp(path: bytes, _head: bytes) -> bool:
    """Say whether there is any XMP sidecar below a folder."""
    return any(name.lower().endswith(b".xmp") for _folder, names in _folders(path, []) for name in names)


def has_takeout(path: bytes, _head: bytes) -> bool:
    """Say whether of the first JSON files below a folder any is of Google Photos."""
    found = (os.path.join(folder, name) for folder, names in _folders(path, []) for name in names if name.endswith(b".json"))
    return any(b'"photoTakenTime"' in _beginning(file) for file in islice(found, _LOOKED_AT))


def _beginning(path: bytes) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_ENOUGH)
    except OSError:
        return b""


async def read_xmp(path: bytes, moves: Moves, config: Config) -> Source:
    """Return what the XMP sidecars below a folder say."""
    return await _read(path, Role.XMP, moves, config)


async def read_takeout(path: bytes, moves: Moves, config: Config) -> Source:
    """Return what the JSON files of a Google Takeout below a folder say."""
    return await _read(path, Role.TAKEOUT, moves, config)


async def _read(path: bytes, role: Role, moves: Moves, config: Config) -> Source:
    left: list[Left] = []
    seen = [one for folder, names in _folders(os.path.abspath(path), left) for one in _sidecars(folder, names, role)]
    answers = await ask(config, _SAID, [(one.path, role.value) for one in seen])
    said: dict[bytes, list[Said]] = {}
    albums: dict[bytes, str] = {}
    for one, answer in zip(seen, answers, strict=True):
        folder = os.path.dirname(one.path)
        if isinstance(answer, Failed):
            left.append(Left(0, one.path, answer.message))
        elif isinstance(answer, Said) and answer.album:
            albums[folder] = answer.album
        elif isinstance(answer, Said) and not one.media and role is Role.TAKEOUT and answer.name:
            said.setdefault(os.path.join(folder, os.fsencode(answer.name)), []).append(answer)
        elif isinstance(answer, Said):
            for media in one.media or (one.path,):
                said.setdefault(media, []).append(answer)
    known = await _known_by(config, moves, sorted(said))
    items = _united(_incoming(said, albums, moves, known))
    records: list[Record] = [*left, *_collections(items), *items]
    return lambda: iter(records)


def _folders(path: bytes, left: list[Left]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each folder below a path with the names of its files, in order; what cannot be read is told in `left`."""

    def refused(error: OSError) -> None:
        left.append(Left(0, os.fsencode(error.filename or path), f"cannot be read: {(error.strerror or '').lower()}"))

    for folder, below, names in os.walk(path, onerror=refused):
        below.sort()
        yield folder, sorted(names)


def _sidecars(folder: bytes, names: Sequence[bytes], role: Role) -> Iterator[_Seen]:
    """Yield the sidecars of one role in a folder, with their files."""
    texts = [os.fsdecode(name) for name in names]
    media = [(name, kind) for name in texts if (kind := SUFFIXES.get(name.rpartition(".")[2].lower()))]
    sidecars = [name for name in texts if role_of(name) is role]
    beside = Beside(sidecars, [name for name, kind in media if kind is Kind.VIDEO])
    owners: dict[str, list[str]] = {}
    for name, kind in media:
        for sidecar in beside.of(name, kind):
            owners.setdefault(sidecar, []).append(name)
    for sidecar in sidecars:
        stem = sidecar.rpartition(".")[0]
        named = [stem] if role is Role.XMP and stem.rpartition(".")[2].lower() in SUFFIXES else []
        found = owners.get(sidecar) or named  # the files may be elsewhere
        yield _Seen(_in(folder, sidecar), tuple(_in(folder, name) for name in found))


def _in(folder: bytes, name: str) -> bytes:
    return os.path.join(folder, os.fsencode(name))


async def _known_by(config: Config, moves: Moves, paths: Sequence[bytes]) -> Mapping[bytes, Fingerprinted]:
    """Return the fingerprints of files that are in no library, by which copies of them are found in one."""
    async with opened(config) as catalogue:
        roots = [library.root for library in await libraries.list_libraries(catalogue)]
    strange = [path for path in paths if not any(is_below(moves(path), root) for root in roots) and os.path.isfile(path)]
    answers = await ask(config, FINGERPRINT, [(path, "") for path in strange])
    return {path: answer for path, answer in zip(strange, answers, strict=True) if isinstance(answer, Fingerprinted)}


def _incoming(
    said: Mapping[bytes, Sequence[Said]], albums: Mapping[bytes, str], moves: Moves, known: Mapping[bytes, Fingerprinted]
) -> Iterator[Incoming]:
    """Yield the items of which something is said, by their paths."""
    for number, (path, all_said) in enumerate(sorted(said.items()), start=1):
        album = albums.get(os.path.dirname(path))
        found = known.get(path)
        set_to: dict[str, Set] = {}
        for one in reversed(all_said):  # the sidecar that is named most like the file comes last in order, and counts
            set_to |= corrections(
                title=one.title,
                description=one.description,
                rating=one.rating,
                place=one.place,
                gps=one.position,
                favourite=one.favourite or None,
            )
        yield Incoming(
            number=number,
            path=moves(path),
            size=found.stamp.size if found else None,
            fingerprint=found.fingerprint if found else None,
            tags=tuple(Borne(name) for name in dict.fromkeys(name for one in all_said for name in _tags(one))),
            corrections=set_to,
            collections={level(album): number} if album and not _OF_A_YEAR.fullmatch(album) else {},
            news=True,
        )


def _tags(one: Said) -> list[str]:
    people = [f"people/{level(name)}" for name in one.people]
    return [*keyword_tags(one.keywords), *people, *([f"label/{level(one.label)}"] if one.label else [])]


def _united(items: Iterator[Incoming]) -> list[Incoming]:
    """Return the items, copies of one file that are in no library as one: Takeout has a file in each of its albums."""
    found: dict[object, Incoming] = {}
    for item in items:
        key = (item.size, item.fingerprint) if item.fingerprint else item.path
        if (same := found.get(key)) is not None:
            item = replace(
                same,
                tags=tuple(dict.fromkeys((*same.tags, *item.tags))),
                corrections={**item.corrections, **same.corrections},
                collections={**item.collections, **same.collections},
            )
        found[key] = item
    return list(found.values())


def _collections(items: Sequence[Incoming]) -> list[CollectionLine]:
    names = dict.fromkeys(name for item in items for name in item.collections)
    return [CollectionLine(type="collection", name=name) for name in names]
