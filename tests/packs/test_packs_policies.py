"""The standard packs: formatted, strict, typed, tested to the last line, documented, and each able to deny."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pack_files import DENY, rule_text, write_pack

from gatekeeper import _data
from gatekeeper.collect import registry
from gatekeeper.errors import EngineTimeoutError, PolicyError
from gatekeeper.facts import kinds
from gatekeeper.load._names import BUILTINS
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.untested import Untested, untested_rules
from gatekeeper.testing.suite import run_suite

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.policy import Rule

POLICIES = _data.folder("policies")
ROOT = Path(__file__).resolve().parents[2]
RULES = list(load_packs(["gatekeeper"]).rules.values())


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


def opa_says(opa: Path, *arguments: str) -> str:
    answer = subprocess.run([opa, *arguments], cwd=POLICIES, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_every_file_is_formatted(opa: Path) -> None:
    assert opa_says(opa, "fmt", "--fail", "--diff", ".") == ""


def test_every_file_passes_the_strict_check(opa: Path) -> None:
    assert opa_says(opa, "check", "--strict", ".") == ""


def test_every_rule_compiles_against_its_own_input_type_and_the_allowed_builtins(
    packs: Packs, command: OpaCommand
) -> None:
    command.check(packs.rule_set(packs.resolve([f"{name}.*" for name in packs.packs])), deadline=30)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_compiles_on_its_own(rule: Rule, packs: Packs, command: OpaCommand) -> None:
    command.check(packs.rule_set([rule]), deadline=30)


def test_every_test_passes_and_has_seen_every_denial(binary: OpaBinary) -> None:
    suite = run_suite([POLICIES], binary=binary, deadline=60)

    assert suite.passed
    assert len(suite.tests) >= 3 * len(RULES)
    assert sum(len(test.cases) or 1 for test in suite.tests) > 250


def test_every_line_is_covered(opa: Path) -> None:
    coverage = json.loads(opa_says(opa, "test", ".", "--coverage", "--format", "json"))
    uncovered = {path: file["not_covered"] for path, file in coverage["files"].items() if file.get("not_covered")}
    assert uncovered == {}
    assert coverage["coverage"] == 100


def test_the_list_of_builtin_names_is_that_of_opa(opa: Path) -> None:
    capabilities: dict[str, Any] = json.loads(opa_says(opa, "capabilities", "--current"))

    assert {builtin["name"].partition(".")[0] for builtin in capabilities["builtins"]} == BUILTINS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_tells_people_what_they_need(rule: Rule) -> None:
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.description.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.severity
    assert rule.controls
    assert "import rego.v2" in rule.text
    assert "sprintf" not in rule.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_test_of_each_value_of_an_enumeration_that_it_compares(rule: Rule) -> None:
    test = (POLICIES / rule.path.replace(".rego", "_test.rego")).read_text()

    for kind, paths in rule.needs.items():
        for path in paths:
            for value in enumeration(kind, path):
                assert f'"{value}"' in test, f"{rule.id}: no test mentions {path} {value}"


def enumeration(kind: str, path: str) -> list[str]:
    schema: Any = kinds()[kind].schema
    for part in path.split("."):
        schema = schema.get("items", schema)["properties"][part]
    return list(schema.get("enum", ()))


def test_no_message_of_a_test_holds_a_formatting_error() -> None:
    assert [path for path in POLICIES.rglob("*.rego") if "%!" in path.read_text()] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_number_or_list_of_a_rule_says_which_way_is_stricter(rule: Rule) -> None:
    open_ended = {
        ("benchmark.budget", "budgets"),
        ("data_handling.retention", "policies"),
        ("environment.parity", "images"),
        ("environment.parity", "tools"),
        ("performance.latency", "budgets"),
        ("provenance.source", "refs"),
    }

    for name, parameter in rule.parameters.items():
        if parameter.schema["type"] in {"integer", "array"} and (rule.id, name) not in open_ended:
            assert parameter.tighten, f"{rule.id}.{name}"
        if parameter.schema["type"] == "integer":
            assert "minimum" in parameter.schema, f"{rule.id}.{name}"


def test_the_rule_shown_on_the_page_for_authors_loads(tmp_path: Path) -> None:
    page = (POLICIES / "README.md").read_text()
    shown_rule = page[page.index("```rego\n") + 8 : page.index("```\n\n* `title`")]

    root = tmp_path / "coverage"
    (root / "lines").mkdir(parents=True)
    (root / "pack.toml").write_text((POLICIES / "coverage/pack.toml").read_text())
    (root / "lines/lines.rego").write_text(shown_rule)
    assert list(load_packs([tmp_path]).rules) == ["coverage.lines"]


RED_TEST = """\
package gatekeeper.demo.probe_test

import data.gatekeeper.demo.probe

test_deny_one if {
	count(probe.deny) == 1 with input as {
		"test_results": [{"failed": 3, "source": {}}],
		"parameters": {"limit": 0},
	}
}
"""
GREEN_TEST = RED_TEST.replace("== 1", "== 0").replace('"failed": 3', '"failed": 0')


@pytest.mark.parametrize(
    ("rule", "test", "lines"),
    [
        (DENY, RED_TEST, []),
        (DENY, GREEN_TEST, [12]),
        (DENY + DENY.replace("failed", "errored"), RED_TEST, [18]),
        (DENY + DENY.replace("failed", "errored"), GREEN_TEST, [12, 18]),
        (DENY.replace("> input.parameters.limit", "> 9"), GREEN_TEST, [12]),
    ],
)
def test_a_denial_that_no_test_has_seen_is_named(
    tmp_path: Path, binary: OpaBinary, rule: str, test: str, lines: list[int]
) -> None:
    text = rule_text(rule, needs="{test_results: [failed, errored]}")
    packs = load_packs([write_pack(tmp_path, text, files={"probe/probe_test.rego": test})])

    assert untested_rules(packs, binary) == tuple(
        Untested(rule="demo.probe", where=f"demo/probe/probe.rego:{line}") for line in lines
    )


def test_tests_that_fail_say_nothing_of_denials(tmp_path: Path, binary: OpaBinary) -> None:
    failing = RED_TEST.replace("== 1", "== 2")
    packs = load_packs([write_pack(tmp_path, files={"probe/probe_test.rego": failing})])

    with pytest.raises(PolicyError, match="the pack's tests do not pass"):
        untested_rules(packs, binary)


def test_tests_that_do_not_end_are_killed(tmp_path: Path, binary: OpaBinary) -> None:
    endless = "package x_test\n\ntest_x if count([1 | some a in numbers.range(1, 99999); some b in numbers.range(1, 99999); a == b]) == 3\n"
    packs = load_packs([write_pack(tmp_path, files={"probe/probe_test.rego": endless})])

    with pytest.raises(EngineTimeoutError):
        untested_rules(packs, binary, deadline=0.5)


def test_the_readme_counts_right() -> None:
    packs = load_packs([POLICIES])
    text = (ROOT / "README.md").read_text()

    assert f"{len(packs.rules)} rules in {len(packs.packs)} packs" in text
    assert f"{len(registry.BUILTIN)} formats" in text
