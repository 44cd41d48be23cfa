"""``gate.lock``: the rules a gate resolved to, by digest, so that a rule that vanished or changed is noticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json
from gatekeeper.errors import ConfigError, DriftError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.policy import Rule
    from gatekeeper.stage import GateSpec, Stage

LOCK_SCHEMA: Final = "https://gatekeeper.dev/lock/v1"
_HINT: Final = "look at what changed, then run gatekeeper gate lock"


def lock_path(gate_path: Path) -> Path:
    """``gate.lock`` beside ``gate.toml``."""
    return gate_path.with_suffix(".lock")


def lock_of(gate: GateSpec) -> dict[str, Any]:
    """What the lock of a gate says."""
    return {
        "schema": LOCK_SCHEMA,
        "gate": gate.name,
        **({"base": {**gate.origin, "digest": gate.base.digest}} if gate.base and gate.origin else {}),
        "stages": {name: _stage(stage) for name, stage in sorted(gate.stages.items())},
    }


def write_lock(gate: GateSpec, path: Path) -> None:
    """Write the lock of a gate."""
    _files.write_atomic(path, (json.dumps(lock_of(gate), indent=2, sort_keys=True) + "\n").encode())


def check_lock(gate: GateSpec, path: Path) -> None:
    """Compare a gate with its lock.

    Raises:
        ConfigError: There is no lock, or it is no such file.
        DriftError: A rule is gone, new or changed; the message names the first.
    """
    for difference in differences(gate, path):
        raise DriftError(difference, where=path.name, hint=_HINT, code="drift")


def differences(gate: GateSpec, path: Path) -> list[str]:
    """In words, how a gate differs from its lock; nothing when it does not."""
    locked = _read(path)
    current = lock_of(gate)
    if locked == current:
        return []
    found = [] if locked.get("gate") == gate.name else [f"it is the lock of the gate {locked.get('gate')!r}"]
    found += _base_differences(_base(locked), _base(current))
    stages = locked.get("stages")
    before: Mapping[str, Any] = stages if isinstance(stages, dict) else {}
    for name in sorted({*before, *current["stages"]}):
        found += _stage_differences(name, _rules(before.get(name)), _rules(current["stages"].get(name)))
    return found or ["the lock was written differently"]


def locked_base(path: Path, extends: str) -> dict[str, str] | None:
    """What a lock says of the base: ``extends``, ``commit``, ``digest``; None where it says nothing of this one.

    Raises:
        ConfigError: It is no lock that is read here.
        SourceError: It cannot be read.
    """
    if not path.exists():
        return None
    base = _base(_read(path))
    return base if base.get("extends") == extends else None


def _base(locked: Mapping[str, Any]) -> dict[str, str]:
    """The base in a lock; members that are not text, or not there, are empty."""
    base = locked.get("base")
    members = base if isinstance(base, dict) else {}
    read = {name: members.get(name, "") for name in ("extends", "commit", "digest")}
    return {name: value if isinstance(value, str) else "" for name, value in read.items()}


def _base_differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    if before["extends"] != now["extends"]:
        return [f"the base is {now['extends'] or 'gone'}, locked is {before['extends'] or 'none'}"]
    if before["digest"] != now["digest"]:
        told = f"the base {now['extends']} is {now['digest']}, locked is {before['digest']}"
        same = now["commit"] and before["commit"] == now["commit"]
        altered = "; by the same commit: its copy in the cache was altered, or the library's own rules are others"
        return [told + altered * bool(same)]
    return [f"the base is commit {now['commit']}"] if before["commit"] != now["commit"] else []


def _stage_differences(stage: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    gone = [f"stage {stage} no longer asks {rule}" for rule in sorted(before.keys() - now.keys())]
    new = [f"stage {stage} now asks {rule} too" for rule in sorted(now.keys() - before.keys())]
    changed = [
        f"{rule} has changed (stage {stage})"
        for rule in sorted(before.keys() & now.keys())
        if before[rule] != now[rule]
    ]
    return [*gone, *changed, *new]


def _stage(stage: Stage) -> dict[str, Any]:
    libraries = {path: _json.digest(text.encode()) for path, text in stage.rule_set.libraries.items()}
    return {"rules": {rule.id: _rule_digest(rule) for rule in stage.rules}, "libraries": libraries}


def _rule_digest(rule: Rule) -> str:
    return _json.digest(rule.text.encode())


def _rules(stage: Any) -> dict[str, str]:
    if not isinstance(stage, dict):
        return {}
    parts = [part for part in (stage.get("rules"), stage.get("libraries")) if isinstance(part, dict)]
    return {name: digest for part in parts for name, digest in part.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        locked = _json.parse_object(_files.read_bytes(path), where=path.name)
    except UsageError as cause:
        raise ConfigError(
            "there is no lock",
            where=path.name,
            hint="run gatekeeper gate lock and keep the file with the gate",
            code="lock.missing",
        ) from cause
    if locked.get("schema") != LOCK_SCHEMA:
        raise ConfigError("this is no lock that is read here", where=path.name, code="lock.schema")
    return locked
