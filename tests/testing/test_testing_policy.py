"""`gatekeeper policy test|new`: exact text, exit codes, and what `new` writes passes at once."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from rego_files import BAD, GOOD, RULE, pack, write

from gatekeeper.facts import kinds
from gatekeeper.load.engine import named_engine
from gatekeeper.load.packs import load_packs
from gatekeeper.testing import Rules, facts
from gatekeeper.testing._templates import TEMPLATES, template_for

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from project import Project, Ran


@pytest.fixture
def place(project: Project) -> Project:
    """A folder with a gate that names the engine, and no packs."""
    for name in ("coverage/coverage.rego", "tests/tests.rego", "pack.toml"):
        (project.folder / "policies/own" / name).unlink()
    for name in ("own/coverage", "own/tests", "own", ""):
        (project.folder / "policies" / name).rmdir()
    return project


def examine(place: Project, files: dict[str, str], *arguments: str) -> Ran:
    write(place.folder, files)
    return place.run("policy", "test", *arguments)


def test_all_pass(place: Project) -> None:
    ran = examine(place, pack())
    assert (ran.code, ran.out, ran.err) == (0, "2 passed\n", "")


TEXT = """\
FAILED  test_limits[at the limit]  policies/own/lines/lines_test.rego:17
    count(denied(case.covered)) == case.violations: expected 1, actual 0

        count(denied(case.covered)) == case.violations
        |     |      |                 |
        |     |      |                 case.violations: 1
        |     |      |                 case: {"covered": 80, "violations": 1}
        |     |      80
        |     set()
        0

    where     case = {"covered": 80, "violations": 1}
              name = "at the limit"

    policies/own/lines/lines_test.rego:22

    printed
    covered 80
    covered 79

to be written  todo_test_later  policies/own/lines/lines_test.rego:25
1 passed, 1 failed, 1 to be written
"""


def test_a_failure_is_shown_with_its_values(place: Project) -> None:
    tests = GOOD.replace('"covered": 80, "violations": 0', '"covered": 80, "violations": 1')
    ran = examine(place, pack(f"{tests}\ntodo_test_later if true\n"))
    assert (ran.code, ran.out, ran.err) == (1, TEXT, "")


def test_an_error_is_no_pass(place: Project) -> None:
    ran = examine(place, pack(GOOD + "\ntest_none[x] if some x in []\n"))
    assert ran.code == 1
    assert "ERRORED  test_none  policies/own/lines/lines_test.rego:25\n    it has no case" in ran.out
    assert ran.out.endswith("2 passed, 1 errored\n")


def test_the_same_as_json(place: Project) -> None:
    ran = examine(place, pack(BAD), "--format", "json")
    assert ran.code == 1
    assert ran.json["outcome"] == "fail"
    by_name = {test["name"]: test for test in ran.json["tests"]}
    assert by_name["test_count"]["failure"]["expected"] == "1"
    assert by_name["test_count"]["failure"]["variables"] == {"got": "set()", "want": "1"}
    assert by_name["test_count"]["output"] == "covered 90\n"
    assert [case["outcome"] for case in by_name["test_limits"]["cases"]] == ["failed", "passed", "failed"]
    assert by_name["todo_test_later"]["outcome"] == "skipped"
    assert "conflicting values" in by_name["test_conflict"]["error"]
    assert (ran.json["untested"], ran.json["without_tests"]) == ([], [])


def test_a_rule_that_no_test_has_seen_deny_is_named(place: Project) -> None:
    ran = examine(place, pack("test_nothing if denied(90) == set()\n"))
    assert ran.code == 1
    assert ran.out == "no test has seen it deny  own.lines  own/lines/lines.rego:12\n1 passed\n"
    assert place.run("policy", "test", "--format", "json").json["untested"] == [
        {"rule": "own.lines", "where": "own/lines/lines.rego:12"}
    ]


def test_a_rule_without_any_test_is_named(place: Project) -> None:
    other = {"policies/own/other/other.rego": RULE.replace("own.lines", "own.other")}
    ran = examine(place, pack() | other)
    assert (ran.code, ran.out) == (1, "no test has seen it deny  own.other  own/other/other.rego:12\n2 passed\n")
    assert place.run("policy", "test", "policies/own/lines").code == 0
    assert place.run("policy", "test", "policies/own/lines/lines_test.rego").code == 0


def test_a_test_to_be_written_neither_helps_nor_hurts(place: Project) -> None:
    assert examine(place, pack(GOOD + "\ntodo_test_later if false\n")).code == 0
    ran = examine(place, pack("todo_test_later if denied(1)\n"))
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "1 to be written")


def test_no_test_at_all(place: Project) -> None:
    ran = examine(place, pack("") | {"empty/readme.md": ""}, "policies", "empty")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "no test in  empty",
        "no test in  policies/own/lines/lines_test.rego",
        "no test has seen it deny  own.lines  own/lines/lines.rego:12",
        "nothing ran",
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"policies/own/lines/lines_test.rego": "package x\n\ny if {"}, "policies/own/lines/lines_test.rego:3"),
        ({"policies/own/lib/a.rego": "package gatekeeper.own.lib\n\nf(x) := y if nosuch(x, y)\n"}, "nosuch"),
        ({"policies/own/lines/lines.rego": RULE.replace("# METADATA", "# METADAT")}, "METADATA"),
        ({"policies/own/pack.toml": "name = 1\n"}, "pack.toml:1"),
    ],
)
def test_what_cannot_be_run_is_exit_3_with_its_place(files: dict[str, str], reason: str, place: Project) -> None:
    ran = examine(place, pack() | files)
    assert (ran.code, ran.out) == (3, "")
    assert reason in ran.err
    as_json = place.run("policy", "test", "--format", "json")
    assert (as_json.code, as_json.json["outcome"]) == (3, "error")


def test_wrong_use(place: Project, tmp_path: Path) -> None:
    assert place.run("policy", "test", "nowhere").code == 2
    assert place.run("policy", "test", "--format", "xml").code == 2
    assert place.run("policy", "test").code == 2  # there is no folder policies
    assert place.run("policy", "lint").code == 2
    assert place.run("policy").code == 2
    assert place.run("policy", "test", "--gate", "nowhere.toml").code == 2


def test_the_engine_is_the_one_that_the_gate_names(place: Project) -> None:
    place.edit("gate.toml", 'engine = "opa 1.22.2"', 'engine = "opa 1.21.0"')
    ran = examine(place, pack())
    assert ran.code == 3
    assert "this is OPA 1.22.2, not 1.21.0" in ran.err


def test_another_engine_than_opa_is_none(place: Project) -> None:
    place.edit("gate.toml", 'engine = "opa 1.22.2"', 'engine = "regal 1"')
    ran = examine(place, pack())
    assert ran.code == 2
    assert "engine is 'regal 1'" in ran.err
    assert named_engine(None) == ("1.22.2", ())


def test_hostile_text_commands_no_runner_and_no_terminal(place: Project) -> None:
    hostile = 'test_bad if {\n\tprint("x\\n::error::owned\\n##[a]")\n\t"\\u001b[31m" == "::error::b"\n}\n'
    for form in ("text", "json"):
        out = examine(place, pack(hostile), "--format", form).out
        assert "owned" in out
        assert not any(line.lstrip().startswith("::") for line in out.splitlines())
        assert "##[" not in out
        assert "\x1b" not in out


# new


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_new_rule_of_each_kind_loads_passes_and_answers(
    kind: str, place: Project, binary: OpaBinary, opa_path: Path
) -> None:
    made = place.run("policy", "new", "mine.first", "--kind", kind)
    rule = ["policies/mine/first/first.rego", "policies/mine/first/first_test.rego"]
    files = ["policies/mine/pack.toml", *rule, "docs/rules/mine.first.md"]
    assert (made.code, made.out.splitlines(), made.err) == (0, files, "")

    assert place.run("policy", "test").out == "3 passed\n"
    for name in files[1:]:
        subprocess.run([opa_path, "fmt", "--fail", name], check=True, capture_output=True)
    subprocess.run([opa_path, "check", "--strict", "policies"], check=True, capture_output=True)
    with Rules.load(["policies"], binary) as rules:
        asked = rules("mine.first")
        assert set(asked.rule.needs) == {kind}
        assert asked.given().outcome == "unanswered"
        assert asked.given(getattr(facts, kind)()).outcome == ("fail" if kind == "provenance" else "pass")


def test_there_is_a_template_for_every_kind() -> None:
    assert set(TEMPLATES) <= set(kinds())
    assert all(template_for(name).needs for name in kinds())


def test_a_second_rule_joins_the_pack(place: Project) -> None:
    assert place.run("policy", "new", "mine.first").code == 0
    (place.folder / "policies/mine/pack.toml").write_text('name = "mine"\nversion = "2.0.0"\ndescription = "Ours."\n')
    ran = place.run("policy", "new", "mine.second", "--kind", "coverage")
    assert ran.out.splitlines() == [
        "policies/mine/second/second.rego",
        "policies/mine/second/second_test.rego",
        "docs/rules/mine.second.md",
    ]
    packs = load_packs([place.folder / "policies"])
    assert list(packs.rules) == ["mine.first", "mine.second"]
    assert packs.packs["mine"].version == "2.0.0"


def test_the_folder_can_be_another(place: Project) -> None:
    assert place.run("policy", "new", "mine.first", "--folder", "deep/rules").code == 0
    assert place.run("policy", "test", "deep/rules").code == 0


def test_nothing_is_overwritten(place: Project) -> None:
    place.run("policy", "new", "mine.first")
    path = place.folder / "policies/mine/first/first.rego"
    path.write_text("ours")
    ran = place.run("policy", "new", "mine.first", "--kind", "sbom")
    assert ran.code == 2
    assert "is there already" in ran.err
    assert path.read_text() == "ours"


@pytest.mark.parametrize(
    "name",
    [
        "first",
        "a.b.c",
        "A.b",
        "a.B",
        "../a.b",
        "a/b.c",
        "slot.first",
        "mine.if",
        "mine.first_test",
        "lib.a",
        "mine.lib",
        "",
        ".",
        "a.",
    ],
)
def test_names_that_cannot_be_are_refused_before_anything_is_written(name: str, place: Project) -> None:
    assert place.run("policy", "new", name).code == 2
    assert not (place.folder / "policies").exists()


def test_a_pack_of_the_library_keeps_its_name(place: Project) -> None:
    ran = place.run("policy", "new", "coverage.mine")
    assert ran.code == 2
    assert "the library has a pack called coverage" in ran.err


def test_an_unknown_kind(place: Project) -> None:
    ran = place.run("policy", "new", "mine.first", "--kind", "coverge")
    assert ran.code == 2
    assert "coverge" in ran.err


def test_a_folder_that_cannot_be_written(place: Project) -> None:
    write(place.folder, {"policies": "a file"})
    ran = place.run("policy", "new", "mine.first")
    assert ran.code == 3
