"""The fields of the query language: one literal table, which compiles queries and prints `mediaforge help query`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from mediaforge.catalog import places, values
from mediaforge.catalog.clause import (
    COMPARED,
    DUPLICATE,
    PLAIN,
    TEXT,
    Ask,
    FieldSpec,
    belongs,
    chosen,
    codes,
    compared,
    contains,
    words,
)
from mediaforge.catalog.values import whole
from mediaforge.model import QUARANTINED, RAW_SUFFIXES, Failure
from mediaforge.query import Field, quote

# Release year of songs and of films and shows that are identified, otherwise the year in which it was taken.
YEAR = "m.shown_year"
_OFFLINE = "m.library_id IN (SELECT id FROM library WHERE online = 0)"
_STATES: Mapping[str, str] = {
    "present": f"m.missing_at IS NULL AND NOT {_OFFLINE}",
    "missing": "m.missing_at IS NOT NULL",
    "offline": f"m.missing_at IS NULL AND {_OFFLINE}",
}
_TAGGED = belongs("media_tag")
_CODEC_STREAMS = belongs("stream", "{}")


def _listed(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _beside(condition: str) -> str:
    """Return a condition on an item that can only hold where something stands beside its file: of few, as a rule."""
    return f"m.id IN (SELECT id FROM media INDEXED BY ix_media_companions WHERE companions IS NOT NULL AND {condition})"


_IS: Mapping[str, str] = {
    "any": "1",
    **_STATES,
    "tagged": _TAGGED,
    "untagged": f"NOT {_TAGGED}",
    "rated": "m.rating IS NOT NULL",
    "unrated": "m.rating IS NULL",
    "favourite": "m.favourite = 1",
    "corrected": belongs("correction"),
    "failed": "m.facts_failure IS NOT NULL",
    "unreadable": f"m.facts_failure IN ({_listed((Failure.UNREADABLE, Failure.IO))})",
    "quarantined": f"m.facts_failure IN ({_listed(QUARANTINED)})",
    "duplicate": DUPLICATE,
    "rotten": "(SELECT outcome FROM verification v WHERE v.media_id = m.id ORDER BY v.id DESC LIMIT 1) = 'rotten'",
    "hdr": "m.hdr IS NOT NULL",
    "interlaced": "m.interlaced = 1",
    "vfr": "m.variable_frame_rate = 1",
    "raw": f"m.suffix IN ({_listed(RAW_SUFFIXES)})",
    "motion": "m.motion = 1",
    "edited": _beside("json_extract(extra, '$.edited')"),
    "grouped": "m.group_id IS NOT NULL",
    "lead": "m.group_id = m.id",
}
_KINDS: Mapping[str, str] = {
    name: f"m.kind = '{kind}'"
    for kind, names in {"video": "video videos", "audio": "audio music", "image": "image images photo photos"}.items()
    for name in names.split()
}


def _has_stream(kind: str) -> str:
    return belongs("stream", f"type = '{kind}' AND is_attached_picture = 0")


# What `has:` knows beside the fields that are one column.
_HAS: Mapping[str, str] = {
    "gps": "m.latitude IS NOT NULL AND m.longitude IS NOT NULL",
    "chapters": "m.chapters IS NOT NULL AND m.chapters <> '[]'",
    "cover": "m.cover = 1",
    "video": f"m.video_codec IS NOT NULL OR {_has_stream('video')}",
    "audio": f"m.audio_codec IS NOT NULL OR {_has_stream('audio')}",
    "subtitle": _has_stream("subtitle"),
    "sidecar": "m.companions IS NOT NULL",
    "artwork": _beside("json_extract(extra, '$.artwork') IS NOT NULL"),
    "tag": _TAGGED,
    "collection": belongs("collection_media"),
    "camera": "coalesce(m.camera_make, m.camera_model) IS NOT NULL",
    "keyword": "m.keywords IS NOT NULL AND m.keywords <> '[]'",
    "year": "m.year IS NOT NULL",
    "taken": "m.taken_source <> 'mtime'",
    "thumbnail": belongs("target", "recipe = 'thumbnail' AND value IS NOT NULL"),
    "phash": belongs("likeness"),
}


def _has(ask: Ask, field: Field) -> str:
    plain = {spec.name: f"{spec.sql} IS NOT NULL" for spec in FIELDS if spec.sql}
    known = dict(sorted({**plain, **_HAS}.items()))
    others = {alias: known[spec.name] for spec in FIELDS for alias in spec.aliases if spec.name in known}
    return chosen({**known, **others})(ask, field)


def _playable(ask: Ask, field: Field) -> str:
    from mediaforge.catalog import playable  # here: and the players with it, which no other field needs

    return playable.build(ask, field)


def _group(ask: Ask, field: Field) -> str:
    from mediaforge.catalog import groups  # here: likewise

    return groups.build(ask, field)


def _like(ask: Ask, field: Field) -> str:
    from mediaforge.catalog import likeness  # here: likewise

    return likeness.build(ask, field)


def _copies(ask: Ask, field: Field) -> str:
    from mediaforge.catalog import copies  # here: likewise

    return copies.build(ask, field)


def _text(name: str, help_line: str, example: str, *aliases: str) -> FieldSpec:
    """Return the spec of a text that is a column of `media` and of `media_fts` by one name."""
    return FieldSpec(name, aliases, words(name, f"m.{name}"), TEXT, help_line, example, f"m.{name}")


def _number(name: str, help_line: str, example: str, reader: values.Reader, *aliases: str) -> FieldSpec:
    """Return the spec of what has an order and is a column of `media` by its own name."""
    return FieldSpec(name, aliases, compared(f"m.{name}", reader), COMPARED, help_line, example, f"m.{name}")


_WHOLE = whole("it takes a whole number")
_PIXELS = whole("it takes pixels, such as 1080 or 1080p")
_FPS = values.fraction("it takes frames a second, such as 25 or 29.97", {"": 1, "fps": 1})
_KEYWORDS = "EXISTS (SELECT 1 FROM json_each(m.keywords) WHERE {})"
_CAMERA = ("m.camera_make", "m.camera_model", "m.camera_make || ' ' || m.camera_model")

# In the order in which a person meets them: the file, its place, its time, what is in it, who made it, what people did.
FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("kind", ("type",), chosen(_KINDS), PLAIN, "video, audio or image", "kind:video"),
    FieldSpec("name", ("filename",), contains("file_name(m.path_text)"), TEXT, "part of the file's name", "name:IMG_*.jpg"),
    FieldSpec("path", ("folder",), places.path, TEXT, "part of the path; a folder and all below it", "path:Holidays/"),
    FieldSpec("ext", ("suffix", "extension"), codes("m.suffix"), PLAIN, "suffix of the file's name", "ext:mkv,mp4"),
    FieldSpec("library", (), places.library, PLAIN, "short name of a library", "library:videos"),
    _number("size", "size of the file", "size:>=1.5G", whole("a size is written 300M, 1.5GB or 2GiB", values.SIZES)),
    FieldSpec("id", (), compared("m.id", _WHOLE), COMPARED, "number of the item", "id:12,15"),
    FieldSpec(
        "sha256", ("hash",), places.hex_prefix("m.sha256"), PLAIN, "beginning of the file's hash", "sha256:9f86d0", "m.sha256"
    ),
    FieldSpec(
        "fingerprint",
        (),
        places.hex_prefix("m.fingerprint"),
        PLAIN,
        "beginning of the quick fingerprint",
        "fingerprint:51c3",
        "m.fingerprint",
    ),
    FieldSpec("copies", (), _copies, COMPARED, "how many files have its content, itself among them", "copies:>1"),
    FieldSpec("like", (), _like, PLAIN, "what looks like an item, nearest first; a distance may follow", "like:12,6"),
    FieldSpec("is", (), chosen(_IS), PLAIN, ", ".join(_IS), "is:untagged"),
    FieldSpec("state", (), chosen(_STATES), PLAIN, "present, missing or offline", "state:offline"),
    FieldSpec("has", (), _has, PLAIN, "whether a fact is known", "has:gps"),
    FieldSpec(
        "taken",
        ("date",),
        compared("m.taken_local", values.local_time, bound=places.newest),
        COMPARED,
        "when it was recorded",
        "taken:2021-07",
    ),
    FieldSpec("added", (), compared("m.added_at", values.utc_time), COMPARED, "when it came in here", "added:-7d.."),
    FieldSpec(
        "modified", ("mtime",), compared("m.mtime_ns", values.nanoseconds), COMPARED, "when it changed", "modified:>2023"
    ),
    FieldSpec("year", (), compared(YEAR, whole("it takes a year")), COMPARED, "released, or else recorded", "year:2019..2021"),
    FieldSpec(
        "month",
        (),
        compared("CAST(substr(m.taken_local, 6, 2) AS INTEGER)", whole("it takes 1 to 12")),
        COMPARED,
        "month of recording, in any year",
        "month:6..8",
    ),
    FieldSpec("format", (), codes("m.format", same=values.FORMATS), PLAIN, "format of the file", "format:matroska", "m.format"),
    _number("duration", "how long it plays", "duration:>5m", values.duration, "length"),
    _number("width", "width in pixels, as coded", "width:>=3840", _PIXELS),
    _number("height", "height in pixels, as coded", "height:>=1080p", _PIXELS),
    FieldSpec(
        "orientation",
        (),
        places.orientation,
        COMPARED,
        "landscape, portrait, square, or EXIF's 1 to 8",
        "orientation:portrait",
        "m.orientation",
    ),
    _number("rotation", "clockwise degrees by which a video is turned", "rotation:90", _WHOLE),
    _number("fps", "frames a second", "fps:>=50", _FPS, "framerate"),
    _number("bit_rate", "bits a second", "bit_rate:>8M", whole("it takes 320k or 8M", values.BIT_RATES), "bitrate"),
    _number("bit_depth", "bits a sample", "bit_depth:10", _WHOLE, "bitdepth"),
    FieldSpec("hdr", (), codes("m.hdr"), PLAIN, "hdr10, hdr10+, hlg or dolby-vision; * for any", "hdr:*", "m.hdr"),
    FieldSpec(
        "codec",
        (),
        codes("m.video_codec", "m.audio_codec", same=values.CODECS, more=_CODEC_STREAMS),
        PLAIN,
        "codec of any stream, in FFmpeg's words",
        "codec:hevc",
    ),
    FieldSpec(
        "video_codec",
        ("vcodec",),
        codes("m.video_codec", same=values.CODECS),
        PLAIN,
        "codec of the picture",
        "-video_codec:h264",
    ),
    FieldSpec(
        "audio_codec", ("acodec",), codes("m.audio_codec", same=values.CODECS), PLAIN, "codec of the sound", "audio_codec:flac"
    ),
    FieldSpec("profile", (), places.profile, PLAIN, "profile of a codec, in FFmpeg's words", "profile:main10"),
    FieldSpec("level", (), places.level, COMPARED, "level of a video codec", "level:>=5.1"),
    FieldSpec("playable", (), _playable, PLAIN, "what a player plays: web, apple, dlna …", "playable:web"),
    FieldSpec("audio", ("lang", "language"), places.audio, PLAIN, "language of the sound", "audio:ja"),
    FieldSpec("subtitle", ("sub", "subtitles"), places.subtitle, PLAIN, "language of subtitles", "subtitle:en"),
    _number("channels", "channels of sound", "channels:>2", _WHOLE),
    _number("sample_rate", "samples a second", "sample_rate:48k", whole("it takes 44100 or 48k", values.HERTZ), "samplerate"),
    FieldSpec("camera", (), words("camera", *_CAMERA), TEXT, "make or model of the camera", 'camera:"EOS R5"'),
    FieldSpec("lens", (), contains("m.lens"), TEXT, "part of the lens's name", "lens:35mm", "m.lens"),
    _number("iso", "sensitivity", "iso:>=3200", _WHOLE),
    _number("f_number", "aperture", "f_number:<2.8", values.aperture, "f", "aperture"),
    FieldSpec(
        "exposure",
        ("exposure_time", "shutter"),
        compared("m.exposure_time", values.exposure),
        COMPARED,
        "exposure time in seconds",
        "exposure:<=1/250",
        "m.exposure_time",
    ),
    FieldSpec(
        "focal",
        ("focal_length",),
        compared("m.focal_length", values.fraction("it takes millimetres, such as 50 or 50mm", values.MILLIMETRES)),
        COMPARED,
        "focal length in millimetres",
        "focal:24..70",
        "m.focal_length",
    ),
    FieldSpec("near", (), places.near, PLAIN, "latitude, longitude, radius", "near:48.85,2.35,10km"),
    _text("place", "name of a place: a city, a part of it, a region, a country", "place:Paris"),
    _text("title", "title", 'title:~"^S0[1-3]"'),
    _text("description", "description or comment", "description:sunset", "comment"),
    FieldSpec(
        "keyword",
        ("keywords",),
        words("keywords", "value", among=_KEYWORDS),
        TEXT,
        "a keyword in the file",
        "keyword:garden",
    ),
    _text("artist", "artist", "artist:abba"),
    _text("album", "album", 'album:"kind of blue"'),
    _text("album_artist", "artist of the album", "album_artist:various", "albumartist"),
    _text("composer", "composer", "composer:bach"),
    FieldSpec("genre", (), contains("m.genre"), TEXT, "part of the genre", "genre:jazz", "m.genre"),
    _number("track", "number of the track", "track:1", _WHOLE),
    _number("disc", "number of the disc", "disc:2", _WHOLE, "disk"),
    _text("show", "name of the series", "show:northwind", "series"),
    _number("season", "number of the season", "season:1..3", _WHOLE),
    _number("episode", "number of the episode", "episode:4", _WHOLE),
    _text("episode_title", "title of the episode", "episode_title:pilot"),
    _number("rating", "0 to 5 stars", "rating:>=4", _WHOLE, "stars"),
    _text("note", "a note of yours", 'note:"ask Anna"', "notes"),
    FieldSpec("tag", ("tags",), places.tag, TEXT, "a tag or its alias; with a slash, all below it too", "tag:travel/"),
    FieldSpec("group", (), _group, PLAIN, "live, raw or burst; or the id of any item of it", "group:live", "m.group_id"),
    FieldSpec("in", ("collection",), places.collection, PLAIN, "a collection; with a slash, all below it too", "in:best"),
)

BY_NAME: Mapping[str, FieldSpec] = {name: spec for spec in FIELDS for name in (spec.name, *spec.aliases)}


def find_field(ask: Ask, field: Field) -> FieldSpec:
    """Return the spec of a field of a query; raises QueryError with a suggestion if there is none."""
    name = field.name.lower().replace("-", "_")
    if name not in BY_NAME:
        close = difflib.get_close_matches(name, BY_NAME, n=1, cutoff=0.6)
        meant = f"did you mean {close[0]!r}?" if close else "`mediaforge help query` lists them"
        written = ask.text[slice(*field.span)].replace('"', "")
        hint = f"to search for the text itself, put it in quotes: {quote(written)}"
        ask.refuse(f"there is no field {field.name!r}; {meant}", field.name_span, hint)
    return BY_NAME[name]


def help_rows() -> tuple[tuple[str, str, str, str], ...]:
    """Return a row for each field: its names, what it is, its operators, an example."""
    return tuple((", ".join((spec.name, *spec.aliases)), spec.help, spec.operators, spec.example) for spec in FIELDS)
