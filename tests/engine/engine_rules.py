"""Rules, questions and a fake ``opa`` for the engine's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.policy import Parameter, Rule, RuleSet
from gatekeeper.question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SOURCE = {"digest": "sha256:" + "0" * 64, "kind": "coverage", "shard": "1/1", "signers": ["ci"]}

LINES = """\
# METADATA
# title: Enough of the code is exercised
# custom:
#   needs: {coverage: [lines_valid, lines_covered]}
package gatekeeper.coverage.lines

import rego.v2

deny contains violation if {
	some report in input.coverage
	report.lines_covered * 100 < input.parameters.minimum_percent * report.lines_valid
	violation := {
		"message": $"{report.lines_covered} of {report.lines_valid} lines are covered",
		"source": report.source,
		"actual": report.lines_covered,
	}
}
"""

SEVERE = """\
package gatekeeper.vulnerabilities.severe

import rego.v2

import data.gatekeeper.vulnerabilities.lib

deny contains violation if {
	some report in input.vulnerabilities
	some finding in report.findings
	lib.rank(finding.severity) >= lib.rank(input.parameters.from)
	violation := {
		"message": $"{finding.id} is {finding.severity}",
		"term": finding.id,
		"source": report.source,
		"locator": finding.locator,
	}
}

warn contains {"message": $"{finding.id} has no fix"} if {
	some report in input.vulnerabilities
	some finding in report.findings
	count(finding.fixed_versions) == 0
}
"""

LIBRARY = """\
package gatekeeper.vulnerabilities.lib

import rego.v2

rank(severity) := {"unknown": 0, "negligible": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}[severity]
"""


def rule(
    text: str = LINES,
    *,
    rule_id: str = "coverage.lines",
    needs: Mapping[str, Sequence[str]] | None = None,
    parameters: Mapping[str, str] | None = None,
    answers: tuple[Any, ...] = ("deny",),
) -> Rule:
    """A rule; by default the one on coverage, under another id when ``rule_id`` says so."""
    pack, _, name = rule_id.partition(".")
    needs = {"coverage": ["lines_valid", "lines_covered"]} if needs is None else needs
    parameters = {"minimum_percent": "integer"} if parameters is None else parameters
    return Rule(
        id=rule_id,
        path=f"{pack}/{name}/{name}.rego",
        text=text.replace("package gatekeeper.coverage.lines", f"package gatekeeper.{rule_id}"),
        title=rule_id,
        description="why",
        remedy="mend it",
        needs={kind: tuple(paths) for kind, paths in needs.items()},
        parameters={key: Parameter(schema={"type": kind}) for key, kind in parameters.items()},
        answers=answers,
    )


def body(lines: str, **rest: Any) -> Rule:
    """The coverage rule with other lines after its imports."""
    return rule(f"package gatekeeper.coverage.lines\n\nimport rego.v2\n\n{lines}\n", **rest)


def severe() -> Rule:
    return rule(
        SEVERE,
        rule_id="vulnerabilities.severe",
        needs={
            "vulnerabilities": ["findings.id", "findings.severity", "findings.locator", "findings.fixed_versions"],
        },
        parameters={"from": "string"},
        answers=("deny", "warn"),
    )


def rule_set(*rules: Rule) -> RuleSet:
    """Rules by id; the library of vulnerabilities when there is a rule of that pack."""
    packs = {each.pack for each in rules}
    libraries = {"vulnerabilities/lib/rank.rego": LIBRARY} if "vulnerabilities" in packs else {}
    return RuleSet(rules=tuple(sorted(rules, key=lambda each: each.id)), libraries=libraries)


def coverage(covered: int, valid: int = 10, **more: Any) -> dict[str, Any]:
    return {"lines_valid": valid, "lines_covered": covered, "complete": True, "source": SOURCE, **more}


def finding(number: int, severity: str, *fixed: str) -> dict[str, Any]:
    return {"id": f"CVE-{number}", "severity": severity, "locator": f"/{number}", "fixed_versions": list(fixed)}


def question(
    covered: int = 3,
    *,
    ask: Sequence[str] = ("coverage.lines",),
    findings: Sequence[Mapping[str, Any]] = (),
    minimum: int = 80,
    documents: Mapping[str, Any] | None = None,
) -> Question:
    """A question about one coverage report, and findings if there are any."""
    known = {
        "coverage": [coverage(covered)],
        "vulnerabilities": [{"findings": list(findings), "complete": True, "source": SOURCE}],
    }
    return Question.of(
        subject={"name": "parcel", "digest": {"sha256": "0" * 64}},
        documents=known if documents is None else documents,
        parameters={
            name: {"from": "high"} if name == "vulnerabilities.severe" else {"minimum_percent": minimum} for name in ask
        },
        ask=ask,
    )


def fake_opa(folder: Path, script: str) -> Path:
    """A program that calls itself opa."""
    path = folder / "opa"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
