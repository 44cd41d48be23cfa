"""Properties that every rule should have, one line each, tried by Hypothesis on evidence of every shape.

::

    def test_properties(rule):
        properties.holds(rule("coverage.lines"))


    def test_order(rule):
        properties.order_free(rule("coverage.lines"))

A property that does not hold raises an ``AssertionError`` with the smallest counter-example found, written as a Rego
test to paste beside the rule. The evidence comes from :mod:`gatekeeper.testing.strategies`, parameters from their own
schemas.

Hypothesis is needed (``pip install hypothesis``); nothing else of the library imports it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatekeeper import _time
from gatekeeper.errors import GatekeeperError, UsageError
from gatekeeper.facts import kinds
from gatekeeper.testing import _paste, strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatekeeper.policy import Parameter
    from gatekeeper.testing._made import MadeDocument
    from gatekeeper.testing.rules import AskedRule, Outcome

__all__ = [
    "PROPERTIES",
    "always_answers",
    "evidence_taken_away_never_opens",
    "holds",
    "more_findings_never_open",
    "order_free",
    "tighter_never_opens",
    "unrelated_evidence_changes_nothing",
]

EXAMPLES: Final = 25
"""Examples that are tried of each property."""

_SHRINKS: Final = 150
"""Smaller counter-examples that are tried once one is found: each costs two questions to OPA."""

_OPEN: Final = frozenset({"pass", "warn"})
FINDINGS: Final = "x-findings"
"""Of a kind's schema: the names of its lists of bad news, of which more is never better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a rule is given: documents, those of the release before, parameters."""

    documents: tuple[MadeDocument, ...]
    baseline: tuple[MadeDocument, ...]
    parameters: Mapping[str, Any]

    @property
    def given(self) -> tuple[Sequence[MadeDocument], Sequence[MadeDocument], Mapping[str, Any]]:
        """As it is shown."""
        return self.documents, self.baseline, self.parameters


def holds(asked: AskedRule, *, except_for: Mapping[str, str] | None = None, examples: int = EXAMPLES) -> None:
    """Try every property of :data:`PROPERTIES`.

    Args:
        asked: The rule, from the fixture ``rule``.
        except_for: Properties that the rule is not to have, by name, each with the reason.
        examples: How many examples are tried of each.

    Raises:
        AssertionError: One does not hold.
        UsageError: ``except_for`` names no property, or gives no reason.
    """
    excepted = dict(except_for or {})
    for name, reason in excepted.items():
        if name not in PROPERTIES or not reason.strip():
            hint = f"one of {', '.join(PROPERTIES)}, with a reason"
            raise UsageError(f"{name!r} cannot be excepted so", hint=hint, code="testing.property")
    for name, check in PROPERTIES.items():
        if name not in excepted:
            check(asked, examples=examples)


def always_answers(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """Given whole evidence, the rule answers: no builtin fails, no two values conflict, no answer has another shape."""

    def check(case: Case, _data: st.DataObject) -> None:
        outcome = _ask(asked, case)
        if outcome.outcome == "unanswered" and not any(_is_about_evidence(message) for message in outcome.messages):
            raise AssertionError(_paste.answers(asked.rule, case.given, outcome.messages))

    _try(check, asked, examples)


def order_free(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """The order of documents, and of items in them, changes no verdict and no term."""

    def check(case: Case, _data: st.DataObject) -> None:
        turned = replace(
            case,
            documents=tuple(_turned(document) for document in reversed(case.documents)),
            baseline=tuple(_turned(document) for document in reversed(case.baseline)),
        )
        _compare(asked, case, turned, _same, "in another order")

    _try(check, asked, examples)


def evidence_taken_away_never_opens(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """Without a kind, or without a fact that the rule declares, what was closed stays closed."""

    def check(case: Case, data: st.DataObject) -> None:
        less = data.draw(_less(asked, case))
        _compare(asked, case, less, _stays_closed, "with less evidence")

    _try(check, asked, examples)


def more_findings_never_open(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """One more finding opens nothing that was denied. Kinds say in ``x-findings`` which of their lists are findings."""
    lists = {kind: tuple(kinds()[kind].schema.get(FINDINGS, ())) for kind in _declared(asked)}
    if not any(lists.values()):
        return

    def check(case: Case, data: st.DataObject) -> None:
        more = replace(case, documents=tuple(_more(item, lists, data) for item in case.documents))
        _compare(asked, case, more, _stays_denied, "with one more finding")

    _try(check, asked, examples)


def tighter_never_opens(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """A parameter moved in its ``tighten`` direction opens nothing that was closed."""
    directed = {name: item for name, item in asked.rule.parameters.items() if item.tighten is not None}
    if not directed:
        return

    def check(case: Case, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(directed)))
        value = data.draw(_tighter(directed[name], name, case.parameters[name]))
        tighter = replace(case, parameters={**case.parameters, name: value})
        _compare(asked, case, tighter, _stays_closed, f"with {name} tightened")

    _try(check, asked, examples)


def unrelated_evidence_changes_nothing(asked: AskedRule, *, examples: int = EXAMPLES) -> None:
    """Evidence of kinds that the rule does not declare changes no verdict and no violation."""
    others = sorted(kinds().keys() - _declared(asked).keys())

    def check(case: Case, data: st.DataObject) -> None:
        stranger = data.draw(st.sampled_from(others).flatmap(strategies.documents))
        more = replace(case, documents=(*case.documents, stranger))
        _compare(asked, case, more, _same, "with evidence of another kind")

    _try(check, asked, examples)


PROPERTIES: Final[Mapping[str, Callable[..., None]]] = {
    check.__name__: check
    for check in (
        always_answers,
        order_free,
        evidence_taken_away_never_opens,
        more_findings_never_open,
        tighter_never_opens,
        unrelated_evidence_changes_nothing,
    )
}
"""All of them by name."""


def _try(check: Callable[[Case, st.DataObject], None], asked: AskedRule, examples: int) -> None:
    """Look for a counter-example, and for smaller ones until so many have been tried."""
    failures: dict[str, AssertionError] = {}
    left = _SHRINKS

    def tried(data: st.DataObject) -> None:
        nonlocal left
        case = _case(asked, data)
        left -= bool(failures)
        try:
            check(case, data)
        except AssertionError as found:
            if left > 0 or str(found) in failures:
                failures[str(found)] = found
                raise

    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.differing_executors]
    with_data = settings(
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink),
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=slow,
    )(given(st.data())(tried))
    with_data()


def _declared(asked: AskedRule) -> Mapping[str, tuple[str, ...]]:
    return asked.rule.facts


def _case(asked: AskedRule, data: st.DataObject) -> Case:
    """Whole evidence of each kind that the rule declares, and parameters."""
    rule = asked.rule
    return Case(
        documents=_some(rule.facts, rule.needs, data),
        baseline=_some(rule.baseline, rule.baseline, data),
        parameters={name: data.draw(_parameter(item, name)) for name, item in sorted(rule.parameters.items())},
    )


def _some(
    declared: Mapping[str, Sequence[str]], needed: Mapping[str, Sequence[str]], data: st.DataObject
) -> tuple[MadeDocument, ...]:
    each = (
        st.lists(strategies.documents(kind, present=needed.get(kind, ())), min_size=1, max_size=2)
        for kind in sorted(declared)
    )
    return tuple(document for strategy in each for document in data.draw(strategy))


def _parameter(parameter: Parameter, name: str) -> st.SearchStrategy[Any]:
    default = st.just(parameter.default) if parameter.has_default else st.nothing()
    if _is_duration(parameter):
        return default | st.sampled_from(_DURATIONS)
    return default | strategies.values(parameter.schema, name=name)


_DURATIONS: Final = ("30m", "1h", "24h", "7d", "365d")


def _is_duration(parameter: Parameter) -> bool:
    """A text with a direction and without an enumeration bounds an age."""
    return parameter.schema["type"] == "string" and parameter.tighten is not None and "enum" not in parameter.schema


def _tighter(parameter: Parameter, name: str, value: Any) -> st.SearchStrategy[Any]:
    schema, up = parameter.schema, parameter.tighten == "up"
    if parameter.tighten == "subset":
        least = schema.get("minItems", 0)
        return st.lists(st.sampled_from(value), min_size=least, unique_by=repr) if value else st.just(value)
    if parameter.tighten == "superset":
        return strategies.values(schema, name=name).map(
            lambda more: [*value, *(item for item in more if item not in value)]
        )
    if "enum" in schema:
        at = schema["enum"].index(value)
        return st.sampled_from(schema["enum"][at:] if up else schema["enum"][: at + 1])
    if _is_duration(parameter):
        length = _time.parse_duration(value)
        known = [word for word in _DURATIONS if (_time.parse_duration(word) >= length) is up]
        return st.sampled_from([value, *known])
    bounds = {"minimum": value} if up else {"maximum": value}
    return strategies.values({"minimum": 0, **schema, **bounds}, name=name)


def _less(asked: AskedRule, case: Case) -> st.SearchStrategy[Case]:
    """The case without a kind, or without a fact; of this release or of the one before."""
    now = [replace(case, documents=held) for held in _lacking_each(case.documents, asked.rule.facts)]
    before = [replace(case, baseline=held) for held in _lacking_each(case.baseline, asked.rule.baseline)]
    return st.sampled_from([*now, *before, case])


def _lacking_each(
    documents: Sequence[MadeDocument], declared: Mapping[str, Sequence[str]]
) -> Iterator[tuple[MadeDocument, ...]]:
    for kind, paths in sorted(declared.items()):
        yield tuple(item for item in documents if item.kind != kind)
        for path in paths:
            yield tuple(_lacking(item, path) if item.kind == kind else item for item in documents)


def _lacking(document: MadeDocument, path: str) -> MadeDocument:
    try:
        return document.without(path)
    except UsageError:  # it is not in this one anyway
        return document


def _more(document: MadeDocument, lists: Mapping[str, Sequence[str]], data: st.DataObject) -> MadeDocument:
    """The document with the findings of another one of its kind as well."""
    other = data.draw(strategies.documents(document.kind))
    added = {
        name: [*document.facts.get(name, ()), *other.facts[name]]
        for name in lists[document.kind]
        if name in other.facts
    }
    return strategies.recounted(document, added)


def _turned(document: MadeDocument) -> MadeDocument:
    return strategies.with_facts(document, {name: _reversed(member) for name, member in document.facts.items()})


def _reversed(value: Any) -> Any:
    if isinstance(value, list):
        return [_reversed(item) for item in reversed(value)]
    if isinstance(value, dict):
        return {name: _reversed(member) for name, member in value.items()}
    return value


def _ask(asked: AskedRule, case: Case) -> Outcome:
    try:
        return asked.given(*case.documents, baseline=case.baseline, **case.parameters)
    except GatekeeperError as problem:
        said = [f"{type(problem).__name__}: {problem}"]
        raise AssertionError(_paste.answers(asked.rule, case.given, said)) from problem


def _compare(asked: AskedRule, one: Case, other: Case, agree: Callable[[Outcome, Outcome], bool], what: str) -> None:
    before, after = _ask(asked, one), _ask(asked, other)
    if not agree(before, after):
        text = _paste.pair(asked.rule, one.given, other.given, same=agree is _same)
        raise AssertionError(f"{asked.rule.id} says {before.outcome}, and {after.outcome} {what}\n\n{text}")


def _stays_closed(before: Outcome, after: Outcome) -> bool:
    return before.outcome in _OPEN or after.outcome not in _OPEN


def _stays_denied(before: Outcome, after: Outcome) -> bool:
    return before.outcome != "fail" or after.outcome not in _OPEN


def _same(before: Outcome, after: Outcome) -> bool:
    return (before.outcome, sorted(before.terms)) == (after.outcome, sorted(after.terms))


def _is_about_evidence(message: str) -> bool:
    return message.startswith("needs ") or "examined" in message or "is not complete" in message
