"""Rego tests through the real OPA: every result accounted for, nothing taken for a pass that is none."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rego_files import BAD, GOOD, RULE, pack, write

from gatekeeper.engine.find import OpaBinary
from gatekeeper.errors import EngineError, EngineTimeoutError, GatekeeperError, PolicyError, UsageError
from gatekeeper.testing import rego, results, roots, run_tests, showing
from gatekeeper.testing._failures import Failure
from gatekeeper.testing.rego import LoadError

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.testing import RegoRun, RegoTest


@pytest.fixture(scope="module")
def bad(binary: OpaBinary, tmp_path_factory: pytest.TempPathFactory) -> RegoRun:
    return run_tests([write(tmp_path_factory.mktemp("bad"), pack(BAD)) / "policies/own"], binary=binary)


def called(run: RegoRun, name: str) -> RegoTest:
    (found,) = [test for test in run.tests if test.name == name]
    return found


def test_each_test_says_where_it_is_and_what_became_of_it(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack())
    run = run_tests([tmp_path / "policies/own"], binary=binary)

    deny, limits = run.tests
    assert (deny.file, deny.row) == (tmp_path / "policies/own/lines/lines_test.rego", 13)
    assert (deny.package, deny.name, deny.outcome) == ("gatekeeper.own.lines_test", "test_deny", "passed")
    assert deny.output == "covered 79\n"
    assert 0 < deny.duration < 30
    assert [(case.path, case.outcome) for case in limits.cases] == [
        (("at the limit",), "passed"),
        (("below it",), "passed"),
    ]
    assert not deny.bad
    assert run.count("passed") == 2


def test_outcomes_in_the_order_of_the_file(bad: RegoRun) -> None:
    assert [(test.name, test.outcome) for test in bad.tests] == [
        ("test_count", "failed"),
        ("test_set", "failed"),
        ("test_limits", "failed"),
        ("test_nested", "failed"),
        ("test_every", "failed"),
        ("test_undefined", "failed"),
        ("test_text", "failed"),
        ("test_no_case", "errored"),
        ("test_conflict", "errored"),
        ("test_twice", "passed"),
        ("test_twice#01", "failed"),
        ("todo_test_later", "skipped"),
    ]


def test_a_comparison_has_its_sides_variables_and_drawing(bad: RegoRun) -> None:
    failure = called(bad, "test_count").failure

    assert failure is not None
    assert failure.expression == "count(got) == want"
    assert (failure.expected, failure.actual) == (("1",), ("0",))
    assert failure.variables == (("got", "set()"), ("want", "1"))
    assert failure.file is not None
    assert failure.file.read_text().splitlines()[failure.row - 1].strip() == failure.expression
    assert "\n".join(failure.drawing) == "count(got) == want\n|     |       |\n|     |       1\n|     set()\n0"


def test_the_literal_side_is_the_expected_one_and_long_values_take_lines(bad: RegoRun) -> None:
    failure = called(bad, "test_set").failure

    assert failure is not None
    assert failure.actual == (
        "{",
        "  {",
        '    "message": "10 lines",',
        '    "source": {"slot": "unit"},',
        '    "term": "lines",',
        "  },",
        "}",
    )
    assert failure.expected[3:7] == (
        '    "source": {',
        '      "digest": "sha256:00",',
        '      "slot": "integration",',
        "    },",
    )


def test_each_case_has_its_own_failure(bad: RegoRun) -> None:
    limits = called(bad, "test_limits")

    assert [(case.path[0], case.outcome) for case in limits.cases] == [
        ("at the limit", "failed"),
        ("below it", "passed"),
        ("far below it", "failed"),
    ]
    at_the_limit, far_below = [case.failure for case in limits.bad if case]
    assert at_the_limit is not None
    assert far_below is not None
    assert (at_the_limit.expected, at_the_limit.actual) == (("1",), ("0",))
    assert (far_below.expected, far_below.actual) == (("2",), ("1",))
    assert dict(far_below.variables)["name"] == '"far below it"'
    assert far_below.drawing[0] == "count(denied(case.covered)) == case.violations"
    assert any("9" in line for line in far_below.drawing)


def test_nested_cases_have_their_own_failures(bad: RegoRun) -> None:
    nested = called(bad, "test_nested")

    assert [case.path for case in nested.bad if case] == [("loose", "high"), ("strict", "high")]
    for case in nested.bad:
        assert case is not None
        assert case.failure is not None
        assert (case.failure.expected, case.failure.actual) == (("1",), ("0",))
        assert len(case.failure.drawing) > 3
        assert not any("FAIL" in line for line in case.failure.drawing)


def test_what_opa_does_not_explain_still_fails(bad: RegoRun) -> None:
    for name in ("test_undefined", "test_text"):
        test = called(bad, name)
        assert test.bad == (None,)
        assert test.failure is not None
        assert test.failure.expression == ""
    every = called(bad, "test_every").failure
    assert every is not None
    assert every.drawing == ("number < 3", "|", "3")


def test_an_error_is_no_pass_and_says_why(bad: RegoRun) -> None:
    assert "conflicting values" in called(bad, "test_conflict").error
    assert called(bad, "test_no_case").error == "it has no case, so it checked nothing"


def test_a_second_rule_of_one_name_is_another_test(bad: RegoRun) -> None:
    failure = called(bad, "test_twice#01").failure
    assert failure is not None
    assert failure.expression == "not denied(1)"


def test_every_fault_is_named_with_its_line(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack("test_a if nosuch(1)\n\ntest_b if lines.nothing(2)\n"))
    with pytest.raises(LoadError) as caught:
        run_tests([tmp_path / "policies/own"], binary=binary)

    file = tmp_path / "policies/own/lines/lines_test.rego"
    assert [(fault.file, fault.row) for fault in caught.value.faults] == [(file, 13), (file, 15)]
    assert "undefined function nosuch" in caught.value.faults[0].message
    assert caught.value.where == f"{file}:13"
    assert str(caught.value).endswith("(and 1 more)")


@pytest.mark.parametrize(
    "text", ["package p\n\nx if { 1 == }\n", "package p\n\nimport data.x.y as z\nz := \n", "not rego"]
)
def test_what_does_not_parse_is_a_fault(text: str, binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack() | {"policies/own/lib/a.rego": text})
    with pytest.raises(LoadError) as caught:
        run_tests([tmp_path / "policies/own"], binary=binary)
    assert caught.value.faults[0].file == tmp_path / "policies/own/lib/a.rego"
    assert caught.value.faults[0].row >= 1


@pytest.mark.parametrize("tests", ["", "check if true\n", "# test_a if true\n", "t if true\n"])
def test_no_test_is_an_error(tests: str, binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack(tests))
    with pytest.raises(PolicyError, match="there is no test") as caught:
        run_tests([tmp_path / "policies/own"], binary=binary)
    assert caught.value.code == rego.NO_TESTS


def test_a_pattern_picks_and_one_that_picks_nothing_is_an_error(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack())
    run = run_tests([tmp_path / "policies/own"], binary=binary, pattern="test_deny")
    assert [test.name for test in run.tests] == ["test_deny"]
    with pytest.raises(PolicyError, match="no test is called test_other"):
        run_tests([tmp_path / "policies/own"], binary=binary, pattern="test_other")


def test_a_test_in_another_file_would_be_reported_nowhere(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack() | {"policies/own/lines/lines.rego": RULE + "\ntest_inside if false\n"})
    with pytest.raises(PolicyError, match="OPA takes test_inside for a test") as caught:
        run_tests([tmp_path / "policies/own"], binary=binary)
    assert caught.value.where.endswith("lines.rego:22")


def test_samples_beside_the_rules_are_no_data(binary: OpaBinary, tmp_path: Path) -> None:
    samples = {"a.json": '{"own": 1}', "b.json": '{"own": 2}', "c.yaml": "own: [", "empty.json": ""}
    write(tmp_path, pack(GOOD + "\ntest_no_data if not data.own\n"))
    write(tmp_path / "policies/own/lines", samples)
    run = run_tests([tmp_path / "policies/own"], binary=binary)
    assert run.count("passed") == 3


def test_a_test_sees_nothing_of_our_environment(
    binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "1")
    text = '\ntest_environment if object.keys(opa.runtime().env) & {"SECRET", "PATH"} == set()\n'
    write(tmp_path, pack(GOOD + text))
    assert run_tests([tmp_path / "policies/own"], binary=binary).count("passed") == 3


def test_a_test_reaches_no_network_where_plain_opa_does(binary: OpaBinary, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        call = f'http.send({{"method": "GET", "url": "{address}", "timeout": "200ms", "max_retry_attempts": 0}})'
        folder = write(tmp_path, pack(f"test_network if {call}.status_code == 200\n")) / "policies/own"

        assert run_tests([folder], binary=binary).count("failed") == 1
        with pytest.raises(BlockingIOError):
            listener.accept()
        subprocess.run([binary.path, "test", folder], capture_output=True, check=False)
        listener.accept()[0].close()


def test_a_test_that_does_not_end_is_an_error_and_the_others_run(
    binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rego, "TEST_SECONDS", 1)
    slow = "numbers.range(1, 100000)"
    write(tmp_path, pack(GOOD + f"\ntest_slow if {{ some i in {slow}; some j in {slow}; i * j < 0 }}\n"))
    run = run_tests([tmp_path / "policies/own"], binary=binary)
    assert [(test.name, test.outcome) for test in run.tests][2] == ("test_slow", "errored")
    assert "was given up" in run.tests[2].error
    assert run.count("passed") == 2


def test_the_deadline_holds(binary: OpaBinary, tmp_path: Path) -> None:
    slow = "numbers.range(1, 100000)"
    write(tmp_path, pack(f"test_slow if {{ some i in {slow}; some j in {slow}; i * j < 0 }}\n"))
    with pytest.raises(EngineTimeoutError):
        run_tests([tmp_path / "policies/own"], binary=binary, deadline=0.7)


def test_hidden_characters_are_refused(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack(GOOD + "# \u202e\n"))
    with pytest.raises(PolicyError, match=r"U\+202E"):
        run_tests([tmp_path / "policies/own"], binary=binary)


def test_a_path_that_is_not_there(binary: OpaBinary, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        run_tests([tmp_path / "policies"], binary=binary)
    with pytest.raises(PolicyError, match="there is no test"):
        run_tests([tmp_path], binary=binary)


# an OPA that lies

LINE = '{"location": {"file": "own/lines/lines_test.rego", "row": 13, "col": 1}, "package": "data.p", "name": "test_a"'


def liar(folder: Path, script: str) -> OpaBinary:
    path = folder / "opa"
    path.write_text(f'#!/bin/sh\nif [ "$1" = capabilities ]; then echo "{{}}"; exit 0; fi\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return OpaBinary(path=path, version="1.22.2", digest="sha256:0", platform="linux/amd64", origin="path")


@pytest.mark.parametrize(
    "script",
    [
        "exit 0",
        "exit 2",
        "echo '{}'",
        "echo '[1]'",
        "echo '[{}]'",
        "echo 'PASS: 1/1'",
        f"echo '[{LINE}, \"duration\": 1}}]'; exit 2",  # failed, it says, and shows no failure
        f'echo \'[{LINE}, "duration": 1, "fail": true}}]\'; exit 0',  # passed, it says, and shows a failure
        f'echo \'[{LINE}, "duration": 1, "error": {{}}}}]\'; kill -9 $$',
        f"echo '[{LINE}}}]'",
        f"echo '[{LINE.replace('lines_test', 'other')}, \"duration\": 1}}]'",
        f"echo '[{LINE}, \"duration\": 1'",
        "echo 'no such flag' >&2; exit 1",
    ],
)
def test_an_answer_that_is_none_is_an_error(script: str, tmp_path: Path) -> None:
    write(tmp_path, pack())
    with pytest.raises(EngineError):
        run_tests([tmp_path / "policies/own"], binary=liar(tmp_path, script))


@pytest.mark.parametrize("mark", ['"fail": null', '"fail": "yes"', '"fail": 0', '"skip": null', '"error": "x"'])
def test_what_is_not_plainly_a_pass_is_none(mark: str, tmp_path: Path) -> None:
    write(tmp_path, pack())
    run = run_tests(
        [tmp_path / "policies/own"], binary=liar(tmp_path, f"echo '[{LINE}, \"duration\": 1, {mark}}}]'; exit 2")
    )
    assert run.count("passed") == 0


def test_a_failure_that_cannot_be_explained_is_still_a_failure(tmp_path: Path) -> None:
    write(tmp_path, pack())
    trace = '"trace": [{"Op": "Fail", "Location": {"file": "own/lines/lines_test.rego"}, "Locals": [1]}]'
    script = f'echo \'[{LINE}, "duration": 1, "fail": true, {trace}}}]\'; exit 2'
    (test,) = run_tests([tmp_path / "policies/own"], binary=liar(tmp_path, script)).tests
    assert (test.outcome, test.bad) == ("failed", (None,))
    assert test.failure == Failure()


@pytest.mark.parametrize("sub", ['{"a": {"name": "a", "fail": true}}', '{"a": {"sub_results": {"b": {"fail": 1}}}}'])
def test_a_case_that_fails_takes_its_test_along(sub: str, tmp_path: Path) -> None:
    write(tmp_path, pack())
    script = f'echo \'[{LINE}, "duration": 1, "sub_results": {sub}}}]\'; exit 0'
    (test,) = run_tests([tmp_path / "policies/own"], binary=liar(tmp_path, script)).tests
    assert test.outcome == "failed"
    assert len(test.bad) == 1


def test_a_failure_that_no_case_has_is_that_of_the_test(tmp_path: Path) -> None:
    write(tmp_path, pack())
    script = f'echo \'[{LINE}, "duration": 1, "fail": true, "sub_results": {{"a": {{"name": "a"}}}}}}]\'; exit 2'
    (test,) = run_tests([tmp_path / "policies/own"], binary=liar(tmp_path, script)).tests
    assert (test.outcome, test.cases, test.bad) == ("failed", (), (None,))


# values


@pytest.mark.parametrize(
    ("body", "expected", "actual"),
    [
        ("xs := [1, 2]; xs[1] == 3", "3", "2"),
        ('o := json.unmarshal(`{"a": {"b": [true, null, "x"]}}`); o.a.b == set()', "set()", '[true, null, "x"]'),
        ('o := json.unmarshal(`{"a": [{"b": 1.5}]}`); "x" == o.a[0].b', '"x"', "1.5"),
        ("x := {1, 2}; x == {y | some y in [2, 3]}", "{2, 3}", "{1, 2}"),
        ('x := "é\\n"; x == "# ; ]"', '"# ; ]"', '"é\\n"'),
        ("x := 123456789012345678901; x == 1", "1", "123456789012345678901"),
        ('x := 1; y := 2; o := json.unmarshal("{}"); o == {"a": x, "b": [y]}', '{"a": 1, "b": [2]}', "{}"),
    ],
)
def test_sides_are_written_as_rego(body: str, expected: str, actual: str, binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, {"x/a_test.rego": f"package x_test\n\nimport rego.v2\n\ntest_a if {{ {body} }}\n"})
    (test,) = run_tests([tmp_path / "x"], binary=binary).tests
    assert test.failure is not None
    assert (test.failure.expected, test.failure.actual) == ((expected,), (actual,))


@pytest.mark.parametrize(
    "body", ["1 > 2", "x := 1; x != 1", '"==" in {"a"}', "some x in [1]; x >= 2", "not 1 == 1", "input.a == 1"]
)
def test_what_is_no_comparison_has_no_sides(body: str, binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, {"x/a_test.rego": f"package x_test\n\nimport rego.v2\n\ntest_a if {{ {body} }}\n"})
    (test,) = run_tests([tmp_path / "x"], binary=binary).tests
    assert test.outcome == "failed"
    assert test.failure is not None
    assert (test.failure.expected, test.failure.actual) == ((), ())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(max_size=12), min_size=1, max_size=5, unique=True))
def test_cases_can_be_called_anything(
    names: list[str], binary: OpaBinary, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cases = ", ".join(f"{json.dumps(name)}: {number}" for number, name in enumerate(names))
    text = f"package x_test\n\nimport rego.v2\n\ntest_a[name] if {{\n\tsome name, n in {{{cases}}}\n\tn == 0\n}}\n"
    folder = write(tmp_path_factory.mktemp("x"), {"a_test.rego": text})
    (test,) = run_tests([folder], binary=binary).tests
    assert {case.path: case.outcome for case in test.cases} == {
        (name,): "failed" if number else "passed" for number, name in enumerate(names)
    }
    for case in test.bad:
        assert case is not None
        assert showing.full_name(test, case).isprintable()
        assert case.failure is not None
        assert case.failure.expected == ("0",)
        assert case.failure.drawing[0] == "n == 0"


# which files belong together


def test_a_test_runs_with_its_pack_and_no_other(tmp_path: Path) -> None:
    files = {
        **pack(),
        "policies/other/pack.toml": "",
        "policies/other/a/a_test.rego": "",
        "policies/other/.x/b.rego": "",
    }
    write(tmp_path, files)
    by_root = roots.by_root([tmp_path])
    assert list(by_root) == [tmp_path / "policies/other", tmp_path / "policies/own"]
    assert roots.rego_files(tmp_path / "policies/other") == (tmp_path / "policies/other/a/a_test.rego",)


def test_without_a_pack_a_test_runs_with_the_rego_around_it(tmp_path: Path) -> None:
    write(tmp_path, {"app/policy/main.rego": "", "app/policy/lib/x_test.rego": "", "app/other/y_test.rego": ""})
    assert list(roots.by_root([tmp_path])) == [tmp_path / "app/other", tmp_path / "app/policy"]


def test_a_pack_inside_another_folder_is_not_part_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"policy/a.rego": "", "policy/inner/pack.toml": "", "policy/inner/b.rego": ""})
    assert roots.rego_files(tmp_path / "policy") == (tmp_path / "policy/a.rego",)


def test_two_runs_give_the_same(binary: OpaBinary, tmp_path: Path) -> None:
    write(tmp_path, pack(BAD))

    def seen() -> list[object]:
        run = run_tests([tmp_path / "policies/own"], binary=binary)
        return [(test.name, test.outcome, test.cases, test.failure, test.error) for test in run.tests]

    assert seen() == seen()


def test_only_errors_of_ours_leave(tmp_path: Path, binary: OpaBinary) -> None:
    (tmp_path / "a_test.rego").write_bytes(b"package p\n\xff")
    with pytest.raises(GatekeeperError, match="not UTF-8"):
        run_tests([tmp_path], binary=binary)


def test_a_summary_of_everything_is_one_line(bad: RegoRun) -> None:
    assert results.TEST_SECONDS > 0
    for test in bad.tests:
        for case in test.bad:
            assert "\n" not in showing.summary(test, case)
