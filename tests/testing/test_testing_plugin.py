"""The pytest plugin, in runs of pytest of its own: collecting, choosing, reporting, spreading over workers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from defusedxml import ElementTree
from rego_files import BAD, GOOD, PACK, RULE, TESTS, pack, write

from tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = """\
from gatekeeper.testing import facts


def test_few_lines_are_denied(rule):
    outcome = rule("own.lines").given(facts.coverage(lines=(70, 100)))
    assert outcome.messages == ["70 lines"]


def test_a_pack_of_the_library(rule):
    assert rule("coverage.lines").given(facts.coverage(lines=(9, 10)), minimum_percent=90).outcome == "pass"
"""


class Runner:
    """A project, and pytest run in it with the plugin and xdist and nothing else."""

    def __init__(self, pytester: pytest.Pytester, opa_digest: str) -> None:
        self.pytester = pytester
        self.path = pytester.path
        write(self.path, {"gate.toml": f'engine = "opa 1.22.2"\nengine_digests = ["{opa_digest}"]\n'})

    def __call__(self, *arguments: str, plugins: tuple[str, ...] = ("gatekeeper.pytest_plugin",)) -> pytest.RunResult:
        named = [word for plugin in plugins for word in ("-p", plugin)]
        return self.pytester.runpytest_subprocess(*named, "-p", "no:cacheprovider", *arguments)

    def with_cache(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess("-p", "gatekeeper.pytest_plugin", *arguments)


@pytest.fixture
def run(pytester: pytest.Pytester, opa_path: Path, opa_digest: str, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("GATEKEEPER_OPA", str(opa_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("CI", raising=False)
    return Runner(pytester, opa_digest)


def test_every_test_and_case_is_an_item_with_a_place(run: Runner) -> None:
    write(run.path, pack(BAD))
    report = run.path / "report.xml"
    result = run("-v", f"--junitxml={report}")

    result.assert_outcomes(passed=4, failed=12, skipped=1)
    cases = {case.attrib["name"]: case for case in ElementTree.parse(report).iter("testcase")}
    assert cases["test_limits[at the limit]"].find("failure") is not None
    assert cases["test_limits[below it]"].find("failure") is None
    assert cases["test_nested[loose][high]"].find("failure") is not None
    assert cases["todo_test_later"].find("skipped") is not None
    assert {case.attrib["classname"] for case in cases.values()} == {"policies.own.lines.lines_test.rego"}
    result.stdout.fnmatch_lines(
        [
            "policies/own/lines/lines_test.rego::test_count FAILED*",
            "policies/own/lines/lines_test.rego::test_limits[[]below it[]] PASSED*",
            "policies/own/lines/lines_test.rego::test_no_case FAILED*",
            "policies/own/lines/lines_test.rego::todo_test_later SKIPPED (still to be written)*",
            "FAILED policies/own/lines/lines_test.rego::test_count - count(got) == want: expected 1, a*",
        ]
    )


def test_durations_are_those_of_opa(run: Runner) -> None:
    write(run.path, pack("test_slow if sum(numbers.range(1, 300000)) > 0\n"))
    report = run.path / "report.xml"
    run(f"--junitxml={report}").assert_outcomes(passed=1)
    (case,) = ElementTree.parse(report).iter("testcase")
    assert 0.005 < float(case.attrib["time"]) < 30


COUNT = """\
count(got) == want: expected 1, actual 0

    count(got) == want
    |     |       |
    |     |       1
    |     set()
    0

where     got = set()
          want = 1

policies/own/lines/lines_test.rego:16
----------------------------- Captured print call ------------------------------
covered 90
"""

SET = """\
denied(10) == {{ "message": "10 lines", "term": "files", "source": {"slot": "integration", "digest": "sha256:00"}, }} does not hold

    denied(10) == {{
        "message": "10 lines",
        "term": "files",
        "source": {"slot": "integration", "digest": "sha256:00"},
    }}
    |
    {{"message": "10 lines", "source": {"slot": "unit"}, "term": ...

expected (-), actual (+)
      {
        {
          "message": "10 lines",
    -     "source": {
    -       "digest": "sha256:00",
    -       "slot": "integration",
    -     },
    -     "term": "files",
    +     "source": {"slot": "unit"},
    +     "term": "lines",
        },
      }

policies/own/lines/lines_test.rego:20
"""


@pytest.mark.parametrize(("test", "text"), [("test_count", COUNT), ("test_set", SET)])
def test_a_failure_reads_well(test: str, text: str, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    write(run.path, pack(BAD))
    output = run("-k", test).stdout.str()
    body = re.split(rf"^_+ {test} _+$\n", output, flags=re.MULTILINE)[1]
    assert body.startswith(text), body


def test_what_a_test_prints_commands_no_runner(run: Runner) -> None:
    hostile = 'test_bad if {\n\tprint("x\\n::error::owned\\n##[set-output name=a]b\\u001b[31m")\n\tfalse\n}\n'
    write(run.path, pack(GOOD + "\n" + hostile))
    output = run("-rA").stdout.str()
    assert "owned" in output
    assert not re.search(r"^\s*::|##\[|\x1b", output, re.MULTILINE)


def test_a_test_can_be_chosen(run: Runner) -> None:
    write(run.path, pack(GOOD))
    file = "policies/own/lines/lines_test.rego"
    run(f"{file}::test_limits").assert_outcomes(passed=2)
    run(f"{file}::test_limits[at the limit]", f"{file}::test_deny").assert_outcomes(passed=2)
    run("-k", "below").assert_outcomes(passed=1, deselected=2)


def test_last_failed_runs_what_failed(run: Runner) -> None:
    write(run.path, pack(GOOD + "\ntest_bad if denied(80) != set()\n"))
    run.with_cache().assert_outcomes(passed=3, failed=1)
    run.with_cache("--lf").assert_outcomes(failed=1)
    write(run.path, pack(GOOD + "\ntest_bad if denied(80) == set()\n"))
    run.with_cache("--lf").assert_outcomes(passed=1)


def test_workers_see_the_same_tests_in_the_same_order(run: Runner) -> None:
    write(run.path, pack(BAD) | {"test_python.py": PYTHON})
    result = run("-n", "2", plugins=("gatekeeper.pytest_plugin", "xdist"))
    result.assert_outcomes(passed=6, failed=12, skipped=1)


def test_a_file_that_does_not_load_is_an_error_with_its_line(run: Runner) -> None:
    other = "package gatekeeper.own.other_test\n\ntest_other if true\n"
    write(run.path, pack("test_a if nosuch(1)\n") | {"policies/own/other/other_test.rego": other})
    result = run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "policies/own/lines/lines_test.rego:13: undefined function nosuch",
            "not run, since another file of its pack does not load: policies/own/lines/lines_test.rego:13: undefined*",
        ],
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_one_broken_pack_leaves_the_others_alone(run: Runner) -> None:
    sound = {name.replace("/own/", "/sound/"): text.replace("own", "sound") for name, text in pack().items()}
    write(run.path, pack("test_a if nosuch(1)\n") | sound)
    run("--continue-on-collection-errors").assert_outcomes(passed=3, errors=1)


def test_a_file_without_tests_is_an_error(run: Runner) -> None:
    write(run.path, pack() | {"policies/own/empty/empty_test.rego": "package gatekeeper.own.empty_test\n"})
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*empty_test.rego: there is no test (tests are rules called test_...)*"])


def test_without_opa_there_is_an_error_with_the_remedy(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEKEEPER_OPA")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(run.path / "cache"))
    monkeypatch.setenv("HOME", str(run.path / "home"))
    write(run.path, pack() | {"test_python.py": PYTHON})
    result = run("--continue-on-collection-errors")
    result.assert_outcomes(errors=3)  # the Rego file, and each Python test that asks for the fixture
    result.stdout.fnmatch_lines(["*OPA is not there (gatekeeper opa install (fetches 1.22.2), or set GATEKEEPER_OPA)*"])


def test_rego_can_be_left_out(run: Runner) -> None:
    write(run.path, pack(BAD) | {"test_python.py": "def test_one():\n    pass\n"})
    run("--no-rego").assert_outcomes(passed=1)


def test_projects_without_rego_pay_nothing(run: Runner) -> None:
    names = "sorted(name for name in sys.modules if name.partition('.')[0] == 'gatekeeper')"
    text = f"import sys\n\n\ndef test_one():\n    assert {names} == ['gatekeeper', 'gatekeeper._version', 'gatekeeper.pytest_plugin']\n"
    write(run.path, {"test_python.py": text, "data.rego": "not rego at all", "test.rego": "nor this"})
    run().assert_outcomes(passed=1)


def test_the_fixture_asks_packs_of_the_project_and_of_the_library(run: Runner) -> None:
    write(run.path, pack() | {"test_python.py": PYTHON})
    run("test_python.py").assert_outcomes(passed=2)


def test_the_folders_of_packs_are_a_setting(run: Runner) -> None:
    files = {
        "rules/own/pack.toml": PACK,
        "rules/own/lines/lines.rego": RULE,
        "rules/own/lines/lines_test.rego": TESTS + GOOD,
    }
    write(
        run.path,
        files | {"test_python.py": PYTHON, "pytest.ini": "[pytest]\ngatekeeper_packs =\n    rules\n    gatekeeper\n"},
    )
    run("test_python.py", "--strict-config").assert_outcomes(passed=2)
    write(run.path, {"pytest.ini": "[pytest]\ngatekeeper_packs = rules\n"})
    result = run("test_python.py")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*no rule is called 'coverage.lines' (*"])


def test_the_gate_is_a_setting_and_must_be_there(run: Runner) -> None:
    write(run.path, pack() | {"pytest.ini": "[pytest]\ngatekeeper_gate = gates/gate.toml\n"})
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*gates/gate.toml: there is no such file*"])
    write(run.path, {"gates/gate.toml": (run.path / "gate.toml").read_text()})
    run().assert_outcomes(passed=3)


def test_a_maker_imported_by_its_bare_name_is_no_test(run: Runner) -> None:
    text = "from gatekeeper.testing.facts import test_results\n\n\ndef test_one():\n    assert test_results().kind == 'test_results'\n"
    write(run.path, {"test_python.py": text})
    run("-W", "error").assert_outcomes(passed=1)


LCOV = """\
SF:policies/own/lines/lines.rego
DA:12,0
DA:13,1
DA:14,1
DA:15,0
DA:16,0
DA:17,0
DA:18,0
DA:19,0
LF:8
LH:2
end_of_record
"""
PASSES_ONLY = "\ntest_pass if denied(80) == set()\n"


def test_uncovered_lines_are_named_and_too_few_fail(run: Runner) -> None:
    write(run.path, pack(PASSES_ONLY))
    result = run("--rego-coverage-min", "50", "--rego-coverage-lcov", "rego.lcov", "--rego-coverage-json", "rego.json")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*Rego coverage*",
            "policies/own/lines/lines.rego  2 of 8 lines, not 12, 15-19",
            "Rego coverage 25.0 %: 2 of 8 lines in 1 files",
            "that is less than the 50 % that --rego-coverage-min asks for",
        ]
    )
    assert (run.path / "rego.lcov").read_text() == LCOV
    assert json.loads((run.path / "rego.json").read_text()) == {
        "lines_valid": 8,
        "lines_covered": 2,
        "files": [
            {"file": "policies/own/lines/lines.rego", "covered": [13, 14], "uncovered": [12, 15, 16, 17, 18, 19]},
        ],
    }


@pytest.mark.parametrize(
    ("workers", "plugins"),
    [((), ("gatekeeper.pytest_plugin",)), (("-n", "2"), ("gatekeeper.pytest_plugin", "xdist"))],
)
def test_full_coverage_passes_with_workers_too(workers: tuple[str, ...], plugins: tuple[str, ...], run: Runner) -> None:
    write(run.path, pack(GOOD))
    result = run(*workers, "--rego-coverage", "--rego-coverage-min", "100", plugins=plugins)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["Rego coverage 100.0 %: 8 of 8 lines in 1 files"])


def test_tests_that_do_not_pass_cover_nothing(run: Runner) -> None:
    write(run.path, pack(f"{PASSES_ONLY}\ntest_bad if denied(79) == set()\n"))
    result = run("--rego-coverage")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["policies/own/lines/lines.rego  2 of 8 lines, not 12, 15-19"])


def test_nothing_measured_is_not_enough(run: Runner) -> None:
    write(run.path, {"test_python.py": "def test_one():\n    pass\n"})

    assert run("--rego-coverage-min", "0").ret == pytest.ExitCode.TESTS_FAILED
    assert run("--rego-coverage-min", "101").ret == pytest.ExitCode.USAGE_ERROR


def test_data_is_what_is_named_as_such(run: Runner) -> None:
    reads = "\ntest_given if denied(data.cases.slow) != set()\n\ntest_all if count(data.cases) == 2\n"
    samples = {"samples/cases/a.json": '{"slow": 79}', "samples/cases/b.yaml": "fine: 80\n"}
    write(run.path, pack(reads) | samples)
    run().assert_outcomes(failed=2)
    write(run.path, {"pytest.ini": "[pytest]\ngatekeeper_data = samples\n"})
    run().assert_outcomes(passed=2)
    write(run.path, {"pytest.ini": "[pytest]\ngatekeeper_data = sample\n"})
    run().assert_outcomes(errors=1)
