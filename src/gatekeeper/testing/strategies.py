"""Hypothesis strategies for evidence: any document of a kind that is valid by its schema, and looks like a real one.

::

    @given(strategies.documents("coverage"))
    def test_the_rule_answers(rule, document):
        assert rule("coverage.lines").given(document).outcome in {"pass", "fail"}

Texts are mostly such as reports have (versions, paths, package URLs, logins) and sometimes anything; numbers favour
bounds; counts are those of what is there. They shrink to small documents with plain words.

Hypothesis is needed (``pip install hypothesis``); nothing else of the library imports it.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind as kind_called
from gatekeeper.facts.recount import counts
from gatekeeper.facts.schema import COUNT_OF
from gatekeeper.testing import facts as makers
from gatekeeper.testing._made import BEFORE, MadeDocument, make

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["documents", "recounted", "values", "with_facts"]

Schema = dict[str, Any]

_MOST_ITEMS: Final = 3
_MOST: Final = 10**6
"""Numbers without an upper bound stay below: what a report counts, and what rules multiply, is no larger."""

_ROUNDS: Final = 20
_DRAWN_APART: Final = frozenset({"complete", "claimed"})

_TEXTS: Final[Mapping[str, Sequence[str]]] = {
    "digest": ("sha256:" + "0" * 64, "sha256:" + "ab" * 32),
    "path": ("src/app.py", "app/übersicht.py", "a b.txt"),
    "version": ("1.0.0", "2.0.0-rc.1", "0", "latest"),
    "purl": ("pkg:pypi/left-pad@1.3.0", "pkg:npm/%40acme/pay@2.0.0"),
    "package": ("left-pad", "right-pad", "@acme/pay"),
    "locator": ("/items/0", "/items/1", "line 3"),
    "name": ("a", "b", "left-pad", "tests::test_login"),
    "id": ("CVE-2026-1234", "GHSA-aaaa-bbbb-cccc", "AVD-1"),
    "reviewer": ("github:ada", "github:bo"),
    "url": ("https://example.org/a",),
    "pattern": ("[a-z][a-z0-9-]*", "v[0-9]+", "a|b", "x"),
}
"""What members look like whose name is, or ends with, the word."""

_WORDS: Final = ("a", "b", "x-1", "ada", "Ünïcode", "with space", "0")
_TIMES: Final = (BEFORE, "2026-01-01T10:59:59Z", "2025-12-01T00:00:00Z", "2024-02-29T23:59:59.5Z")


def documents(
    kind: str, *, present: Collection[str] = (), complete: bool = True, slot: str = ""
) -> st.SearchStrategy[MadeDocument]:
    """Documents of a kind: valid, counted, and with whatever else their schema leaves open.

    Args:
        kind: The kind.
        present: Facts by path (``findings.score``) that are there although the schema lets them be absent.
        complete: What ``complete`` says.
        slot: The slot it is for, as a rule reads it in ``source``.

    Raises:
        UsageError: There is no such kind.
    """
    if kind in _FROM_MAKERS:
        made = _FROM_MAKERS[kind]()
        return made.map(lambda item: _made(kind, dict(item.facts), complete=complete, slot=slot))
    schema = dict(kind_called(kind).schema)
    return _facts(kind, schema, frozenset(present)).map(lambda said: _made(kind, said, complete=complete, slot=slot))


def values(schema: Mapping[str, Any], *, name: str = "") -> st.SearchStrategy[Any]:
    """Values that are valid by a schema such as parameters have.

    Args:
        schema: The schema, in the subset that METADATA and kinds use.
        name: What the value is called; tells what a text looks like. Texts are none but such as people write: what is
            no regular expression, say, is a mistake in a gate and no evidence.
    """
    return _value(dict(schema), name, frozenset(), anything=False)


def with_facts(document: MadeDocument, facts: Mapping[str, Any]) -> MadeDocument:
    """The document with some facts said otherwise, not checked."""
    return replace(document, facts={**document.facts, **facts})


def recounted(document: MadeDocument, facts: Mapping[str, Any]) -> MadeDocument:
    """The document with some facts said otherwise and the counts that are then those of what is there."""
    said = copy.deepcopy({**document.facts, **facts})
    if document.kind == "test_results":
        plain = said["passed"] - said["flaky"]
        return with_facts(document, _results(plain, said["cases"]).facts)
    schema: Schema = dict(kind_called(document.kind).schema)
    lists = {name: inner[COUNT_OF] for name, inner in schema["properties"].items() if COUNT_OF in inner}
    return with_facts(document, _counted(document.kind, _with_lengths(said, lists)))


def _canaries() -> st.SearchStrategy[MadeDocument]:
    """Steps whose tests are really made: no number of them can be chosen alone."""
    return st.builds(
        makers.canary,
        exposures=st.lists(st.integers(1, 100), min_size=1, max_size=2),
        requests=st.integers(1, 3_000),
        errors=st.integers(0, 60),
        baseline_errors=st.integers(0, 60),
        slower_ms=st.integers(0, 40),
        minutes=st.integers(0, 90),
        finished=st.booleans(),
        step=st.fixed_dictionaries({"saturation_percent": st.integers(0, 100)}),
    )


def _analyses() -> st.SearchStrategy[MadeDocument]:
    """Analyses with a verdict."""
    return st.builds(
        makers.analysis,
        outcome=st.sampled_from(["pass", "fail"]),
        passed=st.integers(1, 3),
        failed=st.integers(0, 2),
        dry_run=st.integers(0, 2),
    )


def _objectives() -> st.SearchStrategy[MadeDocument]:
    """Objectives whose shares and budgets are computed."""
    counts = st.integers(0, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total + 1), st.just(total + 1)))
    return st.builds(
        makers.slo,
        objectives=st.dictionaries(st.sampled_from(_WORDS), counts, min_size=1, max_size=3),
        target_ppm=st.integers(500_000, 999_999),
    )


def _flags() -> st.SearchStrategy[MadeDocument]:
    """Flags whose variants that are off are among their variants."""
    one = st.fixed_dictionaries(
        {"name": st.sampled_from(_WORDS), "enabled": st.booleans(), "targeted": st.booleans()},
        optional={"off_variants": st.sampled_from([[], ["off"]])},
    )
    return st.builds(makers.feature_flags, flags=st.lists(one, min_size=1, max_size=3))


_FROM_MAKERS: Final[Mapping[str, Callable[[], st.SearchStrategy[MadeDocument]]]] = {
    "analysis": _analyses,
    "canary": _canaries,
    "feature_flags": _flags,
    "slo": _objectives,
}
"""Kinds whose numbers follow from one another."""


def _made(kind: str, said: Any, *, complete: bool, slot: str) -> MadeDocument:
    return make(kind, {**said, "complete": complete}, slot=slot)


def _facts(kind: str, schema: Schema, present: frozenset[str]) -> st.SearchStrategy[Any]:
    if kind == "test_results":
        return _test_results(schema, present)
    inner = {name: member for name, member in schema["properties"].items() if name not in _DRAWN_APART}
    required = [name for name in schema.get("required", ()) if name not in _DRAWN_APART]
    whole = _object({**schema, "properties": inner, "required": required}, present)
    return whole.map(lambda said: _counted(kind, said)).filter(lambda said: _is_valid(kind, said))


def _counted(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """The facts with the counts that are those of what is there; what could not be complete is dropped afterwards."""
    for flag in said.get("flags", ()) if kind == "feature_flags" else ():
        spoken = [*flag["variants"], *flag["off_variants"], flag.get("default_variant")]
        flag["variants"] = [name for name in dict.fromkeys(spoken) if name is not None]
    for _ in range(_ROUNDS):
        counted = counts(kind, {**said, "complete": True})
        wrong = next(
            ((place, there) for place, stated, there in counted if stated != there and place != "complete"), None
        )
        if wrong is None:
            break
        _put(said, *wrong)
    return said


def _put(said: dict[str, Any], place: str, count: int) -> None:
    *path, last = place.replace("[", ".").replace("]", "").split(".")
    holder: Any = said
    for step in path:
        holder = holder[int(step) if step.isdigit() else step]
    holder[last] = count


def _is_valid(kind: str, said: dict[str, Any]) -> bool:
    try:
        kind_called(kind).validate({**said, "complete": True})
    except MalformedError:
        return False
    return True


def _test_results(schema: Schema, present: frozenset[str]) -> st.SearchStrategy[Any]:
    """Results whose names, cases and counts belong together."""
    case = _object(schema["properties"]["cases"]["items"], _below(present, "cases"))
    return st.builds(
        lambda passed, cases: dict(_results(passed, cases).facts),
        st.integers(0, _MOST_ITEMS),
        st.lists(case, max_size=_MOST_ITEMS),
    )


def _results(passed: int, cases: list[dict[str, Any]]) -> MadeDocument:
    by_outcome: dict[str, Any] = {}
    for case in cases:
        by_outcome.setdefault(case["outcome"], []).append(case)
    return makers.test_results(passed=passed, **by_outcome)


def _value(schema: Schema, name: str, present: frozenset[str], *, anything: bool = True) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(list(schema["enum"]))
    match schema.get("type"):
        case "object":
            return _object(schema, present, anything=anything)
        case "array":
            return _list(schema, name, present, anything=anything)
        case "string":
            return _text(schema, name, anything=anything)
        case "boolean":
            return st.booleans()
        case _:
            return _number(schema)


def _list(schema: Schema, name: str, present: frozenset[str], *, anything: bool) -> st.SearchStrategy[list[Any]]:
    least = schema.get("minItems", 0)
    unique = repr if schema.get("uniqueItems") else None
    inner = _value(schema.get("items", {"type": "string"}), name, present, anything=anything)
    return st.lists(inner, min_size=least, max_size=least + _MOST_ITEMS, unique_by=unique)


def _number(schema: Schema) -> st.SearchStrategy[float]:
    if schema.get("type") == "integer":
        return _whole(schema)
    halves = _whole(schema).map(lambda number: number / 2)
    return _whole(schema) | halves.filter(lambda number: _within(number, schema))


def _object(schema: Schema, present: frozenset[str], *, anything: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    properties: Schema = schema.get("properties", {})
    wanted = {path.partition(".")[0] for path in present} | set(schema.get("required", ()))
    strategies = {
        name: _value(inner, name, _below(present, name), anything=anything) for name, inner in properties.items()
    }
    drawn = st.fixed_dictionaries(
        {name: strategy for name, strategy in strategies.items() if name in wanted},
        optional={name: strategy for name, strategy in strategies.items() if name not in wanted},
    )
    lists = {name: inner[COUNT_OF] for name, inner in properties.items() if COUNT_OF in inner}
    return drawn.map(lambda said: _with_lengths(said, lists)) if lists else drawn


def _with_lengths(said: dict[str, Any], lists: Mapping[str, str]) -> dict[str, Any]:
    return said | {name: len(said[counted]) for name, counted in lists.items() if name in said and counted in said}


def _below(present: frozenset[str], name: str) -> frozenset[str]:
    split = (path.partition(".") for path in present)
    return frozenset(rest for head, _, rest in split if head == name and rest)


def _text(schema: Schema, name: str, *, anything: bool) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return st.sampled_from(_TIMES)
    words = next((texts for word, texts in _TEXTS.items() if name == word or name.endswith(f"_{word}")), _WORDS)
    least = schema.get("minLength", 0)
    free = (
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8) if anything else st.nothing()
    )
    return (st.sampled_from(words) | free).filter(lambda text: len(text) >= least)


def _whole(schema: Schema) -> st.SearchStrategy[int]:
    least = int(schema.get("minimum", 0))
    most = int(schema.get("maximum", max(least, 0) + _MOST))
    near = st.integers(least, min(most, least + 10)) | st.integers(max(least, most - 10), most)
    return near | st.integers(least, most)


def _within(number: float, schema: Schema) -> bool:
    least, most = schema.get("minimum", 0), schema.get("maximum", _MOST)
    return bool(least <= number <= most)
