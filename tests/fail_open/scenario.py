"""What a fail-open scenario is: one line of harm to a project that was allowed, and what has to come of it.

Each scenario starts from a *base*, a project in which the command says yes. It does one thing, and the same command
has to say no, with its exit code and its reason. Without the allowed twin a deny for another reason would prove
nothing. Each scenario names the *guard* that catches it; with that guard taken away the scenario has to come out
differently, or the guard is not what catches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from project import Project, Ran

DENY, USAGE, NO_DECISION = 1, 2, 3


@dataclass(frozen=True)
class Base:
    """A project in which the command says yes.

    Attributes:
        name: What it is called.
        build: Makes it.
        run: The command that says yes.
    """

    name: str
    build: Callable[[Project], None]
    run: Callable[[Project], Ran]


@dataclass(frozen=True)
class Scenario:
    """One harm.

    Attributes:
        what: What is done, in a line.
        harm: Does it.
        code: The exit code that has to come.
        says: What has to be said, word for word, anywhere in the output.
        guard: The guard that catches it; a name in ``guards.py``.
        base: The allowed twin.
        run: The command, where it is not the base's.
    """

    what: str
    harm: Callable[[Project], Any]
    code: int
    says: str
    guard: str
    base: Base
    run: Callable[[Project], Ran] | None = None

    def happen(self, project: Project) -> Ran:
        """Build the twin, do the harm, run the command."""
        self.base.build(project)
        self.harm(project)
        return (self.run or self.base.run)(project)
