"""Attacks on a decision, each beside what it must not reach.

Every case runs the command on a real project with real signatures and the real OPA.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.engine import find
from gatekeeper.evidence import Evidence
from gatekeeper.facts import Document
from gatekeeper.gate import Gate
from gatekeeper.question import EngineIdentity, RuleAnswer
from gatekeeper.sealing import seal
from gatekeeper.trust.signer import KeySigner
from gatekeeper.verify import verify
from project import change, coverage, ran_tests, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.policy import RuleSet
    from gatekeeper.question import Answer, Question
    from gatekeeper.verified import Verdict
    from project import Project, Ran

SOON = timedelta(hours=2)


def integration(project: Project, *approvers: str) -> None:
    """Evidence that opens the stage ``integration``, approvals by ``approvers`` with it."""
    project.green()
    project.write("evidence/build.record.json", project.record().read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", shard=f"{index}/2")
    project.attest("change", change("github:cy"), slot="change")
    for person in approvers:
        project.approve(person)


def ends(name: str, project: Project, table: str) -> None:
    """``name`` counts until soon only: a table of the trust gets an end."""
    project.edit("trust.toml", *_ENDINGS[table](name, stamp(project.now + SOON)))
    project.lock()


_ENDINGS: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "signer": lambda name, end: (f'key = "keys/{name}.pub"', f'key = "keys/{name}.pub"\nuntil = {end}'),
    "role": lambda name, end: (f'roles = ["{name}"]', f'roles = [{{ role = "{name}", until = {end} }}]'),
}


def gate_key_ends(project: Project) -> str:
    ends("gate", project, "signer")
    integration(project, "ada")
    return "integration"


def an_older_no_comes_back(project: Project) -> str:
    integration(project, "ada")
    project.approve("bo", verdict="reject", name="no", issued_at=stamp(project.now - timedelta(hours=3)))
    project.approve("bo", name="yes", expires=stamp(project.now + SOON))
    return "integration"


def a_no_begins_to_count(project: Project) -> str:
    begins = f'roles = [{{ role = "security" }}, {{ role = "release-manager", from = {stamp(project.now + SOON)} }}]'
    project.edit("trust.toml", 'roles = ["security"]', begins)
    project.lock()
    integration(project, "ada")
    project.approve("cy", verdict="reject")
    return "integration"


def an_exception_to_a_freeze_expires(project: Project) -> str:
    start, end = stamp(project.now - SOON), stamp(project.now + timedelta(days=20))
    freeze = f'[[stages.build.freezes]]\nname = "f"\nfrom = {start}\nuntil = {end}\nexception = "security"\n'
    project.edit("gate.toml", "[stages.integration]", f"{freeze}[stages.integration]")
    project.lock()
    project.green()
    project.approve("cy", stage="build", expires=stamp(project.now + SOON))
    return "build"


def who_approves_waivers_loses_the_role(project: Project) -> str:
    ends("security", project, "role")
    project.attest("test_results", ran_tests(), slot="unit", name="unit")
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    project.waive()
    return "build"


def one_of_two_signers_ends(project: Project) -> str:
    ends("scanner", project, "signer")
    project.edit("trust.toml", 'coverage = ["ci"]', 'coverage = ["ci", "scanner"]')
    project.lock()
    project.green()
    project.attest("coverage", coverage(), slot="coverage", signer="scanner", name="again")
    return "build"


def a_key_begins_to_count(project: Project) -> str:
    end = stamp(project.now + SOON)
    project.edit("trust.toml", 'key = "keys/scanner.pub"', f'key = "keys/scanner.pub"\nfrom = {end}')
    project.edit("trust.toml", 'coverage = ["ci"]', 'coverage = ["ci", "scanner"]')
    project.lock()
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", signer="scanner", name="worse")
    return "build"


def a_no_of_later(project: Project) -> str:
    integration(project, "bo")
    later = project.now + SOON + timedelta(seconds=60)  # clocks may differ by a minute
    project.approve("ada", verdict="reject", issued_at=stamp(later))
    return "integration"


@pytest.mark.parametrize(
    "prepare",
    [
        gate_key_ends,
        an_older_no_comes_back,
        a_no_begins_to_count,
        an_exception_to_a_freeze_expires,
        who_approves_waivers_loses_the_role,
        one_of_two_signers_ends,
        a_key_begins_to_count,
        a_no_of_later,
    ],
)
def test_an_allow_ends_when_what_it_rests_on_does(project: Project, prepare: Callable[[Project], str]) -> None:
    stage = prepare(project)
    ran = project.decide(stage)
    assert ran.code == 0, ran.out
    assert ran.json["valid_until"] == stamp(project.now + SOON)


AGED_RULE = """\
# METADATA
# title: The scan is fresh
# description: An old scan does not know new findings.
# custom:
#   needs: {vulnerabilities: [scanned_at, scanner]}
#   parameters: {longest: {type: string, default: 2h}}
#   ages: {vulnerabilities.scanned_at: longest}
#   remedy: Scan again.
package gatekeeper.own.fresh

import rego.v2

deny contains violation if {
	some report in input.vulnerabilities
	report.scanner == "none"
	violation := {"message": $"{report.scanner} is no scanner", "source": report.source}
}
"""


def scan(project: Project, scanned_at: str) -> None:
    """A stage that asks how old a scan is, and that scan."""
    project.write("policies/own/fresh/fresh.rego", AGED_RULE)
    project.edit("gate.toml", "coverage = {", 'scan = { kind = "vulnerabilities" }\ncoverage = {')
    project.edit("trust.toml", "[accept]", '[accept]\nvulnerabilities = ["scanner"]')
    project.lock()
    project.green()
    counts = dict.fromkeys(("critical", "high", "medium", "low", "negligible", "unknown"), 0)
    facts = {"scanner": "trivy", "findings": [], "counts": counts, "complete": True, "scanned_at": scanned_at}
    project.attest("vulnerabilities", facts, slot="scan", signer="scanner")


def outcome(previewed: Ran) -> str:
    results = previewed.json["decision"]["results"]
    return str(next(result["outcome"] for result in results if result["id"] == "own.fresh"))


def test_a_time_between_two_seconds_ends_an_allow_no_second_late(project: Project) -> None:
    scan(project, stamp(project.now + timedelta(microseconds=500_000) - timedelta(hours=1)))
    ran = project.decide()
    assert ran.code == 0, ran.out
    until = datetime.fromisoformat(ran.json["valid_until"])
    assert until == project.now + timedelta(hours=1, seconds=1)
    at_the_end = project.decide("build", "--what-if", stamp(until))
    assert outcome(at_the_end) == "fail"
    before = project.decide("build", "--what-if", stamp(until - timedelta(seconds=1)))
    assert outcome(before) == "pass"


@pytest.mark.parametrize("scanned_at", ["2999-01-01T00:00:00Z", "9998-12-31T23:59:59Z"])
def test_a_scan_of_the_future_is_not_fresh_for_ever(project: Project, scanned_at: str) -> None:
    scan(project, scanned_at)
    ran = project.decide()
    message = ran.results["own.fresh"]["violations"][0]["message"]
    assert (ran.code, message) == (1, f"vulnerabilities.scanned_at is {scanned_at}, in the future")


def lying(project: Project, lie: Callable[[Verdict], Verdict | None]) -> str:
    """A record by who holds the gate's key: consistent in itself, and its verdicts are not what was attested."""
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="worse")
    gate, evidence = Gate.load("gate.toml"), Evidence.read("evidence")
    honest = verify(evidence, gate.spec, "build", project.subject, at=project.now)
    told = replace(honest, verdicts=tuple(said for verdict in honest.verdicts if (said := lie(verdict))))
    decision = gate.conclude(gate.stage("build"), project.subject, told, evidence, at=project.now, engine=gate.engine)
    assert decision
    record = seal(decision, signer=KeySigner.load("keys/gate.key"))
    return str(project.write("lie.record.json", record.data))


def is_worse(verdict: Verdict) -> bool:
    return isinstance(verdict.content, Document) and verdict.content.facts.get("lines_covered") == 10


def tells_other_facts(verdict: Verdict) -> Verdict:
    if not is_worse(verdict) or not isinstance(verdict.content, Document):
        return verdict
    return replace(verdict, content=replace(verdict.content, facts=coverage(95)))


def leaves_it_out(verdict: Verdict) -> Verdict | None:
    return None if is_worse(verdict) else verdict


def test_replay_with_signatures_sees_facts_that_nobody_signed(project: Project) -> None:
    ran = project.run("replay", lying(project, tells_other_facts), "--require", "signatures", "--format", "json")
    assert ran.code == 1
    assert "facts.lines_covered" in ran.out


@pytest.mark.parametrize("more", [(), ("--require", "signatures")])
def test_replay_sees_an_attestation_without_a_verdict(project: Project, more: tuple[str, ...]) -> None:
    ran = project.run("replay", lying(project, leaves_it_out), *more, "--format", "json")
    assert ran.code == 1
    assert "$.material.verdicts" in ran.out


def test_a_record_by_a_key_that_did_not_count_yet_opens_no_later_stage(project: Project) -> None:
    """The same as admit says of it."""
    begins = f'key = "keys/gate.pub"\nfrom = {stamp(project.now - timedelta(hours=1))}'
    project.edit("trust.toml", 'key = "keys/gate.pub"', begins)
    project.lock()
    integration(project, "ada")
    assert project.decide("integration").code == 0
    gate = Gate.load("gate.toml")
    green = Evidence.read("evidence/unit.json", "evidence/coverage.json")
    decision = gate.decide(project.subject, "build", green, at=project.now - timedelta(hours=2))
    earlier = seal(decision, signer=KeySigner.load("keys/gate.key"), now=decision.at)
    project.write("evidence/build.record.json", earlier.data)
    ran = project.decide("integration")
    assert ran.code == 1
    assert ran.results["stage.build"]["violations"][0]["message"] == "no signed record of build is here"
    assert project.admit(project.write("earlier.record.json", earlier.data)).code == 1


class Silent:
    """An engine of somebody else's, which denies nothing and calls itself what it likes."""

    def __init__(self, version: str) -> None:
        self.identity = EngineIdentity(name="opa", version=version, digest="sha256:" + "0" * 64, platform="any")

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Nothing is wrong with anything."""

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:  # noqa: ARG002 - the protocol
        """Nothing to object."""
        return tuple({name: RuleAnswer(deny=[]) for name in question.ask} for question in questions)


def test_replay_runs_no_binary_that_a_record_says_where_to_find(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that is a path led to what a stranger had put there, installation's manifest and all."""
    project.green()
    place = project.folder / "installed"
    binary = project.write("installed/opa", f"#!/bin/sh\ntouch {project.folder}/ran\n")
    binary.chmod(0o755)
    version = str(place)
    found = f"sha256:{hashlib.sha256(binary.read_bytes()).hexdigest()}"
    note = find.note_of(binary, version=version, digest=found, platform="any", origin="release")
    find.write_note(place / "manifest.json", note)

    honest, engine = Gate.load("gate.toml"), Silent(version)
    gate = Gate(replace(honest.spec, engine=version, engine_digests=()), honest.path, engine=engine)
    decision = gate.decide(project.subject, "build", Evidence.read("evidence"), at=project.now)
    record = seal(decision, signer=KeySigner.load("keys/gate.key"))
    path = project.write("hostile.record.json", record.data)

    monkeypatch.delenv("GATEKEEPER_OPA")
    ran = project.run("replay", str(path))
    assert (ran.code, "is no version of OPA" in ran.err) == (3, True)
    assert not (project.folder / "ran").exists()
    admitted = project.admit(path, "--gate-digest", gate.digest)
    assert (admitted.code, "whose binary is none that is known" in admitted.reasons) == (1, True)
