"""Real files from elsewhere: how many are read, and how far their facts agree with what ffprobe and exiftool say of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import agreement
import fidelity
from mediaforge.model import Facts

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MEDIA = CORPUS / "media"
READ, UNREADABLE = 575, 39

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here: no agreement is measured"),
]

# What a trusted tool makes something of and we do not; docs/formats.md says of each why.
THEIRS_ALONE = {
    "http-streaming/test/segments/mp4WebVttInit.mp4", "http-streaming/test/segments/webmVideo.webm",
    "mux.js/test/segments/test-webvtt-init.mp4", "pymediainfo/tests/data/mpeg4.mp4", "small/Mpeg4.mp4",
}  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> dict[Path, Facts | str]:
    return asyncio.run(fidelity.our_facts(fidelity.media_below(MEDIA)))


def test_so_many_files_are_read(facts: dict[Path, Facts | str]) -> None:
    broken = [path for path, found in facts.items() if isinstance(found, str)]
    assert (len(facts) - len(broken), len(broken)) == (READ, UNREADABLE)


def test_facts_agree_with_trusted_tools(facts: dict[Path, Facts | str]) -> None:
    ffprobe, exiftool = fidelity.stored_answers(MEDIA, CORPUS / "truth")
    fields = fidelity.by_field(fidelity.compare(MEDIA, facts, ffprobe, exiftool))
    least = fidelity.least_for(fidelity.STORED_FFPROBE)
    print(*fidelity.report(fields, least, brief=False), sep="\n")
    assert fields.keys() == least.keys() - {"rotation"}  # no film of the corpus is turned
    assert {field: agreement.share(rows) for field, rows in fields.items() if agreement.share(rows) < least[field]} == {}


def test_every_single_judgement_still_has_its_file(facts: dict[Path, Facts | str]) -> None:
    rows = list(fidelity.compare(MEDIA, facts, *fidelity.stored_answers(MEDIA, CORPUS / "truth")))
    judged = {(row.field, row.why) for row in rows if row.verdict == "ours is right"}
    assert {(field, why) for field, _, why in agreement.JUDGED} <= judged


def test_what_trusted_tools_alone_read(facts: dict[Path, Facts | str]) -> None:
    ffprobe, exiftool = fidelity.stored_answers(MEDIA, CORPUS / "truth")
    unread = [path for path, found in facts.items() if isinstance(found, str)]
    assert {str(path.relative_to(MEDIA)) for path in unread if fidelity.read_by_them(path, ffprobe, exiftool)} == THEIRS_ALONE
