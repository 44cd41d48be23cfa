"""Replay: the same bytes again, or the first place that differs, however a record was put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from forge import forged
from hypothesis import HealthCheck, given, settings

from gatekeeper import _json
from gatekeeper.errors import EngineMissingError, GatekeeperError, MalformedError
from gatekeeper.record import Record
from gatekeeper.replaying import RE_VERIFIED, RECOMPUTED, replay
from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.engine.command import OpaCommand
    from project import Project

Place = tuple[str | int, ...]


@pytest.fixture
def build(project: Project) -> Path:
    """The record of a deny that has everything: a failing test, a rejected attestation, a passing rule."""
    project.attest("test_results", ran_tests(3, "t_pay"), slot="unit", name="unit")
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    project.attest("coverage", coverage(1), slot="coverage", signer="stranger", name="stranger")
    return project.record("build")


@pytest.fixture
def record(build: Path) -> Record:
    return Record.read(build)


@pytest.fixture
def integration(project: Project) -> Record:
    """The record of a later stage: a record of the stage before, two shards, a change and an approval."""
    project.green()
    earlier = project.record("build")
    project.write("evidence/build.record.json", earlier.read_bytes())
    for index in (1, 2):
        facts = ran_tests(2 + index)
        project.attest("test_results", facts, slot="e2e", shard=f"{index}/2", name=f"e2e{index}")
    project.attest("change", change("github:bo"), slot="change")
    project.approve("ada")
    return Record.read(project.record("integration"))


def beside(record: Record) -> list[Record]:
    """All records in the folder of one: it names those that it rests on, and does not hold them."""
    return [Record.read(path) for path in sorted(Path(record.name).parent.glob("*.record.json"))]


def places(differences: Any) -> list[str]:
    return [difference.place for difference in differences]


@pytest.mark.parametrize(("signatures", "depth"), [(False, RECOMPUTED), (True, RE_VERIFIED)])
def test_a_record_replays_to_the_same_bytes(
    record: Record, integration: Record, command: OpaCommand, depth: str, *, signatures: bool
) -> None:
    for one in (record, integration):
        done = replay(one, engine=command, signatures=signatures, records=beside(one))
        assert done
        assert done.depth == depth
        assert done.recomputed.canonical == one.decision.canonical
        assert done.decision_id == done.recomputed.id
    assert (record.decision.outcome, integration.decision.outcome) == ("deny", "allow")


def test_the_command_says_what_it_recomputed(project: Project, build: Path) -> None:
    ran = project.run("replay", str(build))
    decision = Record.read(build).decision_id
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"IDENTICAL  {build}  {decision}\n  {RECOMPUTED}\n"
    ran = project.run("replay", str(build), "--require", "signatures", "--format", "json")
    assert ran.code == 0
    shown = {"record": str(build), "decision": decision, "identical": True, "depth": RE_VERIFIED, "differences": []}
    assert ran.json == [shown]


def test_the_command_says_the_first_difference_and_how_many_more(project: Project, record: Record) -> None:
    def blame(decision: dict[str, Any]) -> None:
        denied = next(result for result in decision["results"] if result["id"] == "own.tests")
        denied["title"] = "The tests fail"
        denied["severity"] = "low"

    edited = forged(record, decision=blame)
    project.write("forged.record.json", edited.data)
    ran = project.run("replay", "forged.record.json")
    assert (ran.code, ran.err) == (1, "")
    index = [result.id for result in edited.decision.results].index("own.tests")
    assert ran.out == (
        f"DIFFERENT  forged.record.json  {edited.decision_id}\n"
        f'  $.results[{index}].severity: recorded "low", recomputed "high"\n'
        "  and 1 more\n"
        f"  {RECOMPUTED}\n"
    )
    found = project.run("replay", "forged.record.json", "--format", "json").json[0]
    assert found["identical"] is False
    assert found["differences"][1] == {
        "place": f"$.results[{index}].title",
        "recorded": "The tests fail",
        "recomputed": "The tests pass",
    }


def test_one_of_two_that_differs_is_found(project: Project, build: Path) -> None:
    def wrong(decision: dict[str, Any]) -> None:
        decision["rests_on_unsigned"] = True

    project.write("forged.record.json", forged(Record.read(build), decision=wrong).data)
    ran = project.run("replay", "forged.record.json", str(build))
    assert ran.code == 1
    assert [line.split()[0] for line in ran.out.splitlines() if not line.startswith(" ")] == ["DIFFERENT", "IDENTICAL"]
    assert "$.rests_on_unsigned: recorded true, recomputed false\n" in ran.out


def test_a_long_value_is_cut_in_the_words_and_whole_in_json(record: Record, command: OpaCommand) -> None:
    def long(decision: dict[str, Any]) -> None:
        decision["results"][0]["title"] = "x" * 200

    [difference] = replay(forged(record, decision=long), engine=command).differences
    assert str(difference).startswith(f'$.results[0].title: recorded "{"x" * 76}..., recomputed "')
    assert difference.recorded == "x" * 200


def passing(material: dict[str, Any]) -> None:
    """The verdict on the failing tests says that they passed."""
    for verdict in material["verdicts"]:
        if verdict["content"] and verdict["content"]["document"]["source"]["kind"] == "test_results":
            verdict["content"]["document"]["facts"] = ran_tests(4)


def test_a_verdict_that_says_more_than_its_attestation_is_found_when_signatures_are_asked(
    record: Record, command: OpaCommand
) -> None:
    """An allow made up from verdicts that were edited recomputes, and only the attestations show that it is one."""
    made_up = replay(forged(record, passing), engine=command).recomputed
    assert made_up.material is not None
    question = made_up.material.question

    def pass_it(held: dict[str, Any]) -> None:
        passing(held)
        held["question"] = question

    allow = forged(record, pass_it, lambda said: said.update(made_up.as_json()))
    assert allow.decision.outcome == "allow"
    assert replay(allow, engine=command)

    done = replay(allow, engine=command, signatures=True)
    assert not done
    [unit] = [item.digest for item in record.decision.items if item.slot == "unit"]
    assert set(places(done.differences)) == {
        f"$.evidence.items[{unit}].content.document.facts.{name}" for name in ("cases", "failed", "names[3]", "passed")
    }


@pytest.mark.parametrize(
    ("member", "value"), [("status", "verified"), ("signers", ["ci"]), ("kind", "change"), ("read_by", "facts/1")]
)
def test_what_a_rejected_attestation_is_said_to_be_is_checked_again(
    record: Record, command: OpaCommand, member: str, value: Any
) -> None:
    rejected = next(item for item in record.decision.items if item.status == "rejected")

    def promote(held: dict[str, Any]) -> None:
        for verdict in held["verdicts"]:
            if verdict["item"]["digest"] == rejected.digest:
                verdict["item"][member] = value

    def listed(said: dict[str, Any]) -> None:
        for item in said["evidence"]["items"]:
            if item["digest"] == rejected.digest:
                item[member] = value

    found = places(replay(forged(record, promote, listed), engine=command, signatures=True).differences)
    assert f"$.evidence.items[{rejected.digest}].item.{member}" in found


def test_a_reason_that_is_put_in_other_words_is_no_difference_to_the_signatures(
    record: Record, command: OpaCommand
) -> None:
    def reworded(items: list[dict[str, Any]]) -> None:
        for item in items:
            if item["status"] == "rejected":
                item["reason"] = "nobody here knows the signer"

    edited = forged(
        record,
        lambda held: reworded([verdict["item"] for verdict in held["verdicts"]]),
        lambda said: reworded(said["evidence"]["items"]),
    )
    assert replay(edited, engine=command, signatures=True)


@pytest.mark.parametrize("signatures", [False, True])
def test_an_attestation_without_verdict_and_a_verdict_without_attestation_are_found(
    record: Record, command: OpaCommand, *, signatures: bool
) -> None:
    def swapped(held: dict[str, Any]) -> None:
        held["attestations"].pop(next(iter(held["attestations"])))
        held["attestations"][_json.digest(b"{}")] = "{}"

    found = places(replay(forged(record, swapped), engine=command, signatures=signatures).differences)
    assert any(place.startswith("$.material.verdicts") for place in found)
    assert "$.evidence.digest" in found


@pytest.mark.parametrize("data", ["[]", "not JSON", '{"payloadType": 1, "payload": 2}'])
def test_what_was_no_attestation_is_rejected_again(project: Project, command: OpaCommand, data: str) -> None:
    """Whatever stood in the evidence is sealed, and replays."""
    project.green()
    project.write("evidence/odd.intoto.json", data)
    record = Record.read(project.record("build"))
    [odd] = [item for item in record.decision.items if item.status == "rejected"]
    assert odd.digest == _json.digest(data.encode())
    assert replay(record, engine=command, signatures=True)


def test_a_question_that_is_written_differently_is_a_difference(record: Record, command: OpaCommand) -> None:
    def blank(held: dict[str, Any]) -> None:
        held["question"] = held["question"].replace('{"ask"', '{ "ask"', 1)

    [difference] = replay(forged(record, blank), engine=command).differences
    assert str(difference).startswith('$.material.question: recorded "the same JSON, written differently"')


def test_a_changed_question_is_a_difference_with_its_place(record: Record, command: OpaCommand) -> None:
    def edited(held: dict[str, Any]) -> None:
        held["question"] = held["question"].replace('"t_pay"', '"t_buy"')

    found = places(replay(forged(record, edited), engine=command).differences)
    assert found == ["$.material.question.documents.test_results[0].cases[0].name"]


@pytest.mark.parametrize(("question", "where"), [("{", "$.material.question: line 1 column 2"), ("", "")])
def test_a_question_that_is_none(record: Record, command: OpaCommand, question: str, where: str) -> None:
    edited = forged(record, lambda held: held.update(question=question))
    if where:
        with pytest.raises(MalformedError) as refused:
            replay(edited, engine=command)
        assert refused.value.where == where
    else:
        [difference] = replay(edited, engine=command).differences
        assert (difference.place, difference.recorded) == ("$.material.question", None)


@pytest.mark.parametrize(
    ("path", "value", "message", "where"),
    [
        (
            ("rules", "rules", 0, "text"),
            "package gatekeeper.own.coverage\n",
            "the recorded rules is not what the gate refers to",
            "$.material.rules",
        ),
        (
            ("trust", "keys"),
            {},
            "it does not make a gate: KeyError: ",
            "$.material",
        ),
        (
            ("gate", "stages", "build", "valid_for"),
            "7 days",
            "not a duration",
            "$.material",
        ),
        (
            ("gate", "stages", "build", "valid_for"),
            "168h",
            "the recorded stage is not what the gate refers to",
            "$.material.gate.stages",
        ),
        (
            ("gate", "trust"),
            "sha256:" + "0" * 64,
            "the recorded trust is not what the gate refers to",
            "$.material.trust",
        ),
        (("gate", "stages"), {}, "it does not make a gate: KeyError: 'build'", "$.material"),
        (("verdicts", 0, "item", "digest"), 7, "integer, where string is needed", "$.material.verdicts[0].item.digest"),
        (("verdicts", 0, "content"), {}, "it says not one thing", "$.material.verdicts[0].content"),
        (("verdicts", 0, "people"), {"ada": 1}, "object, where array is needed", "$.material.verdicts[0].people"),
        (("verdicts", 0, "lapses"), ["soon"], "not an RFC 3339 time with a zone", "$.material.verdicts[0].lapses[0]"),
    ],
)
def test_material_that_makes_no_gate_is_refused_with_its_place(
    record: Record, command: OpaCommand, path: Place, value: Any, message: str, where: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        replay(forged(record, lambda held: put(held, path, value)), engine=command)
    assert refused.value.message.startswith(message)
    assert refused.value.where == where
    assert refused.value.exit_code == 2


def test_a_gate_that_does_not_say_whose_trust_it_has(record: Record, command: OpaCommand) -> None:
    with pytest.raises(MalformedError) as refused:
        replay(forged(record, lambda held: held["gate"].pop("trust")), engine=command)
    assert str(refused.value) == "$.material: it does not make a gate: KeyError: 'trust'"


def test_an_approval_by_somebody_whom_the_trust_does_not_know(integration: Record, command: OpaCommand) -> None:
    def stranger(held: dict[str, Any]) -> None:
        for verdict in held["verdicts"]:
            verdict["people"] = ["zed"] if verdict["people"] else []

    with pytest.raises(MalformedError) as refused:
        replay(forged(integration, stranger), engine=command)
    assert str(refused.value) == "$.material: it does not make a decision: KeyError: 'zed'"


def test_the_engine_that_the_record_names_has_to_be_here(
    project: Project, build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_OPA", str(project.folder / "no-such-opa"))
    with pytest.raises(EngineMissingError):
        replay(Record.read(build))
    ran = project.run("replay", str(build))
    assert (ran.code, ran.out) == (3, "")
    assert "no-such-opa" in ran.err


def test_a_record_that_is_cut_off_replays_to_no_verdict(project: Project, build: Path) -> None:
    project.write("cut.record.json", build.read_bytes()[:-2])
    ran = project.run("replay", "cut.record.json", "--format", "json")
    assert ran.code == 2
    assert ran.json["error"]["where"].startswith("cut.record.json: ")


PROSE = ("remedy", "title", "description", "default", "tighten")
"""What of a rule its answer does not rest on, where it passes."""


def leaves(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict | list) and value:
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, step))
    else:
        yield path, value


def put(value: Any, path: Place, new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


EITHER = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@EITHER
@given(data=st.data())
def test_whatever_is_changed_is_refused_or_a_difference(
    integration: Record, command: OpaCommand, data: st.DataObject
) -> None:
    """Any value of gate, trust, rules, question or verdicts, under the depth that looks at the attestations too."""
    held = integration.material.as_json()
    found = [(path, value) for path, value in leaves(held) if path[0] in {"gate", "trust", "rules", "verdicts"}]
    found = [(path, value) for path, value in found if path[:2] != ("trust", "keys") and path[-1] not in PROSE]
    path, value = data.draw(st.sampled_from(found), label="place")
    new = data.draw(st.sampled_from(_others(value)), label="value")
    edited = forged(integration, lambda changing: put(changing, path, new))
    try:
        done = replay(edited, engine=command, signatures=True, records=beside(integration))
    except GatekeeperError:
        return
    assert not done
    assert all(place.startswith("$.") for place in places(done.differences))


def _others(value: Any) -> list[Any]:
    same_type: list[Any] = []
    if isinstance(value, str):
        same_type = [value + "x", value[:-1], "x"]
    elif isinstance(value, bool):
        same_type = [not value]
    elif isinstance(value, int):
        same_type = [value + 1, -value]
    others = [*same_type, 7, None, [1], {"a": 1}, ["x"], "sha256:" + "0" * 64, "2026-01-01T00:00:00Z"]
    return [other for other in others if other != value]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(failing=st.sets(st.sampled_from("abc")), covered=st.integers(0, 100), signer=st.sampled_from(["ci", "stranger"]))
def test_every_decision_that_is_made_replays(
    project: Project, command: OpaCommand, failing: set[str], covered: int, signer: str
) -> None:
    for path in (project.folder / "evidence").iterdir():
        path.unlink()
    project.attest("test_results", ran_tests(2, *sorted(failing)), slot="unit", name="unit")
    project.attest("coverage", coverage(covered), slot="coverage", signer=signer, name="coverage")
    record = Record.read(project.record("build"))
    assert record.decision.allowed == (not failing and covered >= 80 and signer == "ci")
    assert replay(record, engine=command, signatures=True)
