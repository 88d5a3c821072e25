"""HEIF files show the preview in them where it serves, and AVIF and films of wide colours look on a screen as they should."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import av
import pillow_heif
import pytest
from PIL import Image

from mediaforge.errors import ExtractError
from mediaforge.extract.heif import read_pictures
from mediaforge.extract.made import Made
from mediaforge.extract.thumbnail import draw


def drawn(path: Path) -> Image.Image:
    found = draw((os.fsencode(path), path.suffix[1:]))
    assert isinstance(found, Made)
    return Image.open(io.BytesIO(found.pictures[0][1])).convert("RGB")


def make_heic(path: Path, *, preview: int | None) -> Path:
    """Write a red HEIC with a preview whose longer side has so many pixels."""
    picture = Image.new("RGB", (2400, 1800), (220, 30, 30))
    if preview:
        picture.info["thumbnails"] = [preview]
    pillow_heif.from_pillow(picture).save(path)
    return path


def damage(path: Path, *, preview: bool = False) -> None:
    """Break the main picture of a HEIC, or its preview: its data are zeros."""
    file = io.BytesIO(path.read_bytes())
    found = read_pictures(file)
    assert found is not None
    from mediaforge.extract.boxes import boxes, read_box
    from mediaforge.extract.heif import _places

    parts = dict(boxes(read_box(file, b"meta") or b"", 4))
    start, length = _places(parts[b"iloc"])[found[1][0].item if preview else found[0].item]
    data = bytearray(file.getvalue())
    data[start : start + length] = bytes(length)
    path.write_bytes(data)


def test_a_preview_that_is_large_enough_is_shown(tmp_path: Path) -> None:
    path = make_heic(tmp_path / "a.heic", preview=1400)
    damage(path)
    shown = drawn(path)
    assert shown.size == (1280, 960)
    assert shown.getpixel((600, 500))[0] > 180  # type: ignore[index]


def test_a_preview_that_is_broken_costs_nothing_but_time(tmp_path: Path) -> None:
    path = make_heic(tmp_path / "a.heic", preview=1400)
    damage(path, preview=True)
    assert drawn(path).size == (1280, 960)


@pytest.mark.parametrize("preview", [None, 320, 1270])
def test_a_preview_that_is_too_small_is_not(tmp_path: Path, preview: int | None) -> None:
    path = make_heic(tmp_path / "a.heic", preview=preview)
    assert drawn(path).size == (1280, 960)
    damage(path)
    with pytest.raises(ExtractError):
        drawn(path)


def test_a_preview_that_is_turned_otherwise_is_not(tmp_path: Path) -> None:
    path = make_heic(tmp_path / "a.heic", preview=1400)
    found = read_pictures(io.BytesIO(path.read_bytes()))
    assert found is not None
    (preview,) = found[1]
    assert preview.size == (1400, 1050) and preview.turned == found[0].turned == ()
    wide = path.read_bytes().replace((1400).to_bytes(4, "big") + (1050).to_bytes(4, "big"), (1400).to_bytes(4, "big") * 2)
    path.write_bytes(wide)
    damage(path)
    with pytest.raises(ExtractError):
        drawn(path)


# What paper white of 203 cd/m² is in PQ and HLG, and a grey of 20 cd/m² (ITU-R BT.2408, BT.2100).
@pytest.mark.parametrize(("transfer", "white", "grey"), [(16, 148, 91), (18, 191, 87)], ids=["PQ", "HLG"])
def test_a_film_of_high_dynamic_range_is_neither_dull_nor_burnt_out(
    tmp_path: Path, transfer: int, white: int, grey: int
) -> None:
    picture = Image.new("RGB", (320, 240), (white,) * 3)
    picture.paste((grey,) * 3, (0, 0, 160, 240))
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx265", rate=10, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p10le"
        stream.codec_context.color_trc, stream.codec_context.color_primaries, stream.codec_context.colorspace = transfer, 9, 9
        for _ in range(10):
            frame: Any = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame.reformat(format="yuv420p10le", dst_colorspace="ITU709")))
        out.mux(stream.encode(None))
    shown = drawn(path)
    assert 220 <= _grey(shown, 280) <= 245
    assert 75 <= _grey(shown, 40) <= 105


def _grey(picture: Image.Image, x: int) -> int:
    pixel: Any = picture.getpixel((x, 120))
    assert max(pixel) - min(pixel) <= 4
    return int(pixel[1])


@pytest.mark.parametrize(
    ("primaries", "transfer", "coded", "shown"),
    [
        (9, 16, (148, 148, 148), (232, 232, 232)),
        (12, 13, (234, 51, 35), (255, 0, 0)),  # sRGB's red in P3
        (1, 13, (200, 100, 50), (200, 100, 50)),
    ],
    ids=["PQ", "P3", "sRGB"],
)
def test_an_avif_that_names_its_colours_by_number(
    tmp_path: Path, primaries: int, transfer: int, coded: tuple[int, int, int], shown: tuple[int, int, int]
) -> None:
    path = tmp_path / "a.avif"
    Image.new("RGB", (200, 200), coded).save(path, quality=95)
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 8
    path.write_bytes(data[:at] + primaries.to_bytes(2, "big") + transfer.to_bytes(2, "big") + data[at + 4 :])
    pixel: Any = drawn(path).getpixel((100, 100))
    assert max(abs(a - b) for a, b in zip(pixel, shown, strict=True)) <= 12, pixel
