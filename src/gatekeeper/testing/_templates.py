"""A first rule for each kind of evidence, with its test: what ``gatekeeper policy new`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gatekeeper.facts import kind as kind_called


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What differs from kind to kind. Texts are Rego, indented as they stand in the file.

    Attributes:
        title: The rule as a sentence that is true when it passes.
        remedy: What to do about a violation.
        needs: The facts it reads.
        parameter: Its parameter, in METADATA.
        body: What stands in ``deny`` before the violation.
        violation: Members of the violation beside ``source``.
        bad, good: Members of a document that is denied and of one that passes.
        value: The parameter's value in the tests.
        message: Of the violation for ``bad``.
    """

    title: str
    remedy: str
    needs: str
    parameter: str
    body: tuple[str, ...]
    violation: tuple[str, ...]
    bad: str
    good: str
    value: str
    message: str


RULE: Final = """\
# METADATA
# title: {title}
# description: Say here why the rule exists, and who is hurt where it does not hold.
# custom:
#   severity: medium
#   needs:
#     {kind}: [{needs}]
#   parameters:
#     {parameter}
#   remedy: {remedy}
package gatekeeper.{id}

import rego.v2

deny contains violation if {{
	some report in input.{kind}
{body}
	violation := {{
{violation}
		"source": report.source,
	}}
}}
"""

TEST: Final = """\
package gatekeeper.{id}_test

import rego.v2

messages(documents) := {{violation.message | some violation in denied}} if {{
	denied := data.gatekeeper.{id}.deny with input as {{
		"{kind}": documents,
		"parameters": {{{value}}},
	}}
}}

test_deny if {{
	report := {{"source": {{"slot": "first"}}, {bad}}}
	messages([report]) == {{"{message}"}}
}}

test_pass if {{
	report := {{"source": {{"slot": "first"}}, {good}}}
	messages([report]) == set()
}}

# Without a document Rego has nothing to say. The gate does not take that for a pass: it calls the rule unanswered,
# which denies.
test_nothing_to_read if {{
	messages([]) == set()
}}
"""

PACK: Final = """\
name = "{pack}"
version = "0.1.0"
description = "Say here what the rules of this pack have in common."
"""

_COUNT: Final = "maximum: {type: integer, minimum: 0, default: 0, tighten: down}"
_AT_LEAST: Final = "minimum: {type: integer, minimum: 0, default: 1, tighten: up}"

_STATES: Final = "states: {type: array, items: {type: string}, default: [open, acknowledged], tighten: superset}"

TEMPLATES: Final[dict[str, Template]] = {
    "artifact": Template(
        title="The artifact states its licence",
        remedy="State it in the metadata of the project and build again.",
        needs="file_name, licenses",
        parameter=_AT_LEAST,
        body=("	count(report.licenses) < input.parameters.minimum",),
        violation=(
            '		"message": $"{report.file_name} states {count(report.licenses)} licences, {input.parameters.minimum} are needed",',
            '		"locator": "licenses",',
            '		"expected": input.parameters.minimum,',
            '		"actual": count(report.licenses),',
        ),
        bad='"file_name": "app.whl", "licenses": []',
        good='"file_name": "app.whl", "licenses": ["MIT"]',
        value='"minimum": 1',
        message="app.whl states 0 licences, 1 are needed",
    ),
    "change": Template(
        title="Nobody who may not wrote the change",
        remedy="Have somebody else make the change.",
        needs="authors",
        parameter="refused: {type: array, items: {type: string}, default: [], tighten: superset}",
        body=("	some author in report.authors", "	author in input.parameters.refused"),
        violation=('		"message": $"{author} is an author of the change",', '		"term": author,'),
        bad='"authors": ["github:eve"]',
        good='"authors": ["github:ada"]',
        value='"refused": ["github:eve"]',
        message="github:eve is an author of the change",
    ),
    "coverage": Template(
        title="Enough lines are covered",
        remedy="Add tests for what is not covered.",
        needs="lines_covered, lines_valid",
        parameter="minimum_percent: {type: integer, minimum: 0, maximum: 100, default: 80, tighten: up}",
        body=("	report.lines_covered * 100 < input.parameters.minimum_percent * report.lines_valid",),
        violation=(
            '		"message": $"{report.lines_covered} of {report.lines_valid} lines are covered, {input.parameters.minimum_percent}% are needed",',
            '		"expected": ceil((input.parameters.minimum_percent * report.lines_valid) / 100),',
            '		"actual": report.lines_covered,',
            '		"unit": "lines",',
        ),
        bad='"lines_covered": 79, "lines_valid": 100',
        good='"lines_covered": 80, "lines_valid": 100',
        value='"minimum_percent": 80',
        message="79 of 100 lines are covered, 80% are needed",
    ),
    "incidents": Template(
        title="No incident is open",
        remedy="Resolve it.",
        needs="incidents.id, incidents.title, incidents.status, incidents.locator",
        parameter=_STATES,
        body=("	some incident in report.incidents", "	incident.status in input.parameters.states"),
        violation=(
            '		"message": $"{incident.id} is {incident.status}: {incident.title}",',
            '		"term": incident.id,',
            '		"locator": incident.locator,',
        ),
        bad='"incidents": [{"id": "I-1", "title": "slow", "status": "open", "locator": "/0"}]',
        good='"incidents": [{"id": "I-1", "title": "slow", "status": "resolved", "locator": "/0"}]',
        value='"states": ["open"]',
        message="I-1 is open: slow",
    ),
    "performance": Template(
        title="Every endpoint answers in time",
        remedy="Find out what is slow, or widen the limit for a reason.",
        needs="endpoints.name, endpoints.p95_ms, endpoints.locator",
        parameter="max_p95_ms: {type: integer, minimum: 1, default: 500, tighten: down}",
        body=("	some endpoint in report.endpoints", "	endpoint.p95_ms > input.parameters.max_p95_ms"),
        violation=(
            '		"message": $"p95 of {endpoint.name} is {endpoint.p95_ms} ms, at most {input.parameters.max_p95_ms} ms is allowed",',
            '		"term": endpoint.name,',
            '		"locator": endpoint.locator,',
            '		"expected": input.parameters.max_p95_ms,',
            '		"actual": endpoint.p95_ms,',
            '		"unit": "ms",',
        ),
        bad='"endpoints": [{"name": "/pay", "p95_ms": 501, "locator": "/routes/0"}]',
        good='"endpoints": [{"name": "/pay", "p95_ms": 500, "locator": "/routes/0"}]',
        value='"max_p95_ms": 500',
        message="p95 of /pay is 501 ms, at most 500 ms is allowed",
    ),
    "provenance": Template(
        title="A builder that we know built it",
        remedy="Build with one of the builders that the gate names.",
        needs="builder",
        parameter="builders: {type: array, items: {type: string}, default: [], tighten: subset}",
        body=("	not report.builder in input.parameters.builders",),
        violation=('		"message": $"{report.builder} built it",', '		"locator": "builder",'),
        bad='"builder": "https://elsewhere.example"',
        good='"builder": "https://ci.example.org"',
        value='"builders": ["https://ci.example.org"]',
        message="https://elsewhere.example built it",
    ),
    "review": Template(
        title="No reviewer asks for changes",
        remedy="Make the changes that are asked for, and ask for another review.",
        needs="reviews.reviewer, reviews.verdict, reviews.locator",
        parameter="refused: {type: array, items: {type: string}, default: [changes_requested], tighten: superset}",
        body=("	some review in report.reviews", "	review.verdict in input.parameters.refused"),
        violation=(
            '		"message": $"{review.reviewer}: {review.verdict}",',
            '		"term": review.reviewer,',
            '		"locator": review.locator,',
        ),
        bad='"reviews": [{"reviewer": "github:ada", "verdict": "changes_requested", "locator": "/0"}]',
        good='"reviews": [{"reviewer": "github:ada", "verdict": "approved", "locator": "/0"}]',
        value='"refused": ["changes_requested"]',
        message="github:ada: changes_requested",
    ),
    "sbom": Template(
        title="Every component has a hash",
        remedy="Have the tool that lists components read the lock file, which has the hashes.",
        needs="components.name, components.hashes, components.locator",
        parameter=_AT_LEAST,
        body=("	some component in report.components", "	count(component.hashes) < input.parameters.minimum"),
        violation=(
            '		"message": $"{component.name} has {count(component.hashes)} hashes, {input.parameters.minimum} are needed",',
            '		"term": component.name,',
            '		"locator": component.locator,',
        ),
        bad='"components": [{"name": "left-pad", "hashes": [], "locator": "/components/0"}]',
        good='"components": [{"name": "left-pad", "hashes": ["sha256:00"], "locator": "/components/0"}]',
        value='"minimum": 1',
        message="left-pad has 0 hashes, 1 are needed",
    ),
    "static_analysis": Template(
        title="The analyser finds no error",
        remedy="Mend what is listed.",
        needs="findings.rule, findings.level, findings.suppressed, findings.locator",
        parameter="levels: {type: array, items: {type: string}, default: [error], tighten: superset}",
        body=(
            "	some finding in report.findings",
            "	finding.suppressed == false",
            "	finding.level in input.parameters.levels",
        ),
        violation=(
            '		"message": $"{finding.level}: {finding.rule}",',
            '		"term": finding.rule,',
            '		"locator": finding.locator,',
        ),
        bad='"findings": [{"rule": "E1", "level": "error", "suppressed": false, "locator": "/0"}]',
        good='"findings": [{"rule": "E1", "level": "note", "suppressed": false, "locator": "/0"}]',
        value='"levels": ["error"]',
        message="error: E1",
    ),
    "test_results": Template(
        title="No test fails",
        remedy="Mend the code or the test.",
        needs="failed, errored",
        parameter=_COUNT,
        body=("	report.failed + report.errored > input.parameters.maximum",),
        violation=(
            '		"message": $"{report.failed + report.errored} tests failed, at most {input.parameters.maximum} may",',
            '		"expected": input.parameters.maximum,',
            '		"actual": report.failed + report.errored,',
            '		"unit": "tests",',
        ),
        bad='"failed": 1, "errored": 0',
        good='"failed": 0, "errored": 0',
        value='"maximum": 0',
        message="1 tests failed, at most 0 may",
    ),
    "vulnerabilities": Template(
        title="No finding is critical",
        remedy="Update the package, or ask for a waiver that says why it does not matter here.",
        needs="findings.id, findings.severity, findings.package, findings.locator",
        parameter="severities: {type: array, items: {type: string}, default: [critical], tighten: superset}",
        body=("	some finding in report.findings", "	finding.severity in input.parameters.severities"),
        violation=(
            '		"message": $"{finding.id} in {finding.package} is {finding.severity}",',
            '		"term": finding.id,',
            '		"locator": finding.locator,',
        ),
        bad='"findings": [{"id": "CVE-1", "severity": "critical", "package": "left-pad", "locator": "/0"}]',
        good='"findings": [{"id": "CVE-1", "severity": "low", "package": "left-pad", "locator": "/0"}]',
        value='"severities": ["critical"]',
        message="CVE-1 in left-pad is critical",
    ),
}
"""By kind; of others a first rule asks for a number of what their kind counts (:func:`template_for`)."""


def template_for(kind: str) -> Template:
    """The first rule of a kind."""
    return TEMPLATES.get(kind) or _enough(kind_called(kind).examined)


def _enough(counted: str) -> Template:
    what = counted.replace("_", " ")
    return Template(
        title="Enough was looked at",
        remedy="Look at all of it.",
        needs=counted,
        parameter=_AT_LEAST,
        body=(f"	report.{counted} < input.parameters.minimum",),
        violation=(
            f'		"message": $"{what}: {{report.{counted}}}, at least {{input.parameters.minimum}} needed",',
            '		"expected": input.parameters.minimum,',
            f'		"actual": report.{counted},',
        ),
        bad=f'"{counted}": 1',
        good=f'"{counted}": 2',
        value='"minimum": 2',
        message=f"{what}: 1, at least 2 needed",
    )


def rule_text(rule_id: str, kind: str) -> str:
    """The Rego file of a first rule."""
    template = template_for(kind)
    return RULE.format(
        id=rule_id,
        kind=kind,
        title=template.title,
        needs=template.needs,
        parameter=template.parameter,
        remedy=template.remedy,
        body="\n".join(template.body),
        violation="\n".join(template.violation),
    )


def tests_text(rule_id: str, kind: str) -> str:
    """The Rego file of its tests."""
    template = template_for(kind)
    return TEST.format(
        id=rule_id, kind=kind, bad=template.bad, good=template.good, value=template.value, message=template.message
    )
