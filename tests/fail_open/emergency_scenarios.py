"""Break-glass: signed by nobody, by the wrong one, for something else, for longer, through what it never may."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from bases import decide
from bases_people import ASKED, EMERGENCY, HOUR, SEALED_EMERGENCY, declared
from guard import replaced
from harms import OTHER_SUBJECT, all_of, gate, nothing, remove, unit
from scenario import DENY, NO_DECISION, Line

from project import coverage, ran_tests, stamp

if TYPE_CHECKING:
    from scenario import Harm, Setting

    from project import Project

OTHER_GATE = {"name": "parcel", "digest": "sha256:" + "0" * 64}


def other(*signers: str, **said: Any) -> Harm:
    """Another emergency in the place of the good one."""
    return lambda project: declared(project, *signers, **said)


def timed(issued: float, expires: float, name: str = "emergency") -> Harm:
    """An emergency of another time, in hours from now."""

    def harm(project: Project) -> None:
        times = {"issued_at": stamp(project.now + issued * HOUR), "expires": stamp(project.now + expires * HOUR)}
        declared(project, name=name, **times)

    return harm


def _as_an_approval(project: Project) -> None:
    """An approval by the same person, which says yes to the same stage."""
    (project.folder / "evidence/emergency.json").unlink()
    project.approve("cy", stage="build")


def _wrong_signer(project: Project) -> None:
    (project.folder / "evidence/coverage.json").unlink()
    project.attest("coverage", coverage(), slot="coverage", name="coverage", signer="scanner")


def _stray(project: Project) -> None:
    project.attest("coverage", coverage(), slot="covrage", name="stray")


def resealed(*harms: Harm, under: Setting = nullcontext) -> Harm:
    """Another record of an emergency, decided with some harm done to the gate that decides."""

    def harm(project: Project) -> None:
        for step in harms:
            step(project)
        with under():
            ran = project.decide("build", *ASKED, "--record", "again", "--key", "keys/gate.key")
        assert ran.code == 0, ran.reasons
        [record] = (project.folder / "again").iterdir()
        project.write("release.record.json", record.read_bytes())

    return harm


NOTHING_SPARED = replaced("gatekeeper.break_glass:_barred", lambda *_given: iter(()))
ORDINARY = replaced("gatekeeper.break_glass:_lapses", lambda *_given: iter(()))
"""Gates that take an emergency for more than it is."""

denied = Line(EMERGENCY, DENY)
refused = Line(SEALED_EMERGENCY, DENY)
broken = Line(EMERGENCY, NO_DECISION)

# fmt: off
DECIDED = (
    denied("an emergency on the command line alone", remove("evidence/emergency.json"), "nobody has signed it: a security runs gatekeeper approve --emergency", "emergency.signed"),
    denied("an emergency that is signed and not asked for", nothing, "own.coverage", "emergency.asked", run=decide),
    denied("an emergency by somebody without the role", other("ada"), "ada may not declare an emergency: no security at this time", "emergency.role"),
    denied("an emergency by a key that is nobody's", other("dee"), "no signature holds under a key of trust.toml", "trust.holders"),
    denied("an emergency by the CI's hand", other("ci"), "emergencies count when a person of trust.toml has signed them, by SSH", "verify.accept"),
    denied("an approval for an emergency", _as_an_approval, "nobody has signed it", "emergency.signed"),
    denied("an emergency signed as an approval is", other(namespace="approval@gatekeeper.dev"), "signed for 'approval@gatekeeper.dev', not for", "trust.ssh_namespace"),
    denied("an emergency of another subject", other(subject=OTHER_SUBJECT), "it is about another subject", "verify.subject"),
    denied("an emergency of another stage", other(stage="integration"), "it is for the stage integration", "approval.stage"),
    denied("an emergency of another gate by that name", other(gate=OTHER_GATE), "it is for another gate", "approval.gate"),
    denied("an emergency of this gate before it was loosened", gate('never = ["own.tests"]', "never = []"), "it is for another gate", "approval.gate"),
    denied("an emergency that says more than it may", other(scope="all"), "$.predicate.scope: not known here", "emergency.schema"),
    denied("an emergency that has ended", timed(-3, -0.5), "it ended at", "emergency.sound"),
    denied("an emergency of tomorrow", timed(24, 25), "in the future", "emergency.sound"),
    denied("an emergency for longer than the gate lets it", timed(-1, 4), "it lasts longer than 4h", "emergency.sound"),
    denied("an emergency that somebody prolongs with another signature", all_of(timed(-5, -1, "first"), timed(-1, 2)), "staying out there takes an ordinary decision", "emergency.first"),
    denied("an emergency through what the gate spares", unit(ran_tests(2, "login")), "own.tests is never broken through in this gate", "emergency.barred"),
    denied("an emergency through evidence by the wrong signer", _wrong_signer, "slot.coverage cannot be broken through", "emergency.barred"),
    denied("an emergency through a document that no slot expects", _stray, "slot.unknown cannot be broken through", "emergency.barred"),
)
TERMS = (
    broken("an emergency for a week", gate('max = "4h"', 'max = "7d"'), "an emergency needs a maximum length of at most 24h", "emergency.max"),
    broken("an emergency that spares a rule that is misspelt", gate('never = ["own.tests"]', 'never = ["own.test"]'), "'own.test' is no rule or requirement here", "emergency.never"),
)
ADMITTED = (
    refused("an emergency at a deploy side that was not told", nothing, "it is an emergency's: cy broke through own.coverage", "admit.emergency", run=lambda project: project.admit("release.record.json")),
    refused("an emergency through what its gate spares, at the deploy side", resealed(unit(ran_tests(2, "login")), under=NOTHING_SPARED), "its gate never lets anybody break through own.tests", "admit.emergency"),
    refused("an emergency that lasts as long as an ordinary allow", resealed(under=ORDINARY), "says it is valid for longer than 4h", "admit.emergency"),
)
# fmt: on

AREA = "emergencies"
SCENARIOS = (*DECIDED, *TERMS, *ADMITTED)
