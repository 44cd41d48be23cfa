"""Lint of rules and libraries: well-formed Rego that would never deny is refused when it is loaded.

Each check closes a trap that was seen on real OPA, where it compiles without a word under ``opa check --strict`` and
answers with an empty set. None of them is a matter of taste; for that there is Regal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.load import _lint_absent, _lint_calls, _lint_facts, _lint_form, _lint_positions
from gatekeeper.load._problem import Problem, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.load._module import Module

__all__ = ["Problem", "Scope", "lint"]

_CHECKS: Final[tuple[Callable[[Module, Scope], Iterator[Problem]], ...]] = (
    _lint_form.heads,
    _lint_form.imports,
    _lint_form.no_with,
    _lint_form.data_references,
    _lint_form.input_references,
    _lint_form.names,
    _lint_form.defaults,
    _lint_form.else_branches,
    _lint_form.unification,
    _lint_form.declarations,
    _lint_form.negations,
    _lint_calls.function_arguments,
    _lint_calls.builtin_calls,
    _lint_facts.facts,
    _lint_absent.absent_facts,
    _lint_positions.positions,
)


def lint(module: Module, scope: Scope) -> tuple[Problem, ...]:
    """Every construct in a file that would keep a rule silent, by line.

    Args:
        module: The file.
        scope: What it may speak of.
    """
    found = {problem for check in _CHECKS for problem in check(module, scope)}
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.message)))
