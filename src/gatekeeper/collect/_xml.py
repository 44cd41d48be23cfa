"""Strict XML in: no entities, nothing external, no declarations of its own, named limits, and places as XPath."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from gatekeeper._limits import MAX_ATTRIBUTES, MAX_DOCUMENT_BYTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODINGS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1"})
"""Encodings that are read, as an XML declaration names them. Real reports use these; every other one is a way for
two readers to see two documents."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_DECLARED: Final = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
# Possessive, so that a document made of half-open comments costs one pass.
_ROOT: Final = re.compile(
    rb"(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?+>)*+<(?:[^\s/<>:!?]++:)?+([^\s/<>:!?]++)",
    re.DOTALL,
)
_LITERAL: Final = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_OTHER_ENTITY: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


def root_name(head: bytes) -> str:
    """The local name of the root element, from a document's first bytes; empty when they hold none."""
    match = _ROOT.match(head)
    return match[1].decode("utf-8", "replace") if match else ""


def parse(data: bytes, *, where: str = "") -> Element:
    """Read one XML document (XML 1.0), strictly.

    A DOCTYPE that only names a DTD is passed over, as Cobertura and JaCoCo write one, and the DTD is never looked
    for. A DOCTYPE with declarations of its own is refused whole: entities and defaults of attributes let one
    document say different things to different readers.

    Args:
        data: The document, in one of :data:`ENCODINGS`; UTF-8 with or without a byte order mark.
        where: What to call the document in errors, such as its file name.

    Returns:
        The root element. Names in a namespace are written ``{uri}name``.

    Raises:
        LimitError: Larger or deeper than a limit, or an element with too many attributes.
        MalformedError: Not well-formed, or more than plain elements; ``where`` has the line and column.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise LimitError(f"{len(data)} bytes, at most {MAX_DOCUMENT_BYTES} are read", where=where, code="xml.size")
    _check_encoding(data, where)
    root = _feed(data, where)
    if b"<!DOCTYPE" in data:
        _check_references(data, where)
    return root


def local_name(tag: str) -> str:
    """The name of a tag without its namespace."""
    return tag.rpartition("}")[2]


def children(element: Element, place: str) -> Iterator[tuple[Element, str]]:
    """The children of an element that is at ``place``, each with its XPath, such as ``/testsuites/testsuite[2]``.

    Names in the path are local names, and positions count the siblings of one name.
    """
    positions: dict[str, int] = {}
    for child in element:
        name = local_name(child.tag)
        position = positions[name] = positions.get(name, 0) + 1
        yield child, f"{place}/{name}[{position}]"


def _check_encoding(data: bytes, where: str) -> None:
    hint = "write UTF-8"
    if data.startswith(_UTF_16):
        raise MalformedError("UTF-16 is not read", where=where, hint=hint, code="xml.encoding")
    match = _DECLARED.match(data.removeprefix(_BOM)[:1_000])
    declared = match[1].decode("ascii", "replace").lower() if match else "utf-8"
    if declared not in ENCODINGS:
        raise MalformedError(f"the encoding {declared!r} is not read", where=where, hint=hint, code="xml.encoding")
    if data.startswith(_BOM) and declared not in {"utf-8", "utf8"}:
        raise MalformedError(
            f"a byte order mark of UTF-8, and it says {declared!r}", where=where, hint=hint, code="xml.encoding"
        )


def _feed(data: bytes, where: str) -> Element:
    from defusedxml.ElementTree import DefusedXMLParser

    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    expat = parser.parser
    expat.StartDoctypeDeclHandler = _refuse_declarations
    try:
        parser.feed(data)
        root: Element = parser.close()
    except ParseError as cause:
        line, column = cause.position
        message = str(cause).rpartition(":")[0]
        raise MalformedError(f"not XML: {message}", where=_at(where, line, column), code="xml.syntax") from cause
    except MalformedError as problem:
        place = _at(where, expat.CurrentLineNumber, expat.CurrentColumnNumber)
        raise type(problem)(problem.message, where=place, hint=problem.hint, code=problem.code) from problem
    except (ValueError, LookupError) as cause:  # pragma: no cover - entities and odd encodings are refused before
        raise MalformedError(f"not XML: {cause}", where=where, code="xml.syntax") from cause
    return root


def _refuse_declarations(_name: str, _system: str | None, _public: str | None, has_internal: int) -> None:
    if has_internal:
        raise MalformedError(
            "the DOCTYPE has declarations of its own", hint="write the report without them", code="xml.doctype"
        )


def _check_references(data: bytes, where: str) -> None:
    # With a DTD named, expat passes over an undeclared entity in an attribute in silence (XML 1.0, section 4.1, WFC:
    # Entity Declared): half of a name would be gone.
    match = _OTHER_ENTITY.search(_LITERAL.sub(b"", data))
    if match:
        raise MalformedError("an entity that is not declared", where=where, code="xml.entity")


def _at(where: str, line: int, column: int) -> str:
    place = f"line {line} column {column + 1}"
    return f"{where}: {place}" if where else place


class _Builder(TreeBuilder):
    """Builds the tree and stops at the limits while the document is read, not afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_XML_DEPTH:
            raise LimitError(f"nested deeper than {MAX_XML_DEPTH}", code="xml.depth")
        if self._elements > MAX_XML_ELEMENTS:
            raise LimitError(f"more than {MAX_XML_ELEMENTS} elements", code="xml.elements")
        if len(attrs) > MAX_ATTRIBUTES:
            raise LimitError(f"more than {MAX_ATTRIBUTES} attributes", code="xml.attributes")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
