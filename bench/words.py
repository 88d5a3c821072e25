"""Words, names, cameras and places that made libraries and catalogues are told with, distributed as people's are."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import accumulate

SUBJECTS = (
    "beach sunset birthday garden wedding mountain harbour market festival picnic school match concert museum forest river"
    " castle train dinner breakfast dog cat snow rain autumn spring holiday family friends office workshop kitchen"
).split()
PLACES = {  # name: latitude, longitude
    "Lisbon": (38.72, -9.14),
    "Paris": (48.86, 2.35),
    "Rome": (41.90, 12.50),
    "Berlin": (52.52, 13.40),
    "Kyoto": (35.01, 135.77),
    "Oslo": (59.91, 10.75),
    "Austin": (30.27, -97.74),
    "Lima": (-12.05, -77.04),
    "Cape Town": (-33.92, 18.42),
    "Zürich": (47.38, 8.54),
}
CAMERAS = (  # make, model, lens; the first are the commonest
    ("Apple", "iPhone 13 Pro", "iPhone 13 Pro back triple camera 5.7mm f/1.5"),
    ("samsung", "SM-G991B", "Samsung S21 Rear Wide Camera"),
    ("Canon", "EOS R5", "RF24-105mm F4 L IS USM"),
    ("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85"),
    ("NIKON CORPORATION", "NIKON Z 6", "NIKKOR Z 24-70mm f/4 S"),
    ("SONY", "ILCE-7M3", "FE 35mm F1.8"),
    ("FUJIFILM", "X-T4", "XF18-55mmF2.8-4 R LM OIS"),
    ("Panasonic", "DMC-GX80", "LUMIX G 20/F1.7 II"),
    ("OLYMPUS CORPORATION", "E-M10MarkII", "OLYMPUS M.14-42mm F3.5-5.6"),
)
GENRES = "Rock Pop Jazz Classical Electronic Folk Soul Metal Ambient Soundtrack".split()
_SYLLABLES = "ba co da el fi go ha in jo ka lu mi no or pa qui ra so ta un ve wi xa yo zen bri clo dra fle gri".split()
_VOCABULARY = 20_000


def vocabulary() -> list[str]:
    """Return the words, commonest first: real ones, then made ones."""
    made, count = [], len(_SYLLABLES)
    for number in range(_VOCABULARY - len(SUBJECTS)):
        parts = [_SYLLABLES[number % count], _SYLLABLES[number // count % count], _SYLLABLES[number // count**2 % count]]
        made.append("".join(parts) + ("" if number < count**3 else "s"))
    return [*SUBJECTS, *made]


class Teller:
    """A source of words, times and places; the same for the same seed."""

    _words = vocabulary()
    _weights = tuple(accumulate(1 / (rank + 2.7) for rank in range(len(_words))))  # Zipf's law, as Mandelbrot bent it
    _cameras = tuple(accumulate(1 / (rank + 1) for rank in range(len(CAMERAS))))

    def __init__(self, seed: object) -> None:
        self.random = random.Random(str(seed))

    def words(self, count: int) -> list[str]:
        """Return `count` words, common ones more often than rare ones."""
        return self.random.choices(self._words, cum_weights=self._weights, k=count)

    def title(self, low: int = 1, high: int = 4) -> str:
        """Return a few words as a title."""
        return " ".join(self.words(self.random.randint(low, high))).title()

    def camera(self) -> tuple[str, str, str]:
        """Return a camera's make, model and lens."""
        return self.random.choices(CAMERAS, cum_weights=self._cameras)[0]

    def place(self) -> tuple[str, float, float]:
        """Return a place's name and a point within some kilometres of it."""
        name = self.random.choice(list(PLACES))
        latitude, longitude = PLACES[name]
        return name, latitude + self.random.gauss(0, 0.05), longitude + self.random.gauss(0, 0.05)

    def time(self) -> datetime:
        """Return a local time between 2005 and 2025, later ones more often."""
        days = 365 * 20 * self.random.random() ** 0.6
        return datetime(2005, 1, 1) + timedelta(days=int(days), seconds=self.random.randrange(7 * 3600, 23 * 3600))  # noqa: DTZ001
