"""Copies of a project in which one file is changed, and what its Python tests make of it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.errors import EngineError, PolicyError, UsageError
from gatekeeper.testing.mutation._runs import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LEFT_OUT: Final = frozenset({"__pycache__", "node_modules", "build", "dist"})
_PASSED: Final = 0
_FAILED: Final = (1, 2)
"""Status of pytest where tests failed, or could not be collected or set up."""

_FIRST_SECONDS: Final = 600.0
_LEAST_SECONDS: Final = 30.0
_TIMES: Final = 10


class Project:
    """A private copy of a folder.

    Args:
        root: The folder; hidden folders, environments and what builds leave are not copied.
        tests: What pytest is given.
    """

    def __init__(self, root: Path, tests: Sequence[str]) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="gk-mutants-"))
        self._tests = tests
        self._seconds = _FIRST_SECONDS
        self.folder = self._home / "project"
        shutil.copytree(root, self.folder, ignore=_ignored, symlinks=True)

    def twin(self, root: Path) -> Project:
        """Another copy, for tests that are known to pass."""
        made = Project(root, self._tests)
        made._seconds = self._seconds
        return made

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self._home, ignore_errors=True)

    def digest(self) -> str:
        """The digest of all files in it."""
        found = hashlib.sha256()
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            found.update(f"{path.relative_to(self.folder)}\0{_files.sha256_file(path)}\n".encode())
        return found.hexdigest()

    def check(self) -> None:
        """Run the tests without a change.

        Raises:
            PolicyError: They do not pass.
        """
        import time

        begin = time.monotonic()
        status, said = self._pytest()
        if status != _PASSED:
            raise PolicyError(
                f"the Python tests do not pass without any change: {said}",
                where=" ".join(self._tests),
                hint="they run in a copy of the current folder, without hidden folders",
                code="mutation.tests",
            )
        self._seconds = max(_LEAST_SECONDS, _TIMES * (time.monotonic() - begin))

    def judge(self, path: str, text: str, refusal: Callable[[], str]) -> Verdict:
        """Run the tests with one file changed, and put everything back.

        Args:
            path: The file, below the folder.
            text: What it holds then.
            refusal: Asked in between: why what is there then is not to be tested; empty when it is.

        Raises:
            EngineError: pytest could not be run.
        """
        before = {place: place.read_bytes() for place in (self.folder / path, *self.folder.rglob("*.lock"))}
        try:
            (self.folder / path).write_text(text, encoding="utf-8")
            reason = refusal()
            status, said = (_PASSED, "") if reason else self._pytest()
        finally:
            for place, data in before.items():
                place.write_bytes(data)
        if reason:
            return Verdict(fate="invalid", reason=reason)
        if status == _PASSED:
            return Verdict(fate="survived")
        if status not in _FAILED:
            raise EngineError(f"pytest ended with status {status}: {said}", code="mutation.pytest")
        return Verdict(fate="killed", killers=(said,))

    def _pytest(self) -> tuple[int, str]:
        """Its status, and the first test that failed."""
        options = ("-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly")
        command = [sys.executable, "-B", "-m", "pytest", *options, *self._tests]
        try:
            ran = subprocess.run(  # noqa: S603 - the user's own tests, as the user would run them
                command, cwd=self.folder, env=os.environ, capture_output=True, timeout=self._seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return _FAILED[0], "the tests did not end in time"
        lines = ran.stdout.decode(errors="replace").strip().splitlines() or [ran.stderr.decode(errors="replace")[-200:]]
        failed = [line.partition(" - ")[0] for line in lines if line.startswith(("FAILED ", "ERROR "))]
        return ran.returncode, failed[0].partition(" ")[2] if failed else lines[-1]


def below(root: Path, path: Path) -> str:
    """The path as seen from the root.

    Raises:
        UsageError: It is not in it, and so not in the copy.
    """
    place = path.resolve()
    if not place.is_relative_to(root.resolve()):
        hint = "Python tests run in a copy of the current folder"
        raise UsageError("it is not below the current folder", where=str(path), hint=hint, code="usage.outside")
    return place.relative_to(root.resolve()).as_posix()


def _ignored(folder: str, names: list[str]) -> set[str]:
    places = {name for name in names if Path(folder, name).is_dir()}
    return {
        name
        for name in places
        if name.startswith(".") or name in _LEFT_OUT or Path(folder, name, "pyvenv.cfg").is_file()
    }
