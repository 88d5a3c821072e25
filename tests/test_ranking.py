"""Which of several copies is the best, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaforge.model import Kind, LibraryId, MediaId, TakenSource
from mediaforge.ranking import CRITERIA, Candidate, rank


def copy(**more: object) -> Candidate:
    """Return a picture, which differs in `more` from all others that this makes."""
    plain: dict[str, object] = {
        "id": MediaId(2),
        "library": LibraryId(1),
        "path": b"/photos/IMG_0002.jpg",
        "kind": Kind.IMAGE,
        "suffix": "jpg",
        "size": 1000,
        "mtime_ns": 1_600_000_000 * 10**9,
        "width": 4000,
        "height": 3000,
        "taken": "2020-01-01T12:00:00",
        "taken_source": TakenSource.EXIF,
    }
    return Candidate(**plain | more)  # type: ignore[arg-type]


FILM = {"kind": Kind.VIDEO, "suffix": "mp4", "bit_rate": 8_000_000}
# What makes the worse of two copies the worse; what else differs speaks for it. Then what is said of the better, and of it.
TOLD = [
    ({"here": False}, "it is here", "on a volume that is not here"),
    ({"suffix": "dng", "width": 100}, "4000×3000, the others are smaller", None),
    ({"width": 1600, "height": 1200, "size": 10**9}, "4000×3000, the others are smaller", "1600×1200, smaller"),
    ({"width": None, "height": None}, "4000×3000, the others are smaller", "0×0, smaller"),
    ({"taken_source": TakenSource.MTIME, "taken": "1999-01-01T00:00:00"}, "taken_at from EXIF", "taken_at from its file"),
    (
        {"taken": "2020-01-01T12:00:01", "size": 10**9},
        "taken 2020-01-01 12:00:00, the others later",
        "taken 2020-01-01 12:00:01, later",
    ),
    ({"size": 999, "edits": True}, "1,000 bytes, the others are compressed more", "999 bytes, compressed more"),
    ({"path": b"/a/IMG_0002 (1).jpg", "mtime_ns": 1}, "the others are copies by their names", "a copy by its name"),
    (
        {"mtime_ns": 1_700_000_000 * 10**9, "path": b"/x.jpg"},
        "modified 2020-09-13, the others later",
        "modified 2023-11-14, later",
    ),
    ({"path": b"/p/q/a.jpg"}, "the others are in deeper folders", "in a deeper folder"),
    ({"path": b"/photos/IMG_0002_x.jpg", "library": LibraryId(0)}, "its path is the shortest", "a longer path"),
    ({"library": LibraryId(2), "said": 9}, "its library was added first", "in a later library"),
    ({"said": -1, "id": MediaId(1)}, "you said more of it", "you said less of it"),
    ({"id": MediaId(3)}, "it was found first", "found later"),
]


@pytest.mark.parametrize(("worse", "better_said", "worse_said"), TOLD)
def test_each_criterion_tells(worse: dict[str, object], better_said: str, worse_said: str | None) -> None:
    given = [copy(id=MediaId(1), **worse) if "id" not in worse else copy(**worse), copy()]
    found = rank(given)
    if worse_said is None:  # a RAW picture, which is better however small it is
        assert found[0].candidate.suffix == "dng" and found[0].why == ("DNG, a RAW picture",)
        assert found[1].why == ("JPG, no RAW picture",)
        return
    assert found[0].candidate == copy()
    assert found[0].why == (better_said,)
    assert found[1].why == (worse_said,)


def test_the_document_tells_every_criterion_in_its_order() -> None:
    text = (Path(__file__).parents[1] / "docs" / "duplicates.md").read_text()
    rows = text.partition("## The best copy")[2].partition("\n## ")[0].splitlines()
    assert [row.split("`")[1] for row in rows if row.startswith("| `")] == [criterion.name for criterion in CRITERIA]


def test_films_are_told_by_their_bit_rates_and_not_by_their_bytes() -> None:
    found = rank([copy(**FILM | {"bit_rate": 500_000, "size": 10**9}), copy(**FILM | {"id": MediaId(7)})])
    assert [one.candidate.id for one in found] == [7, 2]
    assert [one.why for one in found] == [("8.0 Mbit/s, the others have less",), ("500 kbit/s, less",)]


def test_edits_beside_a_picture_count_before_its_name() -> None:
    found = rank([copy(), copy(path=b"/photos/a copy.jpg", edits=True)])
    assert found[0].why == ("it has edits beside it",) and found[1].why == ("no edits beside it",)


def test_several_reasons_are_told_in_their_order() -> None:
    smaller, later = copy(id=MediaId(3), width=800), copy(id=MediaId(4), mtime_ns=1_700_000_000 * 10**9)
    found = rank([later, smaller, copy()])
    assert [one.candidate.id for one in found] == [2, 4, 3]
    assert found[0].why == ("4000×3000, others are smaller", "modified 2020-09-13, others later")


@pytest.mark.parametrize(
    ("name", "is_copy"),
    [
        ("IMG_1 (1).jpg", True),
        ("IMG_1(2).jpg", True),
        ("a copy.jpg", True),
        ("a copy 2.jpg", True),
        ("a - Copy.jpg", True),
        ("a - Copy (3).jpg", True),
        ("a_copy.jpg", True),
        ("Copy of a.jpg", True),
        ("Kopie von a.jpg", True),
        ("a - Kopie.jpg", True),
        ("a~2.jpg", True),
        ("IMG_0002.jpg", False),
        ("copyright.jpg", False),
        ("photocopy.jpg", False),
        ("concert (2019).jpg", False),
        ("hard copy.jpg", True),  # nothing tells it from one
    ],
)
def test_what_names_say(name: str, is_copy: bool) -> None:
    other = copy(path=b"/photos/deeper/and/much/longer/IMG_0002.jpg", mtime_ns=1_900_000_000 * 10**9)
    found = rank([copy(id=MediaId(1), path=b"/" + name.encode()), other])
    assert (found[0].candidate == other) is is_copy


def test_dates_that_no_calendar_has_are_told_all_the_same() -> None:
    found = rank([copy(), copy(id=MediaId(9), mtime_ns=2**63 - 1)])
    assert found[1].why == ("modified 2262-04-11, later",)
    assert rank([copy(taken="0001-01-01T00:00:00"), copy()])[0].candidate.taken.startswith("0001")
