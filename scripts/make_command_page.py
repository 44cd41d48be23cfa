"""Writes the ``--help`` blocks of docs/command.md again: python scripts/make_command_page.py."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gatekeeper.cli.commands import COMMANDS, load

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/command.md"
NOTE = "<!-- example: skip because a test compares it with --help -->"


def main() -> None:
    """Replace all that follows the heading."""
    head, heading, _ = PAGE.read_text(encoding="utf-8").partition("## Every command\n")
    calls = [call for name in COMMANDS if is_there(name) for call in calls_of(name)]
    blocks = [f"{NOTE}\n```text\n$ gatekeeper {' '.join(call)} --help\n{help_of(call)}```\n" for call in calls]
    PAGE.write_text(f"{head}{heading}\n" + "\n".join(blocks), encoding="utf-8")


def is_there(name: str) -> bool:
    """Whether the module of a command exists."""
    return (ROOT / f"src/gatekeeper/cli/{COMMANDS[name][0]}.py").is_file()


def calls_of(name: str) -> list[list[str]]:
    """A command and each of its actions."""
    text = load(name).parser(name).format_usage()
    actions = re.search(r"\] ([a-z]+(?:\|[a-z]+)*) \.\.\.", text)
    return [[name], *([name, action] for action in (actions[1].split("|") if actions else ()))]


def help_of(call: list[str]) -> str:
    """What the command prints, 100 columns wide."""
    command = [sys.executable, "-m", "gatekeeper", *call, "--help"]
    env = {"COLUMNS": "100", "PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
