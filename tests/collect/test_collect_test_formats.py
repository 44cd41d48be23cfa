"""CTRF, TRX, NUnit and go test: whatever did not plainly pass is not a pass, and headers that lie are told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError
from gatekeeper.facts import kind
from shared import SHARED

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def text(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def read(data: str) -> Any:
    return registry.read(Report(data.encode(), "r")).facts


def outcomes(facts: Any) -> list[tuple[str, str]]:
    return [(case["name"], case["outcome"]) for case in facts["cases"]]


def test_ctrf_says_what_did_not_pass_and_where() -> None:
    [failed, other] = read(text("written/ctrf-bad.json"))["cases"]
    assert failed == {
        "name": "rounds up",
        "suite": "label",
        "outcome": "failed",
        "message": "expected 165, got 160",
        "locator": "/results/tests/0",
    }
    assert other["outcome"] == "errored"


@pytest.mark.parametrize(
    ("path", "value", "claimed"),
    [("tests", 4, {"tests": 4}), ("failed", 0, {"failed": 0}), ("passed", 3, {"passed": 3})],
)
def test_a_summary_of_ctrf_that_says_otherwise_is_kept_as_claimed(
    path: str, value: int, claimed: dict[str, int]
) -> None:
    report = json.loads(text("written/ctrf-bad.json"))
    report["results"]["summary"][path] = value
    facts = read(json.dumps(report))
    assert facts["complete"] is False
    assert facts["claimed"] == {"locator": "/results/summary", **claimed}


def test_a_status_that_ctrf_does_not_have_is_refused() -> None:
    with pytest.raises(MalformedError, match="the status 'fine' is not known"):
        read(text("written/ctrf.json").replace('"pending",\n        "duration"', '"fine",\n        "duration"'))


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Passed", None),
        ("NotExecuted", "skipped"),
        ("Inconclusive", "skipped"),
        ("PassedButRunAborted", "errored"),
        ("Completed", "errored"),
        ("Fantastic", "errored"),
        ("", "errored"),
    ],
)
def test_outcomes_of_trx(word: str, outcome: str | None) -> None:
    facts = read(
        text("written/trx.trx").replace(
            'testName="Postage.RoundsUp" outcome="Passed"', f'testName="Postage.RoundsUp" outcome="{word}"'
        )
    )
    assert ("Postage.RoundsUp", outcome) in outcomes(facts) or outcome is None
    assert facts["total"] == 4


def test_an_error_outside_of_a_test_is_a_case() -> None:
    case = read(text("written/trx-bad.trx"))["cases"][-1]
    assert (case["name"], case["outcome"], case["message"]) == ("(run)", "errored", "The host process exited.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('outcome="Completed">\n    <Counters', 'outcome="Aborted">\n    <Counters'),
        ('total="4"', 'total="9"'),
        ('failed="0" error', 'failed="2" error'),
    ],
)
def test_a_run_of_trx_that_did_not_end_or_counted_more_is_not_complete(old: str, new: str) -> None:
    assert old in text("written/trx.trx")
    assert read(text("written/trx.trx").replace(old, new))["complete"] is False


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("TeamTest/2010", "TeamTest/2006", "trx.namespace"),
        ("<Times", '<UnitTestResult testName="x" outcome="Failed" /><Times', "trx.hidden"),
        ('<UnitTestResult testName="Postage.Later"', '<Result testName="Postage.Later"', None),
    ],
)
def test_results_of_trx_stand_where_they_belong(old: str, new: str, code: str | None) -> None:
    changed = text("written/trx.trx").replace(old, new, 1)
    assert changed != text("written/trx.trx")
    with pytest.raises(MalformedError) as refused:
        read(changed)
    assert code is None or refused.value.code == code


@pytest.mark.parametrize(
    ("result", "label", "outcome"),
    [
        ("Passed", "", None),
        ("Skipped", "Ignored", "skipped"),
        ("Inconclusive", "", "skipped"),
        ("Failed", "Error", "errored"),
        ("Skipped", "Invalid", "errored"),
        ("Warning", "", "errored"),
        ("", "", "errored"),
    ],
)
def test_results_of_nunit(result: str, label: str, outcome: str | None) -> None:
    facts = read(
        text("written/nunit.xml").replace('RoundsUp" result="Passed"', f'RoundsUp" result="{result}" label="{label}"')
    )
    assert ("Parcel.Postage.RoundsUp", outcome) in outcomes(facts) or outcome is None


def test_a_fixture_of_nunit_that_broke_is_a_case() -> None:
    changed = text("written/nunit.xml").replace(
        'fullname="Parcel.Postage" result="Passed"', 'fullname="Parcel.Postage" result="Failed" site="SetUp"'
    )
    facts = read(changed)
    assert outcomes(facts)[-1] == ("(fixture)", "errored")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('testcasecount="2"', 'testcasecount="5"'),
        ('failed="0"', 'failed="1"'),
        ('result="Passed" total', 'result="Cancelled" total'),
    ],
)
def test_a_header_of_nunit_that_says_otherwise_is_not_complete(old: str, new: str) -> None:
    assert old in text("written/nunit.xml")
    assert read(text("written/nunit.xml").replace(old, new, 1))["complete"] is False


GO = text("junit/go-test.json").splitlines()


def test_a_failing_test_of_go_says_what_it_printed() -> None:
    cases = {case["name"]: case for case in read(text("junit/go-test-bad.json"))["cases"]}
    assert set(cases) == {"TestGrams", "TestGrams/one", "TestLater"}
    assert "1 kg are 100 g" in cases["TestGrams/one"]["message"]
    assert cases["TestGrams/one"]["suite"] == "example.org/acme/scale/weigh"


@pytest.mark.parametrize("gone", [1, 2, 5])
def test_a_stream_of_go_that_is_cut_off_is_not_complete(gone: int) -> None:
    facts = read("\n".join(GO[:-gone]) + "\n")
    assert facts["complete"] is False


def test_a_test_of_go_without_a_verdict_is_an_error() -> None:
    kept = [line for line in GO if not ('"Test":"TestLater"' in line and '"Action":"skip"' in line)]
    assert len(kept) == len(GO) - 1
    assert ("TestLater", "errored") in outcomes(read("\n".join(kept)))


def test_a_package_of_go_that_broke_outside_of_its_tests_is_a_case() -> None:
    broken = "\n".join(GO[:-1]) + "\n" + GO[-1].replace('"Action":"pass"', '"Action":"fail"') + "\n"
    assert broken != "\n".join(GO) + "\n"
    assert outcomes(read(broken))[-1] == ("(package)", "errored")


def test_a_test_of_go_that_runs_twice_is_counted_twice() -> None:
    twice = read("\n".join([*GO[:-1], *GO]))
    assert twice["total"] == 8


def test_an_action_that_go_does_not_have_is_refused() -> None:
    with pytest.raises(MalformedError, match="the action 'hope' is not known"):
        read("\n".join([*GO, GO[0].replace('"start"', '"hope"')]))


JTL = text("written/jmeter.jtl")


def test_what_a_transaction_controller_writes_is_passed_over() -> None:
    assert read(JTL)["requests"] == 200
    assert [endpoint["name"] for endpoint in read(JTL)["endpoints"]] == ["/pay"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",true,,1000,", ",yes,,1000,", "jmeter.success"),
        ("1764000000100,101", "1764000000100,fast", "jmeter.number"),
        ("1764000000100,101", "1764000000100,-1", "jmeter.number"),
        ("1764000000100,101,/pay", "1764000000100,101", "jmeter.row"),
        ("1764000000100,101,/pay", '1764000000100,101,"/pay"x', "jmeter.csv"),
    ],
)
def test_a_sample_that_is_none_is_refused(old: str, new: str, code: str) -> None:
    assert old in JTL
    with pytest.raises(MalformedError) as refused:
        read(JTL.replace(old, new, 1))
    assert refused.value.code == code


def test_results_of_jmeter_that_are_cut_off_are_refused() -> None:
    with pytest.raises(MalformedError):
        read(JTL[:-40])
    with pytest.raises(MalformedError):
        read(text("written/jmeter-bad.jtl")[:-20])


@given(name=st.sampled_from(["written/ctrf.json", "written/google-benchmark.json"]), data=st.data())
def test_a_member_that_is_something_else_makes_no_crash(name: str, data: st.DataObject) -> None:
    report = json.loads(text(name))
    places: list[tuple[Any, ...]] = []

    def walk(value: Any, at: tuple[Any, ...]) -> None:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            places.append((*at, key))
            walk(member, (*at, key))

    walk(report, ())
    *steps, last = data.draw(st.sampled_from(places))
    changed = copy.deepcopy(report)
    holder = changed
    for step in steps:
        holder = holder[step]
    holder[last] = data.draw(st.sampled_from([None, 0, -1, 1.5, "", "x", [], {}, [None], True, 1e300]))
    try:
        reading = registry.read(Report(json.dumps(changed).encode(), "r"))
    except GatekeeperError:
        return
    kind(reading.kind).validate(reading.facts)


@pytest.mark.skipif(SHARED is None, reason="the shared fixtures are not here")
def test_the_shared_reports_have_the_facts_that_were_counted() -> None:
    assert SHARED is not None
    folder = SHARED / "fixtures"
    truth = json.loads((folder / "ground_truth.json").read_bytes())

    def facts(name: str) -> Any:
        return registry.read(Report((folder / name).read_bytes(), name)).facts

    for path in sorted((folder / "ctrf").iterdir()):
        name = f"ctrf/{path.name}"
        found, known = facts(name), truth[name]
        assert (found["total"], found["flaky"]) == (known["tests"], known["flaky"]), name
        assert found["failed"] == known["status"].get("failed", 0)
        assert found["passed"] == known["status"].get("passed", 0)
    trx = facts("trx/mstest_pickles.trx")
    assert (trx["passed"], trx["failed"], trx["complete"]) == (3, 1, True)
    nunit, known = facts("nunit/nunit2_correct.xml"), truth["nunit/nunit2_correct.xml"]["case_results"]
    assert (nunit["total"], nunit["passed"]) == (28, known["Success"])
    assert (nunit["failed"], nunit["errored"]) == (known["Failure"], known["Error"])
    assert nunit["skipped"] == known["Ignored"] + known["Inconclusive"] + known["NotRunnable"]
    for name, rows in (("false_report.csv", 50), ("htmlreport.csv", 255), ("sample_log1.jtl", 10_000)):
        found, known = facts(f"perf/jmeter/{name}"), truth[f"perf/jmeter/{name}"]
        assert (found["requests"], found["errors"], len(found["endpoints"])) == (rows, known["failed"], known["labels"])
