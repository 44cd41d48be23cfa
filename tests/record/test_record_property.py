"""Decisions and records of every shape: written, read and written again they are the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import jsonschema
import pytest
import records
from hypothesis import HealthCheck, given, settings
from referencing import Registry, Resource

from gatekeeper import _json
from gatekeeper.admission import Demand, check_admissible
from gatekeeper.decision import Decision, Item, Result, Violation
from gatekeeper.decision_json import read_decision
from gatekeeper.errors import GatekeeperError, MalformedError
from gatekeeper.material import Material
from gatekeeper.record import Record
from gatekeeper.subject import Subject

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
digests = st.binary(max_size=4).map(_json.digest)
SAFE = 2**53 - 1  # past it RFC 8785 writes a float as an integer that no strict reader takes: such a record is refused
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(-SAFE, SAFE).filter(lambda x: abs(x) < SAFE)
    | names
)
json_objects = st.dictionaries(
    texts, st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=5), max_size=3
)

violations = st.builds(
    Violation,
    message=names,
    term=texts,
    source=st.none() | json_objects.filter(bool),
    locator=texts,
    expected=scalars,
    actual=scalars,
    unit=texts,
    remedy=texts,
    waiting=st.booleans(),
)
some_violations = st.lists(violations, min_size=1, max_size=3).map(tuple)
some_digests = st.lists(digests, min_size=1, max_size=2).map(tuple)


def results_of(outcome: str) -> st.SearchStrategy[Result]:
    none: st.SearchStrategy[Any] = st.just(())
    return st.builds(
        Result,
        id=names,
        title=texts,
        outcome=st.just(outcome),
        description=texts,
        violations=none if outcome in {"pass", "waived"} else some_violations,
        warnings=none | some_violations,
        waived=some_violations if outcome == "waived" else none,
        waiver=some_digests if outcome == "waived" else none,
        severity=texts,
        controls=st.lists(names, max_size=2).map(tuple),
        effective_on=st.just("") | st.just("2027-01-01"),
        on_fail=st.sampled_from(["", "roll_back"]),
    )


results = st.lists(
    st.sampled_from(["pass", "fail", "warn", "waived", "unanswered"]).flatmap(results_of),
    min_size=1,
    max_size=4,
    unique_by=lambda result: result.id,
).map(lambda found: tuple(sorted(found, key=lambda result: result.id)))
items = st.builds(
    Item,
    digest=digests,
    kind=texts,
    slot=texts,
    status=st.sampled_from(["verified", "unsigned", "rejected", "unsupported"]),
    reason=texts,
    signers=st.lists(names, max_size=2).map(tuple),
    read_by=texts,
    name=texts,
)
subjects = st.builds(
    Subject.of,
    texts,
    st.sampled_from([{"sha256": "1" * 64}, {"sha256": "1" * 64, "sha512": "2" * 128}, {"gitCommit": "3" * 40}]),
)
instants = st.timedeltas(timedelta(0), timedelta(days=1000)).map(lambda delta: records.NOW + delta)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    at = draw(instants)
    lapse = st.tuples(st.timedeltas(timedelta(seconds=1), timedelta(days=9)).map(lambda delta: at + delta), names)
    return records.decision(
        at=at,
        subject=draw(subjects),
        results=draw(results),
        items=tuple(draw(st.lists(items, max_size=3))),
        lapses=tuple(draw(st.lists(lapse, min_size=1, max_size=3))),
        waivers=tuple(draw(st.lists(json_objects, max_size=2))),
        approvals=tuple(draw(st.lists(json_objects, max_size=2))),
        rests_on_unsigned=draw(st.booleans()),
        canary=draw(st.booleans()),
    )


@cache
def validator(name: str, definition: str = "") -> jsonschema.Draft7Validator:
    documents = {
        path.name: json.loads(path.read_text()) for path in (SCHEMAS / "decision.json", SCHEMAS / "record.json")
    }
    registry: Any = Registry().with_resources(
        [(document["$id"], Resource.from_contents(document)) for document in documents.values()]
    )
    schema = documents[name]
    if definition:
        schema = {"$schema": schema["$schema"], "$ref": f"{schema['$id']}#/definitions/{definition}"}
    return jsonschema.Draft7Validator(schema, registry=registry)


@COMMON
@given(decisions())
def test_a_decision_is_read_as_it_was_written(made: Decision) -> None:
    """The reader is the inverse of `as_json`."""
    value = _json.parse(made.canonical)

    again = read_decision(value)

    assert again.canonical == made.canonical
    assert again.id == made.id
    assert (again.outcome, again.waiting, again.valid_until) == (made.outcome, made.waiting, made.valid_until)
    validator("decision.json").validate(value)


@COMMON
@given(decisions(), st.data())
def test_a_changed_decision_is_refused_or_writes_itself(made: Decision, data: st.DataObject) -> None:
    """One member changed, dropped or added anywhere: what is read is what was there, or an error with its place."""
    value = _json.parse(made.canonical)
    place = value
    while True:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    change = data.draw(st.sampled_from(["drop", "add", "change"]))
    if change == "drop":
        del place[key]
    elif change == "add" and isinstance(place, dict):
        place[data.draw(names)] = data.draw(scalars)
    else:
        place[key] = data.draw(scalars | json_objects | st.lists(scalars, max_size=2))

    refused_at, again = _read(value)
    if again is None:
        assert refused_at.startswith("$")
    else:
        assert again.canonical == _json.canonical(value)
        validator("decision.json").validate(value)


def _read(value: Any) -> tuple[str, Decision | None]:
    try:
        return "", read_decision(value)
    except MalformedError as refusal:
        return refusal.where, None


@COMMON
@given(decisions(), st.lists(st.binary(max_size=12), max_size=3), texts)
def test_a_record_is_read_as_it_was_written(made: Decision, attestations: list[bytes], question: str) -> None:
    source = records.material(attestations=tuple(attestations), question=question, raw=tuple(attestations))
    made = replace(made, material=source)
    assert source.canonical == _json.canonical(source.as_json())

    record = records.sealed(made)

    assert record.decision.canonical == made.canonical
    assert set(record.material.attestations) == set(attestations)
    assert record.material.question == question
    assert Material.from_json(record.material.as_json()) == record.material
    assert _json.canonical(json.loads(record.data)) == record.data
    validator("record.json").validate(json.loads(record.data))
    validator("record.json", "predicate").validate(json.loads(record.payload)["predicate"])


ONE = records.sealed()


@settings(COMMON, max_examples=300)
@given(st.data())
def test_no_mutation_of_a_record_is_admitted(data: st.DataObject) -> None:
    """Reading raises GatekeeperError only; what still reads, because only the signature covers it, opens nothing."""
    raw = bytearray(ONE.data)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(raw) - 1))
        stop = min(len(raw), start + data.draw(st.integers(0, 3)))
        raw[start:stop] = data.draw(st.binary(max_size=3))

    assert not _opens(bytes(raw)) or bytes(raw) == ONE.data


def _opens(data: bytes) -> bool:
    demand = Demand(
        subject=records.WHEEL,
        stage="build",
        gate="parcel",
        gate_digest=ONE.decision.gate_digest,
        trust=records.trust(),
        at=records.NOW,
    )
    try:
        check_admissible(Record(data), demand)
    except GatekeeperError:
        return False
    return True


def test_the_record_that_is_mutated_opens_its_stage() -> None:
    assert _opens(ONE.data)


def test_the_schemas_refuse_what_the_reader_refuses() -> None:
    value = json.loads(ONE.data)
    schema = validator("record.json")
    schema.validate(value)
    changes: list[dict[str, Any]] = [{"extra": 1}, {"statement": "e30="}, {"envelope": None}, {"envelope": {}}]
    for change in (*changes, {"material": {}}):
        with pytest.raises(jsonschema.ValidationError):
            schema.validate(value | change)
        with pytest.raises(MalformedError):
            Record(_json.canonical(value | change))


def test_the_schemas_are_well_formed() -> None:
    for name in ("decision.json", "record.json"):
        document = json.loads((SCHEMAS / name).read_text())
        jsonschema.Draft7Validator.check_schema(document)
        assert "x-kind" not in document
