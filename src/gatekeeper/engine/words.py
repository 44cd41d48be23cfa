"""OPA's compile errors in words: what is wrong, in which line of whose file, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gatekeeper.engine import capabilities
from gatekeeper.engine.input_schema import ALWAYS_READABLE, did_you_mean, kind_schema
from gatekeeper.engine.program import NAMESPACE
from gatekeeper.errors import EngineError, PolicyError
from gatekeeper.facts import kinds
from gatekeeper.policy import BASELINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.engine.program import Program
    from gatekeeper.policy import Rule

_LIMIT: Final = "error limit reached"
_UNDEFINED_REF: Final = re.compile(r"undefined ref: (\S+)")
_UNDEFINED_FUNCTION: Final = re.compile(r"undefined function (\S+)")


_SECTIONS: Final = {
    "parameters": "declare the rule's parameters",
    BASELINE: "declare the facts of the release before in baseline",
}


class Fault(NamedTuple):
    """One thing that is wrong; sorts by place."""

    file: str
    row: int
    message: str
    hint: str = ""

    @property
    def where(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.row}" if self.file else ""


def is_compile_error(errors: Any) -> bool:
    """OPA refused the modules, as against failing to evaluate them."""
    return (
        isinstance(errors, list)
        and bool(errors)
        and all(isinstance(error, dict) and str(error.get("code")).startswith("rego_") for error in errors)
    )


def policy_error(program: Program, errors: Sequence[Mapping[str, Any]]) -> PolicyError:
    """All faults as one error: the first with its place, the others in the hint."""
    faults = sorted({_fault(program, error) for error in errors if error.get("message") != _LIMIT})
    if not faults:
        raise EngineError("OPA refuses the rules and does not say why", code="engine.answer")
    first, *others = faults
    hints = [first.hint] if first.hint else []
    hints += [f"also {other.where}: {other.message}" + (f", {other.hint}" if other.hint else "") for other in others]
    return PolicyError(first.message, where=first.where, hint="; ".join(hints), code="policy.compile")


def _fault(program: Program, error: Mapping[str, Any]) -> Fault:
    location = error.get("location") or {}
    file, row = str(location.get("file", "")), int(location.get("row", 0))
    message = str(error.get("message", "")).replace(f"data.{program.namespace}", f"data.{NAMESPACE}")
    if found := _UNDEFINED_FUNCTION.match(message):
        return Fault(file, row, *_builtin(found[1]))
    if found := _UNDEFINED_REF.match(message):
        return Fault(file, row, *_reference(program, file, found[1], error.get("details") or {}))
    code = str(error.get("code", "")).removeprefix("rego_").replace("_", " ")
    return Fault(file, row, f"{code}: {message}")


def _builtin(name: str) -> tuple[str, str]:
    refused = capabilities.refusal(name)
    shown = name.removeprefix("internal.")
    if refused is None:
        allowed = {builtin for group in capabilities.ALLOWED.values() for builtin in group}
        return f"there is no function {shown}", did_you_mean(shown, allowed)
    return f"{shown} is not allowed, because it {refused.why}", refused.instead


def _reference(program: Program, file: str, reference: str, details: Mapping[str, Any]) -> tuple[str, str]:
    known = [name for name in details.get("oneOf") or () if isinstance(name, str)]
    parts, position = details.get("ref") or (), details.get("pos", -1)
    rule = next((rule for rule in program.rules.rules if rule.path == file), None)
    if rule is None and file in program.rules.libraries:
        return f"{reference} is read in a library, which gets no input", "pass what it needs as an argument"
    if rule is None or not known or not 0 <= position < len(parts):
        return f"undefined: {reference}", ""
    name = str(parts[position].get("value"))
    place = _place(program, rule, known) or _name_of(parts[:position])
    hint = _declare(rule, place, name) or did_you_mean(name, known)
    shown = [member for member in known if member not in ALWAYS_READABLE] or known
    return f"{place} has no {name}; it has {', '.join(shown)}", hint


def _name_of(parts: Sequence[Mapping[str, Any]]) -> str:
    return ".".join(str(part.get("value")) for part in parts if part.get("type") in {"var", "string"})


def _place(program: Program, rule: Rule, known: Sequence[str]) -> str:
    """The only place in the rule's input that has just these members, as ``coverage.files``; empty if several have."""
    objects = _objects(program.schemas[rule.package], "")
    places = [place for place, members in objects if sorted(members) == sorted(known)]
    return (places[0] or "input") if len(places) == 1 else ""


def _objects(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if schema.get("type") == "array":
        yield from _objects(schema["items"], place)
    elif members := schema.get("properties"):
        yield place, members
        for name, member in members.items():
            yield from _objects(member, f"{place}.{name}".removeprefix("."))


def _declare(rule: Rule, place: str, name: str) -> str:
    """What to write in METADATA, where the evidence has what the rule did not declare."""
    if place == "parameters":
        return f"declare {name} in parameters"
    if place == "input" and name in _SECTIONS:
        return _SECTIONS[name]
    if place in {"input", BASELINE}:
        return f"declare {name} in {'needs' if place == 'input' else BASELINE}" if name in kinds() else ""
    section, declared = ("baseline", rule.baseline) if place.startswith(f"{BASELINE}.") else ("needs", rule.facts)
    kind, _, rest = place.removeprefix(f"{BASELINE}.").partition(".")
    if kind not in declared:
        return ""
    whole = dict(_objects(kind_schema(kind), ""))
    path = f"{rest}.{name}".removeprefix(".")
    return f"declare {path} in {section} of {kind}" if name in whole.get(rest, {}) else ""
