"""What a file is by its first bytes: settles a disagreement between suffix and content, and says what a broken file is not."""

from __future__ import annotations

from functools import lru_cache

from mediaforge.model import SUFFIXES, Kind

# (offset, bytes, format, kinds that it may hold). Longer and surer marks first: TIFF's is the start of most camera RAW formats,
# and MPEG's sync words are two bytes long. A format that may hold several kinds never contradicts a suffix of one of them.
_V, _A, _I = Kind.VIDEO, Kind.AUDIO, Kind.IMAGE
MAGIC: tuple[tuple[int, bytes, str, frozenset[Kind]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "png", frozenset({_I})),
    (0, b"\xff\xd8\xff", "jpeg", frozenset({_I})),
    (0, b"GIF87a", "gif", frozenset({_I})),
    (0, b"GIF89a", "gif", frozenset({_I})),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jxl", frozenset({_I})),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jp2", frozenset({_I})),
    (0, b"\xff\x4f\xff\x51", "jp2", frozenset({_I})),
    (0, b"FUJIFILMCCD-RAW", "raf", frozenset({_I})),
    (0, b"II*\0", "tiff", frozenset({_I})),
    (0, b"MM\0*", "tiff", frozenset({_I})),
    (0, b"II+\0", "tiff", frozenset({_I})),  # BigTIFF
    (0, b"MM\0+", "tiff", frozenset({_I})),
    (0, b"IIRO", "orf", frozenset({_I})),
    (0, b"IIRS", "orf", frozenset({_I})),
    (0, b"MMOR", "orf", frozenset({_I})),
    (0, b"IIU\0", "rw2", frozenset({_I})),
    (8, b"WEBP", "webp", frozenset({_I})),
    (8, b"WAVE", "wav", frozenset({_A})),
    (8, b"AVI ", "avi", frozenset({_V, _A})),
    (8, b"AIFF", "aiff", frozenset({_A})),
    (8, b"AIFC", "aiff", frozenset({_A})),
    (4, b"ftypavif", "avif", frozenset({_I})),
    (4, b"ftypavis", "avif", frozenset({_I})),
    (4, b"ftypheic", "heif", frozenset({_I})),
    (4, b"ftypheix", "heif", frozenset({_I})),
    (4, b"ftyphevc", "heif", frozenset({_I})),
    (4, b"ftypheim", "heif", frozenset({_I})),
    (4, b"ftypmif1", "heif", frozenset({_I})),
    (4, b"ftypmsf1", "heif", frozenset({_I})),
    (4, b"ftypcrx ", "cr3", frozenset({_I})),
    (4, b"ftyp", "mp4", frozenset({_V, _A})),
    (4, b"moov", "mov", frozenset({_V, _A})),
    (0, b"\x1a\x45\xdf\xa3", "matroska", frozenset({_V, _A})),
    (0, b"OggS", "ogg", frozenset({_V, _A})),
    (0, b"fLaC", "flac", frozenset({_A})),
    (0, b"FLV\x01", "flv", frozenset({_V, _A})),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", frozenset({_V, _A})),
    (0, b".RMF", "rm", frozenset({_V, _A})),
    (0, b"MAC ", "ape", frozenset({_A})),
    (0, b"wvpk", "wv", frozenset({_A})),
    (0, b"MPCK", "mpc", frozenset({_A})),
    (0, b"MP+", "mpc", frozenset({_A})),
    (0, b"TTA1", "tta", frozenset({_A})),
    (0, b"DSD ", "dsf", frozenset({_A})),
    (0, b"FRM8", "dff", frozenset({_A})),
    (0, b".snd", "au", frozenset({_A})),
    (0, b"#!AMR", "amr", frozenset({_A})),
    (0, b"\0\0\x01\xba", "mpeg", frozenset({_V, _A})),
    (0, b"\0\0\x01\xb3", "mpegvideo", frozenset({_V})),
    (0, b"ID3", "mp3", frozenset({_A})),
    (0, b"\xff\x0a", "jxl", frozenset({_I})),
    (0, b"BM", "bmp", frozenset({_I})),
)
_LONGEST = max(offset + len(mark) for offset, mark, _, _ in MAGIC)
_CONTAINED = {8: b"RIFF FORM"}  # what stands before a mark at offset 8

NAMES = {  # what to call a file of a suffix in a message; any other is named by its suffix in capitals
    "jpg": "a JPEG", "jpeg": "a JPEG", "jpe": "a JPEG", "jfif": "a JPEG", "tif": "a TIFF", "m2ts": "an MPEG transport stream",
    "ts": "an MPEG transport stream", "mts": "an MPEG transport stream", "mpg": "an MPEG", "mpeg": "an MPEG",
    "mkv": "a Matroska", "mka": "a Matroska", "webm": "a WebM", "ogg": "an Ogg", "oga": "an Ogg", "ogv": "an Ogg",
    "opus": "an Opus", "mov": "a QuickTime", "qt": "a QuickTime", "webp": "a WebP", "heic": "a HEIF", "heif": "a HEIF",
    "hif": "a HEIF", "flac": "a FLAC",
}  # fmt: skip


def sniff(head: bytes) -> tuple[str, frozenset[Kind]] | None:
    """Return the format that the first bytes state and the kinds that it may hold; None where they state nothing."""
    return _sniff(head[:_LONGEST])


@lru_cache(maxsize=1024)  # asked several times of each file, and many begin alike
def _sniff(head: bytes) -> tuple[str, frozenset[Kind]] | None:
    for offset, mark, name, kinds in MAGIC:
        if head.startswith(mark, offset) and (offset != 8 or head[:4] in _CONTAINED[8].split()):
            return name, kinds
    return None


def kinds_of(head: bytes, suffix: str) -> tuple[Kind, ...]:
    """Return the kinds to try for a file, best first: its suffix's, and what its content says where that contradicts."""
    told = SUFFIXES.get(suffix, Kind.VIDEO)
    seen = sniff(head)
    if seen is None or told in seen[1]:
        return (told,)
    return (*sorted(seen[1], key=[_V, _A, _I].index), told)


def name_of(suffix: str) -> str:
    """Return what a file of this suffix is called: `a JPEG`, `an MP4`."""
    return NAMES.get(suffix) or f"{'an' if suffix[:1] in 'aefhilmnorsx' else 'a'} {suffix.upper()}"


def plain_reason(head: bytes, suffix: str) -> str | None:
    """Return what is wrong with a file that anybody can see in its first bytes; None where there is nothing."""
    if not head:
        return "is empty"
    if not head.strip(b"\0"):
        return "holds nothing but zeros"
    if sniff(head):
        return None
    sample = head[:1024]
    if all(byte >= 32 or byte in b"\t\n\r\f\x1b" for byte in sample):
        try:
            sample.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 3:
                return None
        return f"is text, not {name_of(suffix)} file"
    return None
