"""Rules as values: what they ask, what they need, what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

BASELINE: Final = "baseline"
"""The member of ``input`` with the documents of the release before, by kind."""

Direction = Literal["up", "down", "subset", "superset"]
OnFail = Literal["hold", "roll_back"]
"""What the failure of a rule asks of a canary: no further step, or the way back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a rule.

    Attributes:
        schema: Its JSON Schema: type, bounds, enum.
        default: The value where a gate sets none; a parameter without default has to be set.
        tighten: Which way is stricter.
    """

    schema: Mapping[str, Any]
    default: Any = None
    tighten: Direction | None = None

    @property
    def has_default(self) -> bool:
        """A gate may leave it out."""
        return self.default is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One question about facts, as its file and METADATA state it.

    Attributes:
        id: ``<pack>.<rule>``.
        path: Path below the folder of packs, with forward slashes: ``coverage/lines/lines.rego``.
        text: The Rego text.
        title, description, severity, remedy, controls: For explanations and pages.
        needs: Fact paths by kind (``findings.score``): the rule's input type. Each is there, or the rule is unanswered.
        reads: Fact paths by kind that may be absent. Lint sees to it that the rule denies, or says so, where they are.
        baseline: Fact paths by kind of the release before, read as ``input.baseline.<kind>``. Each is there, or the
            rule is unanswered.
        parameters: Parameters by name.
        effective_on: Warns before 00:00 UTC of that day, denies from then on.
        ages: Parameter that bounds the age of a time fact, by path ``kind.fact``.
        waivable: Whether a waiver may cover its violations.
        on_fail: What its failure asks of a canary; what is unanswered never asks for a rollback.
        answers: Which of ``deny`` and ``warn`` it defines; ``deny`` always.
    """

    id: str
    path: str
    text: str
    title: str
    description: str
    remedy: str
    needs: Mapping[str, tuple[str, ...]]
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    severity: str = ""
    controls: tuple[str, ...] = ()
    effective_on: date | None = None
    ages: Mapping[str, str] = field(default_factory=dict)
    waivable: bool = True
    on_fail: OnFail = "hold"
    answers: tuple[Literal["deny", "warn"], ...] = ("deny",)

    @property
    def pack(self) -> str:
        """The pack it belongs to."""
        return self.id.partition(".")[0]

    @property
    def package(self) -> str:
        """Its Rego package."""
        return f"gatekeeper.{self.id}"

    def as_json(self) -> dict[str, Any]:
        """The rule as the record keeps it."""
        plain = ("id", "path", "text", "title", "description", "remedy", "severity", "waivable")
        return {name: getattr(self, name) for name in plain} | {
            "needs": {kind: list(paths) for kind, paths in self.needs.items()},
            "reads": {kind: list(paths) for kind, paths in self.reads.items()},
            "parameters": {
                name: {"schema": dict(item.schema), "default": item.default, "tighten": item.tighten}
                for name, item in self.parameters.items()
            },
            "controls": list(self.controls),
            "effective_on": self.effective_on.isoformat() if self.effective_on else None,
            "ages": dict(self.ages),
            "answers": list(self.answers),
            **({"on_fail": self.on_fail} if self.on_fail != "hold" else {}),
            **self.baseline_types,
        }

    @property
    def baseline_types(self) -> dict[str, Any]:
        """What it needs of the release before, for digests and records; nothing where it needs nothing of it.

        Left out rather than empty: the digests of rules without baseline, and of the records about them, stay.
        """
        return {"baseline": {kind: sorted(paths) for kind, paths in self.baseline.items()}} if self.baseline else {}

    @property
    def facts(self) -> dict[str, tuple[str, ...]]:
        """All that it may read by kind, sorted: what it needs and what may be absent."""
        kinds = sorted(self.needs.keys() | self.reads.keys())
        return {kind: tuple(sorted({*self.needs.get(kind, ()), *self.reads.get(kind, ())})) for kind in kinds}


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """The rules of one stage with all that the engine receives, sealed by one digest.

    Attributes:
        rules: Sorted by id.
        libraries: Text of the packs' own ``lib`` modules by path; only those of packs with a rule here.
    """

    rules: tuple[Rule, ...]
    libraries: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def modules(self) -> dict[str, str]:
        """Code of every module by path: all that the engine receives."""
        return {path: code_of(text) for path, text in {**self.libraries, **self._texts}.items()}

    @property
    def _texts(self) -> dict[str, str]:
        return {rule.path: rule.text for rule in self.rules}

    def as_json(self) -> dict[str, Any]:
        """All of it, for the record: rules with their METADATA, and the libraries."""
        return {"rules": [rule.as_json() for rule in self.rules], "libraries": dict(self.libraries)}

    @cached_property
    def digest(self) -> str:
        """Over what the engine receives: module texts, needs, parameter types. Tests and other prose change nothing."""
        types = {
            rule.id: {
                "needs": {kind: sorted(paths) for kind, paths in rule.needs.items()},
                "reads": {kind: sorted(paths) for kind, paths in rule.reads.items()},
                "parameters": {name: dict(parameter.schema) for name, parameter in rule.parameters.items()},
                **rule.baseline_types,
            }
            for rule in self.rules
        }
        return _json.digest_of({"modules": self.modules, "types": types})


def code_of(text: str) -> str:
    """A module without its lines of comment, every other line where it was.

    Prose changes no answer, so it changes no digest either: a mended typo voids no approval. A module with a raw
    string over several lines keeps everything, since a line of it may look like a comment.
    """
    lines = text.split("\n")
    code = [line for line in lines if not line.lstrip().startswith("#")]
    if any(line.count("`") % 2 for line in code):
        return text
    return "\n".join("" if line.lstrip().startswith("#") else line for line in lines)
