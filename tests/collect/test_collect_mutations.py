"""Broken, shuffled and hostile reports: nothing but typed errors comes out, in bounded time, and facts stay facts."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError
from gatekeeper.facts import kind
from shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable

JUNIT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites tests="5" failures="1"><testsuite name="s" tests="5" failures="1" errors="1" skipped="1" time="1,234.5">
<testcase classname="C" name="a" time="0.1"/><testcase classname="C" name="b"><failure message="m">text</failure></testcase>
<testcase classname="C" name="c"><skipped/></testcase><testcase name="d"><error/><system-out><![CDATA[<x>]]></system-out>
</testcase><testsuite name="n"><testcase name="e"><flakyFailure/></testcase></testsuite></testsuite></testsuites>"""
COBERTURA = b"""<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage lines-valid="3" lines-covered="2" branches-valid="2" branches-covered="1" line-rate="0.66"><packages>
<package name="p"><classes><class filename="a.py"><methods/><lines><line number="1" hits="1"/>
<line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class filename="b.py"><lines><line number="1" hits="7"/></lines></class></classes></package></packages></coverage>"""
JACOCO = b"""<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="r"><package name="p">
<sourcefile name="A"><line nr="1" mi="0" ci="2" mb="1" cb="1"/><line nr="2" mi="1" ci="0" mb="0" cb="0"/>
<counter type="LINE" missed="1" covered="1"/></sourcefile></package><counter type="LINE" missed="1" covered="1"/></report>"""
LCOV = b"""TN:
SF:a.c
DA:1,1
DA:2,0
BRDA:1,0,0,1
BRDA:1,0,1,-
BRF:2
BRH:1
LF:2
LH:1
end_of_record
SF:b.c
DA:1,0
end_of_record
"""
SUMMARY = {"covered_lines": 1, "num_statements": 2, "num_branches": 2, "covered_branches": 1}
COVERAGEPY = json.dumps(
    {
        "meta": {"format": 3, "version": "7.12.0", "branch_coverage": True},
        "files": {
            "a.py": {
                "executed_lines": [1],
                "missing_lines": [2],
                "executed_branches": [[1, 2]],
                "missing_branches": [[1, -1]],
                "summary": SUMMARY,
            }
        },
        "totals": SUMMARY,
    }
).encode()
SARIF = json.dumps(
    {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "T", "rules": [{"id": "A", "defaultConfiguration": {"level": "error"}}]}},
                "invocations": [{"executionSuccessful": True}],
                "artifacts": [{"location": {"uri": "a"}, "roles": ["analysisTarget"]}],
                "results": [
                    {"ruleId": "A", "ruleIndex": 0, "message": {"text": "é \U0001f600"}, "kind": "fail"},
                    {
                        "rule": {"id": "A/b"},
                        "level": "note",
                        "message": {"id": "m", "arguments": ["1"]},
                        "suppressions": [{"kind": "external"}],
                        "locations": [
                            {"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 3}}}
                        ],
                    },
                ],
            }
        ],
    }
).encode()

MADE = {
    "junit": JUNIT,
    "cobertura": COBERTURA,
    "jacoco": JACOCO,
    "lcov": LCOV,
    "coveragepy": COVERAGEPY,
    "sarif": SARIF,
}
REAL = (
    "junit/pytest_fail.xml",
    "junit/disabled_gtest.xml",
    "junit/gotestsum_report.xml",
    "coverage/cobertura/cobertura-2.1.1-multisource.xml",
    "coverage/jacoco/multiple-packages.xml",
    "coverage/lcov/csharp.info",
    "sarif/suppressions.sarif",
    "sarif/spec_appendix_k4.sarif",
)
SECONDS = 20
"""Ten times what any of these takes on a busy machine, less than anything that runs away."""

EXAMPLES = int(os.environ.get("GATEKEEPER_TEST_EXAMPLES", "150"))
quick = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


@cache
def seeds() -> tuple[bytes, ...]:
    real = [(SHARED / "fixtures" / path).read_bytes() for path in REAL] if SHARED else []
    return (*MADE.values(), *real)


def read_or_refused(data: bytes) -> None:
    """Read a report: its facts hold, or it is refused with a place, and never because a collector broke."""
    refused: GatekeeperError | None = None
    try:
        reading = registry.read(Report(data, "r"))
    except GatekeeperError as error:
        refused = error
    if refused is None:
        kind(reading.kind).validate(reading.facts)
    else:
        assert refused.code != "collect.broken", str(refused)
        assert refused.where.startswith("r")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A report cut, flipped, spliced with another, with a piece of it repeated, moved or written over."""
    data = draw(st.sampled_from(seeds()))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        end = min(end, start + 400)
        piece = data[start:end]
        match draw(st.sampled_from(["cut", "flip", "splice", "repeat", "move", "write", "drop"])):
            case "cut":
                data = data[:start]
            case "flip" if data:
                at = min(start, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ (1 << draw(st.integers(0, 7)))]) + data[at + 1 :]
            case "splice":
                other = draw(st.sampled_from(seeds()))
                data = data[:start] + other[draw(st.integers(0, len(other))) :]
            case "repeat":
                data = data[:end] + piece * draw(st.integers(1, 30)) + data[end:]
            case "move":
                rest = data[:start] + data[end:]
                at = draw(st.integers(0, len(rest)))
                data = rest[:at] + piece + rest[at:]
            case "write":
                hostile = [b"\0", b"\xff", b"&x;", b"<![CDATA[", b"]]>", b"<!--", b'"', b"NaN", b"9" * 5000, b"[" * 300]
                data = data[:start] + draw(st.sampled_from(hostile)) + data[end:]
            case _:
                data = data[:start] + data[end:]
    return data


@quick
@given(mutated())
def test_only_typed_errors_come_out_of_broken_reports(data: bytes) -> None:
    started = time.monotonic()
    read_or_refused(data)

    assert time.monotonic() - started < SECONDS


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@quick
@given(st.data())
def test_only_typed_errors_come_out_of_json_with_one_member_of_another_shape(data: st.DataObject) -> None:
    document = json.loads(data.draw(st.sampled_from([COVERAGEPY, SARIF])))
    place: Any = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not inner or not isinstance(inner, (dict, list)) or data.draw(st.integers(0, 4)) == 0:
            break
        place = inner
    place[key] = data.draw(json_values)

    read_or_refused(json.dumps(document).encode())


def facts_of(data: bytes) -> dict[str, Any]:
    return dict(registry.read(Report(data, "r")).facts)


def without_places(value: Any) -> Any:
    """Facts without locators, lists in one order: what may change when only the order of a report does."""
    if isinstance(value, dict):
        return {name: without_places(member) for name, member in value.items() if name != "locator"}
    if isinstance(value, list):
        return sorted((without_places(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def shuffled(data: bytes, parents: set[str], permute: Callable[[list[Any]], list[Any]]) -> bytes:
    """An XML report with the children of some elements in another order."""
    root = ET.fromstring(data.partition(b"?>")[2] if data.startswith(b"<?") else data)  # noqa: S314 - our own text
    for element in root.iter():
        if element.tag in parents:
            children = permute(list(element))
            element[:] = children
    return ET.tostring(root)


@quick
@given(st.data())
@pytest.mark.parametrize(
    ("report", "parents"),
    [
        (JUNIT, {"testsuites", "testsuite"}),
        (COBERTURA, {"package", "classes", "class", "lines"}),
        (JACOCO.replace(b'"report.dtd">', b'"report.dtd">\n'), {"report", "package", "sourcefile"}),
    ],
    ids=["junit", "cobertura", "jacoco"],
)
def test_the_order_of_elements_changes_no_fact_but_places(
    report: bytes, parents: set[str], data: st.DataObject
) -> None:
    head = report.partition(b"\n")[0] + b"\n" if report.startswith(b"<!DOCTYPE") else b""
    other = head + shuffled(report, parents, lambda items: data.draw(st.permutations(items)))

    assert without_places(facts_of(other)) == without_places(facts_of(report))


@quick
@given(st.permutations(LCOV.split(b"end_of_record\n")[:-1]))
def test_the_order_of_lcov_records_changes_no_fact(records: list[bytes]) -> None:
    data = b"".join(record + b"end_of_record\n" for record in records)

    assert without_places(facts_of(data)) == without_places(facts_of(LCOV))


@quick
@given(st.booleans(), st.sampled_from([None, 0, 4, "\t"]), st.booleans())
@pytest.mark.parametrize("report", [COVERAGEPY, SARIF], ids=["coveragepy", "sarif"])
def test_how_json_is_written_changes_no_fact(report: bytes, ascii_only: bool, indent: Any, by_key: bool) -> None:
    written = json.dumps(json.loads(report), ensure_ascii=ascii_only, indent=indent, sort_keys=by_key).encode()

    assert facts_of(written) == facts_of(report)


@quick
@given(st.permutations([0, 1]))
def test_the_order_of_results_changes_no_fact_but_places(order: list[int]) -> None:
    document = json.loads(SARIF)
    results = document["runs"][0]["results"]
    document["runs"][0]["results"] = [results[index] for index in order]

    assert without_places(facts_of(json.dumps(document).encode())) == without_places(facts_of(SARIF))


COUNTS = ("total", "passed", "failed", "errored", "skipped", "flaky", "executed")
numbers = st.integers(-3, 10**6).map(str) | st.sampled_from(["", "NaN", "all", "1,000", "0x5", "٣", "1e3", "-0"])


@quick
@given(numbers, numbers, numbers, numbers)
def test_no_header_of_a_suite_changes_a_count(tests: str, failures: str, errors: str, skipped: str) -> None:
    lying = JUNIT.replace(
        b'tests="5" failures="1" errors="1" skipped="1"',
        f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'.encode(),
    )
    honest, facts = facts_of(JUNIT), facts_of(lying)

    assert [facts[name] for name in COUNTS] == [honest[name] for name in COUNTS]
    assert (facts["cases"], facts["names"]) == (honest["cases"], honest["names"])
    if tests != "5":
        assert facts["complete"] is False


@quick
@given(numbers, numbers)
def test_no_header_of_coverage_changes_a_count(valid: str, covered: str) -> None:
    header = f'lines-valid="{valid}" lines-covered="{covered}"'.encode()
    facts = facts_of(COBERTURA.replace(b'lines-valid="3" lines-covered="2"', header))

    assert (facts["lines_valid"], facts["lines_covered"]) == (3, 2)
    assert facts["complete"] is ((valid, covered) == ("3", "2"))


FLOODS = {
    "elements": b"<testsuite>" + b"<testcase name='a'/>" * 200_000 + b"</testsuite>",
    "depth": b"<testsuite>" * 100_000 + b"</testsuite>" * 100_000,
    "attributes": b"<testsuite " + b" ".join(b"a%d='1'" % number for number in range(200_000)) + b"/>",
    "comments": b"<testsuite>" + b"<!---->" * 300_000 + b"</testsuite>",
    "half comments": b"<testsuite/>" + b"<!--" * 300_000,
    "half comments first": b"<!--" * 300_000 + b"<testsuite/>",
    "instructions": b"<?a?>" * 300_000 + b"<testsuite/>",
    "one name": b"<testsuite><testcase name='" + b"a" * 5_000_000 + b"'/></testsuite>",
    "one message": b"<testsuite><testcase name='a'><failure>"
    + b"password " * 500_000
    + b"</failure></testcase></testsuite>",
    "keys": b"-----BEGIN PRIVATE KEY-----" * 50_000,
    "arrays": b"[" * 100_000,
    "objects": b'{"runs":' * 100_000,
    "records": b"SF:a\n" + b"DA:1,1\n" * 200_000 + b"end_of_record\n",
    "blank lines": b"\n" * 5_000_000 + b"SF:a\nend_of_record\n",
    "test names": b"TN:\n" * 1_000_000,
    "results": b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"T"}},"results":[' + b"{}," * 100_000 + b"{}]}]}",
    "parents": b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"T"}},"results":[{"ruleId":"'
    + b"a/" * 20_000
    + b'"}]}]}',
}


@pytest.mark.no_cover  # a measured line costs several times itself
@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_ends_in_bounded_time(name: str) -> None:
    started = time.monotonic()
    read_or_refused(FLOODS[name])

    assert time.monotonic() - started < SECONDS
