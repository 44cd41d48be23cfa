"""Evidence: bytes, counts, subjects, signatures, slots."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bases import GREEN, INTEGRATION, RAW
from scenario import DENY, NO_DECISION, USAGE, Scenario

from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.trust import dsse
from project import coverage, ran_tests, signing_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from project import Project

Harm = "Callable[[Project], Any]"


def gone(name: str) -> Callable[[Project], Any]:
    return lambda project: (project.folder / "evidence" / name).unlink()


def unit(facts: dict[str, Any], **more: Any) -> Callable[[Project], Any]:
    return lambda project: project.attest("test_results", facts, slot="unit", name="unit", **more)


def cover(facts: dict[str, Any], **more: Any) -> Callable[[Project], Any]:
    return lambda project: project.attest("coverage", facts, slot="coverage", name="coverage", **more)


def text(name: str, content: str | bytes) -> Callable[[Project], Any]:
    return lambda project: project.write(f"evidence/{name}", content)


def payload(old: bytes, new: bytes) -> Callable[[Project], Any]:
    """Sign another payload of the unit tests than a well-formed one."""

    def harm(project: Project) -> None:
        said = project.statement("test_results", ran_tests(), slot="unit")
        assert old in said
        data = dsse.sign(said.replace(old, new, 1), PAYLOAD_TYPE, signing_key("ci"))
        project.write("evidence/unit.json", data)

    return harm


def envelope(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Project], Any]:
    """Edit the signed envelope of the unit tests."""

    def harm(project: Project) -> None:
        path = project.folder / "evidence/unit.json"
        value = json.loads(path.read_bytes())
        edit(value)
        path.write_bytes(json.dumps(value).encode())

    return harm


OTHER = {"name": "app.whl", "digest": {"sha256": "0" * 64}}
HALF = {"name": "app.whl", "digest": {"sha256": "0" * 64, "sha512": "0" * 128}}

SCENARIOS = (
    # nothing of a needed kind
    Scenario("no test results at all", gone("unit.json"), DENY, "no test_results here", "slots.missing", GREEN),
    Scenario("no coverage at all", gone("coverage.json"), DENY, "no coverage here", "slots.missing", GREEN),
    # counts
    Scenario("zero tests ran", unit(ran_tests(0)), DENY, "examined nothing: executed is 0", "evaluate.examined", GREEN),
    Scenario(
        "every test was skipped",
        unit(ran_tests(0, total=2, skipped=2, names=["s::a", "s::b"], cases=[
            {"name": n, "suite": "s", "outcome": "skipped", "locator": "/x"} for n in "ab"
        ])),
        DENY, "examined nothing: executed is 0", "evaluate.examined", GREEN,
    ),
    Scenario("nothing to cover", cover(coverage(0, 0)), DENY, "examined nothing: lines_valid is 0", "evaluate.examined", GREEN),
    Scenario("a report that was cut off", unit(ran_tests(complete=False)), DENY, "is not complete: something was skipped or cut off", "evaluate.complete", GREEN),
    Scenario(
        "a header that says more than is there",
        unit(ran_tests(complete=False, claimed={"tests": 100})), DENY, "is not complete: the report says tests 100", "evaluate.complete", GREEN,
    ),
    Scenario("passed counts more than there are", unit(ran_tests(passed=3) | {"passed": 9}), DENY, "$.predicate.facts.total: says 3, 9 are there", "facts.recount", GREEN),
    Scenario("failed is 0 and a failing case is listed", unit(ran_tests(2, "x") | {"failed": 0, "passed": 3}), DENY, "$.predicate.facts.failed: says 0, 1 are there", "facts.recount", GREEN),
    Scenario("more lines covered than there are", cover(coverage(120, 100)), DENY, "lines_covered: says 120, 100 are there", "facts.recount", GREEN),
    # types
    Scenario("a count as text", unit(ran_tests() | {"failed": "0"}), DENY, "$.predicate.facts.failed: string, where integer is needed", "facts.schema", GREEN),
    Scenario("a count as true", unit(ran_tests() | {"failed": True}), DENY, "$.predicate.facts.failed: boolean, where integer is needed", "facts.schema", GREEN),
    Scenario("a count as null", unit(ran_tests() | {"failed": None}), DENY, "$.predicate.facts.failed: null, where integer is needed", "facts.schema", GREEN),
    Scenario("a negative count", unit(ran_tests() | {"failed": -1}), DENY, "$.predicate.facts.failed: -1 is below 0", "facts.schema", GREEN),
    Scenario("an unknown outcome word", unit(ran_tests(2, "x") | {"cases": [{"name": "x", "suite": "s", "outcome": "Failed", "locator": "/x"}]}), DENY, "'Failed' is none of failed, errored, skipped, flaky", "facts.schema", GREEN),
    Scenario("an unknown fact beside the others", unit(ran_tests() | {"fialed": 3}), DENY, "$.predicate.facts.fialed: not known here", "facts.schema", GREEN),
    Scenario("a fact that is missing", unit({k: v for k, v in ran_tests().items() if k != "failed"}), DENY, "$.predicate.facts.failed: absent", "facts.schema", GREEN),
    # bytes of the payload
    Scenario("a key twice: failed 0 after failed 5", payload(b'"failed":0', b'"failed":5,"failed":0'), DENY, "the key 'failed' is there twice", "json.duplicates", GREEN),
    Scenario("a key twice, once escaped", payload(b'"failed":0', b'"f\\u0061iled":5,"failed":0'), DENY, "the key 'failed' is there twice", "json.duplicates", GREEN),
    Scenario("NaN for a count", payload(b'"failed":0', b'"failed":NaN'), DENY, "NaN is not JSON", "json.constants", GREEN),
    Scenario("1e400 for a count", payload(b'"failed":0', b'"failed":1e400'), DENY, "a number too large or too long", "json.numbers", GREEN),
    Scenario("two documents in one payload", payload(b'"_type"', b'"_type":1}{"_type"'), DENY, "not JSON", "json.syntax", GREEN),
    Scenario("a lone surrogate in a name", payload(b'"s::p0"', b'"s::\\ud800"'), DENY, "a lone surrogate", "json.surrogates", GREEN),
    Scenario("a byte order mark before the payload", payload(b'{"_type"', b'\xef\xbb\xbf{"_type"'), DENY, "a byte order mark", "json.encoding", GREEN),
    Scenario("a payload that is a list", payload(b"{", b"[{"), DENY, "not JSON", "json.syntax", GREEN),
    # envelopes
    Scenario("the payload exchanged under the signature", envelope(lambda e: e.update(payload=e["payload"][:-8] + "AAAAfQ==")), DENY, "no signature holds", "trust.dsse", GREEN),
    Scenario("no signatures in the envelope", envelope(lambda e: e.update(signatures=[])), DENY, "no signature", "attestation.signatures", GREEN),
    Scenario("an empty signature", envelope(lambda e: e["signatures"][0].update(sig="")), DENY, "an empty signature", "attestation.signatures", GREEN),
    Scenario("junk in the signature", envelope(lambda e: e["signatures"][0].update(sig="AAAA")), DENY, "no signature holds", "trust.dsse", GREEN),
    Scenario("another payload type", envelope(lambda e: e.update(payloadType="text/plain")), DENY, "payload type", "trust.payload_type", GREEN),
    Scenario("a truncated envelope", lambda project: project.write("evidence/unit.dsse.json", (project.folder / "evidence/unit.json").read_bytes()[:-20]) and gone("unit.json")(project), DENY, "no test_results here", "slots.missing", GREEN),
    # who signed
    Scenario("signed by nobody we know", unit(ran_tests(), signer="stranger"), DENY, "no signature holds under a key of trust.toml", "trust.dsse", GREEN),
    Scenario("signed by somebody whose word counts for something else", unit(ran_tests(), signer="scanner"), DENY, "signed by scanner; test_results is accepted from ci at build", "verify.accept", GREEN),
    Scenario("signed by a person instead of the CI", unit(ran_tests(), signer="ada"), DENY, "signed by ada; test_results is accepted from ci at build", "verify.accept", GREEN),
    Scenario("not signed where a signature is asked", unit(ran_tests(), signer=None), DENY, "signed by nobody; test_results is accepted from ci at build", "verify.accept", GREEN),
    Scenario("a stranger's signature under the key id of the CI", lambda p: (unit(ran_tests(), signer="stranger")(p), envelope(lambda e: e["signatures"][0].update(keyid=signing_key("ci").public.fingerprint))(p)), DENY, "no signature holds", "trust.dsse", GREEN),
    # about what
    Scenario("about another subject of the same name", unit(ran_tests(), subject=OTHER), DENY, "it is about another subject", "verify.subject", GREEN),
    Scenario("one digest equal and one not", lambda p: unit(ran_tests(), subject={"name": "app.whl", "digest": {**p.subject.digest, "sha512": "0" * 128}})(p), DENY, "", "verify.subject", GREEN),
    Scenario("the digest in upper case", lambda p: unit(ran_tests(), subject={"name": "app.whl", "digest": {"sha256": p.subject.digest["sha256"].upper()}})(p), DENY, "it is about another subject", "verify.subject", GREEN),
    Scenario("the digest by sha1 only", unit(ran_tests(), subject={"name": "app.whl", "digest": {"sha1": "0" * 40}}), DENY, "it is about another subject", "verify.subject", GREEN),
    Scenario("no subject in the statement", payload(b'"subject":[', b'"subject":[],"x":['), DENY, "no subject", "attestation.subject", GREEN),
    Scenario("another predicate type", payload(b"gatekeeper.dev/facts/v1", b"gatekeeper.dev/facts/v9"), DENY, "nothing here reads the predicate type", "verify.predicate", GREEN),
    Scenario("another statement type", payload(b"in-toto.io/Statement/v1", b"in-toto.io/Statement/v7"), DENY, "not an in-toto Statement", "attestation.type", GREEN),
    # slots
    Scenario("one shard of two lost", gone("e2e-2.json"), DENY, "shard 2 of 2 missing", "slots.missing", INTEGRATION),
    Scenario("shard 1 given again as 2", lambda p: p.attest("test_results", ran_tests(1), slot="e2e", name="e2e-2", shard="2/2", raw={"name": "a", "digest": "sha256:" + "1" * 64}) and p.attest("test_results", ran_tests(1), slot="e2e", name="e2e-1", shard="1/2", raw={"name": "a", "digest": "sha256:" + "1" * 64}), DENY, "shards 1 and 2 are one and the same report", "slots.same_report", INTEGRATION),
    Scenario("a shard of another count", lambda p: p.attest("test_results", ran_tests(2), slot="e2e", name="e2e-2", shard="2/3"), DENY, "is shard 2 of 3, the slot has 2", "slots.unfit", INTEGRATION),
    Scenario("shard 0 of 2", lambda p: p.attest("test_results", ran_tests(2), slot="e2e", name="e2e-2", shard="0/2"), DENY, "'0/2' is not a shard", "facts.shard", INTEGRATION),
    Scenario("a red run beside a green repeat", lambda p: p.attest("test_results", ran_tests(2, "login"), slot="unit", name="red"), DENY, "s::login failed", "slots.repeats", GREEN),
    Scenario("a slot misspelt by the producer", unit(ran_tests(2), slot="uint") if False else lambda p: p.attest("test_results", ran_tests(2), slot="uint", name="more"), DENY, "is for the slot uint, which no stage has", "slots.unknown", GREEN),
    Scenario("one report for two slots", lambda p: (p.edit("gate.toml", "unit = { kind", 'smoke = { kind = "test_results" }\nunit = { kind'), p.lock(), p.attest("test_results", ran_tests(), slot="smoke", name="smoke", raw={"name": "a", "digest": "sha256:" + "1" * 64}), p.attest("test_results", ran_tests(), slot="unit", name="unit", raw={"name": "a", "digest": "sha256:" + "1" * 64})), DENY, "is the same report that fills slot smoke", "slots.copied", GREEN),
    # raw reports
    Scenario("a JUnit file without a case", text("unit.xml", '<testsuites tests="100" failures="0"/>'), DENY, "no test_results here", "slots.missing", RAW),
    Scenario("a JUnit file cut in the middle", text("unit.xml", '<testsuites><testsuite name="s"><testcase name="a"'), DENY, "no test_results here", "slots.missing", RAW),
    Scenario("a failure that the header does not count", text("unit.xml", '<testsuite tests="1" failures="0"><testcase classname="s" name="a"><failure>no</failure></testcase></testsuite>'), DENY, "s::a failed", "rule.tests", RAW),
    Scenario("an empty file named outright", lambda p: p.write("unit.xml", ""), DENY, "the report is empty", "gather.unreadable", RAW, run=lambda p: p.decide(evidence=("unit.xml", "evidence/coverage.xml"))),
    Scenario("a folder that is not there", lambda p: None, USAGE, "there is no such file", "files.missing", GREEN, run=lambda p: p.decide(evidence=("nowhere",))),
    Scenario("an empty folder", lambda p: (p.folder / "empty").mkdir(), USAGE, "nothing is in this folder", "gather.empty", GREEN, run=lambda p: p.decide(evidence=("empty",))),
    Scenario("a file named outright that nothing recognises", lambda p: p.write("notes.txt", "all good"), USAGE, "not recognised", "gather.named", GREEN, run=lambda p: p.decide(evidence=("evidence", "notes.txt"))),
    Scenario("a link out of the evidence folder", lambda p: (p.folder / "evidence/passwd").symlink_to("/etc/passwd"), NO_DECISION, "a link that leads out of the folder", "evidence.links", GREEN),
)  # fmt: skip
