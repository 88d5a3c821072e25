"""Makers of small real media files: every test that needs one makes it, and `seed` makes its content differ from the next.

A maker takes the path that it writes, and returns it. Tags are FFmpeg's names for videos and mutagen's easy names for music.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

EXIF_TAGS = {  # tag name: where it stands (0: the first directory), its number
    "Make": (0, 0x010F), "Model": (0, 0x0110), "Orientation": (0, 0x0112), "DateTime": (0, 0x0132),
    "ImageDescription": (0, 0x010E), "Artist": (0, 0x013B), "XPKeywords": (0, 0x9C9E), "Rating": (0, 0x4746),
    "ExposureTime": (0x8769, 0x829A), "FNumber": (0x8769, 0x829D), "ISO": (0x8769, 0x8827), "LensModel": (0x8769, 0xA434),
    "DateTimeOriginal": (0x8769, 0x9003), "DateTimeDigitized": (0x8769, 0x9004), "OffsetTimeOriginal": (0x8769, 0x9011),
    "OffsetTime": (0x8769, 0x9010), "RatingPercent": (0, 0x4749), "XPTitle": (0, 0x9C9B),
    "SubSecTimeOriginal": (0x8769, 0x9291), "FocalLength": (0x8769, 0x920A), "UserComment": (0x8769, 0x9286),
    "GPSLatitudeRef": (0x8825, 1), "GPSLatitude": (0x8825, 2), "GPSLongitudeRef": (0x8825, 3), "GPSLongitude": (0x8825, 4),
    "GPSAltitudeRef": (0x8825, 5), "GPSAltitude": (0x8825, 6), "GPSTimeStamp": (0x8825, 7), "GPSDateStamp": (0x8825, 29),
}  # fmt: skip


def exif_bytes(tags: Mapping[str, Any]) -> bytes:
    """Return an EXIF block (with its `Exif` marker) that holds these tags, named as in `EXIF_TAGS`."""
    from PIL import Image

    exif = Image.Exif()
    for name, value in tags.items():
        directory, number = EXIF_TAGS[name]
        (exif.get_ifd(directory) if directory else exif)[number] = value
    return exif.tobytes()


def gps_tags(latitude: float, longitude: float) -> dict[str, Any]:
    """Return the EXIF tags for a point, in degrees and minutes as cameras write them."""
    tags: dict[str, Any] = {}
    for name, value, signs in (("Latitude", latitude, "NS"), ("Longitude", longitude, "EW")):
        degrees, minutes = divmod(abs(value) * 60, 60)
        tags |= {f"GPS{name}Ref": signs[value < 0], f"GPS{name}": (degrees, minutes, 0.0)}
    return tags


def make_image(
    path: Path,
    *,
    seed: int = 0,
    size: tuple[int, int] = (48, 32),
    exif: Mapping[str, Any] | None = None,
    xmp: str | None = None,
    format: str | None = None,  # noqa: A002 - Pillow's own name for it
    **save: Any,
) -> Path:
    """Write a picture with Pillow, in the format that `format` or the suffix says."""
    from PIL import Image

    if path.suffix.lower() in (".heic", ".heif", ".hif"):
        import pillow_heif

        pillow_heif.register_heif_opener()
        format = format or "HEIF"  # noqa: A001
    colour = (seed * 37 % 256, seed // 7 % 256, seed // 1792 % 256)
    picture = Image.new("RGB", size, colour)
    picture.putpixel((seed % size[0], 0), (255 - colour[0], 1, seed % 251))
    if exif:
        save["exif"] = exif_bytes(exif)
    if xmp:
        save["xmp"] = xmp.encode()
    picture.save(path, format=format, **save)
    return path


def make_jpeg(
    path: Path,
    *,
    seed: int = 0,
    size: tuple[int, int] = (48, 32),
    exif: Mapping[str, Any] | None = None,
    xmp: str | None = None,
    iptc: Mapping[int, list[str]] | None = None,
) -> Path:
    """Write a JPEG; `iptc` maps the numbers of record 2 to values (5 title, 25 keywords, 80 by-line, 120 caption)."""
    make_image(path, seed=seed, size=size, exif=exif, xmp=xmp, format="JPEG")
    if iptc:
        data = path.read_bytes()
        path.write_bytes(data[:2] + _photoshop_segment(iptc) + data[2:])
    return path


def _photoshop_segment(iptc: Mapping[int, list[str]]) -> bytes:
    records = b"\x1c\x01\x5a\x00\x03\x1b%G"  # the character set: UTF-8
    for number, values in iptc.items():
        for value in values:
            records += struct.pack(">BBBH", 0x1C, 2, number, len(value.encode())) + value.encode()
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + b"\0" * (len(records) % 2)
    return b"\xff\xed" + struct.pack(">H", len(block) + 2) + block


def make_png(path: Path, *, seed: int = 0, size: tuple[int, int] = (48, 32), text: Mapping[str, str] | None = None) -> Path:
    """Write a PNG, with text chunks where `text` is given."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, value in (text or {}).items():
        info.add_itxt(key, value)
    return make_image(path, seed=seed, size=size, format="PNG", pnginfo=info)


VIDEO_CODECS = {  # suffix: container for FFmpeg, video codec, audio codec
    "mp4": ("mp4", "libx264", "aac"), "m4v": ("mp4", "libx264", "aac"), "mov": ("mov", "libx264", "aac"),
    "mkv": ("matroska", "libx264", "aac"), "webm": ("webm", "libvpx", "libopus"), "avi": ("avi", "mpeg4", "mp2"),
    "divx": ("avi", "mpeg4", "mp2"), "wmv": ("asf", "wmv2", "wmav2"), "asf": ("asf", "wmv2", "wmav2"),
    "flv": ("flv", "flv1", "libmp3lame"), "f4v": ("f4v", "libx264", "aac"), "ts": ("mpegts", "mpeg2video", "mp2"),
    "m2ts": ("mpegts", "mpeg2video", "mp2"), "mts": ("mpegts", "mpeg2video", "mp2"), "mpg": ("mpeg", "mpeg2video", "mp2"),
    "mpeg": ("mpeg", "mpeg2video", "mp2"), "vob": ("vob", "mpeg2video", "mp2"), "3gp": ("3gp", "libx264", "aac"),
    "ogv": ("ogg", "libvpx", "libopus"), "mxf": ("mxf", "mpeg2video", None),
}  # fmt: skip


def make_mp4(
    path: Path,
    *,
    seed: int = 0,
    seconds: float = 1,
    size: tuple[int, int] = (64, 48),
    tags: Mapping[str, str] | None = None,
    audio: bool = True,
    rotation: int = 0,
    chapters: list[tuple[float, float, str]] | None = None,
    language: str | None = None,
) -> Path:
    """Write a video in the container that the suffix says (mp4, mkv, webm, avi, ts …), at 10 frames a second.

    `rotation` is how far a player must turn it, in clockwise degrees; `chapters` are (start, end, title) in seconds.
    """
    import av

    container, video_codec, audio_codec = VIDEO_CODECS.get(path.suffix[1:].lower(), VIDEO_CODECS["mp4"])
    options = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov") and tags else {}
    rate = 25 if container in ("mpegts", "mpeg", "vob", "mxf") else 10
    with av.open(str(path), "w", format=container, options=options) as out:
        out.metadata.update(tags or {})
        video: Any = out.add_stream(video_codec, rate=rate)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        if video_codec == "libx264":
            video.options = {"preset": "ultrafast"}
        if rotation:
            video.set_display_rotation(-rotation)
        sound = out.add_stream(audio_codec, rate=48000, layout="stereo", bit_rate=128_000) if audio and audio_codec else None
        if sound and language:
            sound.metadata["language"] = language
        if chapters:
            second = Fraction(1, 1000)
            out.set_chapters(
                [
                    {"id": i, "start": int(a * 1000), "end": int(b * 1000), "time_base": second, "metadata": {"title": title}}
                    for i, (a, b, title) in enumerate(chapters, 1)
                ]
            )
        _write_pictures(out, video, seed, max(1, round(seconds * rate)), rate)
        if sound:
            _write_sound(out, sound, seed, seconds, 48000)
    return path


make_video = make_mp4


def make_film(
    path: Path,
    *,
    video: str | None = "libx264",
    audio: str | None = None,
    pixels: str = "yuv420p",
    size: tuple[int, int] = (64, 48),
    rate: int = 10,
    layout: str = "stereo",
    options: Mapping[str, str] | None = None,
    colour: Mapping[str, int] | None = None,
    cover: bytes | None = None,
    before: bytes = b"",
    times: Iterable[int] = range(3),
) -> Path:
    """Write frames at these times (as many make a second as `rate` says) in the container that the suffix says.

    `video` and `audio` are FFmpeg's encoders, `options` the former's and `colour` the attributes of its context
    (`color_trc` …); `cover` is a PNG, and `before` stands before every coded frame.
    """
    import av

    with av.open(str(path), "w") as out:
        if video:
            film: Any = out.add_stream(video, rate=rate, options={**QUIET.get(video, {}), **(options or {})})
            film.width, film.height, film.pix_fmt = *size, pixels
            for name, value in (colour or {}).items():
                setattr(film.codec_context, name, value)
        sound: Any = out.add_stream(audio, rate=48000, layout=layout) if audio else None
        if cover and path.suffix == ".mkv":
            out.add_attachment("cover.png", "image/png", cover)
        picture = _attach(out) if cover and path.suffix != ".mkv" else None
        for number in times if video else ():
            _mux(out, film, film.encode(_blank(film, number)), before)
        if video:
            _mux(out, film, film.encode(None), before)
        if sound:
            _write_sound(out, sound, 1, 0.3, 48000)
        if picture:
            out.mux(picture.encode(_blank(picture, 0)))
    return path


QUIET = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"cpu-used": "8"},
    "libaom-av1": {"cpu-used": "8"},
}


def _attach(out: Any) -> Any:
    from av.stream import Disposition

    picture = out.add_stream("png")
    picture.width, picture.height, picture.pix_fmt = 48, 32, "rgb24"
    picture.disposition = Disposition.attached_pic
    return picture


def _blank(stream: Any, number: int) -> Any:
    import av

    frame = av.VideoFrame(stream.width, stream.height, stream.pix_fmt)
    for plane in frame.planes:  # x264 aborts on the noise of fresh memory
        plane.update(bytes(plane.buffer_size))
    frame.pts = number
    return frame


def _mux(out: Any, stream: Any, packets: Any, before: bytes) -> None:
    import av

    for packet in packets:
        made = av.Packet(before + bytes(packet)) if before else packet
        if before:
            made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
            made.stream, made.is_keyframe = stream, packet.is_keyframe
        out.mux(made)


def _write_pictures(out: Any, stream: Any, seed: int, frames: int, rate: int) -> None:
    import av

    for number in range(frames):
        frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
        for plane, shade in zip(frame.planes, (seed * 31 + number * 9, seed * 17, seed * 7), strict=True):
            plane.update(bytes([shade % 200 + 16]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _write_sound(out: Any, stream: Any, seed: int, seconds: float, rate: int) -> None:
    import av

    context = stream.codec_context
    name = context.format.name
    samples = context.frame_size or 1024
    for number in range(max(1, round(seconds * rate / samples))):
        frame = av.AudioFrame(format=name, layout=context.layout.name, samples=samples)
        for plane in frame.planes:
            tone = bytes((seed * 13 + i * (seed % 5 + 1)) % 64 for i in range(64))
            if name.startswith("flt"):
                tone = struct.pack("16f", *(((seed + i) % 16 - 8) / 64 for i in range(16)))
            plane.update((tone * (plane.buffer_size // len(tone) + 1))[: plane.buffer_size])
        frame.sample_rate, frame.pts, frame.time_base = rate, number * samples, Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


AUDIO_CODECS = {  # suffix: container for FFmpeg, codec
    "mp3": ("mp3", "libmp3lame"), "mp2": ("mp2", "mp2"), "flac": ("flac", "flac"), "m4a": ("ipod", "aac"),
    "m4b": ("ipod", "aac"), "aac": ("adts", "aac"), "ogg": ("ogg", "vorbis"), "oga": ("ogg", "flac"),
    "opus": ("opus", "libopus"), "wav": ("wav", "pcm_s16le"), "aiff": ("aiff", "pcm_s16be"), "aif": ("aiff", "pcm_s16be"),
    "wv": ("wv", "wavpack"), "tta": ("tta", "tta"), "wma": ("asf", "wmav2"), "mka": ("matroska", "libopus"),
    "ac3": ("ac3", "ac3"), "au": ("au", "pcm_s16be"), "amr": ("amr", "libopencore_amrnb"),
}  # fmt: skip


def make_audio(
    path: Path, *, seed: int = 0, seconds: float = 1, channels: int = 2, tags: Mapping[str, str | list[str]] | None = None
) -> Path:
    """Write music in the format that the suffix says; `tags` are mutagen's easy names (title, artist, tracknumber …)."""
    import av

    container, codec = AUDIO_CODECS[path.suffix[1:].lower()]
    rate, layout = (8000, "mono") if container == "amr" else (48000, "stereo" if channels == 2 else "mono")
    with av.open(str(path), "w", format=container) as out:
        sound = out.add_stream(codec, rate=rate, layout=layout, bit_rate=12_200 if container == "amr" else 128_000)
        if codec == "vorbis":
            sound.codec_context.options = {"strict": "experimental"}
        _write_sound(out, sound, seed, seconds, rate)
    if tags:
        tag_audio(path, tags)
    return path


ASF_NAMES = {  # mutagen has no easy names for Windows Media
    "title": "Title", "artist": "Author", "album": "WM/AlbumTitle", "albumartist": "WM/AlbumArtist", "composer": "WM/Composer",
    "genre": "WM/Genre", "date": "WM/Year", "tracknumber": "WM/TrackNumber", "discnumber": "WM/PartOfSet",
}  # fmt: skip


def tag_audio(path: Path, tags: Mapping[str, str | list[str]]) -> None:
    """Set tags with mutagen, by its easy names; on a file that was there before, too."""
    import mutagen

    music = mutagen.File(path, easy=True)
    assert music is not None, f"mutagen does not know {path}"
    if music.tags is None:
        music.add_tags()
    for key, value in tags.items():
        music[ASF_NAMES[key] if type(music).__name__ == "ASF" else key] = value
    music.save()


def tag_id3(path: Path, frame: str, **values: Any) -> Path:
    """Set one ID3 frame of a file by its name (`APIC`, `POPM`, `COMM`) beside those that it has."""
    from mutagen import id3

    library: Any = id3
    try:
        tags = library.ID3(path)
    except library.ID3NoHeaderError:
        tags = library.ID3()
    tags.add(getattr(library, frame)(**values))
    tags.save(path)
    return path


def add_cover(path: Path, png: bytes) -> Path:
    """Add a PNG as the front cover of an MP3, FLAC, M4A, Ogg or WMA."""
    from base64 import b64encode

    import mutagen
    from mutagen import asf, flac, mp4

    if path.suffix == ".mp3":
        return tag_id3(path, "APIC", mime="image/png", type=3, data=png)
    music: Any = mutagen.File(path)
    if path.suffix == ".m4a":
        cover: Any = mp4.MP4Cover
        music["covr"] = [cover(png, imageformat=cover.FORMAT_PNG)]
    elif path.suffix == ".wma":
        named = struct.pack("<BI", 3, len(png)) + "image/png\0\0".encode("utf-16-le")
        windows: Any = asf
        music["WM/Picture"] = [windows.ASFByteArrayAttribute(named + png)]
    else:
        library: Any = flac
        picture = library.Picture()
        picture.data, picture.mime, picture.type = png, "image/png", 3
        if path.suffix == ".flac":
            music.add_picture(picture)
        else:
            music["metadata_block_picture"] = [b64encode(picture.write()).decode()]
    music.save()
    return path


def make_mp3(path: Path, *, seed: int = 0, seconds: float = 1, tags: Mapping[str, str | list[str]] | None = None) -> Path:
    """Write an MP3, with ID3 tags where `tags` is given."""
    return make_audio(path, seed=seed, seconds=seconds, tags=tags)


def make_flac(path: Path, *, seed: int = 0, seconds: float = 1, tags: Mapping[str, str | list[str]] | None = None) -> Path:
    """Write a FLAC, with Vorbis comments where `tags` is given."""
    return make_audio(path, seed=seed, seconds=seconds, tags=tags)


def make_dsf(path: Path, *, seed: int = 0) -> Path:
    """Write a third of a second of DSD in Sony's container, made by hand: nothing here encodes it."""
    channels, rate, block = 2, 2_822_400, 4096
    blocks = rate // 3 // 8 // block
    data = bytes([0x69 ^ seed % 256]) * (blocks * block * channels)
    form = struct.pack("<IIIIIIQII", 1, 0, 2, channels, rate, 1, blocks * block * 8, block, 0)
    body = b"fmt " + struct.pack("<Q", 52) + form + b"data" + struct.pack("<Q", len(data) + 12) + data
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, len(body) + 28, 0) + body)
    return path


def make_jxl(path: Path, *, seed: int = 0, size: tuple[int, int] = (48, 32), orientation: int = 1) -> Path:
    """Write the header of a JPEG XL, of which nothing but the header is ever read: nothing here encodes it."""
    bits, used = 0, 0
    for value, width in (
        (0, 1),
        (0, 2),
        (size[1] - 1, 9),
        (0, 3),
        (0, 2),
        (size[0] - 1, 9),
        (0, 1),
        (1, 1),
        (orientation - 1, 3),
    ):
        bits |= value << used
        used += width
    path.write_bytes(b"\xff\x0a" + bits.to_bytes(8, "little") + seed.to_bytes(4, "little"))
    return path


def make_media(path: Path, *, seed: int = 0) -> Path:
    """Write a small valid file of whatever kind the suffix says."""
    suffix = path.suffix[1:].lower()
    if by_hand := {"dsf": make_dsf, "jxl": make_jxl}.get(suffix):
        return by_hand(path, seed=seed)
    if suffix in VIDEO_CODECS:
        return make_mp4(path, seed=seed, seconds=0.3)
    if suffix in AUDIO_CODECS:
        return make_audio(path, seed=seed, seconds=0.3)
    return make_image(path, seed=seed)
