"""The decision as SARIF 2.1.0 (OASIS standard with errata 01), for code scanning.

Forges show a result only when it has a place, so what has no line in the user's files points to the line of the gate
that asks for it. GitHub refuses a whole file over its hard limits; they are named constants here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gatekeeper import _json
from gatekeeper.report import words
from gatekeeper.report.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.report.places import Place, Places
    from gatekeeper.report.view import Answer, Finding, View

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS: Final = 25_000
"""Results in one run that GitHub takes; it shows 5,000 of them, so the worst come first."""

MAX_TAGS: Final = 10
"""Tags of one rule that GitHub shows; over 20 it refuses the file."""

MAX_DESCRIPTION: Final = 1_000
"""Characters of a rule's description; GitHub takes 1,024."""

_PROBLEM: Final = {"critical": "error", "high": "error", "error": "error", "medium": "warning", "warning": "warning"}
_PLACEHOLDER: Final = re.compile(r"([{}])")
_LINK: Final = re.compile(r"([\\\[\]])")


def render(view: View, places: Places, *, version: str = "") -> str:
    """One run with a rule for each result that has something to say."""
    findings = list(_findings(view))
    shown = findings[:MAX_RESULTS]
    answers = {answer.id: answer for _, answer, _ in shown}
    rules = {rule_id: index for index, rule_id in enumerate(answers)}
    run = {
        "tool": {
            "driver": {
                "name": "Gatekeeper",
                **({"version": inert(version)} if version else {}),
                "rules": [_rule(answer) for answer in answers.values()],
            }
        },
        "automationDetails": {"id": f"gatekeeper/{quote(view.stage, safe='')}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(view, places, len(findings) - len(shown))],
        "results": list(_results(view, shown, places, rules)),
        "properties": _properties(view),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _findings(view: View) -> Iterator[tuple[str, Answer, Finding]]:
    for answer in view.closed + view.pending:
        yield from (("error", answer, finding) for finding in answer.findings)
    for answer in view.broken:
        yield from (("warning", answer, finding) for finding in answer.findings)
    for answer in view.warned:
        yield from (("warning", answer, finding) for finding in answer.findings)
    for answer in view.waived:
        yield from (("note", answer, finding) for finding in answer.waived)


def _rule(answer: Answer) -> dict[str, Any]:
    remedies = {finding.remedy for finding in answer.findings + answer.waived if finding.remedy}
    tags = [inert(control) for control in dict.fromkeys(answer.controls)][:MAX_TAGS]
    title = message(answer.title or answer.id)
    return {
        "id": inert(answer.id),
        "shortDescription": {"text": title},
        "fullDescription": {"text": message(answer.description, limit=MAX_DESCRIPTION) or title},
        "help": {"text": message("; ".join(sorted(remedies))) or "See the message of each result."},
        "properties": {"problem.severity": _problem(answer), "tags": tags},
    }


def _problem(answer: Answer) -> str:
    unnamed = "warning" if answer.is_open else "error"
    return _PROBLEM.get(answer.severity, "recommendation") if answer.severity else unnamed


def _results(
    view: View, findings: Sequence[tuple[str, Answer, Finding]], places: Places, rules: dict[str, int]
) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for level, answer, finding in findings:
        mark = _json.digest_of([answer.id, finding.term, finding.locator]).removeprefix("sha256:")[:32]
        seen[mark] += 1
        yield {
            "ruleId": inert(answer.id),
            "ruleIndex": rules[answer.id],
            "level": level,
            "message": {"text": _text(answer, finding)},
            "locations": [_location(places.of(answer, finding))],
            "partialFingerprints": {"primaryLocationLineHash": f"{mark}:{seen[mark]}"},
            **(_suppressed(view, answer) if level == "note" else {}),
            "properties": _details(finding),
        }


def _text(answer: Answer, finding: Finding) -> str:
    rows = words.facts(finding, words.ANNOTATION_FACTS)
    later = [words.effective(answer)] if answer.outcome == "warn" and answer.effective_on else []
    return "\n".join(
        map(message, [finding.message, *(f"{label}: {', '.join(parts)}" for label, _, parts in rows), *later])
    )


def _details(finding: Finding) -> dict[str, str]:
    known = {name: getattr(finding, name) for name in ("term", "locator", "expected", "actual", "unit", "remedy")}
    origin = finding.origin
    if origin is not None:
        known |= {"report": origin.name, "digest": origin.digest, "signers": ", ".join(origin.signers) or "unsigned"}
    return {name: inert(value) for name, value in known.items() if value}


def _location(place: Place) -> dict[str, Any]:
    line, column = place.line, place.column
    region = {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + 1}
    return {"physicalLocation": {"artifactLocation": {"uri": place.uri}, "region": region}}


def _suppressed(view: View, answer: Answer) -> dict[str, Any]:
    reasons = [", ".join(words.waived_by(view.waiver(digest))) for digest in answer.waivers] or ["waived"]
    return {
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": message(f"waived {reason}")}
            for reason in reasons
        ]
    }


def _invocation(view: View, places: Places, left_out: int) -> dict[str, Any]:
    notes = [
        _note(
            f"evidence.{piece.status}",
            f"{', '.join(words.piece_name(piece))}: {words.piece_reason(piece)}",
            places.asked(f"slot.{piece.slot}"),
        )
        for piece in view.disbelieved
    ]
    if left_out:
        notes.append(
            _note("results.left_out", f"{left_out} more results are left out to fit; the JSON form has all", None)
        )
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _note(name: str, text: str, place: Place | None) -> dict[str, Any]:
    note: dict[str, Any] = {"descriptor": {"id": name}, "level": "warning", "message": {"text": message(text)}}
    return note | ({"locations": [_location(place)]} if place else {})


def _properties(view: View) -> dict[str, str | bool]:
    known = {
        "outcome": words.verdict(view).lower(),
        "decision": view.id,
        "at": view.at,
        "validUntil": view.valid_until,
        "subject": view.subject,
        "subjectDigest": view.subject_digest,
        "gate": view.gate,
        "gateDigest": view.gate_digest,
        "evidenceDigest": view.evidence_digest,
        "engine": view.engine,
        "summary": ", ".join(words.summary(view)),
        **({"next": view.next} if view.next else {}),
        **({"emergency": words.broken_by(view)} if view.broken else {}),
    }
    return {name: inert(value) for name, value in known.items()} | {"restsOnUnsigned": view.rests_on_unsigned}


def message(text: str, *, limit: int | None = None) -> str:
    """A plain text message (SARIF 2.1.0, 3.11): braces doubled, brackets of links escaped."""
    shown = inert(text, limit=limit) if limit else inert(text)
    return _LINK.sub(r"\\\1", _PLACEHOLDER.sub(r"\1\1", shown))
