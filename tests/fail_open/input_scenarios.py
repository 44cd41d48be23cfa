"""Input: counts, types, bytes, envelopes, subjects of attestations."""

from __future__ import annotations

from typing import Any

from bases import GREEN, TWO_DIGESTS
from harms import (
    OTHER_SUBJECT,
    all_of,
    covered,
    cut,
    enclosed,
    envelope,
    payload,
    remove,
    rename,
    signed_as,
    skipped,
    unit,
    without,
)
from scenario import DENY, Line

from project import coverage, ran_tests

ONE_FAILED = {"name": "x", "suite": "s", "outcome": "Failed", "locator": "/x"}


def _swap_end(value: dict[str, Any]) -> None:
    value["payload"] = value["payload"][:-8] + "AAAAfQ=="


def _sign_with(text: str) -> Any:
    return lambda value: value["signatures"][0].update(sig=text)


denied = Line(GREEN, DENY)
contradicted = Line(TWO_DIGESTS, DENY)

# fmt: off
COUNTS = (
    denied("no test results at all", remove("evidence/unit.json"), "no test_results here", "slots.missing"),
    denied("no coverage at all", remove("evidence/coverage.json"), "no coverage here", "slots.missing"),
    denied("zero tests ran", unit(ran_tests(0)), "examined nothing: executed is 0", "evaluate.examined"),
    denied("every test was skipped", unit(skipped(2)), "examined nothing: executed is 0", "evaluate.examined"),
    denied("nothing to cover", covered(coverage(0, 0)), "examined nothing: lines_valid is 0", "evaluate.examined"),
    denied("a report that was cut off", unit(ran_tests(complete=False)), "is not complete: something was skipped or cut off", "evaluate.complete"),
    denied("coverage of half of the run", covered(coverage(complete=False)), "is not complete: something was skipped or cut off", "evaluate.complete"),
    denied("a header that says more than is there", unit(ran_tests(complete=False, claimed={"total": 100})), "is not complete: the report says total 100", "evaluate.complete"),
    denied("complete, and yet its header says otherwise", unit(ran_tests(claimed={"failed": 5})), "complete, and its own header says otherwise", "facts.claimed"),
    denied("passed counts more than there are", unit(ran_tests() | {"passed": 9}), "$.predicate.facts.total: says 3, 9 are there", "facts.recount"),
    denied("failed is 0 and a failing case is listed", unit(ran_tests(2, "x") | {"failed": 0, "passed": 3}), "$.predicate.facts.failed: says 0, 1 are there", "facts.recount"),
    denied("a failing case that was taken off the list", unit(ran_tests(2, "x") | {"cases": []}), "$.predicate.facts.failed: says 1, 0 are there", "facts.recount"),
    denied("more names than cases", unit(ran_tests(names=["s::a", "s::b", "s::c", "s::d"])), "$.predicate.facts.names: says 4, 3 are there", "facts.recount"),
    denied("executed counts the skipped", unit(skipped(2) | {"executed": 2}), "$.predicate.facts.executed: says 2, 0 are there", "facts.recount"),
    denied("more lines covered than there are", covered(coverage(120, 100)), "lines_covered: says 120, 100 are there", "facts.recount"),
    denied("a total of lines that its files do not have", covered(coverage() | {"lines_covered": 99}), "lines_covered: says 99, 90 are there", "facts.recount"),
)

TYPES = (
    denied("a count as text", unit(ran_tests() | {"failed": "0"}), "$.predicate.facts.failed: string, where integer is needed", "facts.schema"),
    denied("a count as true", unit(ran_tests() | {"failed": True}), "$.predicate.facts.failed: boolean, where integer is needed", "facts.schema"),
    denied("a count as null", unit(ran_tests() | {"failed": None}), "$.predicate.facts.failed: null, where integer is needed", "facts.schema"),
    denied("a count as a fraction", unit(ran_tests() | {"failed": 0.5}), "$.predicate.facts.failed: number, where integer is needed", "facts.schema"),
    denied("a count in a list", unit(ran_tests() | {"failed": [0]}), "$.predicate.facts.failed: array, where integer is needed", "facts.schema"),
    denied("a negative count", unit(ran_tests() | {"failed": -1}), "$.predicate.facts.failed: -1 is below 0", "facts.schema"),
    denied("complete as text", unit(ran_tests(complete="true")), "$.predicate.facts.complete: string, where boolean is needed", "facts.schema"),
    denied("an unknown outcome word", unit(ran_tests(2, "x") | {"cases": [ONE_FAILED]}), "'Failed' is none of failed, errored, skipped, flaky", "facts.schema"),
    denied("an unknown fact beside the others", unit(ran_tests() | {"fialed": 3}), "$.predicate.facts.fialed: not known here", "facts.schema"),
    denied("a fact that is missing", unit(without("failed")), "$.predicate.facts.failed: absent", "facts.schema"),
    denied("whether it is complete is not said", unit(without("complete")), "$.predicate.facts.complete: absent", "facts.schema"),
    denied("facts that are a list: what another engine wraps in an array", unit([ran_tests()]), "$.predicate.facts: array, where object is needed", "facts.schema"),
    denied("a kind that nobody knows", payload(b'"kind":"test_results"', b'"kind":"test_result"'), "no kind of evidence is called 'test_result'", "facts.kind"),
    denied("an unknown member of the predicate", payload(b'"format"', b'"outcome":"allow","format"'), "$.predicate.outcome: not known here", "facts.members"),
    denied("the report's digest is none", unit(ran_tests(), raw={"name": "r", "digest": "md5:0"}), "$.predicate.raw.digest: not a digest", "facts.digest"),
)

BYTES = (
    denied("a key twice: failed 0 after failed 5", payload(b'"failed":0', b'"failed":5,"failed":0'), "the key 'failed' is there twice", "json.duplicates"),
    denied("a key twice, once escaped", payload(b'"failed":0', b'"f\\u0061iled":5,"failed":0'), "the key 'failed' is there twice", "json.duplicates"),
    denied("NaN for a count", payload(b'"failed":0', b'"failed":NaN'), "NaN is not JSON", "json.constants"),
    denied("Infinity for a count", payload(b'"passed":3', b'"passed":Infinity'), "Infinity is not JSON", "json.constants"),
    denied("1e400 for a count", payload(b'"failed":0', b'"failed":1e400'), "a number too large or too long", "json.floats"),
    denied("a count of 5,000 digits", payload(b'"passed":3', b'"passed":' + b"3" * 5_000), "a number too large or too long", "json.integers"),
    denied("a count past 2^53", payload(b'"passed":3', b'"passed":9007199254740993'), "$.predicate.facts.passed: a number past 2^53-1", "facts.schema"),
    denied("two documents in one payload", enclosed(b"", b'{"_type":"x"}'), "not JSON: Extra data", "json.whole"),
    denied("a payload that is a list", enclosed(b"[", b"]"), "the document is not a JSON object", "json.root"),
    denied("a lone surrogate in a name", payload(b'"s::p0"', b'"s::\\ud800"'), "a lone surrogate", "json.surrogates"),
    denied("a byte order mark before the payload", enclosed(b"\xef\xbb\xbf", b""), "a byte order mark", "json.encoding"),
    denied("bytes that are not UTF-8", payload(b'"s::p0"', b'"s::\xff"'), "not UTF-8", "json.encoding"),
    denied("200,000 nested lists", payload(b'"failed":0', b'"failed":0,"claimed":' + b"[" * 200_000 + b"]" * 200_000), "nested deeper than 200", "json.depth"),
)

ENVELOPES = (
    denied("the payload exchanged under the signature", envelope(_swap_end), "no signature holds", "trust.dsse"),
    denied("no signatures in the envelope", envelope(lambda value: value.update(signatures=[])), "$.signatures: no signature", "attestation.signatures"),
    denied("an empty signature", envelope(_sign_with("")), "an empty signature", "attestation.signature"),
    denied("a signature that is not base64", envelope(_sign_with("?")), "$.signatures[0].sig: not base64", "attestation.signature"),
    denied("junk in the signature", envelope(_sign_with("AAAA")), "no signature holds", "trust.dsse"),
    denied("a payload type put over a signature", envelope(lambda value: value.update(payloadType="text/plain")), "the payload type is 'text/plain'", "trust.payload_type"),
    denied("signed as something else than a statement", signed_as("text/plain"), "the payload type is 'text/plain'", "trust.payload_type"),
    denied("a truncated envelope", all_of(cut("evidence/unit.json", 200), rename("evidence/unit.json", "evidence/unit.dsse.json")), "unit.dsse.json: not JSON", "evidence.claims"),
    denied("a broken line among attestations", all_of(cut("evidence/unit.json", 200), rename("evidence/unit.json", "evidence/more.jsonl")), "more.jsonl:1: not JSON", "evidence.claims"),
)

SUBJECTS = (
    denied("about another subject of the same name", unit(ran_tests(), subject=OTHER_SUBJECT), "it is about another subject", "verify.subject"),
    denied("the digest in upper case", lambda project: unit(ran_tests(), subject=project.named(lambda text: text.upper()))(project), "it is about another subject", "verify.subject"),
    denied("the first half of the digest", lambda project: unit(ran_tests(), subject=project.named(lambda text: text[:32]))(project), "it is about another subject", "verify.subject"),
    denied("the digest under another algorithm's name", lambda project: unit(ran_tests(), subject=project.named(str, "sha3_256"))(project), "it is about another subject", "verify.subject"),
    denied("the digest by sha1 only", unit(ran_tests(), subject={"name": "app.whl", "digest": {"sha1": "0" * 40}}), "it is about another subject", "verify.subject"),
    denied("no subject in the statement", payload(b'"subject":[', b'"subject":[],"x":['), "$.subject: no subject", "attestation.subject"),
    denied("a subject without digest", unit(ran_tests(), subject={"name": "app.whl", "digest": {}}), "a subject without digest", "attestation.subject"),
    denied("another predicate type", payload(b"gatekeeper.dev/facts/v1", b"gatekeeper.dev/facts/v9"), "nothing here reads the predicate type", "verify.predicate"),
    denied("another statement type", payload(b"in-toto.io/Statement/v1", b"in-toto.io/Statement/v7"), "not an in-toto Statement", "attestation.type"),
    denied("nothing is about this subject", all_of(unit(ran_tests(), subject=OTHER_SUBJECT), covered(coverage(), subject=OTHER_SUBJECT)), "none of 2 attestations is believed and about this subject", "require.subject"),
    contradicted("one digest of the subject equal and one not", lambda project: unit(ran_tests(), subject=project.two_digests(sha512="0" * 128))(project), "one digest that is equal and one that is not", "subject.contradiction"),
)
# fmt: on

AREA = "input"
SCENARIOS = (*COUNTS, *TYPES, *BYTES, *ENVELOPES, *SUBJECTS)
