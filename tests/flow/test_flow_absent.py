"""The quick look for absent facts and the one that names the places agree."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evaluate import _absent_at, _absent_places

NAMES = st.sampled_from("ab")
LEAVES = st.none() | st.booleans() | st.integers(0, 1) | st.just("")
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=8
)


@given(st.dictionaries(NAMES, VALUES, max_size=2), st.lists(NAMES, min_size=1, max_size=3))
def test_whatever_the_quick_look_lets_pass_has_no_absent_place(facts: dict[str, Any], path: list[str]) -> None:
    assert _absent_places(facts, path) == list(_absent_at(facts, path, ""))


def test_a_null_in_one_of_many_is_absent() -> None:
    components = [{"name": "a"}] * 3 + [{"name": None}]
    assert _absent_places({"components": components}, ["components", "name"]) == [".components[3].name"]
    assert _absent_places({"components": components[:3]}, ["components", "name"]) == []


def test_nested_lists_are_looked_through() -> None:
    facts = {"a": [[{"b": 1}], [{}, {"b": 2}]]}
    assert _absent_places(facts, ["a", "b"]) == [".a[1][0].b"]
