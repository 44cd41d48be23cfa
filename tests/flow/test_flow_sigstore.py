"""A CI's Sigstore identity in the flow: whose repository it speaks for, when it signed, and what trust says of it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import fake_sigstore
import pytest

from gatekeeper._time import format_instant
from gatekeeper.gate import Gate
from gatekeeper.gather import gather
from project import ran_tests

if TYPE_CHECKING:
    from gatekeeper.decision import Decision
    from gatekeeper.engine.command import OpaCommand
    from project import Project

FAKE = fake_sigstore.FakeSigstore()
NOW = fake_sigstore.NOW
SIGNER = f"""\
[signers.ci]
issuer = "{fake_sigstore.ISSUER}"
identity = "{fake_sigstore.IDENTITY}"
repository = "{{subject.repository}}"
"""


@pytest.fixture
def keyless(project: Project) -> Project:
    """The project with a CI that is known by identity, and a slot whose age is judged."""
    root = FAKE.trusted_root()
    project.write("trusted_root.json", root)
    pinned = (
        f'[sigstore]\ntrusted_root = {{ path = "trusted_root.json", sha256 = "{hashlib.sha256(root).hexdigest()}" }}\n'
    )
    project.edit("trust.toml", '[signers.ci]\nkey = "keys/ci.pub"\n', SIGNER)
    project.edit("trust.toml", "[accept]", f"{pinned}[accept]")
    project.edit("gate.toml", 'name = "parcel"', 'name = "parcel"\nrepository = "acme/parcel"')
    project.edit("gate.toml", 'rules = ["own.*"]', 'rules = ["own.tests"]')
    project.edit(
        "gate.toml", 'unit = { kind = "test_results" }\n', 'unit = { kind = "test_results", max_age = "2h" }\n'
    )
    project.edit("gate.toml", 'coverage = { kind = "coverage" }\n', "")
    project.lock()
    return project


def sign(project: Project, *, leaf: dict[str, Any] | None = None, name: str = "unit") -> None:
    payload = project.statement("test_results", ran_tests(), slot="unit")
    bundle = FAKE.sign(payload, at=NOW, leaf=FAKE.leaf(at=NOW, **(leaf or {})))
    project.write(f"evidence/{name}.sigstore.json", json.dumps(bundle))


def decided(project: Project, command: OpaCommand, later: timedelta = timedelta(hours=1)) -> Decision:
    gate = Gate.load("gate.toml", engine=command)
    evidence = gather(["evidence"], gate.stage("build"), project.subject)
    return gate.decide(project.subject, "build", evidence, at=NOW + later)


def reasons(decision: Decision) -> list[str]:
    return [item.reason for item in decision.items]


def test_an_identity_of_the_subjects_repository_is_believed(keyless: Project, command: OpaCommand) -> None:
    sign(keyless)
    decision = decided(keyless, command)
    assert decision, decision.explain()
    [item] = decision.items
    assert (item.status, item.signers) == ("verified", ("ci",))
    assert "slot unit: unit.json gets too old" in [reason for _, reason in decision.lapses]


def test_age_counts_from_the_proven_time(keyless: Project, command: OpaCommand) -> None:
    sign(keyless)
    decision = decided(keyless, command, timedelta(hours=2))
    assert not decision
    [slot] = [result for result in decision.results if result.id == "slot.unit"]
    assert [violation.message for violation in slot.violations] == ["unit.json is 2 h old, at most 2h is allowed"]


def test_a_signature_from_the_future_is_rejected(keyless: Project, command: OpaCommand) -> None:
    sign(keyless)
    decision = decided(keyless, command, timedelta(hours=-1))
    assert reasons(decision) == [f"signed at {format_instant(NOW)}, which is in the future"]


@pytest.mark.parametrize(
    ("leaf", "who"),
    [
        ({"claims": {**fake_sigstore.CLAIMS, 12: "https://github.com/evil/parcel"}}, fake_sigstore.IDENTITY),
        ({"identity": fake_sigstore.IDENTITY + "-evil"}, fake_sigstore.IDENTITY + "-evil"),
        ({"identity": fake_sigstore.IDENTITY.replace("acme", "ACME")}, fake_sigstore.IDENTITY.replace("acme", "ACME")),
    ],
    ids=["another repository", "a longer identity", "another case"],
)
def test_anybody_else_is_rejected_by_name(
    keyless: Project, command: OpaCommand, leaf: dict[str, Any], who: str
) -> None:
    sign(keyless, leaf=leaf)
    decision = decided(keyless, command)
    assert not decision
    assert reasons(decision) == [f"signed by {who} of {fake_sigstore.ISSUER}, who is no signer here"]


def test_a_claim_that_trust_binds_has_to_be_there(keyless: Project, command: OpaCommand) -> None:
    sign(keyless)
    bound = 'claims = {{ build_trigger = "{}", runner_environment = "github-hosted" }}\n'
    keyless.edit("trust.toml", SIGNER, SIGNER + bound.format("push"))
    keyless.lock()
    assert decided(keyless, command)
    keyless.edit("trust.toml", bound.format("push"), bound.format("pull_request_target"))
    keyless.lock()
    assert not decided(keyless, command)


def test_without_a_trusted_root_a_bundle_is_unsupported(keyless: Project, command: OpaCommand) -> None:
    sign(keyless)
    trust = (keyless.folder / "trust.toml").read_text()
    keyless.write("trust.toml", trust[: trust.index("[sigstore]")] + trust[trust.index("[accept]") :])
    keyless.edit("trust.toml", SIGNER, '[signers.ci]\nkey = "keys/ci.pub"\n')
    keyless.lock()
    decision = decided(keyless, command)
    assert [item.status for item in decision.items] == ["unsupported"]
    assert not decision
