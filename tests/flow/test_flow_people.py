"""Approvals: distinct people, authors apart, a no that counts, periods judged at the instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import DAY, NOW, PEOPLE, approval, change, document, gate, stage, verdict, verified

from gatekeeper.algebra import ApprovalAsk, seat
from gatekeeper.people import Authors, count_approvals, find_authors, hear
from gatekeeper.require import require
from gatekeeper.roster import HeldKey, Period, Person, Trust
from gatekeeper.stage import Freeze
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from gatekeeper.decision import Result
    from gatekeeper.people import Assent
    from gatekeeper.verified import Verdict

HOUR = timedelta(hours=1)
SUBJECT = Subject.of("app.whl", {"sha256": "a" * 64})
TRUST = Trust(people=PEOPLE)
TWO_MANAGERS = ApprovalAsk(role="manager", count=2)
NOBODY = Authors()
NOT_AUTHOR = ApprovalAsk(role="manager", exclude=("author",))


def says(person: str, verdict_word: str = "approve", **more: Any) -> Verdict:
    said = approval(verdict=verdict_word, comment=more.pop("comment", person), **more)
    return verdict(said, name=f"{person}-{verdict_word}", people=(person,))


def judged(*asks: ApprovalAsk, voices: tuple[Verdict, ...] = (), authors: Authors = NOBODY) -> Assent:
    return count_approvals(asks, hear(verified(*voices)), authors, TRUST, at=NOW)


def told(assent: Assent, index: int = 0) -> tuple[str, list[str]]:
    result = assent.results[index]
    return result.outcome, [violation.message for violation in result.violations]


def test_two_people_of_the_role_are_enough() -> None:
    assert told(judged(TWO_MANAGERS, voices=(says("ada"), says("bo")))) == ("pass", [])


def test_one_of_two_waits_and_says_who_is_here() -> None:
    assent = judged(TWO_MANAGERS, voices=(says("ada"),))
    assert told(assent) == ("fail", ["1 of 2 approvals: ada"])
    assert assent.results[0].is_waiting


def test_two_approvals_of_one_human_count_once() -> None:
    twice = (says("ada"), says("ada", comment="again", issued_at=NOW - 2 * HOUR))
    assert told(judged(TWO_MANAGERS, voices=twice)) == ("fail", ["1 of 2 approvals: ada"])


def test_a_person_without_the_role_is_named() -> None:
    assert told(judged(TWO_MANAGERS, voices=(says("ada"), says("dee")))) == (
        "fail",
        ["1 of 2 approvals: ada; dee does not count: no manager at this time"],
    )


def test_a_role_that_ended_does_not_count() -> None:
    later = count_approvals([ApprovalAsk(role="manager")], hear(verified(says("cy"))), Authors(), TRUST, at=NOW + DAY)
    assert told(later) == ("fail", ["0 of 1 approvals; cy does not count: no manager at this time"])


def test_two_requirements_do_not_share_one_person() -> None:
    asks = (ApprovalAsk(role="manager"), ApprovalAsk(role="security"))
    assent = judged(*asks, voices=(says("ada"),))
    assert [result.outcome for result in assent.results].count("pass") == 1
    both = judged(*asks, voices=(says("ada"), says("bo")))
    assert [result.outcome for result in both.results] == ["pass", "pass"]


def test_seating_finds_the_arrangement_that_a_greedy_count_misses() -> None:
    # ada could take either seat; taking the first would leave nobody for the second
    assent = judged(ApprovalAsk(role="manager"), ApprovalAsk(role="security"), voices=(says("ada"), says("bo")))
    assert [result.outcome for result in assent.results] == ["pass", "pass"]


def test_a_rejection_by_somebody_of_the_role_closes_it() -> None:
    assent = judged(ApprovalAsk(role="manager"), voices=(says("ada"), says("bo", "reject", comment="not tested")))
    assert told(assent) == ("fail", ["bo rejects it: not tested"])
    assert not assent.results[0].is_waiting


def test_a_rejection_by_somebody_without_the_role_changes_nothing() -> None:
    assert told(judged(ApprovalAsk(role="manager"), voices=(says("ada"), says("dee", "reject"))))[0] == "pass"


def test_a_later_rejection_revokes_and_a_later_approval_mends() -> None:
    yes, no = says("ada", issued_at=NOW - 3 * HOUR), says("ada", "reject", issued_at=NOW - 2 * HOUR)
    again = says("ada", comment="settled", issued_at=NOW - HOUR)
    ask = ApprovalAsk(role="manager")
    assert told(judged(ask, voices=(yes, no)))[0] == "fail"
    assert told(judged(ask, voices=(yes, no, again)))[0] == "pass"


def test_of_a_yes_and_a_no_at_one_instant_the_no_counts() -> None:
    assert told(judged(ApprovalAsk(role="manager"), voices=(says("ada"), says("ada", "reject"))))[0] == "fail"


@pytest.mark.parametrize(
    ("logins", "expected"),
    [
        (("github:dee",), ("pass", [])),
        (("github:ada",), ("fail", ["0 of 1 approvals; ada does not count: an author of the change"])),
        (("github:bo-work", "github:ada"), ("fail", ["0 of 1 approvals; ada does not count: an author of the change"])),
        (
            ("github:zed",),
            ("fail", ["0 of 1 approvals; ada does not count: the author github:zed is nobody in trust.toml"]),
        ),
        ((), ("fail", ["0 of 1 approvals; ada does not count: the change evidence names no author"])),
    ],
)
def test_an_author_does_not_approve_their_own_change(logins: tuple[str, ...], expected: tuple[str, list[str]]) -> None:
    authors = find_authors([document("change", change(*logins))], TRUST)
    assert told(judged(NOT_AUTHOR, voices=(says("ada"),), authors=authors)) == expected


def test_an_author_under_another_login_is_still_the_author() -> None:
    authors = find_authors([document("change", change("github:bo-work"))], TRUST)
    assert told(judged(NOT_AUTHOR, voices=(says("bo"),), authors=authors))[0] == "fail"


def test_without_change_evidence_nobody_can_tell_who_the_author_is() -> None:
    assent = judged(NOT_AUTHOR, voices=(says("ada"),), authors=find_authors([], TRUST))
    assert told(assent)[1] == [
        "0 of 1 approvals; ada does not count: nobody can tell who the author is: there is no change evidence"
    ]
    assert not assent.results[0].is_waiting


def test_change_evidence_that_is_not_complete_may_lack_the_author() -> None:
    cut_off = document("change", {**change("github:bo-work"), "complete": False})
    authors = find_authors([cut_off, document("change", change("github:bo-work"))], TRUST)
    assert authors.people == frozenset()
    assert told(judged(NOT_AUTHOR, voices=(says("ada"),), authors=authors))[1] == [
        "0 of 1 approvals; ada does not count: nobody can tell who the author is: the change evidence is not complete"
    ]


def test_an_author_known_by_key_is_found() -> None:
    key = HeldKey(text="", fingerprint="ssh:sha256:aa")
    trust = Trust(people={"ada": Person(name="ada", keys=(key,))})
    found = find_authors([document("change", change("key:ssh:sha256:aa"))], trust)
    assert found.people == frozenset({"ada"})


def test_counted_approvals_say_when_they_lapse() -> None:
    assent = judged(ApprovalAsk(role="manager"), voices=(says("cy", expires=NOW + 2 * DAY),))
    assert [reason for _, reason in assent.lapses] == ["the approval of cy expires", "a role of cy ends"]


@given(st.lists(st.sets(st.sampled_from("abcdef")), max_size=6))
def test_seating_is_as_large_as_can_be_and_seats_nobody_twice(candidates: list[set[str]]) -> None:
    seated = seat(candidates)
    assert all(person in candidates[position] for position, person in seated.items())
    assert len(set(seated.values())) == len(seated)
    assert len(seated) == largest(candidates, frozenset())


def largest(candidates: list[set[str]], taken: frozenset[str]) -> int:
    if not candidates:
        return 0
    first, rest = candidates[0], candidates[1:]
    choices = [1 + largest(rest, taken | {person}) for person in first - taken]
    return max([largest(rest, taken), *choices])


def test_who_excepts_from_a_freeze_is_said() -> None:
    freeze = Freeze(name="year end", period=Period(start=NOW - DAY, end=NOW + DAY), exception="security")
    held = stage(freezes=(freeze,))
    spec = gate(held)

    def result(*voices: Verdict, at: Any = NOW) -> Result:
        required = require(spec, held, SUBJECT, verified(*voices), at=at)
        return next(one for one in required.results if one.id == "freeze.year_end")

    excepted = result(says("dee"), says("bo"))
    assert (excepted.outcome, excepted.title) == ("pass", "Excepted from the freeze year end by dee")
    assert result(says("bo")).outcome == "fail"
    assert result(says("dee"), says("ada", "reject")).outcome == "fail"
    assert result(at=NOW + DAY).title == "Not in the freeze year end"
