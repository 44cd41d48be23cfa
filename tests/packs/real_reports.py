"""What a standard rule says of real reports: collected, evaluated by real OPA, nothing in between."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.evaluate import evaluate
from gatekeeper.facts import Document, Source
from gatekeeper.stage import Stage
from gatekeeper.subject import Subject
from shared import fixture

if TYPE_CHECKING:
    from gatekeeper.decision import Result
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.load.packs import Packs

ROOT = Path(__file__).resolve().parents[2]
SUBJECT = Subject(name="parcel", digests=(("sha256", "00" * 32),))
AT = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule over some reports.

    Attributes:
        rule: Its id.
        reports: Paths below the shared fixtures; below the repository's own when they begin with ``fixtures/``. Where
            a report could be of several kinds, the kind and a colon stand before.
        outcome: What the rule says.
        violations: How many violations.
        first: Messages of the first ones, sorted by term as a decision has them.
        parameters: Other values than the defaults.
        baseline: Reports of the release before, likewise.
        subject: What is judged.
    """

    rule: str
    reports: tuple[str, ...]
    outcome: str
    violations: int = 0
    first: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    baseline: tuple[str, ...] = ()
    subject: Subject = SUBJECT

    def __str__(self) -> str:
        return f"{self.rule} of {' '.join(self.reports)}"


def result(case: Case, packs: Packs, engine: OpaCommand, *more: Document) -> Result:
    """What the rule says of the case's reports, and of further documents."""
    rule = packs.rules[case.rule]
    documents: dict[str, list[Document]] = {kind: [] for kind in rule.facts}
    for document in (*map(_document, case.reports), *more):
        documents[document.kind].append(document)
    values = {name: parameter.default for name, parameter in rule.parameters.items()} | case.parameters
    stage = Stage(
        name="build",
        rule_set=packs.rule_set([rule]),
        parameters={rule.id: values},
        slots={},
        valid_for=timedelta(days=1),
    )
    before: dict[str, list[Document]] = {}
    for document in map(_document, case.baseline):
        before.setdefault(document.kind, []).append(document)
    return evaluate(stage, case.subject, documents, engine, at=AT, deadline=60, baseline=before).results[0]


def check(case: Case, packs: Packs, engine: OpaCommand) -> None:
    """The rule says of the case's reports what the case says it does."""
    found = result(case, packs, engine)
    assert (found.outcome, len(found.violations)) == (case.outcome, case.violations), found.violations
    messages = [violation.message for violation in found.violations[: max(2, len(case.first))]]
    if case.outcome == "unanswered":  # what stands behind the colon is the host's to word
        messages = [message.partition(":")[0] for message in messages]
    assert tuple(messages) == case.first, messages


def all_cases() -> list[Case]:
    """The cases of every ``test_packs_*.py`` that has some as ``CASES``."""
    modules = (importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("test_packs_*.py")))
    return [case for module in modules for case in getattr(module, "CASES", ()) if isinstance(case, Case)]


def _document(named: str) -> Document:
    kind, _, path = named.rpartition(":")
    data = (ROOT / path if path.startswith("fixtures/") else fixture(path)).read_bytes()
    return document_of(path, data, kind=kind or None)


def document_of(path: str, data: bytes, *, kind: str | None = None) -> Document:
    """The facts of a report, as collectors read them; as a kind where it could be of several."""
    reading = registry.read(Report(data, path), kind=kind)
    source = Source(digest=_json.digest(data), kind=reading.kind, name=Path(path).name, format=reading.format)
    return Document(source=source, facts=reading.facts)
