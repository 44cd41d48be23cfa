"""Strict XML: what is read, what is refused, and where it says the problem is."""

from __future__ import annotations

import pytest

from gatekeeper._limits import MAX_ATTRIBUTES, MAX_XML_DEPTH
from gatekeeper.collect import _xml
from gatekeeper.errors import LimitError, MalformedError

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE testsuites [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
 <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<testsuites><testsuite><testcase name="&lol2;"/></testsuite></testsuites>"""

COBERTURA = b'<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'

REFUSED = [
    (BILLION_LAUGHS, "xml.doctype", "r.xml: line 2 column 22"),
    (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.doctype", "r.xml: line 1 column 13"),
    (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://h/x"> %x;]><a/>', "xml.doctype", "r.xml: line 1 column 13"),
    (b'<!DOCTYPE a [<!ATTLIST a hits CDATA "1">]><a/>', "xml.doctype", "r.xml: line 1 column 13"),
    (COBERTURA + b"<a>&x;</a>", "xml.syntax", "r.xml: line 1 column 85"),
    (COBERTURA + b'<a name="&x;"/>', "xml.entity", "r.xml"),
    (COBERTURA + b'<!--<a name="--><a name="&x;"/>', "xml.entity", "r.xml"),
    (b"<a>&x;</a>", "xml.syntax", "r.xml: line 1 column 4"),
    (b"<a><b></a>", "xml.syntax", "r.xml: line 1 column 9"),
    (b"<a/>\n<b/>", "xml.syntax", "r.xml: line 2 column 1"),
    (b"<a>", "xml.syntax", "r.xml: line 1 column 4"),
    (b"", "xml.syntax", "r.xml: line 1 column 1"),
    (b"<a>\0</a>", "xml.syntax", "r.xml: line 1 column 4"),
    (b"<a>&#0;</a>", "xml.syntax", "r.xml: line 1 column 4"),
    (b"<a>\xff</a>", "xml.syntax", "r.xml: line 1 column 4"),
    (b"<x:a/>", "xml.syntax", "r.xml: line 1 column 1"),
    (b'<a b="1" b="2"/>', "xml.syntax", "r.xml: line 1 column 10"),
    ("<a/>".encode("utf-16"), "xml.encoding", "r.xml"),
    ("<a/>".encode("utf-16-le"), "xml.encoding", "r.xml"),
    ("<a/>".encode("utf-16-be"), "xml.encoding", "r.xml"),
    (b'<?xml version="1.0" encoding="utf-7"?><a>+ADw-</a>', "xml.encoding", "r.xml"),
    (b'<?xml version="1.0" encoding="windows-1252"?><a/>', "xml.encoding", "r.xml"),
    (b'<?xml version="1.0" encoding="base64"?><a/>', "xml.encoding", "r.xml"),
    (b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?><a>\xc3\xa9</a>', "xml.encoding", "r.xml"),
    (b"<a>" * 100_000 + b"</a>" * 100_000, "xml.depth", f"r.xml: line 1 column {3 * MAX_XML_DEPTH + 4}"),
    (
        b"<a " + b" ".join(b'a%d=""' % n for n in range(MAX_ATTRIBUTES + 1)) + b"/>",
        "xml.attributes",
        "r.xml: line 1 column 7904",
    ),
]


@pytest.mark.parametrize(("data", "code", "where"), REFUSED)
def test_refuses_whatever_two_readers_would_read_differently(data: bytes, code: str, where: str) -> None:
    with pytest.raises(MalformedError) as refused:
        _xml.parse(data, where="r.xml")

    assert (refused.value.code, refused.value.where) == (code, where)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<a>\xc3\xa9</a>", "é"),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "é"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xc3\xa9</a>', "é"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "é"),
        (b"<?xml version='1.0' encoding='US-ASCII'?><a>&#233;</a>", "é"),
        (COBERTURA + b"<a>&lt;&#233;&amp;&#xe9;</a>", "<é&é"),
        (COBERTURA + b"<!-- &x; --><a><![CDATA[&x;]]></a>", "&x;"),
        (b"<?xml version='1.0'?>\n<!-- a --><?p q?><a>t</a><!-- b -->", "t"),
    ],
)
def test_reads_what_real_reports_are_written_in(data: bytes, text: str) -> None:
    assert _xml.parse(data).text == text


def test_the_deepest_document_is_read_and_the_next_is_not() -> None:
    deepest = b"<a>" * MAX_XML_DEPTH + b"</a>" * MAX_XML_DEPTH

    assert _xml.parse(deepest).tag == "a"
    with pytest.raises(LimitError):
        _xml.parse(b"<a>" + deepest + b"</a>")


def test_the_largest_document_is_read_and_the_next_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    document = b"<a><b/><b/></a>"
    monkeypatch.setattr(_xml, "MAX_DOCUMENT_BYTES", len(document))
    monkeypatch.setattr(_xml, "MAX_XML_ELEMENTS", 3)

    assert len(_xml.parse(document)) == 2
    with pytest.raises(LimitError) as size:
        _xml.parse(document + b" ")
    monkeypatch.setattr(_xml, "MAX_XML_ELEMENTS", 2)
    with pytest.raises(LimitError) as elements:
        _xml.parse(document)
    assert (size.value.code, elements.value.code) == ("xml.size", "xml.elements")


def test_a_dtd_is_never_looked_for(tmp_path: object) -> None:
    named = f'<!DOCTYPE a SYSTEM "file://{tmp_path}/none.dtd"><a/>'.encode()

    assert _xml.parse(named).tag == "a"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<testsuites>", "testsuites"),
        (b"<?xml version='1.0'?>\n<!-- <suite> -->\n<testsuite name='x'/>", "testsuite"),
        (COBERTURA + b"\n<coverage line-rate='1'>", "coverage"),
        (b'<!DOCTYPE report PUBLIC "-//JACOCO" "report.dtd"><report>', "report"),
        (BILLION_LAUGHS, "testsuites"),
        (b"<n:report xmlns:n='u'>", "report"),
        (b"<!-- never closed", ""),
        (b"text", ""),
        (b"", ""),
        (b"<!--" * 20_000, ""),
        (b"<?a?>" * 13_000, ""),
        (b"<!DOCTYPE a [" * 5_000, ""),
    ],
)
def test_the_name_of_the_root_is_found_in_the_first_bytes(head: bytes, name: str) -> None:
    assert _xml.root_name(head) == name


def test_places_are_paths_that_find_the_element_again() -> None:
    root = _xml.parse(b"<r><s><t/></s><s><t/><u/><t id='x'/></s></r>")
    found = [
        (leaf, place)
        for suite, outer in _xml.children(root, "/r")
        for leaf, place in _xml.children(suite, outer)
        if leaf.get("id")
    ]

    (leaf, place) = found[0]
    assert place == "/r/s[2]/t[2]"
    assert root.find("." + place.removeprefix("/r")) is leaf
