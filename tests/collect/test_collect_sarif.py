"""SARIF: levels as the specification resolves them, and a scan that did not finish never looks clean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper._limits import MAX_TEXT
from gatekeeper.collect import registry
from gatekeeper.collect import sarif as collector
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError

Json = dict[str, Any]


def sarif(*runs: Any, version: Any = "2.1.0") -> Json:
    return {"version": version, "runs": list(runs)}


def run(*results: Any, rules: list[Json] | None = None, extensions: list[Json] | None = None, **more: Any) -> Json:
    tool: Json = {"driver": {"name": "T", "version": "1", "rules": rules or []}}
    if extensions is not None:
        tool["extensions"] = extensions
    return {"tool": tool, "results": list(results), **more}


def read(document: Any) -> Json:
    return dict(registry.read(Report(json.dumps(document).encode(), "r.sarif")).facts)


def refusal(document: Any) -> tuple[str, str]:
    with pytest.raises(MalformedError) as refused:
        read(document)
    return refused.value.code, refused.value.where


def level(result: Json, **more: Any) -> str:
    findings = read(sarif(run(result, **more)))["findings"]
    assert len(findings) == 1
    return str(findings[0]["level"])


def rule(identity: str, stated: str | None = None, severity: Any = None) -> Json:
    made: Json = {"id": identity}
    if stated:
        made["defaultConfiguration"] = {"level": stated}
    if severity is not None:
        made["properties"] = {"security-severity": severity}
    return made


@pytest.mark.parametrize(
    ("result", "rules", "extensions", "expected"),
    [
        ({"level": "note", "ruleId": "A"}, [rule("A", "error")], None, "note"),
        ({}, [], None, "warning"),
        ({"ruleId": "A"}, [rule("A")], None, "warning"),
        ({"ruleId": "A"}, [rule("B", "error")], None, "warning"),
        ({"ruleId": "A"}, [rule("B", "error"), rule("A", "note")], None, "note"),
        ({"ruleIndex": 1}, [rule("B", "error"), rule("A", "note")], None, "note"),
        ({"ruleId": "A", "ruleIndex": 1}, [rule("B", "error"), rule("A", "note")], None, "note"),
        ({"rule": {"index": 1}}, [rule("B", "error"), rule("A", "note")], None, "note"),
        ({"rule": {"id": "A"}}, [rule("A", "error")], None, "error"),
        # an index that means another rule than the id does is not believed
        ({"ruleId": "A", "ruleIndex": 0}, [rule("B", "note"), rule("A", "error")], None, "error"),
        ({"ruleId": "A", "ruleIndex": 7}, [rule("A", "error")], None, "error"),
        ({"ruleId": "A", "ruleIndex": -1}, [rule("A", "error")], None, "error"),
        ({"ruleId": "A/x/y", "ruleIndex": 0}, [rule("A", "error")], None, "error"),
        ({"ruleId": "A/x/y"}, [rule("A", "error")], None, "error"),
        ({"ruleId": "A/x"}, [rule("A", "error"), rule("A/x", "note")], None, "note"),
        ({"ruleId": "AB"}, [rule("A", "error")], None, "warning"),
        # in an extension
        ({"ruleId": "A"}, [], [{"name": "E", "rules": [rule("A", "error")]}], "error"),
        (
            {"rule": {"index": 0, "toolComponent": {"index": 1}}},
            [rule("A", "none")],
            [{"name": "E", "rules": [rule("B", "note")]}, {"name": "F", "rules": [rule("C", "error")]}],
            "error",
        ),
        (
            {"rule": {"index": 0, "toolComponent": {"name": "F"}}},
            [rule("A", "none")],
            [{"name": "E", "rules": [rule("B", "note")]}, {"name": "F", "rules": [rule("C", "error")]}],
            "error",
        ),
        # two rules of one id: the worse
        ({"ruleId": "A"}, [rule("A", "note")], [{"name": "E", "rules": [rule("A", "error")]}], "error"),
        # severity only where no level is said anywhere
        ({"ruleId": "A"}, [rule("A", severity="7.0")], None, "error"),
        ({"ruleId": "A"}, [rule("A", severity=9.8)], None, "error"),
        ({"ruleId": "A"}, [rule("A", severity="6.9")], None, "warning"),
        ({"ruleId": "A"}, [rule("A", severity="0.1")], None, "warning"),
        ({"ruleId": "A"}, [rule("A", severity="grave")], None, "error"),
        ({"ruleId": "A"}, [rule("A", severity="nan")], None, "error"),
        ({"ruleId": "A"}, [rule("A", severity=[9])], None, "error"),
        ({"ruleId": "A"}, [rule("A", "note", severity="9.8")], None, "note"),
    ],
)
def test_the_level_of_a_result(result: Json, rules: list[Json], extensions: list[Json] | None, expected: str) -> None:
    assert level(result, rules=rules, extensions=extensions) == expected


def test_an_invocation_may_override_the_level_of_a_rule() -> None:
    other = {"descriptor": {"id": "B"}, "configuration": {"level": "none"}}
    override = {"descriptor": {"id": "A"}, "configuration": {"level": "error"}}
    invocation = {"executionSuccessful": True, "ruleConfigurationOverrides": [other, override]}
    more: Json = {"rules": [rule("A", "note")], "invocations": [{"executionSuccessful": True}, invocation]}

    assert level({"ruleId": "A", "provenance": {"invocationIndex": 1}}, **more) == "error"
    assert level({"ruleId": "A", "provenance": {"invocationIndex": 0}}, **more) == "note"
    assert level({"ruleId": "A"}, **more) == "note"


@pytest.mark.parametrize("kind", ["pass", "informational", "notApplicable"])
def test_a_result_that_is_no_problem_is_no_finding(kind: str) -> None:
    facts = read(sarif(run({"kind": kind, "level": "error", "ruleId": "A"})))

    assert (facts["findings"], sum(facts["counts"].values())) == ([], 0)


@pytest.mark.parametrize("kind", ["open", "review"])
def test_a_result_that_somebody_must_look_at_is_kept_at_no_level(kind: str) -> None:
    assert level({"kind": kind, "level": "error", "ruleId": "A"}) == "none"


def test_a_result_that_is_gone_since_the_baseline_is_no_finding() -> None:
    states = ["new", "unchanged", "updated", "absent"]
    facts = read(sarif(run(*({"baselineState": state, "ruleId": state} for state in states))))

    assert [finding["rule"] for finding in facts["findings"]] == states[:3]


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        (None, False),
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "external", "status": "rejected"}], False),
        ([{"kind": "external", "status": "accepted"}, {"kind": "inSource", "status": "rejected"}], False),
        ([{"kind": "external", "status": "Accepted"}], False),
    ],
)
def test_a_suppressed_finding_stays_and_is_not_counted(suppressions: list[Json] | None, suppressed: bool) -> None:
    result: Json = {"level": "error", "ruleId": "A"}
    if suppressions is not None:
        result["suppressions"] = suppressions
    facts = read(sarif(run(result)))

    assert facts["findings"][0]["suppressed"] is suppressed
    assert facts["counts"]["error"] == int(not suppressed)


ERROR = {"message": {"text": "rule A broke"}, "level": "error"}


@pytest.mark.parametrize(
    ("more", "complete"),
    [
        ({}, True),
        ({"invocations": [{"executionSuccessful": True}]}, True),
        ({"invocations": [{"executionSuccessful": False}]}, False),
        ({"invocations": [{"executionSuccessful": True}, {"executionSuccessful": False}]}, False),
        ({"invocations": [{}]}, False),
        ({"invocations": [{"executionSuccessful": "true"}]}, False),
        ({"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [ERROR]}]}, False),
        ({"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [{"level": "note"}]}]}, True),
        ({"externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}}, False),
        ({"externalPropertyFileReferences": {"driver": {}}}, False),
        ({"externalPropertyFileReferences": {"taxonomies": []}}, True),
        ({"results": None}, False),
    ],
)
def test_a_scan_that_did_not_finish_is_not_complete(more: Json, complete: bool) -> None:
    assert read(sarif({**run(), **more}))["complete"] is complete


def test_results_that_are_not_there_are_not_no_results() -> None:
    unfinished = run()
    del unfinished["results"]

    assert read(sarif(unfinished))["complete"] is False
    assert read(sarif(run(), unfinished))["complete"] is False


def test_several_runs_are_one_document() -> None:
    second = run({"level": "note", "ruleId": "B"})
    second["tool"]["driver"] = {"name": "U", "semanticVersion": "2.0"}
    report = Report(json.dumps(sarif(run({"level": "error", "ruleId": "A"}), second)).encode(), "r")
    reading = registry.read(report)

    assert reading.producer == "T 1, U 2.0"
    assert reading.facts["tool"] == "T, U"
    assert [finding["locator"] for finding in reading.facts["findings"]] == ["/runs/0/results/0", "/runs/1/results/0"]
    assert reading.facts["counts"] == {"error": 1, "warning": 0, "note": 1, "none": 0}


@pytest.mark.parametrize(
    ("artifacts", "examined"),
    [
        (None, None),
        ([{"location": {"uri": "a"}}], None),
        ([{"roles": ["analysisTarget"]}, {"roles": ["resultFile", "analysisTarget"]}, {"roles": ["driver"]}], 2),
        ([{"roles": ["driver"]}], None),
    ],
)
def test_files_examined_are_the_targets_that_a_run_names(artifacts: list[Json] | None, examined: int | None) -> None:
    more = {} if artifacts is None else {"artifacts": artifacts}

    assert read(sarif(run(**more))).get("files_examined") == examined


def test_files_examined_are_not_known_when_one_run_does_not_say() -> None:
    assert "files_examined" not in read(sarif(run(artifacts=[{"roles": ["analysisTarget"]}]), run()))


def test_where_and_what_a_finding_is() -> None:
    region = {"startLine": 7}
    location = {"physicalLocation": {"artifactLocation": {"uri": "src/a%20b.py", "index": 0}, "region": region}}
    by_index = {"physicalLocation": {"artifactLocation": {"index": 0}}}
    results = [
        {"ruleId": "A", "message": {"text": "bad"}, "locations": [location, by_index]},
        {"ruleId": "A", "message": {"id": "m", "arguments": ["x", "y"]}, "locations": [by_index]},
        {"ruleId": "A", "message": {"markdown": "*bad*"}, "locations": []},
        {"locations": [{"logicalLocations": []}]},
    ]
    rules = [{"id": "A", "messageStrings": {"m": {"text": "{1} before {0}, {{not}} {7}"}}}]
    facts = read(sarif(run(*results, rules=rules, artifacts=[{"location": {"uri": "src/c.py"}}])))

    shown = [{k: v for k, v in f.items() if k not in {"level", "suppressed"}} for f in facts["findings"]]
    assert shown == [
        {"rule": "A", "message": "bad", "path": "src/a b.py", "line": 7, "locator": "/runs/0/results/0"},
        {"rule": "A", "message": "y before x, {not} {7}", "path": "src/c.py", "locator": "/runs/0/results/1"},
        {"rule": "A", "message": "*bad*", "locator": "/runs/0/results/2"},
        {"rule": "(no rule)", "locator": "/runs/0/results/3"},
    ]


@pytest.mark.parametrize("index", [-1, 1, "0", None, 0.0])
def test_an_index_that_leads_nowhere_is_no_path(index: Any) -> None:
    location = {"physicalLocation": {"artifactLocation": {"index": index}, "region": {"startLine": -1}}}
    facts = read(sarif(run({"ruleId": "A", "locations": [location]}, artifacts=[{"location": {"uri": "src/c.py"}}])))

    assert not {"path", "line"} & facts["findings"][0].keys()


def test_more_results_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "MAX_ITEMS", 1)

    assert len(read(sarif(run({})))["findings"]) == 1
    assert refusal(sarif(run({}, {}))) == ("sarif.results", "r.sarif: /runs/0/results")


def test_the_text_of_a_message_may_stand_with_the_driver() -> None:
    document = sarif(run({"message": {"id": "g"}}))
    document["runs"][0]["tool"]["driver"]["globalMessageStrings"] = {"g": {"text": "global"}}

    assert read(document)["findings"][0]["message"] == "global"


def test_a_long_message_is_cut() -> None:
    facts = read(sarif(run({"message": {"text": "x" * 9_000}})))

    assert facts["findings"][0]["message"] == "x" * MAX_TEXT + " [cut]"


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (sarif(), "sarif.no_runs", "/runs"),
        (sarif(version="2.0.0"), "sarif.version", "/version"),
        (sarif(run(), version="1.0.0"), "sarif.version", "/version"),
        ({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": []}, "sarif.version", "/version"),
        ({"version": "2.1.0", "runs": None}, "shape", "/runs"),
        ({"version": "2.1.0", "runs": {}}, "shape", "/runs"),
        (sarif("run"), "shape", "/runs/0"),
        (sarif({}), "shape", "/runs/0/tool"),
        (sarif({"tool": {}}), "shape", "/runs/0/tool/driver"),
        (sarif({"tool": {"driver": {}}, "results": []}), "shape", "/runs/0/tool/driver/name"),
        (sarif({**run(), "results": 42}), "shape", "/runs/0/results"),
        (sarif(run("bad")), "shape", "/runs/0/results/0"),
        (sarif(run({"level": "critical"})), "sarif.level", "/runs/0/results/0"),
        (sarif(run({"level": None})), "sarif.level", "/runs/0/results/0"),
        (sarif(run({"ruleId": "A"}, rules=[rule("A", "high")])), "sarif.level", "/runs/0/results/0"),
        (sarif(run({"kind": "failed"})), "sarif.kind", "/runs/0/results/0"),
        (sarif(run({"ruleId": 7})), "shape", "/runs/0/results/0/ruleId"),
        (sarif(run({"message": "bad"})), "shape", "/runs/0/results/0/message"),
        (sarif(run({"message": {"text": 7}})), "sarif.message", "/runs/0/results/0/message"),
        (sarif(run({"suppressions": {}})), "shape", "/runs/0/results/0/suppressions"),
    ],
)
def test_what_no_reader_could_be_sure_of_is_refused(document: Any, code: str, where: str) -> None:
    assert refusal(document) == (code, f"r.sarif: {where}")
