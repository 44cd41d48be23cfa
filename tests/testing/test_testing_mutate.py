"""Mutation testing: which mutants there are, what becomes of each, and what the command says of it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rego_files import GOOD, RULE, TESTS, pack, write

from gatekeeper.errors import EngineError
from gatekeeper.testing.mutation import Report, _mutate, _runs, mutate

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing.mutation._family import Copy
    from gatekeeper.testing.mutation._runs import Verdict
    from project import Project, Ran


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
    assert (ran.code, said["outcome"], said["scores"][0]["percent"]) == (0, "pass", 66.6)
    assert len(said["mutants"]) == 9
    survivor = next(mutant for mutant in said["mutants"] if mutant["outcome"] == "survived")
    assert (survivor["row"], survivor["diff"][-2]) == (17, '-\t\t"term": "lines",')


LISTED = """\
[[equivalent]]
file = "lines/lines.rego"
line = '"term": "lines",'
change = 'text: "lines" -> ""'
reason = "Nobody reads the term."
"""


def listed(place: Project, text: str) -> Ran:
    write(place.folder, {**pack(), "policies/own/equivalent.toml": text})
    return place.run("policy", "mutate")


def test_a_survivor_that_is_listed_is_out_of_the_score_and_in_the_other(place: Project) -> None:
    ran = listed(place, LISTED)
    expected = "own  80.0 %: 4 of 5 mutants killed, 1 listed as equivalent (66.6 % with them)  below 95 %\n"
    assert ran.out.endswith(expected)
    assert ran.out.count("SURVIVED") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LISTED.replace('"term"', '"name"'), "there is no mutant"),
        (LISTED.replace("lines/lines", "lines/other"), "there is no such file"),
        (
            LISTED.replace('\'"term": "lines",\'', '"report.lines_covered < input.parameters.minimum"').replace(
                'text: "lines" -> ""', "comparison: < -> <="
            ),
            "is killed, so it is a fault",
        ),
        (LISTED + LISTED, "it is there twice"),
        (LISTED.replace("reason", "why"), "an entry has file, line, change, reason"),
        (LISTED.replace("Nobody reads the term.", " "), "reason is no text"),
        (LISTED.replace("[[", "[").replace("]]", "]"), "something other than [[equivalent]]"),
        ("[[equivalent", "cannot be read"),
    ],
)
def test_what_is_listed_and_not_true_is_an_error(text: str, message: str, place: Project) -> None:
    ran = listed(place, text)
    assert (ran.code, ran.out) == (3, "")
    assert message in ran.err


def test_tests_that_fail_as_it_is_judge_nothing(place: Project) -> None:
    write(place.folder, pack(GOOD.replace("79 lines", "78 lines")))
    ran = place.run("policy", "mutate")
    assert (ran.code, ran.out) == (3, "")
    assert (ran.error["error"], ran.error["where"]) == (
        "test_deny does not pass without any change",
        "own/lines/lines_test.rego:13",
    )


def test_without_tests_nothing_is_judged(place: Project) -> None:
    files = {name: text for name, text in pack().items() if not name.endswith("_test.rego")}
    write(place.folder, files)
    assert "no test passes" in place.run("policy", "mutate").err


def test_a_rule_alone_can_be_named(place: Project) -> None:
    second = RULE.replace("own.lines", "own.more")
    more = {"more/more.rego": second, "more/more_test.rego": (TESTS + GOOD).replace("own.lines", "own.more")}
    tests = more["more/more_test.rego"].replace("lines.deny", "more.deny")
    write(place.folder, pack(**{**more, "more/more_test.rego": tests}))
    assert "4 of 6 mutants" in place.run("policy", "mutate", "policies/own/more").out
    assert "8 of 12 mutants" in place.run("policy", "mutate").out


@pytest.mark.parametrize(("option", "value"), [("--threshold", "101"), ("--threshold", "x"), ("--jobs", "0")])
def test_options_that_cannot_be(option: str, value: str, place: Project) -> None:
    assert place.run("policy", "mutate", option, value).code == 2


LIBRARY = """\
package gatekeeper.own.lib

import rego.v2

few(covered, minimum) if covered < minimum
"""


def test_a_library_is_judged_by_the_tests_of_the_rules_that_use_it(place: Project) -> None:
    rule = RULE.replace("import rego.v2\n", "import rego.v2\n\nimport data.gatekeeper.own.lib\n").replace(
        "report.lines_covered < input.parameters.minimum", "lib.few(report.lines_covered, input.parameters.minimum)"
    )
    write(place.folder, pack(**{"lines/lines.rego": rule, "lib/few.rego": LIBRARY}))
    ran = place.run("policy", "mutate", "policies/own/lib", "--format", "json")
    found = {mutant["change"]: mutant for mutant in json.loads(ran.out)["mutants"]}
    assert found["comparison: < -> <="]["killers"] == ["own.lines_test.test_limits[at the limit]"]
    assert found["comparison: < -> >="]["outcome"] == "killed"


PYTHON = """\
import tomllib
from pathlib import Path

RULE = Path("policies/own/lines/lines.rego").read_text()


def test_gate():
    stage = tomllib.loads(Path("gate.toml").read_text())["stages"]["build"]
    assert stage["rules"] == ["own.*"]
    assert set(stage["evidence"]["unit"]) == {"kind"}


def test_default():
    assert "default: 80" in RULE
"""
SMALL = """\
name = "parcel"
engine = "opa 1.22.2"
engine_digests = ["{opa}"]
pack_dirs = ["policies"]
trust = "trust.toml"

[stages.build]
rules = ["own.*"]
valid_for = "7d"
[stages.build.evidence]
unit = { kind = "coverage" }
"""


def test_python_tests_judge_metadata_and_the_gate(
    place: Project, opa_digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    gate = SMALL.replace("{opa}", opa_digest)
    write(place.folder, {**pack(), "gate.toml": gate, "checks/test_gate.py": PYTHON})
    before = {path: path.read_bytes() for path in place.folder.rglob("*.*") if path.is_file()}
    ran = place.run("policy", "mutate", "--pytest", "checks", "--format", "json", "--jobs", "2")
    said = json.loads(ran.out)
    found = {one["change"]: one["outcome"] for one in said["mutants"] if one["part"] != "rego"}
    assert found == {
        "removed: lines_covered": "invalid",
        "removed: lines_valid": "survived",
        "minimum: 0 -> -1": "survived",
        "minimum: 0 -> 1": "survived",
        "default: 80 -> 79": "killed",
        "default: 80 -> 81": "killed",
        "tighten: up -> down": "survived",
        'removed: rules = ["own.*"]': "invalid",
        'removed: "own.*"': "invalid",
        'removed: valid_for = "7d"': "invalid",
        'duration: "7d" -> "8d"': "survived",
        'removed: unit = { kind = "coverage" }': "invalid",
        'removed: kind = "coverage"': "invalid",
    }
    assert [(score["pack"], score["part"], score["percent"]) for score in said["scores"]] == [
        ("own", "rego", 66.6),
        ("own", "metadata", 33.3),
        ("gate.toml", "wiring", 0.0),
    ]
    assert {path: path.read_bytes() for path in before} == before


def test_small_batches_on_several_opas_come_to_the_same(
    report: Report, binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mutate, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    folder = write(tmp_path, pack())
    again = mutate([folder / "policies"], binary=binary, jobs=3, progress=lambda *now: seen.append(now))
    assert fates(again) == fates(report)
    assert seen[0] == (0, 9)
    assert seen[-1] == (9, 9)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_run_that_was_broken_off_goes_on_where_it_was(
    report: Report, binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mutate, "BATCH", 3)
    batches: list[int] = []

    def judge(originals: Copy, mutants: dict[str, Copy], opa: OpaBinary, deadline: float) -> dict[str, Verdict]:
        batches.append(len(mutants))
        if len(batches) == 2:
            raise EngineError("the machine is switched off")
        return _runs.judge(originals, mutants, opa, deadline)

    monkeypatch.setattr(_mutate, "judge", judge)
    folder = write(tmp_path, pack())
    with pytest.raises(EngineError, match="switched off"):
        mutate([folder / "policies"], binary=binary, cache=tmp_path / "cache")
    judged = batches[0]
    again = mutate([folder / "policies"], binary=binary, cache=tmp_path / "cache")
    assert fates(again) == fates(report)
    assert sum(batches[2:]) == sum(mutant.outcome != "invalid" for mutant in again.mutants) - judged


def test_what_is_kept_and_cannot_be_read_is_as_good_as_nothing(
    report: Report, binary: OpaBinary, tmp_path: Path
) -> None:
    folder = write(tmp_path, pack())
    mutate([folder / "policies"], binary=binary, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    for text in ("{", '{"a": 1}', '{"a": ["passed", [], ""]}'):
        kept.write_text(text)
        assert fates(mutate([folder / "policies"], binary=binary, cache=tmp_path / "cache")) == fates(report)


def test_a_survivor_that_no_test_reaches_is_said_to_be_so(place: Project) -> None:
    more = RULE[RULE.index("deny") :].replace("lines_covered < input.parameters.minimum", "lines_valid == 0")
    write(place.folder, pack(**{"lines/lines.rego": f"{RULE}\n{more}"}))
    ran = place.run("policy", "mutate")
    assert 'lines.rego:27  text: "lines" -> ""  (no test runs this line)\n' in ran.out
    assert 'lines.rego:17  text: "lines" -> ""\n' in ran.out


def test_where_opa_breaks_down_the_one_to_blame_is_found(
    report: Report, binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(originals: Copy, mutants: dict[str, Copy], opa: OpaBinary, deadline: float) -> dict[str, Verdict]:
        if any('"term": ""' in copy.files["own/lines/lines.rego"] for copy in mutants.values()):
            raise _runs.BrokenDownError("OPA broke down: out of memory")
        return _runs.judge(originals, mutants, opa, deadline)

    monkeypatch.setattr(_mutate, "judge", judge)
    folder = write(tmp_path, pack())
    again = mutate([folder / "policies"], binary=binary)
    assert fates(again) == {**fates(report), 'text: "lines" -> ""': (17, "killed")}
    (killed,) = [mutant for mutant in again.mutants if mutant.change == 'text: "lines" -> ""']
    assert killed.killers == ("OPA broke down: out of memory",)


def test_samples_that_tests_read_are_there(place: Project) -> None:
    tests = GOOD.replace("denied(79)} ==", "denied(data.low.lines)} ==")
    tests = tests.replace('"covered": 80', '"covered": data["low"].lines + 1')
    write(place.folder, {**pack(tests), "samples/low/facts.json": '{"lines": 79}'})
    assert "no test passes" in place.run("policy", "mutate").err
    ran = place.run("policy", "mutate", "--data", "samples")
    assert "own  66.6 %: 4 of 6 mutants killed" in ran.out
