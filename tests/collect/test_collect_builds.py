"""Builds: what a compiler says at its end counts, unless what it said before contradicts it; a log without end does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError

BUILDS = Path(__file__).resolve().parents[2] / "fixtures" / "builds"
TARGET = {"name": "scale", "kind": ["lib"]}
ARTIFACT = {"reason": "compiler-artifact", "target": TARGET}
GOOD, FAILED = ({"reason": "build-finished", "success": success} for success in (True, False))


def message(level: str, text: str = "m", **more: Any) -> dict[str, Any]:
    return {"reason": "compiler-message", "target": TARGET, "message": {"level": level, "message": text, **more}}


def lines(*events: Any) -> bytes:
    return "".join(f"{json.dumps(event)}\n" for event in events).encode()


def facts(data: bytes) -> dict[str, Any]:
    reading = registry.read(Report(data, "log"))
    assert reading.kind == "build"
    return dict(reading.facts)


def refused(data: bytes) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as caught:
        registry.read(Report(data, "log"))
    return caught.value


def test_a_build_is_what_cargo_says_at_its_end() -> None:
    read = facts(lines(ARTIFACT, {"reason": "build-script-executed"}, GOOD))

    assert (read["succeeded"], read["complete"], read["units"], read["unit_count"]) == (True, True, ["scale lib"], 1)
    assert facts(lines(ARTIFACT, FAILED))["succeeded"] is False
    assert facts(lines(GOOD)) == {**facts(lines(ARTIFACT, GOOD)), "units": [], "unit_count": 0}


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((ARTIFACT,), id="cut off"),
        pytest.param((ARTIFACT, GOOD, ARTIFACT), id="not at the end"),
        pytest.param((ARTIFACT, FAILED, ARTIFACT, GOOD), id="two builds"),
        pytest.param((ARTIFACT, GOOD, GOOD), id="twice"),
    ],
)
def test_a_log_without_its_one_end_is_not_complete_and_nothing_succeeded(events: tuple[Any, ...]) -> None:
    read = facts(lines(*events))

    assert (read["succeeded"], read["complete"]) == (False, False)


@pytest.mark.parametrize("level", ["error", "error: internal compiler error"])
def test_no_build_succeeds_with_errors(level: str) -> None:
    read = facts(lines(message(level), GOOD))

    assert (read["succeeded"], read["complete"], read["claimed"]) == (False, False, {"succeeded": True})
    assert read["error_count"] == 1


def test_every_level_of_rustc_is_one_of_three() -> None:
    levels = ["error", "error: internal compiler error", "warning", "note", "help", "failure-note"]
    read = facts(lines(*map(message, levels), FAILED))

    assert [item["level"] for item in read["diagnostics"]] == ["error", "error", "warning", "note", "note", "note"]
    assert (read["error_count"], read["warning_count"]) == (2, 1)


def test_a_diagnostic_has_its_place_in_the_source_and_in_the_log() -> None:
    spans = [
        {"file_name": "src/other.rs", "line_start": 1, "is_primary": False},
        {"file_name": "src/lib.rs", "line_start": 4, "is_primary": True},
    ]
    (item,) = facts(lines(ARTIFACT, message("error", "no such name", spans=spans, code={"code": "E0425"}), FAILED))[
        "diagnostics"
    ]

    assert item == {
        "level": "error",
        "message": "no such name",
        "code": "E0425",
        "path": "src/lib.rs",
        "line": 4,
        "unit": "scale lib",
        "locator": "line 2",
    }


def test_a_message_without_text_or_code_is_still_one() -> None:
    (item,) = facts(lines(message("error", "", code=None), FAILED))["diagnostics"]

    assert item == {"level": "error", "message": "no message", "unit": "scale lib", "locator": "line 1"}


@pytest.mark.parametrize(
    ("data", "where", "code"),
    [
        (lines(ARTIFACT, {"reason": "build-faked"}, GOOD), "log: line 2", "cargo.reason"),
        (lines(ARTIFACT, message("eror"), GOOD), "log: line 2/message/level", "cargo.level"),
        (lines(ARTIFACT, {"reason": "build-finished", "success": "true"}), "log: line 2/success", "shape"),
        (lines(ARTIFACT, {"reason": "build-finished"}), "log: line 2/success", "shape"),
        (lines({"reason": "compiler-artifact"}, GOOD), "log: line 1/target", "shape"),
        (
            lines(ARTIFACT, message("error", spans=[{"is_primary": True}])),
            "log: line 2/message/spans/0/file_name",
            "shape",
        ),
        (lines(ARTIFACT) + b"   Compiling scale\n" + lines(GOOD), "log: line 2", "json.syntax"),
        (lines(ARTIFACT, GOOD)[:-5], "log: from line 2", "json.syntax"),
    ],
)
def test_what_could_hide_a_failure_is_refused_with_its_line(data: bytes, where: str, code: str) -> None:
    error = refused(data)

    assert isinstance(error, MalformedError)
    assert error.code == code
    assert error.where.startswith(where)


def event(action: str, package: str = "example.org/a", **more: str) -> dict[str, str]:
    return {"ImportPath": package, "Action": action, **more}


def test_go_build_is_certain_of_failures_only() -> None:
    failed = facts(lines(event("build-output", Output="# example.org/a\n"), event("build-fail")))
    silent = facts(
        lines(event("build-output", Output="example.org/a\n"), event("build-output", "example.org/b", Output="x\n"))
    )

    assert (failed["succeeded"], failed["complete"], failed["units"]) == (False, True, ["example.org/a"])
    assert [item["message"] for item in failed["diagnostics"]] == ["the package could not be built"]
    assert (silent["succeeded"], silent["complete"], silent["diagnostics"]) == (False, False, [])


def test_go_errors_have_their_places() -> None:
    output = ["# example.org/a\n", "a.go:4:40: undefined: b\n", "\tcontinued\n", "a.go:9: other\n", "too many errors\n"]
    read = facts(lines(*(event("build-output", Output=text) for text in output), event("build-fail")))

    assert [(item["message"], item.get("path"), item.get("line"), item["locator"]) for item in read["diagnostics"]] == [
        ("undefined: b", "a.go", 4, "line 2"),
        ("other", "a.go", 9, "line 4"),
        ("too many errors", None, None, "line 5"),
    ]


def test_results_of_go_tests_are_no_build() -> None:
    of_tests = lines(
        event("build-output", Output="x\n"), event("build-fail"), {"Action": "start", "Package": "example.org/a"}
    )
    reading = registry.read(Report(of_tests, "r"))
    assert reading.kind == "test_results"
    assert reading.facts["complete"] is False


def test_an_action_that_is_not_known_is_refused() -> None:
    assert refused(lines(event("build-output"), event("build-skip"))).code == "go.action"


def package(**more: Any) -> dict[str, Any]:
    return {"Dir": "/src", "ImportPath": "example.org/a", "Name": "a", "Export": "/cache/a", **more}


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({}, []),
        ({"Export": ""}, ["it was not compiled"]),
        ({"Export": None}, ["it was not compiled"]),
        ({"Incomplete": True}, ["it was not compiled"]),
        ({"DepsErrors": [{"Err": "x"}]}, ["what it imports could not be compiled"]),
        ({"Error": {"Err": "# a\na.go:1:2: wrong\nb.go:3:4: too\n"}}, ["wrong", "too"]),
        ({"Error": {"Err": "# a\n"}}, ["it was not compiled"]),
        ({"Error": {"Err": "no Go files in /src"}}, ["no Go files in /src"]),
    ],
)
def test_a_package_that_was_not_compiled_is_an_error(changes: dict[str, Any], messages: list[str]) -> None:
    one = package(**changes)
    for data in (json.dumps(one, indent="\t").encode(), lines(one)):
        read = facts(data)
        assert [item["message"] for item in read["diagnostics"]] == messages
        assert (read["succeeded"], read["units"]) == (not messages, ["example.org/a"])


def test_every_package_of_the_list_counts() -> None:
    listed = "\n".join(
        json.dumps(item, indent="\t") for item in (package(), package(ImportPath="example.org/b", Export=""))
    )
    read = facts(listed.encode())

    assert (read["succeeded"], read["units"]) == (False, ["example.org/a", "example.org/b"])
    assert [item["unit"] for item in read["diagnostics"]] == ["example.org/b"]


def test_a_list_that_is_cut_in_a_package_is_refused() -> None:
    data = (BUILDS / "go-list.json").read_bytes()

    assert refused(data[:-20]).code == "json.syntax"


def test_secrets_and_control_characters_of_compilers_do_not_reach_the_facts() -> None:
    text = "password=hunter2hunter2 \x1b[31m"
    (item,) = facts(lines(message("error", text), FAILED))["diagnostics"]

    assert item["message"] == r"password=[redacted] \u001b[31m"
