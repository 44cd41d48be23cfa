"""Mutation testing: which mutants there are, what becomes of each, and what the command says of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rego_files import GOOD, pack, write

from gatekeeper.engine.find import find
from gatekeeper.testing.mutation import Report, mutate

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from project import Project


@pytest.fixture(scope="module")
def binary(opa_path: Path) -> OpaBinary:
    return find("1.22.2", path=str(opa_path))


@pytest.fixture(scope="module")
def report(binary: OpaBinary, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The rule of `rego_files`, whose tests look at messages only."""
    folder = write(tmp_path_factory.mktemp("packs"), pack())
    return mutate([folder / "policies"], binary=binary)


def fates(report: Report) -> dict[str, tuple[int, str]]:
    return {mutant.change: (mutant.row, mutant.outcome) for mutant in report.mutants}


def test_every_mutant_of_a_rule_and_its_fate(report: Report) -> None:
    assert fates(report) == {
        "comparison: < -> <=": (14, "killed"),
        "comparison: < -> >=": (14, "killed"),
        "removed: report.lines_covered < input.parameters.minimum": (14, "killed"),
        'text: $"{report.lines_covered} lines" -> ""': (16, "killed"),
        'text: "lines" -> ""': (17, "survived"),
        'removed: "term": "lines"': (17, "survived"),
        'removed: "message": $"{report.lines_covered} lines"': (16, "invalid"),
        'removed: "source": report.source': (18, "invalid"),
        fates_of_the_whole(report): (12, "invalid"),
    }


def fates_of_the_whole(report: Report) -> str:
    return next(mutant.change for mutant in report.mutants if mutant.change.startswith("removed: deny contains"))


def test_a_killer_is_named_with_its_case(report: Report) -> None:
    killed = next(mutant for mutant in report.mutants if mutant.change == "comparison: < -> <=")
    assert killed.killers == ("own.lines_test.test_limits[at the limit]",)


def test_why_a_mutant_is_no_rule_is_said(report: Report) -> None:
    assert Counter(mutant.reason for mutant in report.mutants if mutant.outcome == "invalid") == {
        "the rule defines no deny": 1,
        "the violation has no message": 1,
        "the violation has no source": 1,
    }


def test_the_score_counts_neither_the_refused_nor_the_listed(report: Report) -> None:
    score = report.score("own")
    assert (score.killed, score.survived, score.equivalent, score.invalid) == (4, 2, 0, 3)
    assert (score.percent, score.strict_percent) == (66.6, 66.6)


TEXT = """\
SURVIVED  policies/own/lines/lines.rego:17  removed: "term": "lines"
    --- a/own/lines/lines.rego
    +++ b/own/lines/lines.rego
    @@ -16,3 +16,2 @@
             "message": $"{report.lines_covered} lines",
    -        "term": "lines",
             "source": report.source,

SURVIVED  policies/own/lines/lines.rego:17  text: "lines" -> ""
    --- a/own/lines/lines.rego
    +++ b/own/lines/lines.rego
    @@ -16,3 +16,3 @@
             "message": $"{report.lines_covered} lines",
    -        "term": "lines",
    +        "term": "",
             "source": report.source,

own  66.6 %: 4 of 6 mutants killed  below 95 %
"""


@pytest.fixture
def place(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder with a gate that names the engine, and no packs but ours; its cache is its own."""
    for name in ("coverage/coverage.rego", "tests/tests.rego", "pack.toml"):
        (project.folder / "policies/own" / name).unlink()
    for name in ("own/coverage", "own/tests", "own", ""):
        (project.folder / "policies" / name).rmdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "cache"))
    return project


def test_survivors_are_shown_as_a_diff(place: Project) -> None:
    write(place.folder, pack())
    ran = place.run("policy", "mutate")
    assert (ran.code, ran.out, ran.err) == (1, TEXT, "")


def test_a_second_run_says_the_same_from_what_is_kept(place: Project) -> None:
    write(place.folder, pack())
    first = place.run("policy", "mutate")
    kept = list((place.folder / "cache").rglob("*.json"))
    assert len(kept) == 1
    assert place.run("policy", "mutate").out == first.out


def test_what_is_kept_is_forgotten_with_the_tests_it_came_from(place: Project) -> None:
    write(place.folder, pack())
    place.run("policy", "mutate")
    blind = GOOD.replace("denied(79)} ==", 'denied(79)} | {"79 lines"} ==')
    write(place.folder, pack(blind))
    assert "own  50.0 %: 3 of 6 mutants killed" in place.run("policy", "mutate").out


def test_json_has_every_mutant(place: Project) -> None:
    write(place.folder, pack())
    ran = place.run("policy", "mutate", "--format", "json", "--threshold", "66.6")
    said = json.loads(ran.out)
    assert (ran.code, said["outcome"], said["packs"]["own"]["percent"]) == (0, "pass", 66.6)
    assert len(said["mutants"]) == 9
    survivor = next(mutant for mutant in said["mutants"] if mutant["outcome"] == "survived")
    assert (survivor["row"], survivor["diff"][-2]) == (17, '-\t\t"term": "lines",')
