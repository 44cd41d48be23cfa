"""Terraform and OpenTofu: ``terraform show -json PLAN`` (developer.hashicorp.com, "JSON Output Format", 0.x and 1.x).

A plan is a list of deviations: what is expected is what the configuration says (``after``), what is actual is the state
(``before``). Of a drift it is the other way round: the state is expected, and what was found is actual. A replacement
is written as ``delete, create`` or ``create, delete``. Sensitive values stand in the plan in clear; here they are
digests. PowerShell writes the file as UTF-16 with a byte order mark, which is read too.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect import _settings
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.collect.reading import Report

UNKNOWN: Final = "unknown until applied"

_ACTIONS: Final[Mapping[tuple[str, ...], str]] = {
    ("no-op",): "",
    ("read",): "",
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("forget",): "delete",
    ("create", "forget"): "replace",
    ("create", "delete"): "replace",
    ("delete", "create"): "replace",
}
_VERSIONS: Final = ("0", "1")
_KEYS: Final = frozenset({"format_version", "terraform_version"})
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_Placed = tuple[dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class _TerraformPlan:
    format: str = "terraform-plan"
    kind: str = "configuration"

    def matches(self, report: Report) -> bool:
        try:
            plan = _parsed(report)
        except MalformedError:
            return False
        return (
            isinstance(plan, dict) and {"format_version", "terraform_version"} <= plan.keys() and "values" not in plan
        )

    def read(self, report: Report) -> Reading:
        plan = fields.document(_parsed(report))
        _check_version(plan)
        changes = list(fields.each(fields.items(plan, "resource_changes", ""), "/resource_changes"))
        drifts = list(fields.each_in(plan, "resource_drift", ""))
        deviations = [found for change, place in changes for found in _deviations(change, place)]
        deviations += [found for change, place in drifts for found in _drifts(change, place)]
        resources = [fields.text(change, "address", place) for change, place in changes]
        facts = {
            "tool": "terraform",
            "resources": resources,
            "resource_count": len(resources),
            "deviations": deviations,
            "complete": _is_whole(plan),
            **fields.known(read_at=fields.instant(plan, "timestamp", "")),
        }
        version = fields.optional_text(plan, "terraform_version", "")
        return Reading(
            kind="configuration",
            format="terraform-plan",
            facts=facts,
            producer=f"terraform {version}".strip(),
            media_type="application/json",
        )


def _parsed(report: Report) -> Any:
    if report.looks_like_json:
        return report.json
    if not report.data.startswith(_MARKS):
        return None
    try:
        text = report.data.decode("utf-16")
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-16", where=report.name, code="terraform.encoding") from cause
    return _json.parse(text.encode("utf-8", "surrogatepass"), where=report.name, wide=True)


def _check_version(plan: dict[str, Any]) -> None:
    version = fields.text(plan, "format_version", "")
    if version.partition(".")[0] not in _VERSIONS:
        raise MalformedError(f"the format {version!r} is not known", where="/format_version", code="terraform.version")


def _is_whole(plan: dict[str, Any]) -> bool:
    """It ended without an error, and nothing was put off to a later plan."""
    failed = plan.get("errored") is True or plan.get("complete", True) is not True
    return not failed and not fields.optional_items(plan, "deferred_changes", "")


def _deviations(change: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    action, inner, here = _action(change, place)
    address = _settings.resource_path(fields.text(change, "address", place))
    if not action:
        return
    if action != "update":
        expected = _settings.ABSENT if action == "delete" else "present"
        actual = _settings.ABSENT if action == "create" else "present"
        yield _deviation(address, action, expected, actual, here)
        return
    before, after = (_leaves(inner, name, here) for name in ("before", "after"))
    unknown = {path for path, value in _leaves(inner, "after_unknown", here).items() if value is True}
    paths = sorted({*_settings.differing(before, after), *unknown})
    for path in paths:
        expected = UNKNOWN if path in unknown else _value(after, path, inner, "after_sensitive")
        actual = _value(before, path, inner, "before_sensitive")
        yield _deviation(address + path, action, expected, actual, here)
    if not paths:
        yield _deviation(address, action, "another mark of what is sensitive", "present", here)


def _drifts(change: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    action, inner, here = _action(change, place)
    address = _settings.resource_path(fields.text(change, "address", place))
    if action == "delete":
        yield _deviation(address, "drift", "present", _settings.ABSENT, here)
    elif action:
        before, after = (_leaves(inner, name, here) for name in ("before", "after"))
        for path in _settings.differing(before, after) or [""]:
            expected = _value(before, path, inner, "before_sensitive")
            actual = _value(after, path, inner, "after_sensitive")
            yield _deviation(address + path, "drift", expected, actual, here)


def _action(change: dict[str, Any], place: str) -> tuple[str, dict[str, Any], str]:
    inner, here = fields.mapping(change, "change", place), f"{place}/change"
    actions = tuple(fields.optional_texts(inner, "actions", here))
    if actions not in _ACTIONS:
        problem = f"the actions {', '.join(actions)} are not known"
        raise MalformedError(problem, where=f"{here}/actions", code="terraform.actions")
    return _ACTIONS[actions], inner, here


def _leaves(inner: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    return _settings.bounded(_settings.flatten(fields.optional_mapping(inner, name, place), ""))


def _value(leaves: Mapping[str, Any], path: str, inner: dict[str, Any], marks: str) -> str:
    if path not in leaves:
        return _settings.ABSENT
    return _settings.shown(leaves[path], path=path, secret=_is_marked(inner.get(marks), path))


def _is_marked(marks: Any, path: str) -> bool:
    """Whether a leaf, or anything around it, is marked as sensitive."""
    for step in path.split("/")[1:]:
        if marks is True:
            return True
        if isinstance(marks, dict):
            marks = next((inner for name, inner in marks.items() if _json.pointer(name) == f"/{step}"), None)
        else:
            marks = marks[int(step)] if isinstance(marks, list) and step.isdigit() and int(step) < len(marks) else None
    return marks is True


def _deviation(path: str, action: str, expected: str, actual: str, place: str) -> dict[str, Any]:
    return {"path": path, "action": action, "expected": expected, "actual": actual, "locator": place}


COLLECTOR: Final = _TerraformPlan()
