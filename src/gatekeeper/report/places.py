"""Where a finding points to: a line of the user's own files, else the line of the gate that asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gatekeeper.report.inert import inert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.report.view import Answer, Finding

_LINE: Final = re.compile(r"(?P<path>[^:\n]+):(?P<line>[1-9]\d{0,8})(?::(?P<column>[1-9]\d{0,5}))?", re.ASCII)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST_PATH: Final = 1_000
_PATH_KINDS: Final = frozenset({"coverage", "static_analysis"})
"""Kinds whose terms may be paths of files in the repository."""

_ASKED: Final = {"approval": "approvals", "freeze": "freezes", "stage": "after", "revert": "revert"}
"""Which key of a stage asks for which family of requirements; rules are asked by ``rules``."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line in a file: a relative path with forward slashes, counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    @property
    def uri(self) -> str:
        """The path as a relative URI reference (RFC 3986, section 4.2)."""
        return quote(self.path, safe="/")


class Places:
    """Where in the gate's file each thing is asked.

    Args:
        known: ``(path, line)`` by ``slot.unit``, ``approvals``, ``freezes``, ``after``, ``rules`` or the id of a
            result; a key may have the stage before it, ``build:slot.unit``.
        stage: The stage decided on.
        gate_file: What to point to, at its first line, when nothing else is known.
    """

    def __init__(self, known: Mapping[str, tuple[str, int]] | None, stage: str, gate_file: str) -> None:
        self.known = known or {}
        self.stage = stage
        self.fallback = Place(gate_file)

    def of(self, answer: Answer, finding: Finding | None = None) -> Place:
        """The place of a finding."""
        own = _own(finding) if finding is not None else None
        return own or self.asked(answer.id)

    def asked(self, result_id: str) -> Place:
        """Where the gate asks for a result."""
        family = result_id.partition(".")[0]
        for key in (result_id, _ASKED.get(family, "rules"), "rules"):
            for name in (key, f"{self.stage}:{key}"):
                if name in self.known:
                    path, line = self.known[name]
                    return Place(path.replace("\\", "/"), max(line, 1))
        return self.fallback


def _own(finding: Finding) -> Place | None:
    for text in (finding.locator, finding.term):
        match = _LINE.fullmatch(text)
        if match and is_relative(match["path"]):
            return Place(_normal(match["path"]), int(match["line"]), int(match["column"] or 1))
    kind = finding.origin.kind if finding.origin else ""
    if kind in _PATH_KINDS and "/" in finding.term and is_relative(finding.term):
        return Place(_normal(finding.term))
    return None


def is_relative(path: str) -> bool:
    """Whether a path stays below the folder it is relative to, and is what it looks like."""
    normal = path.replace("\\", "/")
    parts = normal.split("/")
    return (
        0 < len(path) <= _LONGEST_PATH
        and not normal.startswith(("/", "~"))
        and not _SCHEME.match(normal)
        and ".." not in parts
        and inert(path) == path == path.strip()
        and any(part not in {"", "."} for part in parts)
    )


def _normal(path: str) -> str:
    return "/".join(part for part in path.replace("\\", "/").split("/") if part not in {"", "."})
