"""Guards over what is read: JSON, envelopes, facts, subjects, slots."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import XMLPullParser

from guard import Everything, Guard, always, becomes, passing, unsaid

from gatekeeper.attestation import Signature
from gatekeeper.errors import GatekeeperError
from gatekeeper.evidence import Evidence
from gatekeeper.facts import FACTS_TYPE

if TYPE_CHECKING:
    from pathlib import Path


def _first_document(text: str, **options: Any) -> Any:
    return json.JSONDecoder(**options).raw_decode(text)[0]


def _root_or_first(original: Any) -> Any:
    """A reader that takes the first item of a list for the document."""

    def parse_object(data: bytes, **options: Any) -> Any:
        return original(data.strip(b"[]"), **options)

    return parse_object


def _any_shard(text: str, **_options: Any) -> tuple[int, int]:
    index, _, count = text.partition("/")
    return int(index), int(count)


def _greenest(_slot: Any, usable: Any) -> tuple[list[Any], list[Any]]:
    return sorted(usable, key=lambda held: held.document.facts.get("failed", 0))[:1], []


def _same_if_any(original: Any) -> Any:
    return lambda self, digest_set: (
        "same" if original(self, digest_set) == "contradicts" else original(self, digest_set)
    )


def _swallowing(empty: Any) -> Any:
    """A function that passes over what it would refuse."""

    def gone(original: Any) -> Any:
        def tolerant(*args: Any, **options: Any) -> Any:
            try:
                return original(*args, **options)
            except GatekeeperError:
                return empty

        return tolerant

    return gone


def _what_is_there(data: bytes, _where: str) -> Any:
    """The part of an XML document that can be read."""
    parser: Any = XMLPullParser(("start",))
    parser.feed(data.decode())
    return next(event[1] for event in parser.read_events())


def _regular_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _not_named(original: Any) -> Any:
    return lambda *args, **_options: original(*args, named=False)


def _taken_for_facts(_original: Any) -> Any:
    from gatekeeper.verify import _read_facts

    return lambda statement, _received: _read_facts(replace(statement, predicate_type=FACTS_TYPE))


def _readable_only(original: Any) -> Any:
    return lambda *args, **options: [item for item in original(*args, **options) if item.form != "unreadable"]


def _nearest_kind(original: Any) -> Any:
    return lambda name, **options: original("test_results" if name.startswith("test_result") else name, **options)


GUARDS = (
    Guard("json.duplicates", "a key twice in an object", "gatekeeper._json:_object", becomes(dict)),
    Guard("json.constants", "NaN and Infinity", "gatekeeper._json:_constant", always(0)),
    Guard("json.floats", "numbers that no reader holds", "gatekeeper._json:_float", always(0)),
    Guard("json.integers", "integers of thousands of digits", "gatekeeper._json:_wide_int", always(3)),
    Guard(
        "json.whole",
        "more than one document",
        "gatekeeper._json:json",
        becomes(SimpleNamespace(loads=_first_document, dumps=json.dumps, JSONDecodeError=json.JSONDecodeError)),
    ),
    Guard("json.root", "a document that is no object", "gatekeeper._json:parse_object", _root_or_first),
    Guard("json.surrogates", "half of a character", "gatekeeper._json:_has_lone_surrogate", always(False)),
    Guard(
        "json.encoding",
        "bytes that two readers read differently",
        "gatekeeper._json:_decode",
        becomes(lambda data, _where: data.decode("utf-8-sig", "replace")),
    ),
    Guard("json.depth", "nesting that overflows a reader", "gatekeeper._json:_check_depth", always(None)),
    Guard(
        "attestation.signatures",
        "an envelope with no signature, or endless ones",
        "gatekeeper.attestation:_signature_list",
        becomes(lambda value, _where: value["signatures"]),
    ),
    Guard(
        "attestation.signature",
        "what is no signature",
        "gatekeeper.attestation:_signature",
        always(Signature(keyid="", value=b"x")),
    ),
    Guard(
        "attestation.subject",
        "a statement about nothing",
        "gatekeeper.attestation:_subjects",
        always((("", {"sha256": ""}),)),
    ),
    Guard(
        "attestation.type",
        "another statement than in-toto's",
        "gatekeeper.attestation:STATEMENT_TYPES",
        becomes(Everything()),
    ),
    Guard(
        "evidence.claims",
        "a broken attestation that would be passed over as some other file",
        "gatekeeper.evidence:_one",
        _readable_only,
    ),
    Guard("facts.schema", "facts of another shape or type", "gatekeeper.facts.kinds:validate", always(None)),
    Guard("facts.recount", "counts that are not those of the items", "gatekeeper.facts.kinds:recount", always(None)),
    Guard(
        "facts.claimed",
        "facts that call themselves complete beside a header that disagrees",
        "gatekeeper.facts.kinds:check_claimed",
        always(None),
    ),
    Guard(
        "facts.kind", "a kind of evidence that nobody knows", "gatekeeper.facts.predicate:kind_called", _nearest_kind
    ),
    Guard(
        "facts.members", "members of a predicate that nobody knows", "gatekeeper.facts.predicate:_members", always(None)
    ),
    Guard(
        "facts.digest",
        "a report without a digest",
        "gatekeeper.facts.predicate:_digest",
        becomes(lambda text, _where: text),
    ),
    Guard("facts.shard", "a shard outside its count", "gatekeeper.facts.predicate:parse_shard", becomes(_any_shard)),
    Guard(
        "subject.contradiction",
        "one digest equal and another one not",
        "gatekeeper.subject:Subject.match",
        _same_if_any,
    ),
    Guard("verify.subject", "evidence about something else", "gatekeeper.verify:_Desk._about", always(())),
    Guard("verify.predicate", "a predicate that nothing reads", "gatekeeper.verify:_read_standard", _taken_for_facts),
    Guard("require.subject", "no evidence about the subject", "gatekeeper.require:_about_subject", passing),
    Guard("slots.missing", "a slot that is not full", "gatekeeper.slots:_missing", always(())),
    Guard(
        "evaluate.examined",
        "a report that looked at nothing",
        "gatekeeper.evaluate:_incomplete",
        unsaid("examined nothing"),
    ),
    Guard(
        "evaluate.complete", "a report that is not whole", "gatekeeper.evaluate:_incomplete", unsaid("is not complete")
    ),
    Guard("evaluate.fail", "what a rule denies", "gatekeeper.evaluate:_result", passing),
    Guard("slots.unfit", "a document of another kind or shard", "gatekeeper.slots:_unfit", always(None)),
    Guard(
        "slots.stale", "evidence that is too old, of no time, or of tomorrow", "gatekeeper.slots:_stale", always(None)
    ),
    Guard("slots.copied", "one report in two slots", "gatekeeper.slots:_copied", always(None)),
    Guard("slots.same_report", "one report as two shards", "gatekeeper.slots:_same_report", always(())),
    Guard(
        "slots.distinct",
        "one report as two documents",
        "gatekeeper.slots:_distinct",
        becomes(lambda held: [candidate.document.source.shard[0] for candidate in held]),
    ),
    Guard(
        "slots.repeats", "a red run that a green one replaces", "gatekeeper.slots:_settle_repeats", becomes(_greenest)
    ),
    Guard("slots.unknown", "evidence for a slot that nobody asks", "gatekeeper.slots:_unknown", passing),
    Guard("junit.closed", "elements that could be outcomes", "gatekeeper.collect.junit:_OUTPUT", becomes(Everything())),
    Guard(
        "junit.hidden",
        "outcomes where none are counted",
        "gatekeeper.collect.junit:_Run.check_nothing_hidden",
        always(None),
    ),
    Guard("junit.status", "a word that is no outcome", "gatekeeper.collect.junit:_status", always(("passed", ""))),
    Guard("xml.whole", "a document that was cut off", "gatekeeper.collect._xml:_feed", becomes(_what_is_there)),
    Guard(
        "xml.doctype",
        "a document that declares what it means",
        "gatekeeper.collect._xml:_refuse_declarations",
        always(None),
    ),
    Guard(
        "xml.encoding", "encodings that readers differ about", "gatekeeper.collect._xml:_check_encoding", always(None)
    ),
    Guard("collect.empty", "a file of no bytes", "gatekeeper.collect.registry:_check_not_empty", always(None)),
    Guard(
        "gather.free_slot", "a report that finds no slot of its own", "gatekeeper.gather:_free_slot", _swallowing("")
    ),
    Guard("gather.missing", "a path that is not there", "gatekeeper.gather:_file", _swallowing((Evidence(()), None))),
    Guard("gather.empty", "a folder with nothing in it", "gatekeeper.gather:_folder", _swallowing((Evidence(()), []))),
    Guard("gather.named", "a file named outright that would be passed over", "gatekeeper.gather:_attest", _not_named),
    Guard(
        "evidence.files", "links and pipes among the evidence", "gatekeeper.gather:files_below", becomes(_regular_files)
    ),
)
