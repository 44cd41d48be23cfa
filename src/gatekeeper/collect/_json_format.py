"""A collector of a JSON format: a question and a reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.collect.reading import Reading, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFormat:
    """A collector (:class:`gatekeeper.collect.reading.Collector`) of one JSON format.

    Attributes:
        format: The format's name.
        kind: The kind of evidence.
        recognise: Whether a parsed document is of this format; never raises.
        reader: Reads such a document; the places in its errors are JSON pointers.
    """

    format: str
    kind: str
    recognise: Callable[[Any], bool]
    reader: Callable[[Any], Reading]

    def matches(self, report: Report) -> bool:
        """Whether the content is of this format."""
        if not report.looks_like_json:
            return False
        try:
            return self.recognise(report.json)
        except MalformedError:
            return False

    def read(self, report: Report) -> Reading:
        """Read the report whole.

        Raises:
            MalformedError: It cannot be read; ``where`` has the JSON pointer.
        """
        return self.reader(report.json)
