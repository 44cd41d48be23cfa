"""One change of a text, and what is put in the place of what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPARISONS: Final[Mapping[str, tuple[str, ...]]] = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
ARITHMETIC: Final[Mapping[str, str]] = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&"}
BUILTINS: Final[Mapping[str, str]] = {
    "ceil": "floor",
    "endswith": "startswith",
    "floor": "ceil",
    "intersection": "union",
    "lower": "upper",
    "max": "min",
    "min": "max",
    "startswith": "endswith",
    "union": "intersection",
    "upper": "lower",
}
_SHOWN: Final = 160
_BETWEEN: Final = " \t\n;,"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One stretch of text put in the place of another.

    Attributes:
        start, end: What is replaced, in characters.
        text: What stands there then.
        operator: What kind of fault it is.
    """

    start: int
    end: int
    operator: str
    text: str

    def applied(self, text: str) -> str:
        """The text with the change."""
        return text[: self.start] + self.text + text[self.end :]

    def place(self, text: str) -> int:
        """Where it begins for a reader: at the first word, and not at the comma before it."""
        replaced = text[self.start : self.end]
        return self.start + len(replaced) - len(replaced.lstrip(_BETWEEN))

    def label(self, text: str) -> str:
        """What is done, in a line: ``comparison: < -> <=``."""
        before, after = (_short(part) for part in (text[self.start : self.end], self.text))
        if self.operator == "removed":
            return f"removed: {before.strip(_BETWEEN)}"
        return f"{self.operator}: {before} -> {after}" if before else f"{self.operator}: {after}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is needed to know of the rule's input.

    Attributes:
        neighbours: For a word of an enumeration another one of it.
        parameters: Names of parameters by type.
    """

    neighbours: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
