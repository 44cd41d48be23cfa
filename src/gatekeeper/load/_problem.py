"""What lint finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.load._module import Statement


@dataclass(frozen=True, slots=True)
class Problem:
    """A construct that compiles and would keep a rule silent.

    Attributes:
        line: Where.
        message: What is wrong, one sentence.
        hint: What to write instead.
    """

    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a file may speak of.

    Attributes:
        pack: The pack it belongs to.
        rule: The rule, without pack; empty in a library.
        needs, reads, baseline: As the rule's METADATA declares.
        parameters: Schemas of the rule's parameters.
        library: Definitions of the pack's own library, by name.
    """

    pack: str
    rule: str = ""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    library: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
