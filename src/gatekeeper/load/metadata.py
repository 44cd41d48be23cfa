"""The ``# METADATA`` block of a rule: what it asks, why, what it reads, what it is told.

OPA takes any comment for a METADATA block, or for none where the word is misspelt, and 30 February for a date. Here
the block has to be there, directly above ``package``, and every key has to be known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _data, _files, _json
from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts import compile_schema, validate
from gatekeeper.load import _yaml
from gatekeeper.load._declared import check_ages, fact_paths
from gatekeeper.load._parameters import parameters
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.facts import Check
    from gatekeeper.load._module import Module
    from gatekeeper.load._yaml import Yaml
    from gatekeeper.policy import OnFail, Parameter

_MARK: Final = "# METADATA"
_LIKE_METADATA: Final = 0.75
"""Likeness from which a comment of one word is taken for a misspelt METADATA: one letter wrong, missing or swapped."""
_LIKE_LENGTHS: Final = range(5, 14)
"""Lengths a word of that likeness can have: the ratio is twice the letters in common by the letters of both."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A rule's METADATA, checked; the fields are those of :class:`gatekeeper.policy.Rule`."""

    title: str
    description: str
    remedy: str
    needs: Mapping[str, tuple[str, ...]]
    reads: Mapping[str, tuple[str, ...]]
    baseline: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, Parameter]
    severity: str
    controls: tuple[str, ...]
    effective_on: date | None
    ages: Mapping[str, str]
    waivable: bool
    on_fail: OnFail


def read_metadata(module: Module) -> Metadata:
    """Read the METADATA of a rule's file.

    Raises:
        PolicyError: It is missing, misplaced, misspelt, not YAML, or says something that cannot be; ``where`` has
            file and line.
    """
    block = _block(module)
    _check_keys(block, module.path)
    custom = block.value["custom"]
    needs = fact_paths(block, module.path, "needs")
    if not needs and not _asks_subject(module):
        raise _error(block, module.path, "custom", "needs", message="the rule needs no facts", hint=_NEEDS_HINT)
    reads = fact_paths(block, module.path, "reads")
    declared = parameters(block, module.path)
    check_ages(block, module.path, needs, declared)
    return Metadata(
        title=block.value["title"],
        description=block.value["description"],
        remedy=custom["remedy"],
        needs=needs,
        reads=reads,
        baseline=fact_paths(block, module.path, "baseline"),
        parameters=declared,
        severity=custom.get("severity", ""),
        controls=tuple(sorted(custom.get("controls", ()))),
        effective_on=_effective_on(block, module.path),
        ages=dict(sorted(custom.get("ages", {}).items())),
        waivable=custom.get("waivable", True),
        on_fail=custom.get("on_fail", "hold"),
    )


def other_blocks(module: Module, *, package_block: bool) -> Iterator[int]:
    """Lines of METADATA blocks that do not belong to the package: they could give rules another input schema."""
    first = _first_line(module) if package_block else 0
    for line, text in module.comments.items():
        if _looks_like_mark(text) and line != first:
            yield line


_NEEDS_HINT: Final = "name them by kind: needs: {coverage: [lines_valid, lines_covered]}"


def _block(module: Module) -> Yaml:
    first = _first_line(module)
    where = f"{module.path}:{module.package_line}"
    if first == module.package_line:
        raise PolicyError(
            "there is no METADATA directly above package",
            where=where,
            hint=_place_hint(module),
            code="metadata.missing",
        )
    if module.comments[first] != _MARK:
        raise PolicyError(
            f"the comment above package begins with {module.comments[first]!r}",
            where=f"{module.path}:{first}",
            hint=f"did you mean {_MARK}?" if _looks_like_mark(module.comments[first]) else f"begin it with {_MARK}",
            code="metadata.missing",
        )
    lines = [module.comments[line].removeprefix("#") for line in range(first + 1, module.package_line)]
    return _yaml.parse("\n".join(lines), path=module.path, first_line=first + 1)


def _first_line(module: Module) -> int:
    line = module.package_line
    while line - 1 in module.comments:
        line -= 1
    return line


def _place_hint(module: Module) -> str:
    misplaced = next((line for line, text in module.comments.items() if _looks_like_mark(text)), 0)
    return f"move the block of line {misplaced} there" if misplaced else f"write {_MARK} and the block there"


def _looks_like_mark(comment: str) -> bool:
    word = comment.lstrip("#").strip().upper()
    return word.startswith("METADATA") or (len(word) in _LIKE_LENGTHS and _likeness(word) >= _LIKE_METADATA)


def _likeness(word: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, "METADATA").ratio()


@cache
def _schema() -> tuple[dict[str, Any], Check]:
    schema = _json.parse_object(_files.read_bytes(_data.folder("schemas") / "rule-metadata.json"))
    return schema, compile_schema(schema)


def _check_keys(block: Yaml, path: str) -> None:
    schema, check = _schema()
    if not isinstance(block.value, dict):
        raise PolicyError("the block says nothing", where=f"{path}:{block.line()}", code="metadata.missing")
    _refuse_unknown(block, path, (), schema["properties"])
    if isinstance(block.value.get("custom"), dict):
        _refuse_unknown(block, path, ("custom",), schema["properties"]["custom"]["properties"])
    try:
        validate(check, block.value, where="$")
    except MalformedError as cause:
        line = block.line(*_steps(cause.where))
        name = cause.where.removeprefix("$.")
        raise PolicyError(f"{name}: {cause.message}", where=f"{path}:{line}", code="metadata.value") from cause


def _refuse_unknown(block: Yaml, path: str, place: tuple[str, ...], known: Mapping[str, Any]) -> None:
    value = block.value
    for step in place:
        value = value[step]
    for name in value:
        if name not in known:
            message = f"{'.'.join((*place, name))} is no part of METADATA"
            raise _error(block, path, *place, name, message=message, hint=suggestion(name, known))


def _steps(place: str) -> tuple[str | int, ...]:
    parts = re.findall(r"\.(\w+)|\[(\d+)\]", place)
    return tuple(name or int(index) for name, index in parts)


def _effective_on(block: Yaml, path: str) -> date | None:
    text = block.value["custom"].get("effective_on")
    if text is None:
        return None
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as cause:
        message = f"effective_on: {text} is no day"
        raise _error(block, path, "custom", "effective_on", message=message, hint="write 2026-12-24") from cause


def _asks_subject(module: Module) -> bool:
    """A rule without facts still has something to judge when it reads ``input.subject``."""
    texts = [[token.text for token in statement.tokens] for statement in module.statements]
    return any(words[at : at + 3] == ["input", ".", "subject"] for words in texts for at in range(len(words)))


def _error(block: Yaml, path: str, *place: str, message: str, hint: str = "") -> PolicyError:
    return PolicyError(message, where=f"{path}:{block.line(*place)}", hint=hint, code="metadata.value")
