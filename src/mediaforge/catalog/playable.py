"""Whether players play an item, and why not.

A player compiles to conditions over `media m`, each with SQL that says in words what it forbids. `playable:` asks that none
of them holds, and `reasons` selects the words of those that hold: there is no second judgement beside this one. A fact of
which nothing is known forbids nothing, but for the format and the codecs themselves.
"""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mediaforge.catalog.clause import PLAIN, Ask, any_of, each, is_glob
from mediaforge.catalog.database import Catalogue
from mediaforge.catalog.values import CODECS, FORMATS
from mediaforge.model import MediaId
from mediaforge.players import PLAYERS, Limits, Player
from mediaforge.query import Field, Value


@dataclass(frozen=True, slots=True)
class Violation:
    """A condition over `media m` under which an item is not played, and an expression in SQL that says why.

    `among` are the items that it is asked of, a condition that those that follow each other share.
    """

    among: str
    sql: str
    reason: str


Bind = Callable[[object], str]

# The streams that `video_codec` and `audio_codec` are of (extract/video.py).
_FILM = (
    "(SELECT {} FROM stream s WHERE s.media_id = m.id AND s.type = 'video' AND s.is_attached_picture = 0 AND s.width > 0"
    " ORDER BY s.idx LIMIT 1)"
)
_SOUND = (
    "(SELECT {} FROM stream s WHERE s.media_id = m.id AND s.type = 'audio' AND s.sample_rate > 0"
    " ORDER BY s.is_default DESC, s.idx LIMIT 1)"
)
_PROFILE = "replace(lower(s.profile), ' ', '')"
_FILM_PROFILE, _FILM_LEVEL, _SOUND_PROFILE = _FILM.format(_PROFILE), _FILM.format("s.level"), _SOUND.format(_PROFILE)
_FILM_NAME = f"m.video_codec || coalesce(' ' || {_FILM_PROFILE}, '')"
_ANY = "EXISTS (SELECT 1 FROM stream s WHERE s.media_id = m.id AND s.type = '{}' AND s.is_attached_picture = 0)"
_NOT_IMAGE = "m.kind <> 'image'"

_UNKNOWN = (
    Violation("1", "m.facts_at IS NULL", "'it has not been read yet'"),
    Violation(
        "1",
        "m.facts_at IS NOT NULL AND (m.facts_failure IS NOT NULL OR m.format IS NULL"
        f" OR {_NOT_IMAGE} AND m.video_codec IS NULL AND m.audio_codec IS NULL)",
        "'it could not be read'",
    ),
    Violation(
        _NOT_IMAGE,
        f"m.video_codec IS NULL AND m.audio_codec IS NOT NULL AND {_ANY.format('video')}",
        "'its video could not be read'",
    ),
    Violation(
        _NOT_IMAGE,
        f"m.audio_codec IS NULL AND m.video_codec IS NOT NULL AND {_ANY.format('audio')}",
        "'its audio could not be read'",
    ),
)

_KINDS = {"video": _NOT_IMAGE, "audio": _NOT_IMAGE, "images": "m.kind = 'image'"}
# What a codec is a codec of: where it stands, and what is said where it is none of those that are played.
_CODED: Mapping[str, tuple[str, str]] = {
    "video": ("m.video_codec", f"printf('%s is not played by %s', {_FILM_NAME}, {{title}})"),
    "audio": ("m.audio_codec", "printf('audio %s must be converted', m.audio_codec)"),
    "images": ("m.format", "printf('%s is not shown by %s', m.format, {title})"),
}
# A limit of a codec: what breaks it, and what is said then. Lists first, then numbers.
_LISTED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "video": {
        "containers": ("m.format", "printf('%s in %s is not played by %s', m.video_codec, m.format, {title})"),
        "profiles": (_FILM_PROFILE, f"printf('%s is not played by %s', {_FILM_NAME}, {{title}})"),
        "pixel_formats": (
            "m.pixel_format",
            "printf('%s in %s is not played by %s', m.video_codec, m.pixel_format, {title})",
        ),
    },
    "audio": {
        "containers": ("m.format", "printf('audio %s in %s must be converted', m.audio_codec, m.format)"),
        "profiles": (_SOUND_PROFILE, f"printf('audio %s %s must be converted', m.audio_codec, {_SOUND_PROFILE})"),
    },
    "images": {},
}
_ABOVE = "is above the limit of %s, %g"
_COUNTED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "video": {
        "level": (_FILM_LEVEL, f"printf('%s level %g {_ABOVE}', m.video_codec, {_FILM_LEVEL}, {{title}}, {{limit}})"),
        "bit_depth": ("m.bit_depth", f"printf('%s of %d bits {_ABOVE}', m.video_codec, m.bit_depth, {{title}}, {{limit}})"),
        "fps": ("round(m.fps)", f"printf('a rate of %g {_ABOVE}', m.fps, {{title}}, {{limit}})"),
    },
    "audio": {
        "bit_depth": (
            "CASE m.kind WHEN 'audio' THEN m.bit_depth END",  # of a film it is that of the picture
            "printf('audio of %d bits must be reduced to %d', m.bit_depth, {limit})",
        ),
        "channels": ("m.channels", "printf('audio with %d channels must be mixed down to %d', m.channels, {limit})"),
        "sample_rate": ("m.sample_rate", "printf('audio of %d Hz must be resampled to %d Hz', m.sample_rate, {limit})"),
    },
    "images": {
        "bit_depth": ("m.bit_depth", f"printf('%s of %d bits {_ABOVE}', m.format, m.bit_depth, {{title}}, {{limit}})"),
    },
}


# What people call the values of a column beside the names that we have for them.
_OTHER_NAMES: Mapping[str, Mapping[str, str]] = {"m.format": FORMATS, "m.video_codec": CODECS, "m.audio_codec": CODECS}


def violations(player: Player, bind: Bind) -> list[Violation]:
    """Return what keeps `player` from playing an item; `bind` names a parameter for a value."""
    title = bind(player.title)
    found = list(_UNKNOWN)
    if player.containers is not None:
        sql = _none_of("m.format", player.containers, bind)
        found.append(Violation(_NOT_IMAGE, sql, f"printf('container %s is not played by %s', m.format, {title})"))
    if player.hdr is not None:
        # Players of HDR10 leave out what HDR10+ adds to it (SMPTE ST 2094-40).
        kinds = [*player.hdr, *(["hdr10+"] if "hdr10" in player.hdr else [])]
        reason = f"printf('%s is not shown by %s', m.hdr, {title})"
        found.append(Violation(_NOT_IMAGE, _none_of("m.hdr", kinds, bind), reason))
    for what, codecs in (("video", player.video), ("audio", player.audio), ("images", player.images)):
        if codecs is not None:
            column, reason = _CODED[what]
            found.append(Violation(_KINDS[what], _none_of(column, codecs, bind), reason.format(title=title)))
            for codec, limits in codecs.items():
                among = f"{_KINDS[what]} AND {_one_of(column, (codec,), bind)}"
                found += [Violation(among, *broken) for broken in _broken(what, limits, player, bind)]
    return found


def _broken(what: str, limits: Limits, player: Player, bind: Bind) -> Iterator[tuple[str, str]]:
    """Yield the condition and the reason of each limit of a codec."""
    title = bind(player.title)
    # What follows from another reason is not said, too: the player's containers, the profile that has such pixels.
    before = {"containers": ("m.format", player.containers), "pixel_formats": (_FILM_PROFILE, limits.profiles)}
    for name, (sql, reason) in _LISTED[what].items():
        if names := getattr(limits, name):
            above, right = before.get(name, ("", ()))
            unsaid = f"coalesce({_one_of(above, right, bind)}, 1)" if right else "1"
            yield f"{unsaid} AND {_none_of(sql, names, bind)}", reason.format(title=title)
    for name, (sql, reason) in _COUNTED[what].items():
        if most := getattr(limits, name):
            limit = bind(most)
            yield f"{sql} > {limit}", reason.format(title=title, limit=limit)
    if sides := [(side, most) for side, most in (("max", limits.width), ("min", limits.height)) if most]:
        told = bind(limits.size)
        sizes = any_of(f"{side}(m.width, m.height) > {bind(most)}" for side, most in sides)
        yield sizes, f"printf('%d×%d is above the limit of %s, %s', m.width, m.height, {title}, {told})"


def _binder(params: dict[str, object], prefix: str) -> Bind:
    """Return a function that puts values among `params`, a player's always by the same names: a query may name it often."""
    numbers = itertools.count()

    def bind(value: object) -> str:
        name = f"{prefix}_{next(numbers)}"
        params[name] = value
        return f":{name}"

    return bind


def _one_of(sql: str, names: Iterable[str], bind: Bind) -> str:
    ours = _OTHER_NAMES.get(sql, {})
    listed = [ours.get(name, name) for name in names]
    exact = ", ".join(bind(name) for name in listed if not is_glob(name))
    return any_of([f"{sql} IN ({exact})", *(f"{sql} GLOB {bind(name)}" for name in listed if is_glob(name))])


def _none_of(sql: str, names: Iterable[str], bind: Bind) -> str:
    """Return a condition that `sql` is known, and none of `names`; in SQLite NULL is none of nothing."""
    return f"{sql} IS NOT NULL AND NOT {_one_of(sql, names, bind)}"


def _one(ask: Ask, _op: str, value: Value) -> str:
    name = value.text.strip().lower()
    known = {**PLAYERS, **ask.players}
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
        ask.refuse(f"there is no player {value.text!r}; {meant}", value.span, "`mediaforge help playable` lists them")
    bind = _binder(ask.params, f"player{list(known).index(name)}")
    groups = itertools.groupby(violations(known[name], bind), lambda violation: violation.among)
    return " AND ".join(f"({among} AND {any_of(f'({one.sql})' for one in some)}) IS NOT TRUE" for among, some in groups)


def build(ask: Ask, field: Field) -> str:
    """Return a condition that one of the players of the field's values plays an item."""
    return each(_one, PLAIN)(ask, field)


async def reasons(catalogue: Catalogue, ids: Sequence[MediaId]) -> dict[MediaId, dict[str, tuple[str, ...]]]:
    """Return for each item and each player, ours and the person's, why it is not played; empty where it is."""
    params: dict[str, object] = {"ids": json.dumps(list(ids))}
    players = {**PLAYERS, **catalogue.players}
    told = [
        (name, violation)
        for number, (name, player) in enumerate(players.items())
        for violation in violations(player, _binder(params, f"player{number}"))
    ]
    columns = ", ".join(f"CASE WHEN {one.among} AND ({one.sql}) THEN {one.reason} END" for _name, one in told)
    rows = await catalogue.fetch(
        f"SELECT m.id, {columns} FROM media m WHERE m.id IN (SELECT value FROM json_each(:ids))", params
    )
    found: dict[MediaId, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        said = [(name, text) for (name, _violation), text in zip(told, row[1:], strict=True) if text is not None]
        found[MediaId(row[0])] = {name: tuple(text for known, text in said if known == name) for name in players}
    return found
