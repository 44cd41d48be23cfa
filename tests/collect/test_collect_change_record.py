"""Release notes and risks: what is said of which version, by whom, and words that nobody knows."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from samples import Sample
from shared import needs_shared


def facts_of(value: Any, name: str = "r.json") -> Any:
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return registry.read(Report(data, name)).facts


def github(**more: Any) -> dict[str, Any]:
    return {"tag_name": "v1", "draft": False, "prerelease": False, "body": "", **more}


def only(value: Any) -> Any:
    (found,) = facts_of(value)["releases"]
    return found


@pytest.mark.parametrize(
    ("body", "entries", "summary"),
    [
        (None, 0, None),
        ("", 0, None),
        ("<!-- write here -->\n\n---\n", 0, None),
        ("# Only\n## headings\n", 0, None),
        ("One.\nstill one.\n\nTwo.", 2, "One. still one."),
        ("Sum.\n\n- a\n* b\n1. c\n  - d", 4, "Sum."),
        ("- a\n  goes on\n\nAfter.", 1, "After."),
        ("- a <!-- - b -->", 1, None),
    ],
)
def test_entries_are_items_or_paragraphs(body: Any, entries: int, summary: Any) -> None:
    found = only(github(body=body))
    assert (found["entries"], found.get("summary")) == (entries, summary)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (github(), "published"),
        (github(draft=True), "draft"),
        ({"action": "published", "release": github()}, "published"),
        ({"action": "deleted", "release": github()}, "yanked"),
        ({"action": "unpublished", "release": github()}, "yanked"),
        ([github()], "published"),
    ],
)
def test_the_state_of_a_release_of_github(value: Any, state: str) -> None:
    assert only(value)["state"] == state


def test_who_and_when() -> None:
    found = only(github(author={"login": "ada"}, published_at="2026-01-15T13:00:00+01:00", name="First"))
    assert (found["author"], found["published_at"], found["title"]) == ("github:ada", "2026-01-15T12:00:00Z", "First")
    assert "author" not in only(github(author=None))


@pytest.mark.parametrize("name", ["draft", "prerelease"])
def test_a_flag_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        facts_of(github(**{name: "no"}))


@pytest.mark.parametrize(
    ("upcoming", "state"), [({}, "published"), ({"upcoming_release": False}, "published"), ({"upcoming_release": True}, "draft")]
)  # fmt: skip
def test_a_planned_release_of_gitlab_is_a_draft(upcoming: Any, state: str) -> None:
    assert only({"tag_name": "v1", "description": "", "released_at": None, **upcoming})["state"] == state


@pytest.mark.parametrize(
    ("version", "prerelease"),
    [
        ("1.4.0", False),
        ("v1.4.0", False),
        ("1.4.0-rc.1", True),
        ("1.4.0rc1", True),
        ("1.4.0.dev3", True),
        ("2.0b2", True),
        ("1.4.0+build-7", False),
        ("parcel-1.4.0", False),
    ],
)
def test_a_prerelease_is_told_by_the_version_where_nothing_else_says(version: str, prerelease: bool) -> None:
    assert only({"tag_name": version, "description": "", "released_at": None})["prerelease"] is prerelease


def changelog(*headings: str) -> Any:
    return facts_of("# Changelog\n\n" + "\n".join(f"## {heading}\n\n- x\n" for heading in headings), "C.md")


@pytest.mark.parametrize(
    ("heading", "version", "state"),
    [
        ("[Unreleased]", "Unreleased", "draft"),
        ("Unreleased", "Unreleased", "draft"),
        ("[1.0.0] - 2026-01-15", "1.0.0", "published"),
        ("1.0.0 - 2026-01-15", "1.0.0", "published"),
        ("[1.0.0] \u2013 2026-01-15", "1.0.0", "published"),
        ("[1.0.0](https://example.org) - 2026-01-15", "1.0.0", "published"),
        ("[1.0.0] - 2026-01-15 [YANKED]", "1.0.0", "yanked"),
        ("[1.0.0] - soon", "1.0.0", "draft"),
        ("[1.0.0]", "1.0.0", "draft"),
    ],
)
def test_a_section_is_a_release(heading: str, version: str, state: str) -> None:
    (found,) = changelog(heading)["releases"]
    assert (found["version"], found["state"], found["entries"], found["locator"]) == (version, state, 1, "line 3")


def test_a_version_twice_is_not_complete() -> None:
    assert changelog("1.0.0 - 2026-01-15", "1.0.0 - 2026-01-16")["complete"] is False
    assert changelog("1.0.1 - 2026-01-16", "1.0.0 - 2026-01-15")["complete"] is True


def test_a_changelog_that_cannot_be_read_is_refused() -> None:
    for text in (b"# Changelog\n\n## \n", b"# Changelog\n\n## 1.0.0\n\xff"):
        with pytest.raises(MalformedError) as refused:
            registry.read(Report(text, "C.md"))
        assert refused.value.where.startswith("C.md")


def risk(**more: Any) -> Any:
    value = {"category": "c", "synthetic_id": "c@a", "severity": "low", "risk_status": "unchecked", "title": "<b>T</b>"}
    return facts_of([value | more])["risks"][0]


@pytest.mark.parametrize(
    ("severity", "found"),
    [("low", "low"), ("medium", "medium"), ("elevated", "high"), ("high", "high"), ("critical", "critical")],
)
def test_severities_of_threagile(severity: str, found: str) -> None:
    assert risk(severity=severity)["severity"] == found


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("unchecked", "open"),
        ("in-discussion", "open"),
        ("in-progress", "in_progress"),
        ("accepted", "accepted"),
        ("mitigated", "mitigated"),
        ("false-positive", "false_positive"),
    ],
)
def test_statuses_of_threagile(status: str, found: str) -> None:
    assert risk(risk_status=status)["status"] == found


@pytest.mark.parametrize(
    "more", [{"severity": "none"}, {"risk_status": "fine"}, {"severity": ""}, {"synthetic_id": None}]
)
def test_words_that_nobody_knows_are_refused(more: Any) -> None:
    with pytest.raises(MalformedError):
        risk(**more)


def oscal(*risks: Any, findings: Any = (), model: str = "plan-of-action-and-milestones") -> Any:
    held = {"metadata": {"last-modified": "2026-01-15T12:00:00Z"}}
    part = {"risks": list(risks), "findings": list(findings)}
    return facts_of({model: held | (part if model.startswith("plan") else {"results": [part]})})


def rated(*facets: tuple[str, str]) -> Any:
    named = [{"name": name, "value": value} for name, value in facets]
    return {"uuid": "u", "status": "open", "characterizations": [{"facets": named}]}


@pytest.mark.parametrize(
    ("facets", "severity"),
    [
        ([], "unknown"),
        ([("likelihood", "high")], "unknown"),
        ([("risk", "purple")], "unknown"),
        ([("risk", "low")], "low"),
        ([("Severity", "High")], "high"),
        ([("impact", "moderate"), ("risk", "low")], "medium"),
        ([("risk", "very high")], "critical"),
    ],
)
def test_the_worst_facet_that_is_known_is_the_severity(facets: Any, severity: str) -> None:
    assert oscal(rated(*facets))["risks"][0]["severity"] == severity


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("open", "open"),
        ("investigating", "open"),
        ("remediating", "in_progress"),
        ("deviation-requested", "open"),
        ("deviation-approved", "accepted"),
        ("closed", "mitigated"),
    ],
)
def test_statuses_of_oscal(status: str, found: str) -> None:
    assert oscal(rated() | {"status": status})["risks"][0]["status"] == found


def test_a_status_that_nobody_knows_is_refused() -> None:
    with pytest.raises(MalformedError, match="the status 'done' is not known"):
        oscal(rated() | {"status": "done"})


@pytest.mark.parametrize(
    ("target", "related", "risks"),
    [
        ({"status": {"state": "satisfied"}}, [], 0),
        ({"status": "satisfied"}, [], 0),
        ({"status": {"state": "not-satisfied"}}, [], 1),
        ({"status": "not-satisfied"}, [], 1),
        ({}, [], 1),
        ({"status": {"state": "not-satisfied"}}, [{"risk-uuid": "u"}], 0),
    ],
)
def test_a_finding_without_a_risk_is_one(target: Any, related: Any, risks: int) -> None:
    finding = {"uuid": "f", "target": target, "related-risks": related}
    for model in ("plan-of-action-and-milestones", "assessment-results"):
        facts = oscal(findings=[finding], model=model)
        assert facts["risk_count"] == risks
        assert all((item["severity"], item["status"]) == ("unknown", "open") for item in facts["risks"])


@needs_shared
def test_risks_are_those_that_were_counted() -> None:
    from test_collect_truth import truths

    path = "risk/threagile/dojo_risks.json"
    facts, truth = registry.read(Sample(path=path).report).facts, truths()[path]
    severities = Counter(item["severity"] for item in facts["risks"])
    assert facts["risk_count"] == truth["risks"]
    assert severities["high"] == truth["severity"]["elevated"]
    assert (severities["low"], severities["medium"]) == (truth["severity"]["low"], truth["severity"]["medium"])


@needs_shared
def test_releases_are_those_that_were_counted() -> None:
    from test_collect_truth import truths

    path = "change/gitlab_releases.json"
    facts, truth = registry.read(Sample(path=path).report).facts, truths()[path]
    assert [release["version"] for release in facts["releases"]] == truth["tags"]
    published = registry.read(Sample(path="change/webhook_release_published.json").report).facts["releases"][0]
    assert (published["version"], published["state"], published["entries"]) == ("0.0.1", "published", 0)
