"""``gatekeeper init``: read the reports that are there, and write a gate for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.cli.arguments import Parser, given
from gatekeeper.errors import UsageError
from gatekeeper.load.extends import shipped

if TYPE_CHECKING:
    import argparse

    from gatekeeper.cli.start_files import Start
    from gatekeeper.cli.start_reports import Search

_ARTIFACTS: Final = ("dist/*.whl", "dist/*.tar.gz", "target/*.jar", "build/libs/*.jar")
_LOCK: Final = "gate.lock"


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper init",
        description="Read the reports below a folder and write a gate for them into the current one; or write one that "
        "extends\na gate of the library. Never overwrites.",
    )
    made.add_argument(
        "path", type=given, nargs="?", default=".", metavar="PATH", help="where the reports are (default: here)"
    )
    made.add_argument(
        "--template", type=given, metavar="NAME", help=f"extend a gate of the library: {', '.join(shipped())}"
    )
    made.add_argument(
        "--copy", action="store_true", help="with --template: copy that gate into base/ and extend the copy"
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Search, write, and tell what to run next."""
    if arguments.template:
        from gatekeeper.cli import init_template

        return init_template.run(arguments.template, copy=arguments.copy)
    if arguments.copy:
        raise UsageError("--copy goes with --template", code="usage.init")
    from gatekeeper.cli.start_files import start
    from gatekeeper.cli.start_reports import search

    found = search(Path(arguments.path))
    for path, reason in found.passed_over:
        sys.stderr.write(f"passed over: {_shown(path)}: {_shown(reason)}\n")
    if not found.reports:
        hint = "run your tests and scanners first, or name the folder with their reports; gatekeeper inspect shows one"
        raise UsageError("no report that is read here", where=arguments.path, hint=hint, code="usage.init")
    made = start(found, name=Path.cwd().name, subject=_subject(found), ci=_ci())
    _place(made)
    _tell(made, found)
    return 0


def _place(made: Start) -> None:
    """Write all files and the lock, or none."""
    from gatekeeper.cli.placing import is_free, place

    snippets = {path: text for path, text in made.snippets.items() if is_free(Path(path))}
    place({**made.files, **snippets}, needed=(*made.files, _LOCK), finish=_finish)


def _finish(folder: Path) -> tuple[str, ...]:
    """Load what was made, and lock it."""
    from gatekeeper.load.gate_file import load_gate
    from gatekeeper.load.lock import lock_path, write_lock

    gate = folder / "gate.toml"
    write_lock(load_gate(gate), lock_path(gate))
    (folder / "gate.sh").chmod(0o755)
    return (_LOCK,)


def _tell(made: Start, found: Search) -> None:
    kept = {path: text for path, text in made.snippets.items() if Path(path).read_text(encoding="utf-8") != text}
    for path in (*made.files, _LOCK, *(path for path in made.snippets if path not in kept)):
        sys.stdout.write(f"wrote  {path}\n")
    for path, text in kept.items():
        sys.stdout.write(f"\n{path} is there already; add to it what you want of this:\n\n{_indented(text)}\n")
    sys.stdout.write(f"\nRead {len(found.reports)} reports: {', '.join(found.kinds)}.\n")
    sys.stdout.write("They are accepted unsigned, in the stage build only; trust.toml says how to go on.\n")
    sys.stdout.write(f"\nNext:\n\n{made.command}\n")


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _subject(found: Search) -> str:
    """What to judge: the artifact if one has been built, else the commit, else the first report itself."""
    for pattern in _ARTIFACTS:
        for path in sorted(Path().glob(pattern)):
            return path.as_posix()
    return "commit:HEAD" if _git("rev-parse", "--verify", "HEAD") else found.reports[0].path


def _ci() -> tuple[str, ...]:
    """The CI services that this project seems to use."""
    remote = _git("config", "--get", "remote.origin.url")
    wanted = {
        "github": Path(".github").is_dir() or "github" in remote,
        "gitlab": Path(".gitlab-ci.yml").exists() or "gitlab" in remote,
    }
    return tuple(name for name, is_used in wanted.items() if is_used)


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            ["git", "-c", "core.fsmonitor=false", *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
