"""A counter-example of a property as a Rego test to paste beside the rule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.evaluate import prune
from gatekeeper.policy import BASELINE
from gatekeeper.report.inert import inert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.facts import Document
    from gatekeeper.policy import Rule

    Given = tuple[Sequence[Document], Sequence[Document], Mapping[str, Any]]
    """Documents, those of the release before, and parameters."""

_WIDE: Final = 100


_UNDEFINED: Final = "# opa test takes an error of a builtin for undefined and passes; a gate calls the rule unanswered"


def answers(rule: Rule, given: Given, said: Sequence[str]) -> str:
    """A test that the rule answers."""
    body = [_UNDEFINED, f"answer := data.{rule.package}.deny with input as {_input(rule, given)}", "is_set(answer)"]
    lead = f"{rule.id} does not answer: {'; '.join(map(inert, said))}"
    return f"{lead}\n\n{_test(rule, 'it_answers', body)}"


def pair(rule: Rule, before: Given, after: Given, *, same: bool) -> str:
    """A test in which the rule denies both times, or says the same both times."""
    asked = [
        f"{name} := data.{rule.package}.deny with input as {_input(rule, given)}"
        for name, given in (("before", before), ("after", after))
    ]
    if not same:
        return _test(rule, "both_are_denied", [*asked, "count(before) > 0", "count(after) > 0"])
    terms = '{{object.get(violation, "term", "") | some violation in {}}}'
    return _test(rule, "both_are_the_same", [*asked, f"{terms.format('before')} == {terms.format('after')}"])


def _test(rule: Rule, name: str, body: Sequence[str]) -> str:
    lines = "\n".join(f"\t{line}" for line in body)
    return f"package {rule.package}_test\n\nimport rego.v2\n\ntest_{name} if {{\n{lines}\n}}\n"


def _input(rule: Rule, given: Given) -> str:
    documents, baseline, parameters = given
    value: dict[str, Any] = {"parameters": dict(parameters), **_by_kind(documents, rule.facts)}
    if rule.baseline:
        value[BASELINE] = _by_kind(baseline, rule.baseline)
    return _rego(value, 1)


def _by_kind(documents: Sequence[Document], declared: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        kind: [prune(document.as_input(), set(paths)) for document in documents if document.kind == kind]
        for kind, paths in declared.items()
    }


def _rego(value: Any, depth: int) -> str:
    """JSON as it stands in Rego, one line where it fits."""
    flat = json.dumps(value, ensure_ascii=True, sort_keys=True)
    if len(flat) + 4 * depth <= _WIDE or not isinstance(value, dict | list) or not value:
        return flat
    indent, closing = "\t" * (depth + 1), "\t" * depth
    if isinstance(value, list):
        inner = [_rego(item, depth + 1) for item in value]
        return "[\n" + "".join(f"{indent}{item},\n" for item in inner) + f"{closing}]"
    members = [f"{json.dumps(name)}: {_rego(value[name], depth + 1)}" for name in sorted(value)]
    return "{\n" + "".join(f"{indent}{member},\n" for member in members) + f"{closing}}}"
