"""A Rego file as text and as OPA's own syntax tree, and where each node of the tree stands in the text."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.engine.process import Deadline, Folder, Process
from gatekeeper.errors import EngineError, PolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.engine.find import OpaBinary

Node = dict[str, Any]
Span = tuple[int, int]
"""First character and the one after the last."""

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file.

    Attributes:
        text: All of it.
        starts: Where each line begins.
    """

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Source:
        """A text, its lines counted."""
        return cls(text, (0, *accumulate(len(line) for line in text.splitlines(keepends=True))))

    def offset(self, row: int, column: int) -> int:
        """The character at a row and column, both from 1; columns are characters and not bytes."""
        return self.starts[row - 1] + column - 1

    def row(self, offset: int) -> int:
        """The row of a character, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def line(self, offset: int) -> str:
        """The line of a character, without the space around it."""
        return self.text.splitlines()[self.row(offset) - 1].strip()

    def span(self, node: Any) -> Span | None:
        """Where a node stands; None where OPA gives no place, or one where the text is another."""
        place = node.get("location") if isinstance(node, dict) else None
        if not place or not place.get("text"):
            return None
        start = self.offset(place["row"], place["col"])
        written = base64.b64decode(place["text"]).decode()
        if node.get("type") == "number":
            found = _NUMBER.match(self.text, start)
            return found.span() if found else None
        return (start, start + len(written)) if self.text.startswith(written, start) else None


def parse(texts: Mapping[str, str], binary: OpaBinary, clock: Deadline) -> dict[str, Node]:
    """OPA's syntax tree of each text, with locations.

    Raises:
        PolicyError: A text is no Rego.
        EngineError: OPA could not be run, or gave no tree.
    """
    folder = Folder()
    try:
        folder.write({f"{index}.rego": text.encode() for index, text in enumerate(texts.values())})
        return {path: _parse(path, index, binary, folder, clock) for index, path in enumerate(texts)}
    finally:
        folder.close()


def _parse(path: str, index: int, binary: OpaBinary, folder: Folder, clock: Deadline) -> Node:
    arguments = ["parse", f"{index}.rego", "--format", "json", "--json-include", "locations,-comments"]
    outcome = Process([str(binary.path), *arguments], folder=folder).communicate([], clock)
    if outcome.status:
        said = outcome.stderr.decode(errors="replace").strip().splitlines()
        raise PolicyError(said[-1] if said else "it does not parse", where=path, code="policy.load")
    tree = _json.parse(outcome.stdout, where="opa parse", wide=True)
    if not isinstance(tree, dict):
        raise EngineError("OPA gave no syntax tree", code="engine.answer")
    return tree
