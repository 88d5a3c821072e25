"""Opens a file with FFmpeg's demuxers (PyAV), and spares what costs most of it: asking all of them, and decoding a picture."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from mediaforge.errors import ExtractError
from mediaforge.extract.door import sentence
from mediaforge.extract.sniff import sniff
from mediaforge.extract.stated import STATED, complete

if TYPE_CHECKING:
    from av.container import InputContainer

# The demuxers of single media files. What is not here is refused: concat, hls, dash and other playlists name further files,
# image2 sequences take patterns for names, subtitles and raw dumps match text.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,asf_o,mpegts,mpeg,mpegvideo,h263,h264,hevc,m4v,flv,live_flv,ogg,rm,mxf,dv,ivf,nsv,wtv,"
    "mp3,flac,wav,w64,aiff,ape,wv,mpc,mpc8,tta,dsf,iff,aac,ac3,eac3,dts,dtshd,amr,amrnb,amrwb,au,caf,tak,oma,truehd,mlp,loas"
)
_OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
# Formats whose first bytes leave no doubt, and their demuxers: FFmpeg asks each of 370 otherwise, at 0.1 ms.
_SURE = {
    "mp4": "mov", "mov": "mov", "matroska": "matroska", "avi": "avi", "asf": "asf", "flv": "flv", "ogg": "ogg", "wav": "wav",
    "aiff": "aiff", "mpeg": "mpeg", "flac": "flac",
}  # fmt: skip
# Of those, the ones that hold what AAC's decoder is told; in others each frame has a header, which does not tell enough.
_WITH_HEADERS = frozenset({"mp4", "mov", "matroska", "flv", "avi"})
# DTS that calls itself PCM, as on a CD (ETSI TS 102 114, annex H): its frames' first bytes, of 16 and 14 bits in both orders.
# FFmpeg searches every WAV of 16 bits for them, for 15 ms.
_DTS = (b"\x7f\xfe\x80\x01", b"\xfe\x7f\x01\x80", b"\x1f\xff\xe8\x00", b"\xff\x1f\x00\xe8")
# Those that most files need, before hundreds that hardly any does: FFmpeg reads the list from its beginning for each stream.
_COMMON = "mp3float mp2float vp8 vp9 libdav1d opus vorbis mpeg4 mpeg2video ac3 eac3 flac alac wmav2 wmv2 mjpeg png".split()


def open_container(path: str, head: bytes) -> InputContainer:
    """Open a file for which the caller closes the container.

    Raises ExtractError where no demuxer reads it, and OSError where it cannot be opened.
    """
    import av

    try:
        return _open_sparingly(path, head) or av.open(path, options=_OPTIONS, metadata_errors="replace")
    except av.error.FFmpegError as error:
        # FFmpeg says EIO and EPERM of broken files, too: whether it can be opened is asked of the system.
        with open(path, "rb"):
            pass
        raise ExtractError(_complaint(path) or sentence(error)) from error


def _open_sparingly(path: str, head: bytes) -> InputContainer | None:
    """Open a file without its costliest decoders; None where they are needed, or where it is not what its first bytes say."""
    import av

    seen = sniff(head)
    name = seen[0] if seen else ""
    options = dict(_sparing(name))
    if name == "wav" and not any(mark in head for mark in _DTS):
        options["max_probe_packets"] = "1"
    try:
        container = av.open(path, format=_SURE.get(name), options=options, metadata_errors="replace")
    except av.error.FFmpegError:
        return None  # asked again, of all demuxers: the complaint is theirs
    if complete(container):
        return container
    container.close()
    return None


@cache
def _sparing(name: str) -> Mapping[str, str]:
    """Return the options that leave out the decoders of streams whose headers are read here."""
    from av import codecs_available

    spared = STATED if name in _WITH_HEADERS else STATED - {"aac"}
    rest = sorted(codecs_available - {*spared, *_COMMON})
    return {**_OPTIONS, "codec_whitelist": ",".join([*_COMMON, *rest])}


def _complaint(path: str) -> str | None:
    """Open a file that was refused once more, and return FFmpeg's own last words (`moov atom not found`)."""
    import av

    # Logging is off otherwise: its callback takes the interpreter's lock in the decoders' threads.
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)  # or the second of two files that are broken alike would be told nothing
    try:
        with av.logging.Capture() as lines, av.open(path, options=_OPTIONS, metadata_errors="replace"):
            return None
    except av.error.FFmpegError:
        said = [message.strip() for _, name, message in lines if name != "generic" and message.strip()]
        return sentence(Exception(said[-1])) if said else None
    finally:
        av.logging.set_level(None)
