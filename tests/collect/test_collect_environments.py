"""Environments and comparisons of builds: what is there, and what differs, with nothing hidden behind something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError
from gatekeeper.facts import kind

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
RUSTC = (FIXTURES / "environment/rustc.txt").read_text()
INSPECTED = json.loads((FIXTURES / "environment/pip-inspect.json").read_text())


def facts(text: Any) -> dict[str, Any]:
    data = text if isinstance(text, str) else json.dumps(text)
    return dict(registry.read(Report(data.encode(), "report")).facts)


def refusal(text: Any) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as caught:
        facts(text)
    return caught.value


def test_rustc_says_what_it_is() -> None:
    assert [(tool["name"], tool["version"]) for tool in facts(RUSTC)["tools"]] == [
        ("rustc", "1.95.0"),
        ("llvm", "22.1.2"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("release: 1.95.0\n", "", "rustc.member"),
        ("LLVM version", "LLVM", "rustc.line"),
        ("host: ", "hoist: ", "rustc.line"),
        ("release: 1.95.0", "release: 1.95.0 patched", "rustc.line"),
    ],
)
def test_a_compiler_that_says_something_else_is_refused(old: str, new: str, code: str) -> None:
    assert refusal(RUSTC.replace(old, new)).code == code


def test_pip_lists_python_and_every_distribution() -> None:
    read = facts(INSPECTED)

    assert read["tools"][0] == {"name": "python", "version": "3.11.7", "locator": "/environment/python_full_version"}
    assert {tool["name"] for tool in read["tools"]} == {"python", "pip", "setuptools"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": "2"}, "pip_inspect.version"),
        ({"environment": {}}, "shape"),
        ({"installed": [{"metadata": {"name": "x"}}]}, "shape"),
        ({"installed": None}, "shape"),
    ],
)
def test_an_inspection_of_another_shape_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(INSPECTED | changes).code == code


def compared(*details: Any, diff: str | None = None) -> dict[str, Any]:
    root = {"diffoscope-json-version": 1, "source1": "a.whl", "source2": "b.whl", "unified_diff": diff}
    return root | ({"details": list(details)} if details else {})


def detail(name: str, diff: str | None, *details: Any, other: str = "") -> dict[str, Any]:
    return {"source1": name, "source2": other or name, "unified_diff": diff} | (
        {"details": list(details)} if details else {}
    )


def found(report: Any) -> list[tuple[str, str]]:
    return [(item["path"], item["kind"]) for item in facts(report)["differences"]]


@pytest.mark.parametrize(
    ("report", "differences"),
    [
        (compared(diff="@@\n-a\n+b\n"), [(".", "content")]),
        (compared(), [(".", "content")]),
        (compared(detail("a.txt", "@@")), [("a.txt", "content")]),
        (compared(detail("a.txt", None)), [("a.txt", "content")]),
        (compared(detail("in.zip", None, detail("a.txt", "@@"))), [("in.zip/a.txt", "content")]),
        (compared(detail("in.zip", "@@", detail("a.txt", "@@"))), [("in.zip", "content"), ("in.zip/a.txt", "content")]),
        (compared(detail("stat {}", "@@")), [(".", "metadata")]),
        (compared(detail("in.zip", None, detail("zipdetails --redact {}", "@@"))), [("in.zip", "metadata")]),
        (compared(detail("a.py", "@@", other="b.py")), [("a.py", "content")]),
    ],
)
def test_each_difference_has_its_path_and_kind(report: Any, differences: list[tuple[str, str]]) -> None:
    assert found(report) == differences
    assert facts(report)["complete"] is True


LISTED = "@@ -1 +1,2 @@\n-rw-r--r-- 0 root (0) 6 2020-01-01 00:00:00.000000 {}\n"


@pytest.mark.parametrize(
    ("diff", "differences"),
    [
        pytest.param("-x 6 2020-01-01 00:00:00.0 a\n+x 6 2026-01-01 00:00:00.0 a\n", [(".", "metadata")], id="dates"),
        pytest.param("-x 26-Jan-15 12:00 a\n+x 26-Jan-16 12:00 a\n", [(".", "metadata")], id="dates of zipinfo"),
        pytest.param("+x 6 2026-01-01 00:00:00.0 evil so\n", [("evil so", "missing")], id="one more file"),
        pytest.param("-x 12:00 a\n+x 12:00 b\n", [("a", "missing"), ("b", "missing")], id="another name"),
        pytest.param("-x 12:00 a\n+x 13:00 a\n+x 12:00 b\n", [("b", "missing"), (".", "metadata")], id="both"),
        pytest.param("-Zip file size: 5\n+Zip file size: 6\n", [(".", "unknown")], id="nothing that is a file"),
        pytest.param("", [(".", "unknown")], id="nothing"),
    ],
)
def test_an_added_file_does_not_hide_behind_a_date(diff: str, differences: list[tuple[str, str]]) -> None:
    assert found(compared(detail("file list", diff))) == differences
    assert found(compared(detail("zipinfo {}", diff))) == differences


def test_a_file_that_is_called_like_a_listing_is_looked_into() -> None:
    assert found(compared(detail("file list", "-x 12:00 a\n+x 13:00 a\n", detail("a.txt", "@@")))) == [
        (".", "metadata"),
        ("a.txt", "content"),
    ]


@pytest.mark.parametrize(
    "text", ["-a\n[ 390 lines removed ]\n", "+[ Max diff block lines reached; 5/9 bytes ]", "Max report size reached"]
)
def test_a_report_that_was_cut_is_not_complete(text: str) -> None:
    assert facts(compared(detail("in.zip", None, detail("a.txt", text))))["complete"] is False


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (compared() | {"diffoscope-json-version": 2}, "diffoscope.version"),
        (compared() | {"details": {}}, "shape"),
        (compared({"source1": "a"}), "shape"),
        (compared() | {"unified_diff": 1}, "shape"),
    ],
)
def test_a_comparison_of_another_shape_is_refused(report: Any, code: str) -> None:
    assert refusal(report).code == code


FOLDERS = ("builds", "dependencies", "environment", "reproducibility", "written")
SEEDS = [path.read_bytes() for folder in FOLDERS for path in sorted((FIXTURES / folder).iterdir())]


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_only_typed_errors_come_out_of_broken_reports(data: st.DataObject) -> None:
    report = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = sorted((data.draw(st.integers(0, len(report))), data.draw(st.integers(0, len(report)))))
        middle = data.draw(
            st.sampled_from([b"", b"null", b"[]", b"\n", b"\xff", b'"', b"1e9", b"}\n{", report[start:end] * 2])
        )
        report = report[:start] + middle + report[min(end, start + 40) :]
    refused: GatekeeperError | None = None
    try:
        reading = registry.read(Report(report, "r"))
    except GatekeeperError as error:
        refused = error
    if refused is None:
        kind(reading.kind).validate(reading.facts)
    else:
        assert refused.code != "collect.broken", str(refused)
        assert refused.where.startswith("r")
