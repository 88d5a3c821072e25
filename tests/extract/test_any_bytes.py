"""Any bytes may come in, and only Facts or ExtractError come out."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import media_files
from mediaforge.errors import ExtractError
from mediaforge.extract import iptc, xmp
from mediaforge.extract.exif import parse_exif
from mediaforge.extract.jxl import size
from mediaforge.model import SUFFIXES, Facts
from reading import facts_of

MUTATED = sorted(
    (
        "mp4 mov mkv webm avi wmv flv ts mpg mp3 flac m4a ogg opus wav aiff wv wma dsf jpg png gif webp tif heic avif jxl bmp"
    ).split()
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def made(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        if suffix in ("jpg", "webp", "tif", "heic", "avif"):
            media_files.make_image(path, exif={"Make": "Canon", "Model": "EOS", "ISO": 100, "GPSLatitude": (1.0, 2.0, 3.0)})
        else:
            media_files.make_media(path, seed=1)
        return path.read_bytes()


def outcome(data: bytes, suffix: str) -> Facts | ExtractError:
    with tempfile.NamedTemporaryFile(suffix=f".{suffix}") as file:
        file.write(data)
        file.flush()
        try:
            return facts_of(Path(file.name))
        except ExtractError as error:
            assert file.name not in str(error)
            assert "\n" not in str(error)
            return error


@QUICK
@given(data=st.binary(max_size=300), suffix=st.sampled_from(sorted(SUFFIXES)))
def test_arbitrary_bytes(data: bytes, suffix: str) -> None:
    outcome(data, suffix)


@pytest.mark.parametrize("suffix", MUTATED)
@settings(QUICK, max_examples=8)
@given(data=st.data())
def test_mutated_real_files(suffix: str, data: st.DataObject) -> None:
    original = bytearray(made(suffix))
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers and directories are where readers go wrong: most harm is done near the beginning.
        most = data.draw(st.sampled_from((64, 512, len(original))))
        original[data.draw(st.integers(0, min(most, len(original)) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(original)), st.integers(0, len(original))))
    outcome(bytes(original[:cut]), suffix)


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=200),
    order=st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"", b"Exif\0\0II*\0\x08\0\0\0"]),
)
def test_our_own_parsers_take_any_bytes(data: bytes, order: bytes) -> None:
    assert parse_exif(order + data) is not None
    assert isinstance(iptc.records(b"\x1c\x02\x05" + data), dict)
    assert isinstance(iptc.from_photoshop(b"8BIM\x04\x04" + data), bytes)
    assert isinstance(xmp.properties(data), dict)
    try:
        assert len(size(data)) == 3
    except ExtractError as error:
        assert str(error)
