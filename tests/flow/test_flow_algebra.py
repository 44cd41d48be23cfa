"""Approval algebra: any, all, count, not, veto; distinct people in every seat; and whether anybody can satisfy it at all."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_flow_people import says
from world import DAY, NOW, PEOPLE, change, document, gate, stage, verified

from gatekeeper.algebra import MAX_SEATS, MAX_WAYS, ApprovalAsk, arrange, problem_of, result_ids, shortage
from gatekeeper.errors import GatekeeperError
from gatekeeper.load.gate_file import load_gate
from gatekeeper.people import Authors, count_approvals, find_authors, find_deployers, hear
from gatekeeper.roster import HeldKey, Period, Person, Trust
from gatekeeper.satisfiable import problem_at, unsatisfiable
from project import change as made_by
from project import ran_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.people import Assent
    from gatekeeper.verified import Verdict
    from project import Project

TRUST = Trust(people=PEOPLE)
"""ada: manager and security; bo: manager; cy: manager for a day, and waivers; dee: security."""


def role(name: str, count: int = 1, **more: Any) -> ApprovalAsk:
    return ApprovalAsk(role=name, count=count, **more)


def judged(*asks: ApprovalAsk, voices: Sequence[Verdict], **more: Any) -> Assent:
    authors = more.pop("authors", Authors())
    return count_approvals(asks, hear(verified(*voices)), authors, TRUST, at=NOW, **more)


def told(assent: Assent) -> list[tuple[str, list[str]]]:
    return [(one.outcome, [violation.message for violation in one.violations]) for one in assent.results]


EITHER = ApprovalAsk(any=(role("waivers"), ApprovalAsk(all=(role("manager", 2), role("security")))))


@pytest.mark.parametrize(
    ("people", "outcome"),
    [("c", "pass"), ("abd", "pass"), ("ab", "fail"), ("ad", "fail"), ("bd", "fail"), ("abcd", "pass"), ("", "fail")],
)
def test_any_takes_one_branch_and_all_takes_each(people: str, outcome: str) -> None:
    names = {"a": "ada", "b": "bo", "c": "cy", "d": "dee"}
    [result] = judged(EITHER, voices=[says(names[letter]) for letter in people]).results
    assert (result.id, result.outcome) == ("approval.any", outcome)
    assert result.title == "Approved by 1 of role waivers, or 2 of role manager and 1 of role security"


def test_nobody_sits_twice_across_branches() -> None:
    both = ApprovalAsk(all=(role("manager"), role("security")))
    assert told(judged(both, voices=[says("ada")])) == [
        ("fail", ["1 of 2 approvals: ada; asked is 1 of role manager and 1 of role security"])
    ]
    assert told(judged(both, voices=[says("ada"), says("bo")])) == [("pass", [])]


def test_nobody_sits_twice_across_asks_and_another_way_is_taken() -> None:
    asks = (ApprovalAsk(any=(role("manager"), role("security"))), role("manager"))
    assert [one.outcome for one in judged(*asks, voices=[says("bo"), says("dee")]).results] == ["pass", "pass"]
    assert [one.outcome for one in judged(*asks, voices=[says("bo")]).results].count("pass") == 1


def test_what_is_short_says_what_is_asked_and_who_is_passed_over() -> None:
    security = ApprovalAsk(all=(role("security"), role("waivers")))
    assert told(judged(security, voices=[says("bo"), says("dee")])) == [
        (
            "fail",
            [
                ("1 of 2 approvals: dee; asked is 1 of role security and 1 of role waivers; "
                "bo does not count: no security at this time, no waivers at this time")
            ],
        )
    ]  # fmt: skip


def test_a_no_by_a_role_anywhere_in_it_closes_it() -> None:
    [result] = judged(EITHER, voices=[says("cy"), says("dee", "reject", comment="not yet")]).results
    assert [violation.message for violation in result.violations] == ["dee rejects it: not yet"]
    assert not result.is_waiting


@pytest.mark.parametrize(("veto", "outcome"), [((), "pass"), (("security",), "fail")])
def test_a_veto_is_of_a_role_that_approves_nothing(veto: tuple[str, ...], outcome: str) -> None:
    ask = role("waivers", veto=veto)
    assert judged(ask, voices=[says("cy"), says("dee", "reject")]).results[0].outcome == outcome


def test_a_veto_that_has_been_taken_back_or_has_ended_is_none() -> None:
    ask = role("waivers", veto=("security",))
    no = says("dee", "reject", issued_at=NOW - timedelta(hours=3))
    assert judged(ask, voices=[says("cy"), no, says("dee", issued_at=NOW - timedelta(hours=2))]).results[0].is_open
    ended = says("dee", "reject", issued_at=NOW - 2 * DAY, expires=NOW)
    assert judged(ask, voices=[says("cy"), ended]).results[0].is_open


def test_not_reaches_down_into_branches() -> None:
    authors = find_authors([document("change", change("github:ada"))], TRUST)
    ask = ApprovalAsk(any=(role("manager"), role("security")), exclude=("author",))
    assert told(judged(ask, voices=[says("ada")], authors=authors)) == [
        (
            "fail",
            [
                (
                    "0 of 1 approvals; asked is 1 of role manager, or 1 of role security; "
                    "ada does not count: an author of the change"
                )
            ],
        )
    ]
    assert judged(ask, voices=[says("ada"), says("dee")], authors=authors).results[0].outcome == "pass"


def test_not_of_one_branch_leaves_the_other() -> None:
    authors = find_authors([document("change", change("github:ada"))], TRUST)
    ask = ApprovalAsk(any=(role("manager", exclude=("author",)), role("security")))
    assert judged(ask, voices=[says("ada")], authors=authors).results[0].outcome == "pass"


def deployed(**facts: Any) -> Authors:
    return find_deployers([document("change", {**change("github:bo"), **facts})], TRUST)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"pusher": "github:ada"}, "who deploys it"),
        ({"deployer": "github:ada"}, "who deploys it"),
        ({"pusher": "github:bo", "deployer": "github:ada"}, "who deploys it"),
        ({}, "the change evidence names nobody who deploys it"),
        ({"deployer": "github:zed"}, "the deployer github:zed is nobody in trust.toml"),
        ({"pusher": "github:bo", "complete": False}, "nobody can tell who deploys it: the change evidence is not complete"),
    ],
)  # fmt: skip
def test_who_deploys_it_does_not_approve_it(facts: dict[str, Any], why: str) -> None:
    ask = role("manager", exclude=("deployer",))
    assent = judged(ask, voices=[says("ada")], deployers=deployed(**facts))
    assert told(assent) == [("fail", [f"0 of 1 approvals; ada does not count: {why}"])]
    allowed = judged(ask, voices=[says("ada")], deployers=deployed(deployer="github:bo"))
    assert told(allowed) == [("pass", [])]


def test_without_evidence_nobody_can_tell_who_deploys_it() -> None:
    ask = role("manager", exclude=("deployer",))
    message = "0 of 1 approvals; ada does not count: nobody can tell who deploys it: there is no change evidence"
    assert told(judged(ask, voices=[says("ada")], deployers=find_deployers([], TRUST))) == [("fail", [message])]
    assert told(judged(ask, voices=[says("ada")]))[0][0] == "fail"


def test_results_have_names_of_their_own() -> None:
    asks = [EITHER, role("manager"), EITHER, role("manager"), ApprovalAsk(all=(role("a"),))]
    assert result_ids(asks) == [
        "approval.any", "approval.manager", "approval.any-2", "approval.manager-2", "approval.all",
    ]  # fmt: skip


# seats and ways, against brute force

ROLES = ("a", "b", "c")
singles = st.builds(ApprovalAsk, role=st.sampled_from(ROLES), count=st.integers(1, 2))
trees = st.recursive(
    singles,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda asks: ApprovalAsk(any=tuple(asks)))
        | st.lists(inner, min_size=1, max_size=2).map(lambda asks: ApprovalAsk(all=tuple(asks)))
    ),
    max_leaves=4,
)
rosters = st.dictionaries(st.sampled_from("pqrst"), st.sets(st.sampled_from(ROLES), min_size=1), max_size=5)


def needs(ask: ApprovalAsk) -> list[list[str]]:
    """Every list of roles that would meet an ask, by its meaning alone."""
    if ask.role:
        return [[ask.role] * ask.count]
    if ask.any:
        return [roles for one in ask.any for roles in needs(one)]
    return [[role for part in parts for role in part] for parts in product(*map(needs, ask.all))]


def can_sit(roles: list[str], people: dict[str, set[str]]) -> bool:
    if not roles:
        return True
    rest = {name: held for name, held in people.items() if roles[0] in held}
    return any(can_sit(roles[1:], {n: h for n, h in people.items() if n != name}) for name in rest)


@given(st.lists(trees, min_size=1, max_size=2), rosters)
def test_seating_finds_a_way_exactly_where_there_is_one(asks: list[ApprovalAsk], people: dict[str, set[str]]) -> None:
    if problem_of(asks):
        return
    found = arrange(asks, lambda ask: [name for name in people if ask.role in people[name]])
    expected = any(can_sit(roles, people) for roles in needs(ApprovalAsk(all=tuple(asks))))
    assert (found.missing == 0) is expected
    assert len(set(found.seated.values())) == len(found.seated)
    assert all(found.seats[position].serves.role in people[name] for position, name in found.seated.items())


@given(trees, rosters)
def test_whoever_comes_besides_never_closes_it(ask: ApprovalAsk, people: dict[str, set[str]]) -> None:
    def missing(held: dict[str, set[str]]) -> int:
        return arrange([ask], lambda one: [name for name in held if one.role in held[name]]).missing

    for name in people:
        assert missing(people) <= missing({other: held for other, held in people.items() if other != name})


@given(trees, rosters)
def test_a_shortage_names_more_seats_than_people(ask: ApprovalAsk, people: dict[str, set[str]]) -> None:
    def able(one: ApprovalAsk) -> list[str]:
        return [name for name in people if one.role in people[name]]

    found = arrange([ask], able)
    seats, who = shortage(found.seats, able)
    assert bool(seats) is bool(found.missing)
    assert not seats or len(seats) > len(who)
    assert set(who) == {name for one in seats for name in able(one.serves)}


@given(trees)
def test_sizes_are_what_the_ways_are(ask: ApprovalAsk) -> None:
    _, ways, seats = ask.size
    assert len(ask.ways) <= ways
    assert max(sum(single.count for single in way) for way in ask.ways) == seats
    assert ApprovalAsk.from_json(ask.as_json()) == ask


def test_what_is_too_much_is_said() -> None:
    wide = ApprovalAsk(any=tuple(role(f"r{number}") for number in range(MAX_WAYS + 1)))
    assert problem_of([wide]) == "there are 65 ways to approve the stage, 64 are tried"
    pair = ApprovalAsk(any=(role("a"), role("b")))
    assert problem_of([pair] * 6) == ""
    assert problem_of([pair] * 7) == "there are 128 ways to approve the stage, 64 are tried"
    assert problem_of([role("a", MAX_SEATS)]) == ""
    assert problem_of([role("a", MAX_SEATS), role("b")]) == "it takes 21 people, at most 20 are seated"
    deep = role("a")
    for _ in range(5):
        deep = ApprovalAsk(all=(deep,))
    assert problem_of([deep]) == "any and all are 5 deep, 4 are read"
    assert problem_of([]) == ""


# can anybody satisfy it

KEYS = (HeldKey(text="", fingerprint="ssh:sha256:aa"),)


def person(name: str, *roles: str, until: Any = None, keys: tuple[HeldKey, ...] = KEYS, since: Any = None) -> Person:
    held = tuple((one, Period(start=since, end=until)) for one in roles)
    return Person(name=name, roles=held, keys=keys)


def trust(*people: Person) -> Trust:
    return Trust(people={one.name: one for one in people})


@pytest.mark.parametrize(
    ("people", "asks", "problem"),
    [
        ([person("ada", "rm"), person("bo", "rm")], [role("rm", 2)], ""),
        ([person("ada", "rm")], [role("rm", 2)], "2 of role rm needed, and there is only ada"),
        ([person("ada", "rm", "sec")], [role("rm"), role("sec")], "1 of role rm and 1 of role sec needed, and there is only ada"),
        ([person("ada", "rm", until=NOW)], [role("rm")], "1 of role rm needed, and there is nobody; ada was rm until 2026-11-24T12:00:00Z"),
        ([person("ada", "rm", since=NOW + DAY)], [role("rm")], "1 of role rm needed, and there is nobody; ada is rm from 2026-11-25T12:00:00Z on only"),
        ([person("ada", "rm", keys=())], [role("rm")], "1 of role rm needed, and there is nobody; ada has no key that counts then"),
        ([person("ada", "rm"), person("bo", "sec")], [ApprovalAsk(any=(role("rm", 2), role("sec")))], ""),
    ],
)  # fmt: skip
def test_a_stage_that_nobody_can_approve_says_why(people: list[Person], asks: list[ApprovalAsk], problem: str) -> None:
    assert problem_at(asks, trust(*people), NOW) == problem


def test_only_the_author_is_left() -> None:
    two = trust(person("ada", "rm"), person("bo", "dev"))
    held = gate(stage(approvals=(role("rm", exclude=("author",)),)), trust=two, waivers=None)
    [finding] = unsatisfiable(held, at=NOW)
    assert (finding.is_error, finding.result) == (False, "approval.rm")
    assert finding.message == "where ada is the author: 1 of role rm needed, and there is nobody"


def test_the_day_from_which_nobody_can_is_told_before() -> None:
    held = gate(stage(approvals=(role("rm"),)), trust=trust(person("ada", "rm", until=NOW + DAY)), waivers=None)
    [finding] = unsatisfiable(held, at=NOW)
    assert not finding.is_error
    assert finding.message.startswith(
        "from 2026-11-25T12:00:00Z on: 1 of role rm needed, and there is nobody; ada was rm"
    )
    assert unsatisfiable(held, at=NOW + DAY)[0].is_error


@given(trees, rosters)
def test_it_can_be_satisfied_exactly_where_some_people_can(ask: ApprovalAsk, people: dict[str, set[str]]) -> None:
    if problem_of([ask]):
        return
    held = trust(*(person(name, *roles) for name, roles in people.items()))
    expected = any(can_sit(roles, people) for roles in needs(ask))
    assert (problem_at([ask], held, NOW) == "") is expected


# in a gate

APPROVALS = 'approvals = [{ role = "release-manager", count = 1, not = ["author"] }]'


def asking(project: Project, approvals: str) -> None:
    project.edit("gate.toml", APPROVALS, f"approvals = [{approvals}]")


def ready(project: Project) -> None:
    """All that the second stage asks but approvals."""
    project.lock()
    project.green()
    record = project.record().read_bytes()
    for path in (project.folder / "evidence").iterdir():
        path.unlink()
    project.write("evidence/build.record.json", record)
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", made_by("github:bo"), slot="change", name="change")


def test_a_gate_asks_it_and_a_record_replays(project: Project) -> None:
    asking(
        project,
        '{ any = [{ role = "security" }, { all = [{ role = "release-manager", count = 2 }] }], not = ["author"] }',
    )
    ready(project)
    assert project.decide("integration").results["approval.any"]["violations"][0]["waiting"] is True
    project.approve("ada")
    assert project.decide("integration").code == 1
    project.approve("cy")
    assert project.decide("integration").code == 0
    assert project.run("replay", str(project.record("integration"))).code == 0
    shown = project.run("gate", "show").out
    assert "1 of role security, or 2 of role release-manager" in shown
    project.approve("bo", verdict="reject", name="no")
    assert project.decide("integration").code == 1


@pytest.mark.parametrize(
    ("approvals", "message"),
    [
        ("{ any = [] }", "any of nothing"),
        ('{ any = [{ role = "security" }], role = "security" }', "an approval has role, any or all; here is role and any"),
        ('{ not = ["author"] }', "an approval has role, any or all; here is none of them"),
        ('{ any = [{ role = "secrity" }] }', "nobody in trust.toml has the role 'secrity'"),
        ('{ role = "security", veto = ["secrity"] }', "nobody in trust.toml has the role 'secrity'"),
        ('{ any = [{ role = "security", veto = ["security"] }] }', "'veto' is not known here"),
        ('{ all = [{ role = "security" }], count = 2 }', "'count' is not known here"),
        ('{ all = [{ all = [{ all = [{ all = [{ all = [{ role = "security" }] }] }] }] }] }', "any and all are more than 4 deep"),
        ('{ role = "security", count = 21 }', "it takes 21 people, at most 20 are seated"),
        ('{ any = ["security"] }', "any holds something that is not a table"),
        ('{ role = "security", not = ["approver"] }', "not = ['approver'] is not known"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_with_its_line(project: Project, approvals: str, message: str) -> None:
    asking(project, approvals)
    with pytest.raises(GatekeeperError) as caught:
        load_gate(project.folder / "gate.toml")
    assert caught.value.message == message
    assert caught.value.where == "gate.toml:20"


def test_gate_check_says_who_cannot_approve_and_where(project: Project) -> None:
    asking(project, '{ role = "security", count = 2 }')
    project.lock()
    ran = project.run("gate", "check")
    assert ran.code == 1
    assert ran.out == "error: gate.toml:20: integration: 2 of role security needed, and there is only cy\n"
    assert "error: gate.toml:20" in project.run("gate", "show").out


def test_gate_check_warns_of_a_case_and_of_a_day(project: Project) -> None:
    project.edit("trust.toml", 'roles = ["security"]', 'roles = [{ role = "security", until = 2099-01-01T00:00:00Z }]')
    asking(project, '{ role = "security", not = ["author"] }')
    project.lock()
    ran = project.run("gate", "check")
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == [
        "warning: gate.toml:20: integration: where cy is the author: 1 of role security needed, and there is nobody",
        (
            "warning: gate.toml:20: integration: from 2099-01-01T00:00:00Z on: 1 of role security needed, and there is nobody; "
            "cy was security until 2099-01-01T00:00:00Z"
        ),
    ]
    later = project.run("gate", "check", "--at", "2099-01-01T00:00:00Z")
    assert (later.code, later.out.startswith("error: gate.toml:20: ")) == (1, True)


def test_waivers_and_exceptions_that_nobody_can_give_are_told(project: Project) -> None:
    freeze = 'freezes = [{ name = "x", from = 2099-01-01T00:00:00Z, until = 2099-02-01T00:00:00Z, exception = "boss" }]'
    project.edit("gate.toml", 'valid_for = "1d"', f'valid_for = "1d"\n{freeze}')
    project.edit("gate.toml", 'role = "security"', 'role = "secrity"')
    project.lock()
    told = [line for line in project.run("gate", "check").out.splitlines() if "nobody can" in line]
    assert told == [
        "warning: gate.toml:22: integration: nobody can except from the freeze x: 1 of role boss needed, and there is nobody",
        "warning: gate.toml:6: nobody can approve a waiver: 1 of role secrity needed, and there is nobody",
    ]
