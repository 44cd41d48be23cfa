"""What a collector is given, and what it makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from gatekeeper import _json
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.errors import LimitError
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Collector", "Reading", "Report"]

_BETWEEN: Final = re.compile(rb"(?<=\})[ \t\r]*\n\s*(?=\{)")
"""Between two objects of a stream. In one document a comma would be there: strings hold no line ends."""


@dataclass(frozen=True)
class Report:
    """A producer's report as received; parsed at most once, whoever asks.

    Attributes:
        data: The bytes.
        name: Its file name, for people and errors; never used to tell what it is.
    """

    data: bytes
    name: str = ""

    @cached_property
    def head(self) -> bytes:
        """The first bytes without leading blanks and byte order mark: enough to rule most formats out."""
        return self.data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()

    @property
    def looks_like_json(self) -> bool:
        """It starts like a JSON array or object."""
        return self.head[:1] in (b"{", b"[")

    @cached_property
    def is_stream(self) -> bool:
        """It is JSON lines, or objects one after the other, as build tools write while they work."""
        return self.head[:1] == b"{" and _BETWEEN.search(self.data) is not None

    @property
    def looks_like_xml(self) -> bool:
        """It starts like an XML document."""
        return self.head[:1] == b"<"

    @cached_property
    def json(self) -> Any:
        """The report as strictly parsed JSON; MalformedError if it is none."""
        return _json.parse(self.data, where=self.name, wide=True)

    @cached_property
    def documents(self) -> tuple[tuple[Any, int], ...]:
        """The objects of a stream, each strictly parsed, with the line it begins in; one for a single document.

        MalformedError where one cannot be read or anything else stands between them, and for a last one that is cut.
        """
        found: list[tuple[Any, int]] = []
        start, line = 0, 1
        for end in (*(match.end() for match in _BETWEEN.finditer(self.data)), len(self.data)):
            if len(found) == MAX_ITEMS:
                raise LimitError(f"more than {MAX_ITEMS} objects", where=self.name, code="report.items")
            where = f"{self.name}: from line {line}" if self.is_stream else self.name
            found.append((_json.parse(self.data[start:end], where=where, wide=True), line))
            line += self.data.count(b"\n", start, end)
            start = end
        return tuple(found)

    @cached_property
    def toml(self) -> dict[str, Any]:
        """The report as strictly parsed TOML; MalformedError if it is none."""
        from gatekeeper.collect import _toml

        return _toml.parse(self.data, where=self.name)

    @cached_property
    def xml(self) -> Element:
        """The root element of the report, strictly parsed; MalformedError if it is no such XML."""
        from gatekeeper.collect import _xml

        return _xml.parse(self.data, where=self.name)


class Collector(Protocol):
    """Reads one format. Third parties register theirs in the entry-point group ``gatekeeper.collectors``."""

    @property
    def format(self) -> str:
        """The format's name, unique."""

    @property
    def kind(self) -> str:
        """The kind of evidence it makes."""

    def matches(self, report: Report) -> bool:
        """Whether the content is of this format. Never raises; cheap for other formats."""

    def read(self, report: Report) -> Reading:
        """Read the report whole.

        Raises:
            MalformedError: It is of this format and cannot be read; ``where`` has the place.
        """
