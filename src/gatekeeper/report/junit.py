"""The decision as JUnit XML, for CI systems that show test reports: one case for each finding, and for each pass.

A failed rule is a ``failure``, an unanswered one an ``error``, a waived finding is ``skipped``. Readers keep the first
of two cases with one name and ignore the other, so names are made unique.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.report import words
from gatekeeper.report.inert import xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.report.view import Answer, Finding, View

MAX_CASES: Final = 50_000
"""Cases in one report; GitLab refuses more than 250,000 XML objects, and each case is up to three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    group: str
    name: str
    tag: str = ""
    message: str = ""
    body: str = ""


def render(view: View) -> str:
    """One ``testsuite`` named after the stage."""
    cases, left_out = _numbered(list(_cases(view))), ""
    if len(cases) > MAX_CASES:
        count = len(cases) - MAX_CASES + 1
        left_out = f"and {count} more, left out here; the JSON form has all of it"
        last = _Case(group=cases[MAX_CASES - 1].group, name="left out", tag="failure", message=left_out)
        cases = [*cases[: MAX_CASES - 1], last if not view.allowed else _Case(group=last.group, name=left_out)]
    counts = Counter(case.tag for case in cases)
    totals = (
        f'tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}" skipped="{counts["skipped"]}"'
    )
    suite = xml(f"gatekeeper.{view.stage}")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="gatekeeper" {totals} time="0">',
        f'<testsuite name="{suite}" {totals} time="0" timestamp="{xml(view.at.removesuffix("Z"))}">',
        "<properties>",
        *(f'<property name="{name}" value="{xml(value)}"/>' for name, value in _properties(view)),
        "</properties>",
        *map(_element, cases),
        f"<system-out>{_notes(view)}</system-out>",
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _properties(view: View) -> list[tuple[str, str]]:
    return [
        ("outcome", words.verdict(view).lower()),
        ("decision", view.id),
        ("subject", f"{view.subject} {view.subject_digest}"),
        ("gate", f"{view.gate} {view.gate_digest}"),
        ("engine", view.engine),
        ("evidence", view.evidence_digest),
        ("valid_until", view.valid_until),
        *([("next", view.next)] if view.next else []),
        *([("emergency", words.broken_by(view))] if view.broken else []),
    ]


def _cases(view: View) -> Iterator[_Case]:
    for answer in view.closed + view.pending:
        tag = "error" if answer.outcome == "unanswered" else "failure"
        for finding in answer.findings:
            yield _case(view, answer, finding, tag=tag, message=finding.message)
    for answer in view.broken:
        for finding in answer.findings:
            message = f"{words.broken_by(view)}: {finding.message}"
            yield _case(view, answer, finding, tag="skipped", message=message)
    for answer in view.waived:
        by = "; ".join(", ".join(words.waived_by(view.waiver(digest))) for digest in answer.waivers)
        if not answer.waived:
            yield _Case(group=_group(view, answer), name="waived", tag="skipped", message=f"waived {by}")
        for finding in answer.waived:
            yield _case(view, answer, finding, tag="skipped", message=f"waived {by}: {finding.message}")
    for answer in view.warned + view.passed:
        if answer.outcome in {"warn", "pass"}:
            yield _Case(group=_group(view, answer), name=answer.title or answer.id, body=_warning(answer))


def _case(view: View, answer: Answer, finding: Finding, *, tag: str, message: str) -> _Case:
    rows = words.facts(finding, words.FACTS, answer.description)
    body = "\n".join([finding.message, *(f"{label}: {', '.join(parts)}" for label, _, parts in rows)])
    return _Case(group=_group(view, answer), name=finding.term or finding.message, tag=tag, message=message, body=body)


def _group(view: View, answer: Answer) -> str:
    return f"{view.stage}.{answer.id}"


def _warning(answer: Answer) -> str:
    lines = [f"warning: {finding.message}" for finding in answer.findings if answer.outcome == "warn"]
    return "\n".join([*lines, words.effective(answer)] if lines else [])


def _numbered(cases: list[_Case]) -> list[_Case]:
    """Cases with unique names: the second of one name gets ``(2)``."""
    seen: Counter[tuple[str, str]] = Counter()
    taken = {(case.group, case.name) for case in cases}
    return [_unique(case, seen, taken) for case in cases]


def _unique(case: _Case, seen: Counter[tuple[str, str]], taken: set[tuple[str, str]]) -> _Case:
    key = (case.group, case.name)
    seen[key] += 1
    if seen[key] == 1:
        return case
    name = f"{case.name} ({seen[key]})"
    while (case.group, name) in taken:
        seen[key] += 1
        name = f"{case.name} ({seen[key]})"
    taken.add((case.group, name))
    return _Case(group=case.group, name=name, tag=case.tag, message=case.message, body=case.body)


def _element(case: _Case) -> str:
    start = f'<testcase classname="{xml(case.group)}" name="{xml(case.name)}" time="0"'
    body = "\n".join(map(xml, case.body.splitlines()))
    if case.tag:
        inner = f'<{case.tag} message="{xml(case.message)}"' + (
            f' type="{case.tag}">' if case.tag != "skipped" else ">"
        )
        return f"{start}>{inner}{body}</{case.tag}></testcase>"
    return f"{start}><system-out>{body}</system-out></testcase>" if body else f"{start}/>"


def _notes(view: View) -> str:
    remarks = [text for text, _ in words.remarks(view)]
    pieces = [f"{', '.join(words.piece_name(piece))}: {words.piece_reason(piece)}" for piece in view.disbelieved]
    unsigned = [f"accepted unsigned: {', '.join(words.piece_name(piece))}" for piece in view.unsigned]
    return "\n".join(map(xml, [", ".join(words.summary(view)), *remarks, *pieces, *unsigned]))
