"""Admission: every reason for which the deploy side refuses a record."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bases import SEALED
from guard import replaced
from harms import covered, cut, edit, gate, locked, nothing, remove, trust, unit, write
from people_scenarios import FOR_A_YEAR
from scenario import DENY, USAGE, Line

from gatekeeper.question import EngineIdentity
from project import coverage, ran_tests

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm, Run, Setting

    from project import Project

RECORD = "release.record.json"
OTHER_DIGEST = "sha256:" + "0" * 64
STRANGE = EngineIdentity(name="opa", version="1.22.2", digest=OTHER_DIGEST, platform="linux/amd64")
STRANGE_ENGINE = replaced("gatekeeper.engine.find:OpaBinary.identity", property(lambda _binary: STRANGE))


class NextWeek(datetime):
    """A clock a week and a day ahead of the one that decided."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=8)


class Yesterday(datetime):
    """A clock a day behind the one that decided."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) - timedelta(days=1)


def resealed(*harms: Harm, under: Setting = nullcontext, **sealed: Any) -> Harm:
    """Another record in its place, of a project with some harm done."""

    def harm(project: Project) -> None:
        for step in harms:
            step(project)
        with under():
            project.write(RECORD, project.record(folder="others", **sealed).read_bytes())

    return harm


def members(change: Callable[[dict[str, Any]], object]) -> Harm:
    """Edit the record's file."""

    def harm(project: Project) -> None:
        value = json.loads((project.folder / RECORD).read_bytes())
        change(value)
        project.write(RECORD, json.dumps(value, separators=(",", ":"), sort_keys=True))

    return harm


def admitted(**more: str) -> Run:
    """Admit with other demands."""

    def run(project: Project) -> Any:
        named = {"gate": "parcel", "gate-digest": project.gate_digest, "stage": "build"} | more
        words = [word for name, value in named.items() for word in (f"--{name}", value)]
        return project.run("admit", RECORD, "--subject", "app.whl", "--trust", "trust.toml", *words, "--format", "json")

    return run


def bare(*words: str) -> Run:
    """Admit with less than is needed, or more than is known."""
    named = ("--subject", "app.whl", "--stage", "build", "--gate", "parcel", "--trust", "trust.toml")
    return lambda project: project.run("admit", RECORD, *named, *words)


def _unsigned_tests(project: Project) -> None:
    project.edit("trust.toml", "[accept]", '[stages.build.accept]\ntest_results = ["unsigned"]\n[accept]')
    unit(ran_tests(), signer=None)(project)


refused = Line(SEALED, DENY)
misused = Line(SEALED, USAGE)

# fmt: off
ABOUT = (
    refused("another artifact", write("app.whl", "another artifact"), "it is about another subject", "admit.subject"),
    refused("another stage", nothing, "it is for the stage build", "admit.stage", run=admitted(stage="integration")),
    refused("another gate", nothing, "it is of the gate parcel", "admit.gate", run=admitted(gate="payments")),
    refused("a gate of that name that asks something else", gate('valid_for = "7d"', 'valid_for = "6d"'), "it is of another gate", "admit.gate_digest"),
    refused("a pass that was kept while the policy changed", locked(edit("policies/own/coverage/coverage.rego", "default: 80", "default: 95")), "it is of another gate", "admit.gate_digest"),
    refused("a gate of another repository", nothing, "its gate is of the repository ''", "admit.repository", run=admitted(repository="acme/parcel")),
    refused("a deny", resealed(covered(coverage(10))), "it is a deny: own.coverage", "admit.deny"),
    refused("a deny for want of an answer", resealed(covered(coverage(10, complete=False))), "it is a deny: own.coverage", "admit.deny"),
    refused("an allow that rests on unsigned evidence, at the deploy side", resealed(_unsigned_tests), "it rests on unsigned evidence", "admit.rests_on_unsigned"),
    refused("an allow that lasts longer than its gate lets it, at the deploy side", resealed(under=FOR_A_YEAR), "its gate lets it stand for 7d", "admit.valid_for"),
    refused("an allow that has ended", nothing, "it was valid until", "admit.expired", under=replaced("gatekeeper.cli.admit:datetime", NextWeek)),
    refused("an allow of tomorrow", nothing, "in the future", "admit.future", under=replaced("gatekeeper.cli.admit:datetime", Yesterday)),
    refused("an allow by an engine that nobody knows", resealed(under=STRANGE_ENGINE), "answered, whose binary is none that is known", "admit.engine"),
)

SIGNED = (
    refused("an unsigned allow", resealed(key=""), "it is unsigned", "admit.signature"),
    refused("an allow by somebody who may attest and not decide", resealed(key="ci"), "it is signed by ci; decisions are accepted from gate", "admit.signature"),
    refused("an allow by nobody we know", resealed(key="stranger"), "it is signed by nobody in trust.toml", "admit.signature"),
    refused("an allow by a key that has ended at the deploy side", trust('key = "keys/gate.pub"', 'key = "keys/gate.pub"\nuntil = 2026-01-01T00:00:00Z'), "whose key counts at this time", "admit.signature"),
    refused("an allow by a key that is no longer trusted to decide", trust('decision = ["gate"]', 'decision = ["scanner"]'), "it is signed by gate; decisions are accepted from scanner", "admit.signature"),
    refused("a signature that was exchanged", members(lambda value: value["envelope"]["signatures"][0].update(sig="AAAA")), "it is signed by nobody in trust.toml", "admit.signature"),
)

FORM = (
    refused("half a record", cut(RECORD, 900), "no record, or not as it was sealed: not JSON", "admit.read"),
    refused("something else than a record", write(RECORD, '{"allow": true}'), "no record, or not as it was sealed: not a record", "admit.read"),
    refused("a record with a member that nobody knows", members(lambda value: value.update(allow=True)), "no record, or not as it was sealed: not known here", "admit.read"),
    refused("a record with two outcomes", edit(RECORD, '{"envelope":', '{"envelope":null,"envelope":'), "the key 'envelope' is there twice", "admit.read"),
    refused("a record of a later version", edit(RECORD, "record/v1", "record/v2"), "which this library does not know", "admit.read"),
    refused("a record with a key id, which nobody signed", members(lambda value: value["envelope"]["signatures"][0].update(keyid="x")), "a key id, which nobody signed", "admit.read"),
    refused("a record whose rules were edited", edit(RECORD, "errored", "erored"), "the material is not what was signed", "admit.read"),
)

USE = (
    misused("a gate by its name alone", nothing, "--gate-digest is missing", "admit.digest_needed", run=bare()),
    misused("a record that is not there", remove(RECORD), "there is no such file", "admit.read"),
    misused("an artifact that is not there at the deploy side", remove("app.whl"), "there is no such file", "subject.there"),
)
# fmt: on

AREA = "admission"
SCENARIOS = (*ABOUT, *SIGNED, *FORM, *USE)
