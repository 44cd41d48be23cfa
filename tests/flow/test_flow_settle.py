"""Waivers: signed by two, bound, expiring, shown; each that does not count says why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from world import DAY, NOW, changed, gate, rule, stage, verdict, verified, waiver

from gatekeeper.decision import Result, Violation
from gatekeeper.settle import settle
from gatekeeper.stage import WaiverTerms

if TYPE_CHECKING:
    from gatekeeper.settle import Settled

FAIL = Result(
    id="coverage.lines",
    title="t",
    outcome="fail",
    violations=(Violation(message="a is low", term="a.py"), Violation(message="b is low", term="b.py")),
)
BOTH = ("a.py", "b.py")


def settled(*results: Result, people: tuple[str, ...] = ("bo", "cy"), asked: Any = None, **more: Any) -> Settled:
    held = asked or stage()
    spec = gate(held, **({"waivers": more.pop("terms_of_gate")} if "terms_of_gate" in more else {}))
    said = verdict(waiver(**more), people=people)
    return settle(spec, held, results or (FAIL,), verified(said), at=NOW)


def test_a_waiver_of_all_terms_opens_and_is_shown() -> None:
    done = settled(terms=BOTH)
    result = done.results[0]
    assert (result.outcome, result.violations, len(result.waived)) == ("waived", (), 2)
    assert result.waiver == (done.waivers[0]["digest"],)
    assert (done.waivers[0]["status"], done.waivers[0]["approved_by"]) == ("used", ["cy"])
    assert done.lapses == ((NOW + 7 * DAY, "the waiver OPS-1 of coverage.lines expires"),)


def test_a_waiver_of_one_term_leaves_the_other_standing() -> None:
    result = settled(terms=("a.py",)).results[0]
    assert (result.outcome, [violation.term for violation in result.violations]) == ("fail", ["b.py"])
    assert [violation.term for violation in result.waived] == ["a.py"]


STATUSES = {
    "only bo, who asks for it, has signed it": "self-approved",
    "it names no term where the rule has some: over-broad": "over-broad",
    "a term is empty or a pattern: over-broad": "over-broad",
}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"people": ("bo",)}, "only bo, who asks for it, has signed it"),
        ({"people": ("cy",)}, "bo, who asks for it, has not signed it"),
        ({"people": ("ada", "bo")}, "ada may not approve waivers: no waivers at this time"),
        ({"requester": "cy", "people": ("bo", "cy")}, "bo may not approve waivers: no waivers at this time"),
        ({"terms_of_gate": None}, "the gate names nobody who may approve waivers ([waivers] role)"),
        ({"expires": NOW - timedelta(seconds=1)}, "it expired at 2026-11-24T11:59:59Z"),
        ({"expires": NOW}, "it expired at 2026-11-24T12:00:00Z"),
        ({"expires": NOW + 30 * DAY}, "it lasts longer than 30d"),
        ({"issued_at": NOW + DAY}, "it is issued at 2026-11-25T12:00:00Z, in the future"),
        ({"rule": "slot.unit"}, "slot.unit is no rule of this stage; requirements cannot be waived"),
        ({"rule": "approval.manager"}, "approval.manager is no rule of this stage; requirements cannot be waived"),
        ({"terms": ()}, "it names no term where the rule has some: over-broad"),
        ({"terms": ("*",)}, "a term is empty or a pattern: over-broad"),
        ({"asked": stage(rule(waivable=False))}, "coverage.lines cannot be waived"),
    ],
)
def test_a_waiver_that_does_not_count_opens_nothing_and_says_why(changes: dict[str, Any], why: str) -> None:
    done = settled(**{"terms": BOTH, **changes})
    assert done.results == (FAIL,)
    assert done.waivers[0]["why"] == why
    assert done.waivers[0]["status"] == STATUSES.get(why, "expired" if why.startswith("it expired") else "rejected")


def test_what_is_unanswered_cannot_be_waived() -> None:
    unanswered = changed(FAIL, outcome="unanswered")
    done = settled(unanswered, terms=BOTH)
    assert done.results == (unanswered,)
    assert done.waivers[0]["why"] == "coverage.lines is unanswered, and only what a rule fails can be waived"


def test_a_new_term_is_not_covered() -> None:
    grown = changed(FAIL, violations=(*FAIL.violations, Violation(message="c is low", term="c.py")))
    assert settled(grown, terms=BOTH).results[0].outcome == "fail"


def test_a_waiver_that_covers_nothing_is_unused() -> None:
    passing = Result(id="coverage.lines", title="t", outcome="pass")
    assert settled(passing, terms=BOTH).waivers[0]["status"] == "unused"


def test_a_rule_without_terms_is_waived_without_terms() -> None:
    one = changed(FAIL, violations=(Violation(message="low"),))
    assert settled(one, terms=()).results[0].outcome == "waived"
    assert settled(one, terms=("a.py",)).results[0].outcome == "fail"


def limited(**limits: int) -> WaiverTerms:
    return WaiverTerms(role="waivers", max_length=30 * DAY, **limits)


@pytest.mark.parametrize(
    ("limits", "outcome", "why"),
    [
        ({"max_count": 2}, "waived", None),
        ({"max_count": 1}, "fail", "with it 2 violations are waived in this decision, 1 may be"),
        ({"max_per_rule": 2}, "waived", None),
        ({"max_per_rule": 1}, "fail", "with it 2 violations of coverage.lines are waived, 1 may be"),
        ({"max_per_rule": 1, "max_count": 1}, "fail", "with it 2 violations of coverage.lines are waived, 1 may be"),
    ],
)
def test_violations_are_counted_and_none_counts_where_it_is_too_many(
    limits: dict[str, int], outcome: str, why: str | None
) -> None:
    done = settled(terms=BOTH, terms_of_gate=limited(**limits))
    assert (done.results[0].outcome, done.waivers[0].get("why")) == (outcome, why)
    assert done.waivers[0]["status"] == ("rejected" if why else "used")
    assert bool(done.lapses) is not bool(why)


def test_two_waivers_of_one_term_each_are_as_many() -> None:
    spec = gate(stage(), waivers=limited(max_per_rule=1))
    said = [verdict(waiver(terms=(term,), ticket=term), people=("bo", "cy"), name=term) for term in BOTH]
    done = settle(spec, stage(), (FAIL,), verified(*said), at=NOW)
    assert done.results == (FAIL,)
    assert {one["status"] for one in done.waivers} == {"rejected"}
    assert settle(spec, stage(), (FAIL,), verified(said[0]), at=NOW).results[0].waived


def test_a_rule_over_its_limit_does_not_count_against_the_others() -> None:
    tests = rule("own.tests", needs={"coverage": ("lines_valid",)}, parameters={})
    asked = stage(rule(), tests)
    failing = Result(id="own.tests", title="t", outcome="fail", violations=(Violation(message="x", term="x"),))
    spec = gate(asked, waivers=limited(max_per_rule=1, max_count=1))
    said = [
        verdict(waiver(terms=BOTH), people=("bo", "cy")),
        verdict(waiver(rule="own.tests", terms=("x",)), people=("bo", "cy")),
    ]
    done = settle(spec, asked, (FAIL, failing), verified(*said), at=NOW)
    assert [result.outcome for result in done.results] == ["fail", "waived"]
