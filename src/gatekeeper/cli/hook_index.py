"""For the hooks: what is staged, by git."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import SourceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS: Final = 120


def export(tree: Path) -> None:
    """Write the files of the index into a folder of their own, byte for byte.

    Raises:
        UsageError: This is no git repository, or the index holds an unfinished merge.
        SourceError: git cannot be run.
    """
    tree.mkdir(mode=0o700)
    if _git("ls-files", "--unmerged"):
        raise UsageError("a merge is not finished", hint="resolve it and stage the result", code="usage.index")
    _git("-c", "core.autocrlf=false", "checkout-index", "--all", f"--prefix={tree.resolve()}/")


def deleted() -> list[str]:
    """Files that the commit would take away, from the top of the repository."""
    return _git("diff", "--cached", "--name-only", "--diff-filter=D", "--no-renames", "-z").split("\0")[:-1]


def _git(*arguments: str) -> str:
    # the environment of a hook names the index that is committed; everything else that moves git about is left out
    clean = {name: text for name, text in os.environ.items() if not name.startswith("GIT_") or name == "GIT_INDEX_FILE"}
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            ["git", "-c", "core.fsmonitor=false", *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            check=False,
            env=clean,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as cause:
        raise SourceError(f"git cannot be run: {cause}", code="source.git") from cause
    if done.returncode:
        problem = os.fsdecode(done.stderr).strip().removeprefix("fatal: ") or "git refused"
        raise UsageError(problem, hint="run it at the top of a git repository", code="usage.git")
    return os.fsdecode(done.stdout)
