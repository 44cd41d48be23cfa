"""Settlement: waivers that cover nothing, too much, for too long, or by too few."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases import WAIVED
from harms import OTHER_SUBJECT, all_of, covered, gate, locked, remove
from scenario import DENY, Line

from project import TWO_KEYS, coverage, stamp

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

COVERAGE_RULE = "policies/own/coverage/coverage.rego"
WAIVERS = '[waivers]\nrole = "security"\nmax = "30d"\n'
STANDING = "10 of 100 lines of a.py are covered"
DAY = timedelta(days=1)


def waived(*signers: str, **said: Any) -> Harm:
    """Another waiver than the good one."""
    return lambda project: project.waive(*signers, **said)


def timed(issued: timedelta, expires: timedelta) -> Harm:
    return lambda project: project.waive(issued_at=stamp(project.now + issued), expires=stamp(project.now + expires))


def _two_files(project: Project) -> None:
    facts = coverage(10)
    facts["files"] = [{"path": name, "lines_valid": 50, "lines_covered": 5} for name in ("a.py", "b.py")]
    covered(facts)(project)


def _two_keys(project: Project) -> None:
    ada, dee = (project.public(name) for name in ("ada", "dee"))
    project.edit("trust.toml", f'keys = [{{ key = "{ada}" }}]', TWO_KEYS.format(ada, dee))


def _not_waivable(project: Project) -> None:
    project.edit(COVERAGE_RULE, "#   severity: medium", "#   severity: medium\n#   waivable: false")


denied = Line(WAIVED, DENY)

# fmt: off
TIMES = (
    denied("no waiver", remove("evidence/waiver.json"), STANDING, "evaluate.fail"),
    denied("a waiver that expired a second ago", timed(-DAY, -timedelta(seconds=1)), "it expired at", "waiver.expired"),
    denied("a waiver of tomorrow", timed(DAY, 2 * DAY), "it is issued at", "waiver.future"),
    denied("a waiver for longer than the gate lets it", timed(-DAY, 30 * DAY), "it lasts longer than 30d", "waiver.length"),
    denied("a waiver that ends before it begins", timed(DAY, -DAY), "it expires before it is issued", "approval.times"),
)

PEOPLE = (
    denied("a waiver by the one who asks for it", waived("ada"), "only ada, who asks for it, has signed it", "waiver.alone"),
    denied("a waiver by one human with two keys", all_of(_two_keys, waived("ada", "dee")), "only ada, who asks for it, has signed it", "waiver.alone"),
    denied("a waiver in the name of somebody who has not signed", waived("cy"), "ada, who asks for it, has not signed it", "waiver.requester"),
    denied("a waiver approved by somebody without the role", waived("ada", "bo"), "bo may not approve waivers: no security at this time", "waiver.role"),
    denied("a waiver where the gate knows none", gate(WAIVERS, ""), "the gate names nobody who may approve waivers", "waiver.terms_of_gate"),
    denied("a waiver by a key that is nobody's", waived("dee", "stranger"), "no signature holds under a key of trust.toml", "trust.holders"),
    denied("a waiver signed as approvals are", waived(namespace="approval@gatekeeper.dev"), "signed for 'approval@gatekeeper.dev', not for 'waiver@gatekeeper.dev'", "trust.ssh_namespace"),
)

SCOPE = (
    denied("a waiver for another term", waived(terms=["b.py"]), STANDING, "waiver.covers"),
    denied("a waiver for one of two terms", _two_files, "5 of 50 lines of b.py are covered", "waiver.covers"),
    denied("a waiver without terms", waived(terms=[]), "it names no term where the rule has some: over-broad", "waiver.no_terms"),
    denied("a waiver for everything", waived(terms=["*"]), "a term is empty or a pattern: over-broad", "waiver.pattern"),
    denied("a waiver for another rule", waived(rule="own.tests"), STANDING, "waiver.rule"),
    denied("a waiver for every rule of the pack", waived(rule="own.*"), "own.* is no rule of this stage", "waiver.known_rule"),
    denied("a waiver of a requirement", all_of(remove("evidence/unit.json"), waived(rule="slot.unit", terms=[])), "slot.unit is no rule of this stage; requirements cannot be waived", "waiver.known_rule"),
    denied("a waiver of a rule that is unanswered", covered(coverage(10, complete=False)), "own.coverage is unanswered, and only what a rule fails can be waived", "waiver.unanswered"),
    denied("a waiver of a rule that cannot be waived", locked(_not_waivable), "own.coverage cannot be waived", "waiver.waivable"),
    denied("a waiver for another subject", waived(subject=OTHER_SUBJECT), "it is about another subject", "verify.subject"),
    denied("a waiver for another stage", waived(stage="integration"), "it is for the stage integration of parcel", "waiver.stage"),
    denied("a waiver for another gate", waived(gate="payments"), "it is for the stage build of payments", "waiver.stage"),
    denied("a waiver without a reason", waived(reason=""), "$.predicate.reason: empty", "approval.schema"),
    denied("a waiver that says more than it may", waived(subjects="all"), "$.predicate.subjects: not known here", "approval.schema"),
)
# fmt: on

# fmt: off
LIMITS = (
    denied("more waived of one rule than may be", all_of(gate('max = "30d"', 'max = "30d"\nmax_per_rule = 1'), _two_files, waived(terms=["a.py", "b.py"])), "with it 2 violations of own.coverage are waived, 1 may be", "waiver.limits"),
    denied("more waived in one decision than may be", all_of(gate('max = "30d"', 'max = "30d"\nmax_count = 1'), _two_files, waived(terms=["a.py", "b.py"])), "with it 2 violations are waived in this decision, 1 may be", "waiver.limits"),
    denied("more waived than may be, by two waivers", all_of(gate('max = "30d"', 'max = "30d"\nmax_count = 1'), _two_files, waived(terms=["b.py"], name="more")), "with it 2 violations are waived in this decision, 1 may be", "waiver.limits"),
)
# fmt: on

AREA = "waivers"
SCENARIOS = (*TIMES, *PEOPLE, *SCOPE, *LIMITS)
