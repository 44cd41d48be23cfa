"""Approval algebra: half a branch, one human in two branches, vetoes, people who deploy what they approve."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases_people import DEPLOYED, EITHER
from harms import all_of, gate, remove
from scenario import DENY, NO_DECISION, Line

from project import change, stamp

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

BRANCHES = 'all = [{ role = "release-manager" }, { role = "operations" }]'


def rejected(person: str) -> Harm:
    def harm(project: Project) -> None:
        times = {
            "issued_at": stamp(project.now - timedelta(minutes=5)),
            "expires": stamp(project.now + timedelta(days=1)),
        }
        project.approve(person, verdict="reject", name="no", **times)

    return harm


def changed_by(*authors: str, **facts: Any) -> Harm:
    return lambda project: project.attest("change", change(*authors) | facts, slot="change", name="change")


denied = Line(EITHER, DENY)
deployed = Line(DEPLOYED, DENY)
broken = Line(EITHER, NO_DECISION)

# fmt: off
SCENARIOS = (
    denied("half of a branch", remove("evidence/approval-bo.json"), "1 of 2 approvals: ada", "people.quorum"),
    denied("one human in both halves of a branch", all_of(remove("evidence/approval-bo.json"), lambda project: project.approve("ada", name="again", issued_at=stamp(project.now))), "1 of 2 approvals: ada", "people.distinct"),
    denied("neither branch", all_of(remove("evidence/approval-ada.json"), remove("evidence/approval-bo.json")), "0 of 1 approvals", "people.quorum"),
    denied("a veto by a role that approves nothing", rejected("cy"), "cy rejects it", "people.veto"),
    denied("a no by a role of the branch that was not taken", rejected("dee"), "dee rejects it", "people.veto"),
    denied("an author in a branch, excluded around it", changed_by("github:bo"), "an author of the change", "people.author"),
    deployed("an approval by who deploys it", changed_by("github:zoe", deployer="github:ada"), "ada does not count: who deploys it", "people.deployer"),
    deployed("an approval by who pushed it", changed_by("github:zoe", pusher="github:ada"), "ada does not count: who deploys it", "people.deployer"),
    deployed("nobody is said to deploy it", changed_by("github:bo"), "the change evidence names nobody who deploys it", "people.deployer_known"),
    deployed("who deploys it is nobody we know", changed_by("github:bo", deployer="github:mallory"), "the deployer github:mallory is nobody in trust.toml", "people.deployer_known"),
    broken("a branch of nothing", gate(BRANCHES, "all = []"), "all of nothing", "gate.branches"),
    broken("a branch by a role that nobody has", gate(BRANCHES, 'all = [{ role = "operatoins" }]'), "nobody in trust.toml has the role 'operatoins'", "gate.role"),
    broken("a veto of a role that nobody has", gate('veto = ["security"]', 'veto = ["secrity"]'), "nobody in trust.toml has the role 'secrity'", "gate.role"),
)
# fmt: on

AREA = "approval algebra"
