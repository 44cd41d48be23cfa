"""Attesting, inspecting, verifying: what is broken is said where the fact is made, and nothing is half written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bases import ATTESTED, INSPECTED, SCANNED, VERIFIED
from guard import replaced
from harms import JUNIT, OTHER_SUBJECT, nothing, remove, unit, write
from scenario import DENY, USAGE, Line

from gatekeeper.collect.reading import Reading
from project import ran_tests

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm, Run, Setting

    from gatekeeper.collect.reading import Report

SECOND_CASE = JUNIT.index('<testcase classname="s" name="b"')
OTHER_IMAGE = "registry.example.test/other@sha256:" + "0" * 64


def attest(*words: str) -> Run:
    """Attest the unit tests; ``words`` replace the slot and what follows it."""
    return lambda project: project.run("attest", "unit.xml", "--subject", "app.whl", "-o", "out", *words)


def scan(change: Callable[[dict[str, Any]], object]) -> Harm:
    """Edit the scan's report."""

    def harm(project: Any) -> None:
        value = json.loads((project.folder / "scan.json").read_text())
        change(value)
        project.write("scan.json", json.dumps(value))

    return harm


class _Careless:
    """A reader that somebody else installed."""

    format, kind = "careless", "test_results"

    def __init__(self, facts: Any) -> None:
        self._facts = facts

    def matches(self, report: Report) -> bool:
        return report.data.startswith(b"careless")

    def read(self, _report: Report) -> Reading:
        if isinstance(self._facts, BaseException):
            raise self._facts
        return Reading(kind=self.kind, format=self.format, facts=self._facts)


def plugin(facts: Any) -> Setting:
    return replaced("gatekeeper.collect.registry:_plugins", lambda _taken: [_Careless(facts)])


UNIT = ("--slot", "unit")
CARELESS = write("unit.xml", "careless: all is well")

misused = Line(ATTESTED, USAGE)
uninspected = Line(INSPECTED, USAGE)
unverified = Line(VERIFIED, DENY)
scanned = Line(SCANNED, USAGE)

# fmt: off
ATTESTING = (
    misused("a report that was cut off, attested", write("unit.xml", JUNIT[:SECOND_CASE]), "not XML: no element found", "xml.whole"),
    misused("a report of no bytes", write("unit.xml", ""), "the report is empty", "collect.empty"),
    misused("a report that nothing recognises", write("unit.xml", "all tests passed"), "not recognised", "collect.recognised"),
    misused("a kind of evidence that nobody knows, on the command line", nothing, "no kind of evidence is called 'test_result'", "collect.kind", run=attest(*UNIT, "--kind", "test_result")),
    misused("the report of another kind", nothing, "not recognised as coverage", "collect.recognised", run=attest(*UNIT, "--kind", "coverage")),
    misused("shard 5 of 4", nothing, "argument --shard: '5/4' is not a shard", "attest.shard", run=attest(*UNIT, "--shard", "5/4")),
    misused("shard 0 of 4", nothing, "argument --shard: '0/4' is not a shard", "attest.shard", run=attest(*UNIT, "--shard", "0/4")),
    misused("shard 1 of 0", nothing, "argument --shard: '1/0' is not a shard", "attest.shard", run=attest(*UNIT, "--shard", "1/0")),
    misused("a slot that no gate can have", nothing, "no slot is called '../unit'", "attest.slot", run=attest("--slot", "../unit")),
    misused("a report that is not there", remove("unit.xml"), "there is no such file", "attest.read"),
    misused("a key to sign with that is not there", nothing, "there is no such file", "cli.signer", run=attest(*UNIT, "--key", "keys/cl.key")),
    misused("a plug-in that breaks", CARELESS, "the collector for careless broke: ZeroDivisionError", "collect.broken", under=plugin(ZeroDivisionError("no"))),
    misused("a plug-in that leaves", CARELESS, "the collector for careless broke: SystemExit", "collect.broken", under=plugin(SystemExit(0))),
    misused("a plug-in that returns nothing", CARELESS, "the collector for careless broke: it returned no facts", "collect.facts", under=plugin(None)),
    misused("a plug-in whose counts are not those of its items", CARELESS, "the collector for careless broke: $.total: says 3, 9 are there", "facts.recount", under=plugin(ran_tests() | {"passed": 9})),
    scanned("the scan of another image", scan(lambda value: value["Metadata"].update(RepoDigests=[OTHER_IMAGE])), "the report is about another subject", "attest.target"),
    scanned("a severity that nobody knows", scan(lambda value: value["Results"][0]["Vulnerabilities"][0].update(Severity="SEVERE")), "SEVERE", "collect.severity"),
)

LOOKING = (
    uninspected("a cut report, inspected", write("unit.xml", JUNIT[:SECOND_CASE]), "not XML: no element found", "xml.whole"),
    uninspected("a file of nobody knows what, inspected", write("unit.xml", "all tests passed"), "not recognised", "collect.recognised"),
    unverified("an attestation of a stranger, verified", unit(ran_tests(), signer="stranger"), "no signature holds under a key of trust.toml", "trust.dsse"),
    unverified("an attestation of something else, verified", unit(ran_tests(), subject=OTHER_SUBJECT), "it is about another subject", "verify.subject"),
)
# fmt: on

AREA = "attesting"
SCENARIOS = (*ATTESTING, *LOOKING)
