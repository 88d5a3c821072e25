"""Languages by their codes and English names, as people, containers and file names have them."""

from __future__ import annotations

from collections.abc import Mapping

# ISO 639: two letters, three letters (terminological and bibliographic), English name; the languages that films and discs have.
_LANGUAGES = """
af afr afrikaans|ar ara arabic|be bel belarusian|bg bul bulgarian|bn ben bengali|bs bos bosnian|ca cat catalan|cs ces cze czech
cy cym wel welsh|da dan danish|de deu ger german|el ell gre greek|en eng english|eo epo esperanto|es spa spanish|et est estonian
eu eus baq basque|fa fas per persian|fi fin finnish|fr fra fre french|ga gle irish|gl glg galician|he heb hebrew|hi hin hindi
hr hrv croatian|hu hun hungarian|hy hye arm armenian|id ind indonesian|is isl ice icelandic|it ita italian|ja jpn japanese
ka kat geo georgian|kk kaz kazakh|km khm khmer|kn kan kannada|ko kor korean|la lat latin|lt lit lithuanian|lv lav latvian
mk mkd mac macedonian|ml mal malayalam|mn mon mongolian|mr mar marathi|ms msa may malay|my mya bur burmese|nb nob
nl nld dut dutch
nn nno|no nor norwegian|pa pan punjabi|pl pol polish|pt por portuguese|ro ron rum romanian|ru rus russian|sk slk slo slovak
sl slv slovenian|sq sqi alb albanian|sr srp serbian|sv swe swedish|sw swa swahili|ta tam tamil|te tel telugu|th tha thai
tl tgl tagalog|tr tur turkish|uk ukr ukrainian|ur urd urdu|uz uzb uzbek|vi vie vietnamese|zh zho chi chinese
"""
SAME_LANGUAGE: Mapping[str, tuple[str, ...]] = {
    code: tuple(group.split()) for group in _LANGUAGES.strip().replace("\n", "|").split("|") for code in group.split()
}
"""Each code and English name, to all those of the same language, the shortest code first."""
