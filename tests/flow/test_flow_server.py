"""A gate that names an OPA server: the same bytes, confirmed by a process of our own before they are sealed."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.engine.server import OpaServer
from gatekeeper.errors import ConfigError, SealError
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.sealing import seal
from gatekeeper.trust.signer import KeySigner

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand
    from project import Project


@pytest.fixture
def served(project: Project, url: str) -> Project:
    project.green()
    project.edit("gate.toml", "[waivers]", f'[engine_server]\nurl = "{url}"\n\n[waivers]')
    return project


def test_a_server_gives_the_same_decision_but_for_the_gate_that_names_it(served: Project) -> None:
    ran = served.decide("build", "--record", "records", "--key", "keys/gate.key")
    assert ran.code == 0, ran.reasons
    record = next((served.folder / "records").iterdir())
    assert served.admit(record).code == 0
    assert served.run("replay", str(record), "--require", "signatures").code == 0


def test_what_a_server_decides_is_sealed_only_when_a_process_of_our_own_agrees(served: Project) -> None:
    gate, evidence = Gate.load("gate.toml"), Evidence.read("evidence")
    assert isinstance(gate.engine, OpaServer)
    decision = gate.decide(served.subject, "build", evidence, at=datetime.now(UTC))
    signer = KeySigner.load("keys/gate.key")
    with pytest.raises(SealError) as caught:
        seal(decision, signer=signer, directory="out")
    assert caught.value.message == "an engine elsewhere answered, and none that runs here confirms it"
    record = seal(decision, signer=signer, directory="out", confirm=lambda _: gate.confirm(decision, evidence))
    assert record.engine.digest == served.opa_digest


def test_a_server_that_the_gate_does_not_name_is_refused(project: Project, url: str, command: OpaCommand) -> None:
    project.green()
    gate = Gate.load("gate.toml", engine=OpaServer(url, command=command))
    with pytest.raises(ConfigError) as caught:
        gate.decide(project.subject, "build", Evidence.read("evidence"), at=datetime.now(UTC))
    assert caught.value.message == "an engine elsewhere answers, and the gate names none"


def test_a_server_that_is_not_there_is_no_decision(project: Project) -> None:
    project.green()
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "{}:{}".format(*free.getsockname())
    project.edit("gate.toml", "[waivers]", f'[engine_server]\nurl = "http://{address}"\n\n[waivers]')
    assert project.decide().code == 3


def test_the_server_is_part_of_the_gate(project: Project) -> None:
    before = project.gate_digest
    project.edit("gate.toml", "[waivers]", '[engine_server]\nurl = "https://opa.example.org"\n\n[waivers]')
    assert project.gate_digest != before
