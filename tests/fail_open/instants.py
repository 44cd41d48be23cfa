"""Edges: the very second at which an answer changes, and the second before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bases import AGED, INTEGRATION, WAIVED, rebuilt
from bases_people import EMERGENCY
from harms import all_of, edit, locked, unit

from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from project import ran_tests, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NEW_YEAR = datetime(2097, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Edge:
    """A second at which a gate closes, or opens.

    Attributes:
        what: What ends or begins.
        build: Makes the project.
        stage: The stage that is looked at.
        second: The first second of what follows.
        closes: It is open before and closed from then on; or the reverse.
        says: What is said while it is closed.
        emergency: Why an emergency is to be used; empty for an ordinary decision.
    """

    what: str
    build: Harm
    stage: str
    second: Callable[[Project], datetime]
    closes: bool
    says: str
    emergency: str = ""

    def looked_at(self, project: Project, at: datetime) -> tuple[bool, str]:
        """Whether it is open at an instant, and what is said."""
        evidence = Evidence.read(project.folder / "evidence")
        gate = Gate.load(project.folder / "gate.toml")
        preview = gate.preview(project.subject, self.stage, evidence, at=at, emergency=self.emergency)
        return preview.decision.outcome == "allow", preview.explain("json")


def after(**later: float) -> Callable[[Project], datetime]:
    """An instant some time after the project was made."""
    return lambda project: project.now + timedelta(**later)


def _freeze(start: timedelta, end: timedelta, zone: str = "Z") -> Harm:
    def change(project: Project) -> None:
        shift = timedelta(hours=5) if zone != "Z" else timedelta(0)
        first, last = (stamp(project.now + when + shift).removesuffix("Z") + zone for when in (start, end))
        freezes = f'freezes = [{{ name = "year end", from = {first}, until = {last} }}]'
        project.edit("gate.toml", 'valid_for = "1d"', f'valid_for = "1d"\n{freezes}')

    return rebuilt(INTEGRATION, change)


def _dated(name: str, old: str, new: str) -> Harm:
    """A line of trust.toml with an end in three hours."""

    def change(project: Project) -> None:
        project.edit("trust.toml", old, new.replace("SOON", stamp(project.now + timedelta(hours=3))))

    return rebuilt(INTEGRATION, change)


ADA = '[people.ada]\nroles = ["release-manager"]\nkeys = [{'
ROLE = '[people.ada]\nroles = [{ role = "release-manager", until = SOON }]\nkeys = [{'
KEY = '[people.ada]\nroles = ["release-manager"]\nkeys = [{ until = SOON,'
CI, CI_UNTIL = 'key = "keys/ci.pub"', 'key = "keys/ci.pub"\nuntil = SOON'

EFFECTIVE = all_of(
    locked(
        edit(
            "policies/own/tests/tests.rego", "#   severity: high", '#   severity: high\n#   effective_on: "2097-01-01"'
        )
    ),
    lambda project: project.green(),
    unit(ran_tests(2, "login")),
)


def _from_the_day_before(project: Project) -> datetime:
    return NEW_YEAR


# fmt: off
EDGES = (
    Edge("a freeze begins", _freeze(timedelta(hours=2), timedelta(hours=4)), "integration", after(hours=2), True, "nothing enters during year end"),
    Edge("a freeze ends", _freeze(timedelta(hours=2), timedelta(hours=4)), "integration", after(hours=4), False, "nothing enters during year end"),
    Edge("a freeze begins, as another zone writes it", _freeze(timedelta(hours=2), timedelta(hours=4), "+05:00"), "integration", after(hours=2), True, "nothing enters during year end"),
    Edge("an approval expires", INTEGRATION.build, "integration", after(days=1), True, "it expired at"),
    Edge("a role ends", _dated("role", ADA, ROLE), "integration", after(hours=3), True, "no release-manager at this time"),
    Edge("a person's key ends", _dated("key", ADA, KEY), "integration", after(hours=3), True, "the key of ada does not count at this time"),
    Edge("a signer's key ends", _dated("ci", CI, CI_UNTIL), "integration", after(hours=3), True, "the key of ci does not count at this time"),
    Edge("a waiver expires", WAIVED.build, "build", after(days=7), True, "it expired at"),
    Edge("evidence gets too old", AGED.build, "build", after(days=1), True, "at most 1d is allowed"),
    Edge("an emergency ends", EMERGENCY.build, "build", after(hours=2), True, "it ended at", emergency="the shop is down"),
    Edge("a rule takes effect, at midnight of UTC", EFFECTIVE, "build", _from_the_day_before, True, "s::login failed"),
)
# fmt: on
