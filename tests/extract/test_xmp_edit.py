# ruff: noqa: E501 - packets stand as they are written
"""XMP, written: what is ours is set, and every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaforge.errors import ExtractError
from mediaforge.extract.xmp import properties
from mediaforge.extract.xmp_edit import RDF, Property, edited

DC, XMP, LR, EXIF = (
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/xap/1.0/",
    "http://ns.adobe.com/lightroom/1.0/",
    "http://ns.adobe.com/exif/1.0/",
)
TITLE, SUBJECT, RATING = (DC, "title"), (DC, "subject"), (XMP, "Rating")


def packet(*descriptions: str) -> bytes:
    body = "".join(f"\n  {one}" for one in descriptions)
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n <rdf:RDF xmlns:rdf="{RDF}">{body}\n </rdf:RDF>\n</x:xmpmeta>\n'.encode()


def about(content: str, attributes: str = "") -> str:
    spaces = f'xmlns:dc="{DC}" xmlns:xmp="{XMP}" xmlns:q="urn:q"'
    return f'<rdf:Description rdf:about="" {spaces}{attributes}>{content}</rdf:Description>'


def test_a_new_packet() -> None:
    wanted = [
        Property(TITLE, ("A & <b>\r\n\x00two",), "Alt"),
        Property(SUBJECT, ("Rome", "sea"), "Bag"),
        Property((LR, "hierarchicalSubject"), ("travel|Rome",), "Bag"),
        Property(RATING, ("4",)),
        Property((DC, "creator"), (), "Seq"),
    ]
    made = edited(None, wanted)
    assert properties(made) == {
        "dc:title": ["A & <b>\ntwo"],
        "dc:subject": ["Rome", "sea"],
        "lr:hierarchicalSubject": ["travel|Rome"],
        "xmp:Rating": ["4"],
    }
    assert made.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert made.endswith(b'<?xpacket end="w"?>\n')
    assert edited(made, wanted) is made


# What stands there, what it is to be, and what then stands there; the rest is not touched by a byte.
CASES: dict[str, tuple[bytes, list[Property], bytes]] = {
    "an attribute": (
        packet(about("", ' xmp:Rating="2" q:a="x &gt; y&#10;z"')),
        [Property(RATING, ("4",))],
        packet(about("", ' xmp:Rating="4" q:a="x &gt; y&#10;z"')),
    ),
    "an attribute in other quotes": (
        packet(about("", " xmp:Rating = '2'")),
        [Property(RATING, ('"<&',))],
        packet(about("", " xmp:Rating='\"&lt;&amp;'")),
    ),
    "an element": (
        packet(about("<xmp:Rating>2</xmp:Rating><!-- stays --><q:a><?stays?></q:a>")),
        [Property(RATING, ("4",))],
        packet(about("<xmp:Rating>4</xmp:Rating><!-- stays --><q:a><?stays?></q:a>")),
    ),
    "a list becomes another": (
        packet(about("<dc:subject><rdf:Bag><rdf:li>old</rdf:li></rdf:Bag></dc:subject>")),
        [Property(SUBJECT, ("new",), "Bag")],
        packet(about("<dc:subject>\n <rdf:Bag>\n  <rdf:li>new</rdf:li>\n </rdf:Bag>\n</dc:subject>")),
    ),
    "a list in another order is the same": (
        packet(about("<dc:subject><rdf:Bag><rdf:li>b</rdf:li><rdf:li>a</rdf:li></rdf:Bag></dc:subject>")),
        [Property(SUBJECT, ("a", "b"), "Bag")],
        packet(about("<dc:subject><rdf:Bag><rdf:li>b</rdf:li><rdf:li>a</rdf:li></rdf:Bag></dc:subject>")),
    ),
    "what is allowed in a list stays": (
        packet(about("<dc:subject><rdf:Bag><rdf:li>travel</rdf:li><rdf:li>Rome</rdf:li></rdf:Bag></dc:subject>")),
        [Property(SUBJECT, ("Rome",), "Bag", allowed=frozenset({"travel", "Rome"}))],
        packet(about("<dc:subject><rdf:Bag><rdf:li>travel</rdf:li><rdf:li>Rome</rdf:li></rdf:Bag></dc:subject>")),
    ),
    "other languages stay": (
        packet(about('<dc:title><rdf:Alt><rdf:li xml:lang="fr">Titre</rdf:li><rdf:li xml:lang="x-default">Old</rdf:li></rdf:Alt></dc:title>')),
        [Property(TITLE, ("New",), "Alt")],
        packet(about('<dc:title><rdf:Alt><rdf:li xml:lang="fr">Titre</rdf:li><rdf:li xml:lang="x-default">New</rdf:li></rdf:Alt></dc:title>')),
    ),
    "an empty entry": (
        packet(about('<dc:title><rdf:Alt><rdf:li xml:lang="x-default"/></rdf:Alt></dc:title>')),
        [Property(TITLE, ("New",), "Alt")],
        packet(about('<dc:title><rdf:Alt><rdf:li xml:lang="x-default">New</rdf:li></rdf:Alt></dc:title>')),
    ),
    "a title that is no list": (
        packet(about("<dc:title>Old</dc:title>")),
        [Property(TITLE, ("Old",), "Alt")],
        packet(about("<dc:title>Old</dc:title>")),
    ),
    "twice is once": (
        packet(about("<xmp:Rating>4</xmp:Rating>\n  <xmp:Rating>4</xmp:Rating>"), about("", ' xmp:Rating="4"')),
        [Property(RATING, ("4",))],
        packet(about("<xmp:Rating>4</xmp:Rating>"), about("")),
    ),
    "nothing is to be there": (
        packet(about("\n   <dc:subject><rdf:Bag/></dc:subject>\n   <q:a/>\n  ", ' xmp:Rating="4"')),
        [Property(RATING, ()), Property(SUBJECT, (), "Bag")],
        packet(about("\n   <q:a/>\n  ")),
    ),
    "a copy is not added": (packet(about("")), [Property(RATING, ("4",), only_known=True)], packet(about(""))),
    "an attribute that is to be a list": (
        packet(about("<q:a/>", ' dc:subject="old"')),
        [Property(SUBJECT, ("new",), "Bag")],
        packet(about("<q:a/> <dc:subject>  <rdf:Bag>   <rdf:li>new</rdf:li>  </rdf:Bag> </dc:subject>".replace(" <dc", "\n<dc").replace("  <rdf:B", "\n <rdf:B").replace("   <rdf:li", "\n  <rdf:li").replace("  </rdf:B", "\n </rdf:B").replace(" </dc", "\n</dc"))),
    ),
    "a description without a content": (
        packet(f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Label="a>b"/>'),
        [Property(RATING, ("4",))],
        packet(f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Label="a>b">\n   <xmp:Rating>4</xmp:Rating>\n  </rdf:Description>'),
    ),
    "another prefix": (
        packet(f'<rdf:Description rdf:about="" xmlns:z="{XMP}"><z:Rating>1</z:Rating></rdf:Description>'),
        [Property(RATING, ("4",))],
        packet(f'<rdf:Description rdf:about="" xmlns:z="{XMP}"><z:Rating>4</z:Rating></rdf:Description>'),
    ),
    "a prefix that means something else": (
        packet('<rdf:Description rdf:about="" xmlns:xmp="urn:mine"><xmp:Rating>mine</xmp:Rating></rdf:Description>'),
        [Property(RATING, ("4",))],
        packet(
            '<rdf:Description rdf:about="" xmlns:xmp="urn:mine"><xmp:Rating>mine</xmp:Rating>'
            f'\n<xmp:Rating xmlns:xmp="{XMP}">4</xmp:Rating></rdf:Description>'
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_meant_changes(name: str) -> None:
    before, wanted, after = CASES[name]
    assert edited(before, wanted).decode() == after.decode()
    assert edited(after, wanted) == after


def test_a_packet_without_a_description() -> None:
    for before in (packet(), f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode(), f'<RDF xmlns="{RDF}"></RDF>'.encode()):
        after = edited(before, [Property(TITLE, ("New",), "Alt")])
        assert properties(after) == {"dc:title": ["New"]}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not XML: no element found"),
        (b"\xff\xd8\xff\xe0JFIF", "is not written in utf-8, as it should be"),
        (b"just text", "is not XML: syntax error"),
        (packet(about(""))[:-25], "is not XML: no element found"),
        (b"<a><b></a>", "is not XML: mismatched tag"),
        (b"<gpx><wpt/></gpx>", "is XML, but no XMP"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "is not written in klingon, as it should be"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + packet(about("")), "declares a document type, which is refused"),
        (packet(about("&unknown;")), "is not XML: undefined entity"),
    ],
)
def test_what_is_no_xmp_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ExtractError, match=f"^{why}$"):
        edited(data, [Property(RATING, ("4",))])


@pytest.mark.parametrize(
    ("encoding", "declared"), [("utf-16", "UTF-16"), ("utf-8-sig", "UTF-8"), ("latin-1", "ISO-8859-1"), ("utf-8", "utf-8")]
)
def test_any_encoding_that_is_told(encoding: str, declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + packet(about("<q:a>é</q:a>")).decode()
    after = edited(text.encode(encoding), [Property(TITLE, ("東",), "Alt")])
    assert properties(after)["dc:title"] == ["東"]
    assert "<q:a>é</q:a>".encode() in after


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=8)
_SAFE = _TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"))
_UNKNOWN = st.sampled_from(
    ["<q:{n}>{t}</q:{n}>", "<!--{n}-->", "<?{n} x?>", "<q:{n}><![CDATA[<&>]]></q:{n}>", "<q:{n} q:x='{n}'/>", "\n   "]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.builds(lambda form, text, n: form.format(n=f"n{n}", t=text), _UNKNOWN, _SAFE, st.integers(0, 9)), max_size=5),
    st.lists(_SAFE, max_size=3),
    st.lists(_TEXT.filter(str.strip), min_size=1, max_size=3, unique_by=str.strip),
    st.booleans(),
)
def test_what_was_added_can_be_taken_away(content: list[str], attributes: list[str], values: list[str], empty: bool) -> None:
    """… and nothing else was touched meanwhile."""
    own = "".join(f' q:b{at}="{text}"' for at, text in enumerate(attributes))
    inside = about("" if empty else "".join(content) + "<q:last/>", own)
    before = packet(inside) + b"   \n   <?xpacket end='w'?>"
    wanted = [Property(SUBJECT, tuple(values), "Bag"), Property(TITLE, (values[0],), "Alt"), Property(RATING, ("4",))]
    after = edited(before, wanted)
    assert properties(after)["dc:subject"] == [value.strip() for value in values]
    assert edited(after, wanted) is after
    again = edited(after, [Property(one.name, (), one.shape) for one in wanted])
    assert again == before
