"""Rules of a SARIF run: which one a result means, what level that gives it, what its message says.

SARIF 2.1.0 (OASIS, 2020): sections 3.27.5 to 3.27.11, 3.49, 3.50, 3.52, 3.11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _shape
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Rule = dict[str, Any]

LEVELS: Final = ("error", "warning", "note", "none")
"""SARIF's levels (3.27.10), the worst first."""

KINDS: Final = frozenset({"pass", "open", "informational", "notApplicable", "review", "fail"})
"""SARIF's kinds of result (3.27.9)."""

_PLACEHOLDER: Final = re.compile(r"\{(\d{1,3})\}|\{\{|\}\}", re.ASCII)
_MAX_ANCESTORS: Final = 32
"""Levels of a hierarchical id that are tried; real ones have three, and each costs a copy of the id."""

_SEVERE: Final = 7.0
"""From here on GitHub shows a ``security-severity`` as high; the property is GitHub's, not SARIF's."""


class Rules:
    """The rules of one run's tool: of its driver, then of its extensions."""

    def __init__(self, tool: dict[str, Any], place: str) -> None:
        self.driver = _shape.need(tool, "driver", dict, place)
        extensions = _shape.may(tool, "extensions", list, place) or []
        components = [self.driver, *(item for item, _ in _shape.each(extensions, dict, f"{place}/extensions"))]
        self._components = [(component, _rules(component, place)) for component in components]
        self._by_id: dict[str, list[Rule]] = {}
        for _, rules in self._components:
            for rule in rules:
                self._by_id.setdefault(str(rule.get("id", "")), []).append(rule)

    def of(self, result: dict[str, Any], place: str) -> list[Rule]:
        """The rules that a result may mean: one, when the report is unambiguous, or none.

        An index is believed only where the id agrees, as it must (3.27.6); an id that is nowhere is looked for as the
        parent of a hierarchical one, ``CA1000/1`` (3.27.5).
        """
        reference = _shape.may(result, "rule", dict, place) or {}
        rule_id = rule_id_of(result, place)
        index = reference.get("index", result.get("ruleIndex", -1))
        component = reference.get("toolComponent")
        for rules in self._meant(component if isinstance(component, dict) else {}):
            if isinstance(index, int) and 0 <= index < len(rules) and _agrees(rule_id, str(rules[index].get("id", ""))):
                return [rules[index]]
        for _ in range(_MAX_ANCESTORS):
            if not rule_id or rule_id in self._by_id:
                break
            rule_id = rule_id.rpartition("/")[0]
        return self._by_id.get(rule_id, []) if rule_id else []

    def _meant(self, reference: dict[str, Any]) -> Iterator[list[Rule]]:
        """The rules of the component that a reference means (3.54); the driver's when there is none."""
        index, name, guid = reference.get("index", -1), reference.get("name"), reference.get("guid")
        if not reference:
            yield self._components[0][1]
        for position, (component, rules) in enumerate(self._components, start=-1):
            named = (name and component.get("name") == name) or (guid and component.get("guid") == guid)
            if named or (isinstance(index, int) and index >= 0 and position == index):
                yield rules

    def message(self, result: dict[str, Any], rules: list[Rule], place: str) -> str:
        """The text of a result's message (3.11), with its arguments put in; empty when it has none."""
        message = _shape.may(result, "message", dict, place) or {}
        texts = [message, *(_strings(source).get(str(message.get("id")), {}) for source in (*rules, self.driver))]
        template = next((text for source in texts for text in (source.get("text"), source.get("markdown")) if text), "")
        if not isinstance(template, str):
            raise MalformedError("the message is not text", where=f"{place}/message", code="sarif.message")
        arguments = message.get("arguments")
        return _filled(template, arguments if isinstance(arguments, list) else [])


def rule_id_of(result: dict[str, Any], place: str) -> str:
    """The id of the rule as the result states it; empty when it states none."""
    reference = _shape.may(result, "rule", dict, place) or {}
    return _shape.may(result, "ruleId", str, place) or _shape.may(reference, "id", str, f"{place}/rule") or ""


def level(result: dict[str, Any], rules: list[Rule], overrides: list[dict[str, Any]], place: str) -> str:
    """The effective level of a result of kind ``fail`` (3.27.10).

    The result's own level, else that of the rule's configuration as the invocation overrode it, else the rule's
    default, else ``warning``. Where the report has no level at all, a ``security-severity`` of 7 or more makes it an
    ``error``: CodeQL and its followers write the severity of a finding nowhere else. Of several rules that a result
    may mean the worst counts.

    Raises:
        MalformedError: A level that SARIF does not have.
    """
    stated = _level(result, place)
    if stated:
        return stated
    levels = [_overridden(rule, overrides) or _level(rule.get("defaultConfiguration"), place) for rule in rules]
    known = [item for item in levels if item]
    if known:
        return min(known, key=LEVELS.index)
    return "warning" if all(_severity(rule) < _SEVERE for rule in rules) else "error"  # NaN is not below


def _rules(component: dict[str, Any], place: str) -> list[Rule]:
    rules = _shape.may(component, "rules", list, place) or []
    return [rule for rule, _ in _shape.each(rules, dict, f"{place}/{component.get('name', '')}/rules")]


def _agrees(rule_id: str, found: str) -> bool:
    return not rule_id or rule_id == found or rule_id.startswith(f"{found}/")


def _level(source: Any, place: str) -> str:
    if not isinstance(source, dict) or "level" not in source:
        return ""
    if source["level"] not in LEVELS:
        raise MalformedError(f"no level is called {source['level']!r}", where=place, code="sarif.level")
    return str(source["level"])


def _overridden(rule: Rule, overrides: list[dict[str, Any]]) -> str:
    """The level that ``ruleConfigurationOverrides`` give a rule (3.20.5), the worst of them."""
    found = []
    for override in overrides:
        descriptor = override.get("descriptor")
        if isinstance(descriptor, dict) and rule.get("id") and descriptor.get("id") == rule["id"]:
            found.append(_level(override.get("configuration"), "/ruleConfigurationOverrides"))
    return min((item for item in found if item), key=LEVELS.index, default="")


def _severity(rule: Rule) -> float:
    properties = rule.get("properties")
    text = properties.get("security-severity") if isinstance(properties, dict) else None
    if text is None:
        return 0.0
    try:
        return float(text)
    except (TypeError, ValueError):
        return 10.0  # not a number: nobody knows how bad it is


def _strings(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    for name in ("messageStrings", "globalMessageStrings"):
        strings = source.get(name)
        if isinstance(strings, dict):
            return {key: value for key, value in strings.items() if isinstance(value, dict)}
    return {}


def _filled(template: str, arguments: list[Any]) -> str:
    def replacement(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        index = int(found[1])
        return str(arguments[index]) if index < len(arguments) else found[0]

    return _PLACEHOLDER.sub(replacement, template) if arguments else template
