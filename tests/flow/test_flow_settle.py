"""Waivers: signed by two, bound, expiring, shown; each that does not count says why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from world import DAY, NOW, changed, gate, rule, stage, verdict, verified, waiver

from gatekeeper.decision import Result, Violation
from gatekeeper.settle import settle

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
    assert done.waivers[0]["status"] == ("expired" if why.startswith("it expired") else "rejected")


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
