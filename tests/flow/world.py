"""Small worlds for tests of the flow: documents, verdicts, stages and gates, valid and one change away from wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.approval import Approval, Waiver
from gatekeeper.decision import Item
from gatekeeper.facts import Document, Source, kind
from gatekeeper.policy import Parameter, Rule, RuleSet
from gatekeeper.roster import Period, Person, Trust
from gatekeeper.stage import GateSpec, Slot, Stage, WaiverTerms
from gatekeeper.subject import Subject
from gatekeeper.verified import Content, Verdict, Verified

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DIGEST = "sha256:" + "a" * 64


SUBJECT = Subject.of("parcel.whl", {"sha256": "d" * 64})


def digest(text: str) -> str:
    return _json.digest(text.encode())


def coverage(covered: int = 90, valid: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "lines_valid": valid,
        "lines_covered": covered,
        "files": [{"path": "a.py", "lines_valid": valid, "lines_covered": covered}],
        "complete": True,
        **more,
    }


def results(passed: int = 3, failed: int = 0) -> dict[str, Any]:
    cases = [{"name": f"f{i}", "suite": "s", "outcome": "failed", "locator": f"/f[{i}]"} for i in range(failed)]
    names = [*(f"s::p{i}" for i in range(passed)), *(f"s::f{i}" for i in range(failed))]
    total = passed + failed
    counts = {"passed": passed, "failed": failed, "errored": 0, "skipped": 0, "flaky": 0}
    return {"total": total, "executed": total, **counts, "cases": cases, "names": sorted(names), "complete": True}


def change(*authors: str) -> dict[str, Any]:
    return {"commit": "c" * 40, "authors": list(authors), "committers": [], "complete": True}


def document(kind_name: str, facts: dict[str, Any], *, slot: str = "", name: str = "r.xml", **more: Any) -> Document:
    kind(kind_name).validate(facts)
    raw = more.pop("digest", digest(repr(facts) + slot + name))
    return Document(facts=facts, source=Source(digest=raw, kind=kind_name, slot=slot, name=name, **more))


def verdict(content: Content, *, name: str = "", people: Sequence[str] = (), **more: Any) -> Verdict:
    payload = digest(repr(content))
    slot = content.source.slot if isinstance(content, Document) else ""
    status = more.pop("status", "verified")
    item = Item(digest=digest(repr(content) + name), kind="", slot=slot, status=status, name=name)
    return Verdict(item=item, payload_digest=payload, content=content, people=tuple(people), **more)


def rejected(slot: str, reason: str, name: str = "bad.json") -> Verdict:
    return Verdict(item=Item(digest=digest(name), kind="", slot=slot, status="rejected", reason=reason, name=name))


def verified(*verdicts: Verdict) -> Verified:
    return Verified(verdicts=tuple(sorted(verdicts, key=lambda one: one.item.digest)), evidence_digest=DIGEST)


def rule(rule_id: str = "coverage.lines", text: str = "", **more: Any) -> Rule:
    values: dict[str, Any] = {
        "id": rule_id,
        "path": f"{rule_id.replace('.', '/')}/{rule_id.partition('.')[2]}.rego",
        "text": text or f"package gatekeeper.{rule_id}\n\ndeny contains 1 if false\n",
        "title": "A title",
        "description": "A reason",
        "remedy": "Do something",
        "needs": {"coverage": ("lines_valid", "lines_covered")},
        "parameters": {"minimum_percent": Parameter(schema={"type": "integer"}, default=80)},
    }
    return Rule(**{**values, **more})


def stage(*rules: Rule, **more: Any) -> Stage:
    held = rules or (rule(),)
    values: dict[str, Any] = {
        "name": "build",
        "rule_set": RuleSet(rules=held),
        "parameters": {one.id: {name: item.default for name, item in one.parameters.items()} for one in held},
        "slots": {"coverage": Slot(name="coverage", kind="coverage")},
        "valid_for": 7 * DAY,
    }
    return Stage(**{**values, **more})


PEOPLE = {
    "ada": Person(name="ada", roles=(("manager", Period()), ("security", Period())), logins=("github:ada",)),
    "bo": Person(name="bo", roles=(("manager", Period()),), logins=("github:bo", "github:bo-work")),
    "cy": Person(name="cy", roles=(("manager", Period(end=NOW + DAY)), ("waivers", Period())), logins=("github:cy",)),
    "dee": Person(name="dee", roles=(("security", Period()),), logins=("github:dee",)),
}


def gate(*stages: Stage, **more: Any) -> GateSpec:
    held = stages or (stage(),)
    values: dict[str, Any] = {
        "name": "parcel",
        "engine": "1.22.2",
        "trust": Trust(people=PEOPLE),
        "stages": {one.name: one for one in held},
        "waivers": WaiverTerms(role="waivers", max_length=30 * DAY),
    }
    return GateSpec(**{**values, **more})


def approval(**more: Any) -> Approval:
    values: dict[str, Any] = {
        "verdict": "approve",
        "stage": "build",
        "gate": "parcel",
        "gate_digest": DIGEST,
        "issued_at": NOW - timedelta(hours=1),
        "expires": NOW + DAY,
    }
    return Approval(**{**values, **more})


def waiver(**more: Any) -> Waiver:
    values: dict[str, Any] = {
        "rule": "coverage.lines",
        "terms": ("a.py",),
        "stage": "build",
        "gate": "parcel",
        "reason": "legacy",
        "ticket": "OPS-1",
        "requester": "bo",
        "issued_at": NOW - DAY,
        "expires": NOW + 7 * DAY,
    }
    return Waiver(**{**values, **more})


def changed(value: Any, **more: Any) -> Any:
    return replace(value, **more)
