"""Slots: what has to be here, how much of it, and how old it may be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from world import DAY, NOW, SUBJECT, changed, coverage, document, gate, rejected, results, stage, verdict, verified

from gatekeeper.slots import Filling, fill_slots
from gatekeeper.stage import Slot

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.verified import Verdict

HOUR = timedelta(hours=1)


def filled(slot: Slot, *verdicts: Verdict, others: tuple[Slot, ...] = ()) -> dict[str, Filling]:
    asked = stage(slots={slot.name: slot, **{one.name: one for one in others}})
    return fill_slots(gate(asked), asked, SUBJECT, verified(*verdicts), at=NOW)


def messages(filling: Filling) -> list[str]:
    return [violation.message for violation in filling.result.violations]


UNIT = Slot(name="unit", kind="test_results")
SHARDS = Slot(name="unit", kind="test_results", shards=4)


def shard(index: int, count: int = 4, **more: Any) -> Verdict:
    name = more.pop("name", f"{index}.xml")
    return verdict(document("test_results", results(index), slot="unit", shard=(index, count), name=name, **more))


def test_an_empty_slot_waits_for_what_may_still_arrive() -> None:
    unit = filled(UNIT)["unit"]
    assert (unit.result.outcome, messages(unit)) == ("fail", ["no test_results here"])
    assert unit.result.is_waiting


def test_one_document_fills_a_slot() -> None:
    unit = filled(UNIT, verdict(document("test_results", results(), slot="unit")))["unit"]
    assert unit.result.outcome == "pass"
    assert len(unit.held) == 1


def test_a_rejected_attestation_is_named_in_the_slot_that_nothing_else_fills() -> None:
    unit = filled(UNIT, rejected("unit", "no signature holds"))["unit"]
    assert messages(unit) == ["bad.json is rejected: no signature holds", "no test_results here"]
    assert not unit.result.is_waiting


def test_a_rejected_attestation_beside_a_good_one_does_not_close_the_slot() -> None:
    good = verdict(document("test_results", results(), slot="unit"))
    assert filled(UNIT, good, rejected("unit", "no"))["unit"].result.outcome == "pass"


@pytest.mark.parametrize(
    ("present", "message"),
    [
        ((1, 2, 3), "shard 4 of 4 missing"),
        ((2, 3), "shards 1, 4 of 4 missing"),
        ((), "shards 1, 2, 3, 4 of 4 missing"),
    ],
)
def test_a_lost_shard_is_a_deny_and_not_a_smaller_report(present: tuple[int, ...], message: str) -> None:
    unit = filled(SHARDS, *(shard(index) for index in present))["unit"]
    assert messages(unit) == [message]


def test_all_shards_fill_the_slot() -> None:
    assert filled(SHARDS, *(shard(index) for index in (1, 2, 3, 4)))["unit"].result.outcome == "pass"


def test_a_shard_of_another_count_does_not_count() -> None:
    unit = filled(SHARDS, *(shard(index) for index in (1, 2, 3)), shard(4, 5))["unit"]
    assert messages(unit) == ["4.xml is shard 4 of 5, the slot has 4", "shard 4 of 4 missing"]


def test_one_report_given_as_two_shards_is_found() -> None:
    same = "sha256:" + "b" * 64
    unit = filled(SHARDS, shard(1), shard(2), shard(3, digest=same), shard(4, digest=same))["unit"]
    assert messages(unit) == ["shards 3 and 4 are one and the same report"]


def test_one_report_given_for_two_slots_is_found() -> None:
    same = "sha256:" + "b" * 64
    e2e = Slot(name="e2e", kind="test_results")
    one = verdict(document("test_results", results(), slot="unit", digest=same))
    two = verdict(document("test_results", results(), slot="e2e", digest=same))
    found = filled(UNIT, one, two, others=(e2e,))
    assert found["e2e"].result.outcome == "pass"
    assert messages(found["unit"])[0] == "r.xml is the same report that fills slot e2e"


def test_every_repeat_is_judged_by_default() -> None:
    red = verdict(document("test_results", results(failed=1), slot="unit", name="red.xml"))
    green = verdict(document("test_results", results(), slot="unit", name="green.xml"))
    assert len(filled(UNIT, red, green)["unit"].held) == 2


def test_latest_keeps_the_newest_by_proven_time() -> None:
    slot = changed(UNIT, on_repeat="latest")
    red = verdict(document("test_results", results(failed=1), slot="unit", name="red.xml"), verified_at=NOW - 2 * HOUR)
    green = verdict(document("test_results", results(), slot="unit", name="green.xml"), verified_at=NOW - HOUR)
    unit = filled(slot, red, green)["unit"]
    assert [held.document.source.name for held in unit.held] == ["green.xml"]
    assert unit.result.outcome == "pass"


def test_latest_by_a_claimed_time_is_a_deny() -> None:
    slot = changed(UNIT, on_repeat="latest")
    red = verdict(document("test_results", results(failed=1), slot="unit", name="red.xml"), claimed_at=NOW - 2 * HOUR)
    green = verdict(document("test_results", results(), slot="unit", name="green.xml"), verified_at=NOW - HOUR)
    unit = filled(slot, red, green)["unit"]
    assert messages(unit) == ["2 repeats of shard 1, and which is the latest is only claimed"]
    assert len(unit.held) == 2


AGED = Slot(name="cov", kind="coverage", max_age=DAY)


def aged(**times: Any) -> Verdict:
    return verdict(document("coverage", coverage(), slot="cov", name="c.json"), **times)


@pytest.mark.parametrize(
    ("slot", "times", "expected"),
    [
        (AGED, {"verified_at": NOW - HOUR}, []),
        (AGED, {"verified_at": NOW - DAY}, ["c.json is 24 h old, at most 1d is allowed"]),
        (AGED, {"verified_at": NOW - 31 * HOUR}, ["c.json is 31 h old, at most 1d is allowed"]),
        (AGED, {"claimed_at": NOW - HOUR}, ["c.json may be at most 1d old, and its time is only claimed"]),
        (AGED, {}, ["c.json may be at most 1d old, and its time is only claimed"]),
        (changed(AGED, time="claimed"), {"claimed_at": NOW - HOUR}, []),
        (changed(AGED, time="claimed"), {}, ["c.json may be at most 1d old, and it has no time"]),
        (AGED, {"verified_at": NOW + HOUR}, ["c.json is of 2026-11-24T13:00:00Z, in the future"]),
    ],
)
def test_age_is_judged_by_times_that_count(slot: Slot, times: dict[str, datetime], expected: list[str]) -> None:
    found = filled(slot, aged(**times))["cov"]
    assert messages(found) == expected


def test_age_counts_from_the_oldest_time_known() -> None:
    slot = Slot(name="scan", kind="vulnerabilities", max_age=DAY)
    counts = dict.fromkeys(("critical", "high", "medium", "low", "negligible", "unknown"), 0)
    facts = {
        "scanner": "trivy",
        "findings": [],
        "counts": counts,
        "complete": True,
        "scanned_at": "2026-11-24T11:00:00Z",
        "database_at": "2026-11-20T00:00:00Z",
    }
    found = filled(slot, verdict(document("vulnerabilities", facts, slot="scan"), verified_at=NOW - HOUR))["scan"]
    assert messages(found)[0] == "r.xml is 108 h old, at most 1d is allowed"


def test_an_aged_document_says_when_it_lapses() -> None:
    found = filled(AGED, aged(verified_at=NOW - HOUR))["cov"]
    assert found.lapses == ((NOW + 23 * HOUR, "slot cov: c.json gets too old"),)


def test_a_document_for_a_slot_that_no_stage_has_is_a_deny() -> None:
    found = filled(UNIT, verdict(document("test_results", results(), slot="uint")))
    assert messages(found["unknown"]) == ["r.xml is for the slot uint, which no stage has"]


def test_a_document_for_a_slot_of_another_stage_is_none_of_this_stages_business() -> None:
    build, later = (
        stage(slots={"unit": UNIT}),
        changed(stage(slots={"e2e": Slot(name="e2e", kind="coverage")}), name="later"),
    )
    found = fill_slots(
        gate(build, later), build, SUBJECT, verified(verdict(document("coverage", coverage(), slot="e2e"))), at=NOW
    )
    assert set(found) == {"unit"}


def test_a_document_of_another_kind_does_not_fill_a_slot() -> None:
    found = filled(UNIT, verdict(document("coverage", coverage(), slot="unit")))["unit"]
    assert messages(found) == ["r.xml is coverage, the slot takes test_results"]


def test_a_document_without_slot_takes_the_only_one_of_its_kind() -> None:
    found = filled(UNIT, verdict(document("test_results", results())))
    assert found["unit"].result.outcome == "pass"
    two = filled(UNIT, verdict(document("test_results", results())), others=(Slot(name="e2e", kind="test_results"),))
    assert messages(two["unknown"]) == ["r.xml names no slot, and not exactly one takes test_results"]


def test_a_count_needs_that_many_different_documents() -> None:
    slot = changed(UNIT, count=2)
    one = verdict(document("test_results", results(1), slot="unit", name="1.xml"))
    two = verdict(document("test_results", results(2), slot="unit", name="2.xml"))
    assert messages(filled(slot, one)["unit"]) == ["1 of 2 documents are here"]
    assert filled(slot, one, two)["unit"].result.outcome == "pass"


def test_one_statement_in_two_envelopes_is_one_document_with_both_signers() -> None:
    said = document("test_results", results(), slot="unit")
    one = verdict(changed(said, source=changed(said.source, signers=("ci",))))
    two = changed(
        verdict(changed(said, source=changed(said.source, signers=("qa",)))), payload_digest=one.payload_digest
    )
    held = filled(changed(UNIT, count=2), one, two)["unit"]
    assert messages(held) == ["1 of 2 documents are here"]
    assert held.held[0].document.source.signers == ("ci", "qa")
