"""Compiled checks say what JSON Schema says, of every fact schema, for valid documents and for what is left of them."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts import compile_schema, kinds, validate
from gatekeeper.facts._quick import compile_look
from gatekeeper.facts.schema import COUNT_OF

JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    3,
    10.5,
    11,
    "",
    "x",
    "failed",
    "high",
    [],
    {},
    [None],
    {"x": 1},
    [{}],
)
SMALL = st.recursive(st.sampled_from(JUNK), lambda inner: st.lists(inner, max_size=2), max_leaves=4)


def valid(schema: dict[str, Any]) -> Any:
    """A document that fits: every property there, one item in every list."""
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {name: valid(member) for name, member in members.items()}
        case "array":
            return [valid(schema["items"])]
        case "string" if schema.get("format") == "date-time":
            return "2026-11-24T02:14:00Z"
        case "string":
            return schema.get("enum", ["text"])[0]
        case "boolean":
            return True
        case _:
            return schema.get("minimum", 0)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, member in below for place in places(member, (*at, name)))]


def put(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return changed


def uncounted(schema: Any) -> Any:
    """The schema without what JSON Schema cannot say: that a number counts a list."""
    if isinstance(schema, list):
        return [uncounted(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: uncounted(member) for name, member in schema.items() if name != COUNT_OF}


def agrees(schema: dict[str, Any], document: Any) -> bool:
    schema = uncounted(schema)
    ours = not list(compile_schema(schema)(document, "$"))
    theirs = jsonschema.Draft7Validator(schema).is_valid(document)
    return ours == theirs


def is_time(schema: dict[str, Any], place: tuple[Any, ...]) -> bool:
    for step in place:
        schema = schema.get("items", {}) if isinstance(step, int) else schema.get("properties", {}).get(step, {})
    return schema.get("format") == "date-time"  # jsonschema takes any text for a time unless it is told otherwise


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_member_replaced_by_junk_is_judged_alike(name: str) -> None:
    schema = dict(kinds()[name].schema)
    document = valid(schema)
    assert agrees(schema, document)
    for place in places(document):
        for junk in JUNK:
            if not (isinstance(junk, str) and is_time(schema, place)):
                assert agrees(schema, put(document, place, junk)), (place, junk)


@given(name=st.sampled_from(sorted(kinds())), data=st.data())
def test_any_change_is_judged_alike(name: str, data: st.DataObject) -> None:
    schema = dict(kinds()[name].schema)
    document = valid(schema)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(document)))
        value = data.draw(SMALL)
        if not (isinstance(value, str) and is_time(schema, place)):
            document = put(document, place, value)
    assert agrees(schema, document)


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_schema_is_a_schema_and_leaves_no_name_to_chance(name: str) -> None:
    schema = dict(kinds()[name].schema)
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["x-kind"] == name
    assert "source" not in schema["properties"], "every document has a source of its own"
    assert set(schema["x-times"]) <= set(schema["properties"])
    assert schema.get("x-examined", "complete") in schema["properties"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer"}, True, "boolean, where integer is needed"),
        ({"type": "integer"}, 1.0, "number, where integer is needed"),
        ({"type": "integer"}, 2**53, "a number past 2^53-1"),
        ({"type": "number"}, "1", "string, where number is needed"),
        (
            {"type": "string", "format": "date-time"},
            "2026-02-30T00:00:00Z",
            "not a real time: day is out of range for month",
        ),
        ({"type": "string", "enum": ["a", "b"]}, "c", "'c' is none of a, b"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, ["a", "a"], "an item is there twice"),
    ],
)
def test_a_problem_is_named(schema: dict[str, Any], value: Any, message: str) -> None:
    with pytest.raises(MalformedError) as caught:
        validate(compile_schema(schema), value)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"type": "string", "pattern": "x"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "string", "format": "uri"},
        {"type": "array", "items": {"type": "string"}, "uniqueItems": False},
        {"$ref": "#/x"},
    ],
)
def test_what_is_not_part_of_the_subset_is_an_error_and_not_ignored(schema: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        compile_schema(json.loads(json.dumps(schema)))


@given(name=st.sampled_from(sorted(kinds())), data=st.data())
def test_what_the_quick_look_lets_pass_has_no_problem(name: str, data: st.DataObject) -> None:
    for schema in lists_in(dict(kinds()[name].schema)):
        document = valid(schema)
        place = data.draw(st.sampled_from(places(document)))
        changed = put(document, place, data.draw(SMALL))
        assert not compile_look(schema)(changed) or not list(compile_schema(schema)(changed, "$"))


def lists_in(schema: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    own = [schema["items"]] if "items" in schema else []
    return [*own, *(found for inner in below for found in lists_in(inner))]


def test_the_quick_look_knows_what_there_is_most_of() -> None:
    for name, member in (("sbom", "components"), ("coverage", "files"), ("test_results", "cases")):
        schema = kinds()[name].schema["properties"][member]["items"]
        assert compile_look(schema)(valid(schema)), name


@pytest.mark.parametrize(("stated", "fits"), [(0, False), (1, False), (2, True), (3, False)])
def test_a_number_that_counts_a_list_is_counted_at_every_depth(stated: int, fits: bool) -> None:
    inner = {
        "type": "object",
        "additionalProperties": False,
        "required": ["items", "many"],
        "properties": {
            "items": {"type": "array", "items": {"type": "integer"}},
            "many": {"type": "integer", COUNT_OF: "items"},
        },
    }
    outer = {"type": "array", "items": inner}
    problems = list(compile_schema(outer)([{"items": [7, 7], "many": stated}], "$"))

    assert problems == ([] if fits else [("$[0].many", f"says {stated}, 2 are there")])


def test_a_number_counts_an_array_that_is_there() -> None:
    schema = {"type": "object", "properties": {"many": {"type": "integer", COUNT_OF: "items"}}}

    with pytest.raises(PolicyError, match="'items' is no array beside it"):
        compile_schema(schema)
