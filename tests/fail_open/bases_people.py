"""Projects in which the command says yes because of what people have signed: emergencies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scenario import Base

from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE
from project import coverage, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project, Ran

HOUR = timedelta(hours=1)
TERMS = '[emergency]\nrole = "security"\nmax = "4h"\nnever = ["own.tests"]\n\n[waivers]'
ASKED = ("--emergency", "the shop is down")


def declared(project: Project, *signers: str, name: str = "emergency", **said: Any) -> Path:
    """An emergency, SSH-signed by each of ``signers``."""
    whole = {
        "stage": "build",
        "gate": {"name": "parcel", "digest": project.gate_digest},
        "reason": "hotfix",
        "issued_at": stamp(project.now - HOUR),
        "expires": stamp(project.now + 2 * HOUR),
    }
    signed = {"namespace": said.pop("namespace", EMERGENCY_NAMESPACE), "subject": said.pop("subject", None)}
    return project.sign_ssh(whole | said, EMERGENCY_TYPE, signers or ("cy",), name, **signed)


def burning(project: Project) -> None:
    """Thin coverage denies, and somebody of the role has declared an emergency."""
    project.edit("gate.toml", "[waivers]", TERMS)
    project.lock()
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    declared(project)


def decide_in_an_emergency(project: Project) -> Ran:
    """The decision that breaks through."""
    return project.decide("build", *ASKED)


def _sealed(project: Project) -> None:
    burning(project)
    project.decide("build", *ASKED, "--record", "records", "--key", "keys/gate.key")
    [record] = (project.folder / "records").iterdir()
    project.write("release.record.json", record.read_bytes())


def admit_an_emergency(project: Project, *more: str) -> Ran:
    """The deploy side, which takes emergencies."""
    return project.admit("release.record.json", "--emergency", "--format", "json", *more)


EMERGENCY = Base("a build in an emergency", burning, decide_in_an_emergency)
SEALED_EMERGENCY = Base("an emergency at a deploy side that takes it", _sealed, admit_an_emergency)
BASES = (EMERGENCY, SEALED_EMERGENCY)
