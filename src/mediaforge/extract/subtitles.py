"""Subtitles beside a video: what their name says of them, as players read it (`Film.en.forced.srt`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import normalize

from mediaforge.languages import SAME_LANGUAGE
from mediaforge.model import Stream, StreamType

_CODECS = {"srt": "subrip", "ass": "ass", "ssa": "ssa", "vtt": "webvtt"}
_PROGRAM_STREAM = b"\0\0\x01\xba"  # what VobSub's pictures begin with
_FORCED = ("forced", "foreign")
_HEARING = "hi"  # for the hearing impaired; Hindi only where the name has no other language


def subtitle_stream(name: str, video: str, head: bytes, index: int) -> Stream:
    """Return the subtitles `name` of `video` as the stream that players make of them; `head` are their first bytes."""
    stem, _, suffix = normalize("NFC", name).rpartition(".")
    codec = _CODECS.get(suffix.lower()) or ("dvd_subtitle" if head.startswith(_PROGRAM_STREAM) else "microdvd")
    words = [word for word in _behind(stem, normalize("NFC", video)).split(".") if word]
    flags = [word.lower() for word in words]
    spoken = _language_word(words)
    others = [word for word in words if word.lower() not in (*_FORCED, "default", spoken)]
    return Stream(
        index,
        StreamType.SUBTITLE,
        codec,
        language=_code(spoken) if spoken else None,
        title=" ".join(others) or None,
        default="default" in flags,
        forced=any(flag in flags for flag in _FORCED),
        file=name,
    )


def _behind(stem: str, video: str) -> str:
    """Return what stands behind the name of the video, with its suffix or without."""
    return stem[len(video) :] if stem.lower().startswith(video.lower()) else stem[len(video.rpartition(".")[0]) :]


def _language_word(words: Sequence[str]) -> str | None:
    """Return the last word that is a language; a country behind it is left to the title: `pt-BR`."""
    found = [word for word in (re.split("[-_]", word.lower())[0] for word in words) if word in SAME_LANGUAGE]
    return next((word for word in reversed(found) if word != _HEARING), found[-1] if found else None)


def _code(language: str) -> str:
    return language if len(language) <= 3 else SAME_LANGUAGE[language][0]
