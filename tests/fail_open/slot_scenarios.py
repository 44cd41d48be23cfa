"""Slots and raw reports: what is missing, late, doubled, misplaced, or not what it seems."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases import AGED, COUNTED, GREEN, INTEGRATION, RAW
from harms import JUNIT, ONE_REPORT, all_of, gate, locked, nothing, remove, shard, trust, unit, write
from scenario import DENY, NO_DECISION, USAGE, Line

from project import coverage, ran_tests, stamp

if TYPE_CHECKING:
    from scenario import Harm, Run

    from project import Project, Ran

COUNTED_JUNIT = JUNIT.replace('failures="0"', 'failures="1"')
FAILURE = '<testcase classname="s" name="c"><failure>no</failure></testcase></testsuite>'
RED_JUNIT = COUNTED_JUNIT.replace('tests="2"', 'tests="3"').replace("</testsuite>", FAILURE)
SECOND_CASE = '<testcase classname="s" name="b"'
ERRORED_JUNIT = JUNIT.replace('errors="0"', 'errors="1"').replace('name="b"', 'name="b" status="blocked"')
ENTITY = '<!DOCTYPE a [<!ENTITY e "&#60;failure/>">]>\n'


def over(*evidence: str) -> Run:
    """Decide over other evidence than the folder."""
    return lambda project: project.decide(evidence=evidence)


def attested(ago: timedelta | None) -> Harm:
    """Coverage that says when it was attested, or does not."""

    def harm(project: Project) -> None:
        said: dict[str, Any] = {} if ago is None else {"attested_at": stamp(project.now - ago)}
        project.attest("coverage", coverage(), slot="coverage", name="coverage", **said)

    return harm


def _pipe(project: Project) -> None:
    os.mkfifo(project.folder / "evidence/pipe")


def _in_unit(kind: str, facts: dict[str, Any]) -> Harm:
    return lambda project: project.attest(kind, facts, slot="unit", name="unit")


def more(facts: dict[str, Any], slot: str = "unit", **said: Any) -> Harm:
    """One more attestation of tests."""
    return lambda project: project.attest("test_results", facts, slot=slot, name="more", **said)


def _smoke(project: Project) -> None:
    project.edit("gate.toml", "unit = { kind", 'smoke = { kind = "test_results" }\nunit = { kind')


def _empty_folder(project: Project) -> None:
    (project.folder / "empty").mkdir()


def junit(text: str) -> Harm:
    return write("evidence/unit.xml", text)


def decide_named(project: Project) -> Ran:
    return project.decide(evidence=("unit.xml", "evidence/coverage.xml"))


denied = Line(GREEN, DENY)
misused = Line(GREEN, USAGE)
unreachable = Line(GREEN, NO_DECISION)
integration = Line(INTEGRATION, DENY)
aged = Line(AGED, DENY)
counted = Line(COUNTED, DENY)
raw = Line(RAW, DENY)
raw_misused = Line(RAW, USAGE)

# fmt: off
SLOTS = (
    integration("one shard of two lost", remove("evidence/e2e-2.json"), "shard 2 of 2 missing", "slots.missing"),
    integration("the first shard twice, the second not at all", shard(ran_tests(4), "e2e-2", shard="1/2"), "shard 2 of 2 missing", "slots.missing"),
    integration("shard 1 given again as shard 2", all_of(*(shard(ran_tests(1), f"e2e-{index}", shard=f"{index}/2", raw=ONE_REPORT) for index in (1, 2))), "shards 1 and 2 are one and the same report", "slots.same_report"),
    integration("a shard of another count", shard(ran_tests(2), "e2e-2", shard="2/3"), "is shard 2 of 3, the slot has 2", "slots.unfit"),
    integration("shard 0 of 2", shard(ran_tests(2), "e2e-2", shard="0/2"), "'0/2' is not a shard", "facts.shard"),
    integration("shard 3 of 2", shard(ran_tests(2), "e2e-2", shard="3/2"), "'3/2' is not a shard", "facts.shard"),
    integration("a red shard beside a green one", shard(ran_tests(2, "login"), "e2e-2", shard="2/2"), "s::login failed", "evaluate.fail"),
    denied("a test fails", unit(ran_tests(2, "login")), "s::login failed", "evaluate.fail"),
    denied("another kind of evidence in the slot", _in_unit("coverage", coverage()), "is coverage, the slot takes test_results", "slots.unfit"),
    denied("a red run beside its green repeat", more(ran_tests(2, "login")), "s::login failed", "slots.repeats"),
    denied("repeats, and which is the latest is only claimed", all_of(gate('unit = { kind = "test_results"', 'unit = { kind = "test_results", on_repeat = "latest"'), more(ran_tests(2))), "which is the latest is only claimed", "slots.repeats"),
    denied("a slot misspelt by the producer", more(ran_tests(2), slot="uint"), "is for the slot uint, which no stage has", "slots.unknown"),
    denied("one report for two slots", all_of(_smoke, more(ran_tests(), slot="smoke", raw=ONE_REPORT), unit(ran_tests(), raw=ONE_REPORT)), "is the same report that fills slot smoke", "slots.copied"),
    counted("one document where two are asked", remove("evidence/more.json"), "1 of 2 documents are here", "slots.missing"),
    counted("one report attested twice where two are asked", lambda project: more(ran_tests(), raw=project.raw_of("unit"), library="2")(project), "1 of 2 documents are here", "slots.distinct"),
)

AGES = (
    aged("older than allowed", attested(timedelta(hours=25)), "is 25 h old, at most 1d is allowed", "slots.stale"),
    aged("as old as allowed, to the second", attested(timedelta(hours=24)), "is 24 h old, at most 1d is allowed", "slots.stale"),
    aged("attested tomorrow", attested(-timedelta(days=1)), "in the future", "slots.stale"),
    aged("no time at all", attested(None), "may be at most 1d old, and it has no time", "slots.stale"),
    aged("a claimed time where a proven one is asked", gate(', time = "claimed"', ""), "may be at most 1d old, and its time is only claimed", "slots.stale"),
)

RAW_REPORTS = (
    raw("a JUnit file without a case", junit("<testsuites/>"), "examined nothing: executed is 0", "evaluate.examined"),
    raw("a JUnit file that says 100 tests and holds none", junit('<testsuites tests="100" failures="0"/>'), "is not complete: the report says total 100", "evaluate.complete"),
    raw("a failure that the header does not count", junit(RED_JUNIT.replace('failures="1"', 'failures="0"')), "is not complete: the report says failed 0", "evaluate.complete"),
    raw("a failure that the header counts", junit(RED_JUNIT), "s::c failed", "evaluate.fail"),
    raw("a failure in a namespace of its own", junit(RED_JUNIT.replace("<failure>", '<failure xmlns="urn:x">')), "failure belongs to the namespace 'urn:x'", "junit.closed"),
    raw("an element that could be an outcome", junit(RED_JUNIT.replace("failure>", "failed>")), "the element 'failed' is not known here", "junit.closed"),
    raw("a failure in the output of a case", junit(RED_JUNIT.replace("<failure>no</failure>", "<system-out><failure/></system-out>")), "3 of them where they belong", "junit.hidden"),
    raw("a status that nobody knows", junit(ERRORED_JUNIT), "s::b errored", "junit.status"),
    raw("a JUnit file cut in the middle", junit(JUNIT[: JUNIT.index(SECOND_CASE)]), "not XML: no element found", "xml.whole"),
    raw("an entity that hides a failure", junit(ENTITY + JUNIT), "the DOCTYPE has declarations of its own", "xml.doctype"),
    raw("UTF-16", write("evidence/unit.xml", JUNIT.encode("utf-16")), "no test_results here", "slots.missing"),
    raw("an encoding that two readers read differently", junit('<?xml version="1.0" encoding="utf-7"?>\n' + JUNIT), "the encoding 'utf-7' is not read", "xml.encoding"),
    raw("an empty file named outright", write("unit.xml", ""), "the report is empty", "collect.empty", run=decide_named),
    raw("raw reports where signed ones are asked", trust('["unsigned"]', '["ci"]'), "signed by nobody; test_results is accepted from ci at build", "verify.accept"),
    raw_misused("a red raw report beside a green one", write("evidence/unit2.xml", RED_JUNIT), "no slot of stage build is free for test_results", "gather.free_slot"),
    raw_misused("two slots could take a raw report", locked(_smoke), "2 slots of stage build could take this test_results", "gather.free_slot"),
    raw("a raw report for a slot that is misspelt", nothing, "is for the slot uint, which no stage has", "slots.unknown", run=over("uint=evidence/unit.xml", "evidence/coverage.xml")),
)

PATHS = (
    misused("a folder that is not there", nothing, "there is no such file", "gather.missing", run=over("nowhere")),
    misused("an empty folder", _empty_folder, "nothing is in this folder", "gather.empty", run=over("evidence", "empty")),
    misused("a file named outright that nothing recognises", write("notes.txt", "all good"), "not recognised", "gather.named", run=over("evidence", "notes.txt")),
    unreachable("a link out of the evidence folder", lambda project: (project.folder / "evidence/passwd").symlink_to("/etc/passwd"), "a link that leads out of the folder", "evidence.files"),
    unreachable("a pipe in the evidence folder", _pipe, "not a regular file", "evidence.files"),
)
# fmt: on

AREA = "slots and raw reports"
SCENARIOS = (*SLOTS, *AGES, *RAW_REPORTS, *PATHS)
