"""What names say: a table of paths as people have them, and where our patterns and guessit read them otherwise."""

from __future__ import annotations

import pytest

from mediaforge.extract.names import understand

Row = tuple[str, dict[str, object], str]
"""A path, what is understood of it, and why guessit, asked about the name alone, says otherwise."""


def film(title: str | None = None, year: int | None = None, **more: object) -> dict[str, object]:
    return {name: value for name, value in {"title": title, "year": year, **extra(more)}.items() if value is not None}


def show(
    name: str | None, season: int | None, episode: int | None, title: str | None = None, **more: object
) -> dict[str, object]:
    values = {"show": name, "season": season, "episode": episode, "episode_title": title, **extra(more)}
    return {name: value for name, value in values.items() if value is not None}


def extra(more: dict[str, object]) -> dict[str, object]:
    return {name if name in ("year", "episode_title") else f"name_{name}": value for name, value in more.items()}


SUBTITLE = "it ends the title at the first dash"
NUMBER = "it takes a number of the title for an episode"
PART = "it takes the part out of the title"
BRACKETS = "it takes what stands in brackets out of the title"
ALONE = "it takes the word for a title"
YEAR = "it takes a name that is a year for one"

FILMS: list[Row] = [
    ("The Godfather (1972).mkv", film("The Godfather", 1972), ""),
    ("The Godfather (1972) [1080p].mkv", film("The Godfather", 1972, screen_size="1080p"), ""),
    ("The Godfather [1972].mp4", film("The Godfather", 1972), ""),
    ("Heat.1995.mkv", film("Heat", 1995), ""),
    ("Heat 1995 720p.mkv", film("Heat", 1995, screen_size="720p"), ""),
    ("Heat_1995_BluRay_1080p.mkv", film("Heat", 1995, screen_size="1080p", source="Blu-ray"), ""),
    ("Heat.1995.1080p.BluRay.x264-OURS.mkv",
     film("Heat", 1995, screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("Parasite.2019.2160p.UHD.BluRay.REMUX.HDR.HEVC.TrueHD.7.1.Atmos-OURS.mkv",
     film("Parasite", 2019, screen_size="2160p", source="Ultra HD Blu-ray", release_group="OURS"), ""),
    ("Amelie.2001.FRENCH.720p.WEBRip.DDP5.1.10bit.x265-OURS.mkv",
     film("Amelie", 2001, screen_size="720p", source="Web", release_group="OURS"), ""),
    ("Das.Boot.1981.German.DL.1080p.HDTV.x264.mkv", film("Das Boot", 1981, screen_size="1080p", source="HDTV"), ""),
    ("Brazil 1985 DVDRip XviD AC3-OURS.avi", film("Brazil", 1985, source="DVD", release_group="OURS"), ""),
    ("Arrival (2016) [2160p] [4K] [WEB] [5.1] [OURS.MX].mp4",
     film("Arrival", 2016, screen_size="2160p", source="Web", release_group="OURS.MX"), ""),
    ("Arrival.2016.1080p.WEBRip.x264.AAC-[OURS.MX].mp4",
     film("Arrival", 2016, screen_size="1080p", source="Web", release_group="OURS.MX"), ""),
    ("Arrival.2016.1080p.BluRay.x264.OURS.mp4",
     film("Arrival", 2016, screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("Arrival (2016) (1080p BluRay x265 Ours).mkv",
     film("Arrival", 2016, screen_size="1080p", source="Blu-ray", release_group="Ours"), ""),
    ("Arrival (2016) [Bluray-1080p][DTS 5.1][x264]-OURS.mkv",
     film("Arrival", 2016, screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("Arrival (2016) {imdb-tt2543164} [WEBDL-2160p].mkv",
     film("Arrival", 2016, imdb="tt2543164", screen_size="2160p", source="Web"), ""),
    ("Arrival (2016) {tmdb-329865}.mkv", film("Arrival", 2016, tmdb="329865"), ""),
    ("Blade.Runner.1982.The.Final.Cut.1080p.BluRay.mkv",
     film("Blade Runner", 1982, edition="Final Cut", screen_size="1080p", source="Blu-ray"), "it knows no final cut"),
    ("Alien (1979) - Director's Cut.mkv", film("Alien", 1979, edition="Director's Cut"), ""),
    ("Alien (1979) {edition-Director's Cut}.mkv", film("Alien", 1979, edition="Director's Cut"), ""),
    ("Aliens.1986.Special.Edition.1080p.BluRay.mkv",
     film("Aliens", 1986, edition="Special", screen_size="1080p", source="Blu-ray"), ""),
    ("Dune.2021.EXTENDED.2160p.WEB-DL.mkv", film("Dune", 2021, edition="Extended", screen_size="2160p", source="Web"), ""),
    ("Dune (2021) IMAX.mkv", film("Dune", 2021, edition="IMAX"), ""),
    ("Oldboy.2003.REMASTERED.1080p.BluRay.mkv",
     film("Oldboy", 2003, edition="Remastered", screen_size="1080p", source="Blu-ray"), ""),
    ("Avatar.2009.3D.HSBS.1080p.BluRay.x264.mkv", film("Avatar", 2009, screen_size="1080p", source="Blu-ray"), ""),
    ("Alien.1080p.BluRay.x264-OURS.mkv", film("Alien", screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("Alien 1080p.mkv", film("Alien", screen_size="1080p"), ""),
    ("Alien 1920x1080.mp4", film("Alien", screen_size="1080p"), ""),
    ("Dune.2021.2160p.BluRay.mkv", film("Dune", 2021, screen_size="2160p", source="Ultra HD Blu-ray"), ""),
    ("Adele - Hello [1080p].mkv", {"name_screen_size": "1080p"}, "it takes the artist for a title"),
    ("Star Wars - A New Hope 1080p BluRay.mkv",
     film("Star Wars - A New Hope", screen_size="1080p", source="Blu-ray"), SUBTITLE),
    ("Mission Impossible - Fallout (2018).mkv", film("Mission Impossible - Fallout", 2018), SUBTITLE),
    ("Star Wars Episode IV - A New Hope (1977).mkv", film("Star Wars Episode IV - A New Hope", 1977), NUMBER),
    ("Star Wars Episode 4 (1977).mkv", film("Star Wars Episode 4", 1977), NUMBER),
    ("Harry Potter and the Deathly Hallows Part 1 (2010).mkv", film("Harry Potter and the Deathly Hallows Part 1", 2010), PART),
    ("Kill.Bill.Vol.1.2003.1080p.mkv", film("Kill Bill Vol 1", 2003, screen_size="1080p"), PART),
    ("Dr. Strangelove (1964).mkv", film("Dr. Strangelove", 1964), ""),
    ("M.A.S.H.1970.DVDRip.avi", film("M.A.S.H.", 1970, source="DVD"), ""),
    ("The Lord of the Rings - The Two Towers (2002) cd1.avi",
     film("The Lord of the Rings - The Two Towers", 2002, part=1), SUBTITLE),
    ("Gandhi (1982) - part2.mkv", film("Gandhi", 1982, part=2), ""),
    ("Film (1999) (1).mkv", film("Film", 1999), ""),
    ("Copy of Heat (1995).mkv", film("Heat", 1995), "it takes the copy for the title"),
    ("Heat (1995) [1234].mkv", film("Heat", 1995), NUMBER),
    ("A Trip to the Moon (1902).mkv", film("A Trip to the Moon", 1902), ""),
    ("Heat 1995.mkv", film("Heat", 1995), ""),
]  # fmt: skip

# Years and numbers that belong to the title.
NUMBERS: list[Row] = [
    ("2012 (2009).mkv", film("2012", 2009), ""),
    ("2012.2009.1080p.BluRay.mkv", film("2012", 2009, screen_size="1080p", source="Blu-ray"), ""),
    ("1917 (2019).mkv", film("1917", 2019), ""),
    ("1917.2019.1080p.mkv", film("1917", 2019, screen_size="1080p"), ""),
    ("1917.1080p.BluRay.x264.mkv", film("1917", screen_size="1080p", source="Blu-ray"), YEAR),
    ("1984 (1984).mkv", film("1984", 1984), ""),
    ("1941 (1979).avi", film("1941", 1979), ""),
    ("2001 A Space Odyssey (1968).mkv", film("2001 A Space Odyssey", 1968), ""),
    ("2001.A.Space.Odyssey.1968.720p.mkv", film("2001 A Space Odyssey", 1968, screen_size="720p"), ""),
    ("Blade Runner 2049 (2017).mkv", film("Blade Runner 2049", 2017), ""),
    ("Blade.Runner.2049.2017.2160p.UHD.BluRay.mkv",
     film("Blade Runner 2049", 2017, screen_size="2160p", source="Ultra HD Blu-ray"), ""),
    ("Blade Runner 2049.mkv", {}, ""),
    ("Blade.Runner.2049.1080p.mkv", film("Blade Runner 2049", screen_size="1080p"), NUMBER),
    ("Wonder Woman 1984 (2020).mkv", film("Wonder Woman 1984", 2020), ""),
    ("Death Race 2000 (1975).mkv", film("Death Race 2000", 1975), ""),
    ("Class of 1984 (1982).mkv", film("Class of 1984", 1982), ""),
    ("Summer of 1984.mp4", {}, ""),
    ("Se7en (1995).mkv", film("Se7en", 1995), ""),
    ("Se7en.1995.720p.mkv", film("Se7en", 1995, screen_size="720p"), ""),
    ("Ocean's 11 (2001).mkv", film("Ocean's 11", 2001), ""),
    ("Ocean's 11.mkv", {}, ""),
    ("12 Monkeys (1995).mkv", film("12 Monkeys", 1995), ""),
    ("12 Angry Men (1957).mkv", film("12 Angry Men", 1957), ""),
    ("21.Grams.2003.1080p.mkv", film("21 Grams", 2003, screen_size="1080p"), ""),
    ("300 (2006).mkv", film("300", 2006), ""),
    ("8½ (1963).mkv", film("8½", 1963), ""),
    ("10 Cloverfield Lane (2016).mkv", film("10 Cloverfield Lane", 2016), ""),
    ("Apollo 13 (1995) [1080p].mkv", film("Apollo 13", 1995, screen_size="1080p"), NUMBER),
    ("District.9.2009.mkv", film("District 9", 2009), ""),
    ("Fahrenheit 451 (1966).mkv", film("Fahrenheit 451", 1966), ""),
    ("Movie 43 (2013).mkv", film("Movie 43", 2013), ""),
    ("P2 (2007).mkv", film("P2", 2007), ""),
    ("(500) Days of Summer (2009).mkv", film("(500) Days of Summer", 2009), BRACKETS),
    ("[REC] (2007).mkv", film("[REC]", 2007), BRACKETS),
    ("[REC] 2 (2009).mkv", film("[REC] 2", 2009), BRACKETS),
    ("Film (1999) 1080.mkv", film("Film", 1999, screen_size="1080p"), "it reads 1080 as S10E80"),
    ("Heat.1995.1080.BluRay.x264.mkv", film("Heat", 1995, screen_size="1080p", source="Blu-ray"), ""),
    ("Heat.1995.5.1.10bit.x264.mkv", film("Heat", 1995), ""),
    ("Holiday 720.mp4", {}, ""),
    ("Holiday 1080.mp4", {}, ""),
    ("Holiday 2160.mp4", {}, ""),
    ("2012.mkv", {}, ""),
    ("300.mkv", {}, ""),
    ("July 2015.mp4", {}, ""),
]  # fmt: skip

SERIES: list[Row] = [
    ("Severance S01E02.mkv", show("Severance", 1, 2), ""),
    ("Severance - S01E02 - Half Loop.mkv", show("Severance", 1, 2, "Half Loop"), ""),
    ("severance.s01e02.720p.web.h264-ours.mkv",
     show("severance", 1, 2, screen_size="720p", source="Web", release_group="ours"), ""),
    ("Severance.S01E02.Half.Loop.720p.WEB-DL.mkv", show("Severance", 1, 2, "Half Loop", screen_size="720p", source="Web"), ""),
    ("The.Expanse.S03E05.Triple.Point.1080p.AMZN.WEB-DL.DDP5.1.H.264-OURS.mkv",
     show("The Expanse", 3, 5, "Triple Point", screen_size="1080p", source="Web", release_group="OURS"), ""),
    ("Andor - S02E03 - Harvest [WEBDL-1080p][EAC3 5.1][h264]-OURS.mkv",
     show("Andor", 2, 3, "Harvest", screen_size="1080p", source="Web", release_group="OURS"), ""),
    ("Andor S02E03 Harvest (1080p x265 Ours).mkv",
     show("Andor", 2, 3, "Harvest", screen_size="1080p", release_group="Ours"), ""),
    ("The Wire 1x02.mkv", show("The Wire", 1, 2), ""),
    ("the.wire.1x02.avi", show("the wire", 1, 2), ""),
    ("The Wire - 1x02 - The Detail.avi", show("The Wire", 1, 2, "The Detail"), ""),
    ("The Wire [1x02].avi", show("The Wire", 1, 2), ""),
    ("The Wire S01 E02.mkv", show("The Wire", 1, 2), ""),
    ("The Wire s1e2.mkv", show("The Wire", 1, 2), ""),
    ("The_Wire_S01E02_The_Detail.mkv", show("The Wire", 1, 2, "The Detail"), ""),
    ("The Wire Season 1 Episode 2.mkv", show("The Wire", 1, 2), ""),
    ("The Wire - Season 1, Episode 2 - The Detail.mkv", show("The Wire", 1, 2, "The Detail"), ""),
    ("The Wire Episode 5.mkv", show("The Wire", None, 5), ""),
    ("The Wire Ep. 5.mkv", show("The Wire", None, 5), ""),
    ("The Wire Season 2.mkv", show("The Wire", 2, None), ""),
    ("The.Wire.S02.1080p.BluRay.x264-OURS.mkv",
     show("The Wire", 2, None, screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("The 100 S02E03.mkv", show("The 100", 2, 3), ""),
    ("24 S01E01.mkv", show("24", 1, 1), ""),
    ("24.S01E01.720p.mkv", show("24", 1, 1, screen_size="720p"), ""),
    ("9-1-1 S01E01.mkv", show("9-1-1", 1, 1), ""),
    ("9-1-1.Lone.Star.S02E04.mkv", show("9-1-1 Lone Star", 2, 4), ""),
    ("Room 104 - S01E01 - Ralphie.mkv", show("Room 104", 1, 1, "Ralphie"), ""),
    ("12.Monkeys.S01E01.Splinter.mkv", show("12 Monkeys", 1, 1, "Splinter"), ""),
    ("Babylon 5 S01E01.mkv", show("Babylon 5", 1, 1), ""),
    ("Stargate SG-1 S03E10.mkv", show("Stargate SG-1", 3, 10), ""),
    ("The 4400 S01E01.mkv", show("The 4400", 1, 1), ""),
    ("11.22.63.S01E01.mkv", show("11 22 63", 1, 1), ""),
    ("1883 S01E01.mkv", show("1883", 1, 1), ""),
    ("1923.S01E02.1080p.mkv", show("1923", 1, 2, screen_size="1080p"), YEAR),
    ("Space 1999 S01E02.mkv", show("Space 1999", 1, 2), "it takes the year out of a name that has one"),
    ("Doctor Who (2005) - S01E01 - Rose.mkv", show("Doctor Who", 1, 1, "Rose", year=2005), ""),
    ("Doctor.Who.2005.S01E01.Rose.mkv", show("Doctor Who", 1, 1, "Rose", year=2005), ""),
    ("Battlestar.Galactica.1978.S01E03.mkv", show("Battlestar Galactica", 1, 3, year=1978), ""),
    ("Battlestar.Galactica.2003.S01E01.33.1080p.BluRay.mkv",
     show("Battlestar Galactica", 1, 1, "33", year=2003, screen_size="1080p", source="Blu-ray"), ""),
    ("The Office (US) - S03E04 - Grief Counseling.mkv",
     show("The Office (US)", 3, 4, "Grief Counseling"), "it takes the country out of the name"),
    ("Law & Order SVU S12E01.mkv", show("Law & Order SVU", 12, 1), ""),
    ("Mr. Robot - S01E02 - eps1.1_ones-and-zer0es.mkv", show("Mr. Robot", 1, 2, "eps1.1 ones-and-zer0es"), ""),
    ("Marvels.Agents.of.S.H.I.E.L.D.S01E02.mkv", show("Marvels Agents of S.H.I.E.L.D.", 1, 2), ""),
    ("S.W.A.T.2017.S01E01.720p.mkv", show("S.W.A.T.", 1, 1, year=2017, screen_size="720p"), ""),
    ("What We Do in the Shadows S01E01 Pilot (1).mkv", show("What We Do in the Shadows", 1, 1, "Pilot (1)"), PART),
    ("Top Gear - S2021E05.mkv", show("Top Gear", 2021, 5), "it takes the season for a year, too"),
    ("Sherlock - S00E01 - Unaired Pilot.mkv", show("Sherlock", 0, 1, "Unaired Pilot"), ""),
    ("show.s01e02.proper.hdtv.xvid-ours.avi", show("show", 1, 2, source="HDTV", release_group="ours"), ""),
    ("Show.S01E02.Title.WEB.x264-OURS[site].mkv",
     show("Show", 1, 2, "Title", source="Web", release_group="OURS"), "it takes the site for a part of the group"),
    ("Show S01E02 720.mkv", show("Show", 1, 2), "it takes the size for a title"),
    ("Show.S01E02.5.1.x264.mkv", show("Show", 1, 2), ""),
    ("S01E05.mkv", show(None, 1, 5), ""),
    ("show.102.hdtv-ours.avi", show("show", 1, 2, source="HDTV", release_group="ours"), ""),
    ("the.100.109.hdtv.x264-ours.mkv", show("the 100", 1, 9, source="HDTV", release_group="ours"), ""),
    ("Room.104.1080p.WEB-DL.mkv", film("Room 104", screen_size="1080p", source="Web"), NUMBER),
    ("Friends S10E17E18.mkv", show("Friends", 10, 17, last_episode=18), ""),
    ("Friends.S10E17-E18.The.Last.One.1080p.BluRay.mkv",
     show("Friends", 10, 17, "The Last One", last_episode=18, screen_size="1080p", source="Blu-ray"), ""),
    ("Friends S10E17-18.mkv", show("Friends", 10, 17, last_episode=18), ""),
    ("Sherlock S01E01-E03.mkv", show("Sherlock", 1, 1, last_episode=3), ""),
    ("Lost 1x01-02 Pilot.avi", show("Lost", 1, 1, "Pilot", last_episode=2), ""),
    ("Lost S01E01-S01E02.mkv", show("Lost", 1, 1, last_episode=2), ""),
    ("Lost - S01E01 - 24 Hours.mkv", show("Lost", 1, 1, "24 Hours"), ""),
]  # fmt: skip

ANIME: list[Row] = [
    ("Anime/[Group] Name - 05 [1080p].mkv", show("Name", None, 5, release_group="Group", screen_size="1080p"), ""),
    ("[Ours] Sousou no Frieren - 05 (1080p) [4D5A6B7C].mkv",
     show("Sousou no Frieren", None, 5, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Spy x Family - 12v2 [720p].mkv", show("Spy x Family", None, 12, release_group="Ours", screen_size="720p"), ""),
    ("[Ours]_Mushishi_-_05_[1080p].mkv", show("Mushishi", None, 5, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Mushishi 05 [1080p].mkv", show("Mushishi", None, 5, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Mushishi - 05.mkv", show("Mushishi", None, 5, release_group="Ours"), ""),
    ("[Ours] Mob Psycho 100 - 05 [1080p].mkv",
     show("Mob Psycho 100", None, 5, release_group="Ours", screen_size="1080p"), NUMBER),
    ("[Ours] One Piece - 1015 [1080p].mkv", show("One Piece", None, 1015, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Vinland Saga S2 - 05 [1080p].mkv", show("Vinland Saga", 2, 5, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Jujutsu Kaisen 2nd Season - 12 [1080p][Multiple Subtitle].mkv",
     show("Jujutsu Kaisen", 2, 12, release_group="Ours", screen_size="1080p"), "it knows no ordinals"),
    ("[Ours] Vinland Saga S02E05 [1080p].mkv", show("Vinland Saga", 2, 5, release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Mushishi - 01-12 [BD 1080p].mkv",
     show("Mushishi", None, 1, last_episode=12, release_group="Ours", screen_size="1080p", source="Blu-ray"), ""),
    ("[Ours] Mushishi - NCOP1 [1080p].mkv",
     film("Mushishi", extra="opening or ending", release_group="Ours", screen_size="1080p"), ""),
    ("[Ours] Kimi no Na wa (2016) [BD 1080p x265 10bit FLAC].mkv",
     film("Kimi no Na wa", 2016, release_group="Ours", screen_size="1080p", source="Blu-ray"), ""),
    ("Cowboy Bebop - 05 - Ballad of Fallen Angels [1080p][BD].mkv",
     show("Cowboy Bebop", None, 5, "Ballad of Fallen Angels", screen_size="1080p", source="Blu-ray"), ""),
    ("Anime/Mushishi/Mushishi - 05.mkv", show("Mushishi", None, 5), ""),
    ("Mushishi - 05.mkv", {}, ""),
    ("[字幕组] 进击的巨人 - 05 [1080p].mkv", show("进击的巨人", None, 5, release_group="字幕组", screen_size="1080p"), ""),
    ("[字幕组][进击的巨人][05][1080P][GB].mp4",
     show("进击的巨人", None, 5, release_group="字幕组", screen_size="1080p"), "it finds no title between brackets"),
    ("進撃の巨人 第05話.mkv", show("進撃の巨人", None, 5), ""),
]  # fmt: skip

ELSEWHERE: list[Row] = [
    ("千と千尋の神隠し (2001).mkv", film("千と千尋の神隠し", 2001), ""),
    ("기생충.2019.1080p.BluRay.mkv", film("기생충", 2019, screen_size="1080p", source="Blu-ray"), ""),
    ("Брат (1997).avi", film("Брат", 1997), ""),
    ("Ночной дозор - S01E01 - Пилот.mkv", show("Ночной дозор", 1, 1, "Пилот"), ""),
    ("Το Νησί S01E03.mkv", show("Το Νησί", 1, 3), ""),
    ("Gwałtu, rety (1997).mkv", film("Gwałtu, rety", 1997), ""),
    ("Tatort Staffel 2 Folge 3.mkv", show("Tatort", 2, 3), ""),
    ("Kaamelott Saison 2 Episode 3.avi", show("Kaamelott", 2, 3), ""),
    ("Интерны/Сезон 2/03.avi", show("Интерны", 2, 3), ""),
    ("Les Revenants/Saison 1/02 - Simon.mkv", show("Les Revenants", 1, 2, "Simon"), ""),
]  # fmt: skip

DATED: list[Row] = [
    ("The Daily Show 2021-03-04.mkv", show("The Daily Show", None, None, date="2021-03-04"), ""),
    ("The Daily Show - 2021-03-04 - Guest Name.mkv", show("The Daily Show", None, None, "Guest Name", date="2021-03-04"), ""),
    ("The.Daily.Show.2021.03.04.Guest.Name.720p.WEB.h264-OURS.mkv",
     show("The Daily Show", None, None, "Guest Name", date="2021-03-04", screen_size="720p", source="Web",
     release_group="OURS"), ""),
    ("Last Week Tonight 2021-03-04.mkv", show("Last Week Tonight", None, None, date="2021-03-04"), ""),
    ("Match.of.the.Day.2022.01.10.1080p.WEB.H264.mkv",
     show("Match of the Day", None, None, date="2022-01-10", screen_size="1080p", source="Web"), ""),
    ("Holiday in Rome 2021-03-04.mp4", {}, ""),
    ("Birthday.2021.03.04.mp4", {}, ""),
    ("2021-03-04 The Daily Visit.mp4", {}, ""),
    ("Tatort - 2021-03-07 - Folge 1160.mkv", show("Tatort", None, 1160, date="2021-03-07"), ""),
    ("Tatort - 2021-03-07 - Folge 1160 - Unten.mkv", show("Tatort", None, 1160, "Unten", date="2021-03-07"), ""),
    ("[Coal] Steins;Gate 01-02 (Blu-ray FLAC).mkv",
     show("Steins;Gate", None, 1, last_episode=2, release_group="Coal", source="Blu-ray"), ""),
]  # fmt: skip

EXTRAS: list[Row] = [
    ("Heat (1995)-trailer.mkv", film("Heat", 1995, extra="trailer"), ""),
    ("Heat (1995)-behindthescenes.mkv", film("Heat", 1995, extra="behind the scenes"), ""),
    ("Heat (1995)-deleted.mkv", film("Heat", 1995, extra="deleted scene"), ""),
    ("Heat (1995) - Deleted Scenes.mkv", film("Heat", 1995, extra="deleted scene"), ""),
    ("Heat.1995.Featurette.1080p.mkv", film("Heat", 1995, extra="featurette", screen_size="1080p"), ""),
    ("heat.1995.1080p.bluray.x264-ours-sample.mkv",
     film("heat", 1995, extra="sample", screen_size="1080p", source="Blu-ray", release_group="ours"), ""),
    ("sample-heat.1995.1080p.bluray.x264-ours.mkv",
     film("heat", 1995, extra="sample", screen_size="1080p", source="Blu-ray", release_group="ours"),
     "it takes the sample for the title"),
    ("The Wire S01E02-trailer.mkv", show("The Wire", 1, 2, extra="trailer"), ""),
    ("The Wire S01E02 - Behind the Scenes.mkv", show("The Wire", 1, 2, "Behind the Scenes"), ""),
    ("trailer.mkv", {"name_extra": "trailer"}, ALONE),
    ("holiday-clip.mp4", {}, ""),
    ("Trailers/Heat.mp4", {"name_extra": "trailer", "name_extra_title": "Heat"}, ""),
    ("Heat (1995)/Trailers/Teaser 1.mp4", film("Heat", 1995, extra="trailer"), ALONE),
    ("Heat (1995)/Making Heat-behindthescenes.mkv", film("Heat", 1995, extra="behind the scenes"), ALONE),
    ("Heat (1995)/Featurettes/Making Heat.mkv", film("Heat", 1995, extra="featurette", extra_title="Making Heat"), ""),
    ("Heat (1995)/Extras/Gag Reel 1080p.mkv", film("Heat", 1995, extra="gag reel", screen_size="1080p"), ALONE),
    ("The Wire/Season 1/Extras/Gag Reel.mkv", show("The Wire", 1, None, extra="extra", extra_title="Gag Reel"), ""),
    ("Work/Interviews/Anna.mp4", {}, ""),
]  # fmt: skip

FOLDERS: list[Row] = [
    ("Show/Season 02/03 - Name.mkv", show("Show", 2, 3, "Name"), ""),
    ("Show (2015)/S01/E05.mkv", show("Show", 1, 5, year=2015), ""),
    ("Show (2015)/Season 01/Show (2015) - S01E05.mkv", show("Show", 1, 5, year=2015), ""),
    ("Show/Season 2/03.mkv", show("Show", 2, 3), ""),
    ("Show/Season 2/03. Name.mkv", show("Show", 2, 3, "Name"), ""),
    ("Show/Season 2/Episode 3.mkv", show("Show", 2, 3), ""),
    ("Show/Season 2/E03-E04.mkv", show("Show", 2, 3, last_episode=4), ""),
    ("Show/Season 2/203 - Name.mkv", show("Show", 2, 3, "Name"), ""),
    ("Show/Season 2/Show - 03 - Name.mkv", show("Show", 2, 3, "Name"), ""),
    ("Show/Season 2/Show 03 720p.mkv", show("Show", 2, 3, screen_size="720p"), "it does not need the folder"),
    ("Show/Season 2/Show.S02E03.mkv", show("Show", 2, 3), ""),
    ("Show/Season 2/show.s03e03.mkv", show("Show", 3, 3), ""),
    ("Show/Season 2/1080.mkv", show("Show", 2, None), ""),
    ("Show/Season 2 (2016)/03.mkv", show("Show", 2, 3), ""),
    ("Show/Specials/01 - Making Of.mkv", show("Show", 0, 1, "Making Of"), ""),
    ("Show/Season 00/Show - S00E02.mkv", show("Show", 0, 2), ""),
    ("Show/Specials/holiday.mkv", {}, ""),
    ("The Wire/Season 1/the.wire.s01e02.720p.mkv", show("The Wire", 1, 2, screen_size="720p"), ""),
    ("The Wire/S01E05.mkv", show("The Wire", 1, 5), ""),
    ("The Wire (2002)/S01E05.mkv", show("The Wire", 1, 5, year=2002), ""),
    ("TV/Season 2/03 - Name.mkv", show(None, 2, 3, "Name"), ""),
    ("TV/S01E05.mkv", show(None, 1, 5), ""),
    ("Show Season 2/03.mkv", show("Show", 2, 3), ""),
    ("Show.S02.1080p.WEB-DL-OURS/03.mkv", show("Show", 2, 3, screen_size="1080p", source="Web", release_group="OURS"), ""),
    ("Galaxy S21/01.mp4", {}, ""),
    ("24/Season 8/24 - 05.mkv", show("24", 8, 5), ""),
    ("Film (1999)/film.mkv", film("Film", 1999), ""),
    ("Heat (1995)/movie.mkv", film("Heat", 1995), ""),
    ("Heat (1995)/1080p.mkv", film("Heat", 1995, screen_size="1080p"), ""),
    ("Heat (1995)/Heat.mkv", film("Heat", 1995), ""),
    ("Heat (1995)/Heat - Director's Cut.mkv", film("Heat", 1995, edition="Director's Cut"), ""),
    ("Heat (1995)/Heat part 2.mkv", film("Heat", 1995, part=2), ""),
    ("Heat (1995)/CD2/movie.avi", film("Heat", 1995, part=2), ""),
    ("Heat (1995)/VIDEO_TS/VTS_01_1.VOB", film("Heat", 1995), ""),
    ("Blade Runner (1982)/blade.runner.1080p.mkv", film("Blade Runner", 1982, screen_size="1080p"), ""),
    ("1917 (2019)/1917.mkv", film("1917", 2019), ""),
    ("Heat.1995.1080p.BluRay.x264-OURS/ours-heat.mkv",
     film("Heat", 1995, screen_size="1080p", source="Blu-ray", release_group="OURS"), ""),
    ("Heat (1995)/Ronin (1998).mkv", film("Ronin", 1998), ""),
    ("Wedding (2019)/dance.mp4", {}, ""),
    ("Wedding (2019)/IMG_0001.mp4", {}, ""),
    ("Wedding (2019)/clip.mp4", {}, ""),
    ("Heat (1995)/00001.MTS", {}, ""),
]  # fmt: skip

NOTHING = """
Queen - Bohemian Rhapsody.mp4|Queen - Bohemian Rhapsody (Official Video).mp4|Blur - Song 2 (Lyric Video).mp4
a-ha - Take On Me (Official 4K Music Video) [1080p].mkv
Rammstein.-.Deutschland.(Official.Video).mp4|Prince - 1999.mkv|The Smashing Pumpkins - 1979.mkv|Taylor Swift - 22.mp4
Bowling for Soup - 1985 (Official Video).mp4|Jay-Z - 99 Problems.mp4|Daft Punk - Around the World [dQw4w9WgXcQ].webm
Music Videos/Adele/Adele - Hello.mkv
IMG_0001.MOV|IMG_1080.MOV|img_2015.mp4|MVI_1234.AVI|DSC_0042.MOV|DSCF1999.AVI|GOPR0123.MP4|GX010042.MP4|PXL_20210704_120001123.mp4
VID_20210704_120001.mp4|VID-20210704-WA0007.mp4|DJI_0001.MP4|00001.MTS|0001.mp4|C0001.MP4|MAH00012.MP4|P1010042.MOV|100_2021.MOV
CLIP0012.mp4|M2U00042.MPG|20210704_120001.mp4|2021-07-04 12.00.01.mov|WhatsApp Video 2021-07-04 at 10.11.12.mp4
Screen Recording 2021-07-04 at 10.11.12.mov|RPReplay_Final1625392801.mp4|8A6E0804-2BD0-4672-B79D-D97027F9071A.mov
clip.mp4|Clip 1080p.mp4|untitled.mp4|Untitled 1.mp4|video.mp4|Video 2.mp4|New Project.mp4|final v2.mp4|output.mkv|movie.mp4
holiday.mp4|Anna's birthday.mov|BMW E46 drift.mp4|Season's greetings.mp4|Showreel.mov|7.mp4|Meeting at 10.30.mp4
Season 1/IMG_0001.mp4|DCIM/100GOPRO/GOPR0001.MP4|AVCHD/BDMV/STREAM/00001.MTS
"""
SAY_NOTHING: list[Row] = [(name, {}, "") for line in NOTHING.split("\n") for name in line.split("|") if name]

ASKED: list[Row] = [  # guessit understands more of them than our patterns
    ("Heat.1995.1080p.Some.Word.x264-OURS.mkv", film("Heat", 1995, screen_size="1080p", release_group="OURS"), ""),
    ("www.site.com - Heat.1995.1080p.BluRay.mkv", film("Heat", 1995, screen_size="1080p", source="Blu-ray"), ""),
    ("Show.E05.720p.HDTV.mkv", show("Show", None, 5, screen_size="720p", source="HDTV"), ""),
    ("Show S01E02 Title [Some Words].mkv", show("Show", 1, 2, "Title", release_group="Some Words"), ""),
    ("Show.S01E01E02.Some [Words] 720p.mkv",
     show("Show", 1, 1, "Some", last_episode=2, screen_size="720p", release_group="Words"), ""),
    ("Show.S01E02.PREAIR.720p.WEBRip.mkv", show("Show", 1, 2, screen_size="720p", source="Web"), ""),
    ("Show - Season 2 of 5 - x264 [Some Words].mkv", show("Show", 2, None, release_group="Some Words"), ""),
    ("Brazil Criterion Edition (1985).mkv", film("Brazil", 1985, edition="Criterion"), ""),
    ("Heat.1995.Some.Word.mkv", film("Heat", 1995), ""),
    ("[Ours] 06 Mushishi (720p).mkv", show("Mushishi", None, 6, release_group="Ours", screen_size="720p"), ""),
    ("[Ours] Mushishi - 05 Some Words [1080p].mkv",
     show("Mushishi", None, 5, "Some Words", release_group="Ours", screen_size="1080p"), ""),
    ("The Daily Show 2021-03-04 [1080p] Some Word.mkv",
     show("The Daily Show", None, None, date="2021-03-04", screen_size="1080p", release_group="Some Word"), ""),
    ("Heat (1995) Trailer Some Words.mkv", film("Heat", 1995, extra="trailer", release_group="Some Words"), ""),
    ("Christmas (1999) at home.mp4", film("Christmas", 1999), ""),
    ("Room.104.1080p.WEB.Some.Word.x264-OURS.mkv",
     film("Room 104", screen_size="1080p", source="Web", release_group="OURS"), ""),
]  # fmt: skip

TABLE = [*FILMS, *NUMBERS, *SERIES, *ANIME, *ELSEWHERE, *DATED, *EXTRAS, *FOLDERS, *SAY_NOTHING, *ASKED]


@pytest.mark.parametrize(("path", "facts", "_why"), TABLE, ids=[row[0] for row in TABLE])
def test_what_a_path_says(path: str, facts: dict[str, object], _why: str) -> None:
    assert {one.field: one.value for one in understand(f"/media/library/{path}").said} == facts


def test_the_table_is_large_and_no_path_is_there_twice() -> None:
    assert len(TABLE) >= 150
    assert len({path for path, _, _ in TABLE}) == len(TABLE)
