"""What a fail-open scenario is: one line of harm to a project that was allowed, and what has to come of it.

Each scenario starts from a *base*, a project in which the command says yes. It does one thing, and the same command
has to say no, with its exit code and its reason. Without the allowed twin a deny for another reason would prove
nothing. Each scenario names the *guard* that catches it; with that guard taken away the scenario has to come out
differently, or the guard is not what catches it.

Nothing here knows of pytest: the tables can be imported and run by whoever likes.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from project import Project, Ran

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

ALLOW, DENY, USAGE, NO_DECISION = 0, 1, 2, 3
"""Exit codes of the command."""

Harm = Callable[[Project], object]
"""Does one thing to a project."""

Run = Callable[[Project], Ran]
"""A command in a project, and what came of it."""

Setting = Callable[[], AbstractContextManager[object]]
"""Surroundings in which the command runs."""


_built: dict[str, tuple[Path, datetime]] = {}
"""What each base was built to, and when, so that the hundred scenarios of a base do not each run OPA to build it."""


def _kept(folder: Path) -> Path:
    kept = Path(tempfile.mkdtemp(prefix="fail-open-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    return shutil.copytree(folder, kept, dirs_exist_ok=True)


@dataclass(frozen=True)
class Base:
    """A project in which the command says yes.

    Attributes:
        name: What it is called.
        build: Makes it.
        run: The command that says yes.
        under: The surroundings that it needs.
    """

    name: str
    build: Harm
    run: Run
    under: Setting = nullcontext

    def happen(self, project: Project) -> Ran:
        """Build it, run the command."""
        with self.under():
            self.ready(project)
            return self.run(project)

    def ready(self, project: Project) -> None:
        """Build it, or copy what was built before: the same files either way."""
        if self.name in _built:
            folder, project.now = _built[self.name]
            for entry in project.folder.iterdir():  # what the base took away is not there either
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            shutil.copytree(folder, project.folder, dirs_exist_ok=True)
        else:
            self.build(project)
            _built[self.name] = (_kept(project.folder), project.now)


@dataclass(frozen=True, kw_only=True)
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
        under: Surroundings of the command, beside those of the base.
    """

    what: str
    harm: Harm
    code: int
    says: str
    guard: str
    base: Base
    run: Run | None = None
    under: Setting = nullcontext

    def happen(self, project: Project, without: Setting = nullcontext) -> Ran:
        """Build the twin, do the harm, and run the command with a guard taken away; by default with all in place."""
        with self.base.under():
            self.base.ready(project)
            with self.under():
                self.harm(project)
                with without():
                    return (self.run or self.base.run)(project)

    def held(self, ran: Ran) -> bool:
        """It came out as it has to."""
        return ran.code == self.code and self.says in ran.reasons


@dataclass(frozen=True)
class Line:
    """Makes the lines of a table: scenarios with one base and one exit code."""

    base: Base
    code: int
    run: Run | None = None

    def __call__(
        self, what: str, harm: Harm, says: str, guard: str, *, run: Run | None = None, under: Setting = nullcontext
    ) -> Scenario:
        """One line."""
        return Scenario(
            what=what,
            harm=harm,
            code=self.code,
            says=says,
            guard=guard,
            base=self.base,
            run=run or self.run,
            under=under,
        )


def variables(**values: str) -> Setting:
    """The command runs with these environment variables."""

    @contextmanager
    def setting() -> Iterator[None]:
        before = dict(os.environ)
        os.environ.update(values)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    return setting
