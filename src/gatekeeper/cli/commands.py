"""The table of commands. Only the one that is called is imported."""

from __future__ import annotations

import importlib
import io
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import GatekeeperError, UsageError

if TYPE_CHECKING:
    from types import ModuleType

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "init": ("init", "read the reports it finds and write a gate for them"),
    "inspect": ("inspect", "show what a report or attestation says"),
    "attest": ("attest", "make an attestation of a report"),
    "verify": ("verify", "show whose word is believed, and why"),
    "decide": ("decide", "decide whether a subject may enter a stage"),
    "admit": ("admit", "the deploy side: accept a signed allow, or refuse it"),
    "approve": ("approve", "sign a yes to a subject at a stage, or to a waiver"),
    "reject": ("approve", "sign a no"),
    "waive": ("waive", "ask for a waiver, drafted from a deny"),
    "explain": ("explain", "show a recorded decision again"),
    "replay": ("replay", "recompute recorded decisions, offline"),
    "records": ("records", "query the ledger"),
    "ledger": ("ledger", "prove the ledger"),
    "gate": ("gate", "check, show, compare or lock a gate"),
    "policy": ("policy", "test rules, put faults into them, or start a new one"),
    "opa": ("opa", "install OPA, or show which one is used"),
    "hook": ("hook", "what the pre-commit hooks run: judge what is staged"),
    "doctor": ("doctor", "say what is wrong with this machine"),
    "completion": ("completion", "print a completion script for a shell"),
}


def dispatch(arguments: list[str]) -> int:
    """Find the command, run it, and turn an error into its exit code."""
    name = arguments[0] if arguments else ""
    _prepare_streams(arguments)
    try:
        if name in COMMANDS:
            return _run(name, arguments[1:])
        return _top(name)
    except GatekeeperError as error:
        return _report(error, arguments)


def load(name: str) -> ModuleType:
    """The module of a command."""
    return importlib.import_module(f"gatekeeper.cli.{COMMANDS[name][0]}")


def _run(name: str, arguments: list[str]) -> int:
    module = load(name)
    parsed: Any = module.parser(name).parse_args(arguments)
    try:
        code = module.run(parsed)
    except SystemExit as leave:  # whoever leaves in the middle of a decision has not made it
        raise RuntimeError(f"left with {leave.code!r}") from leave
    if type(code) is not int:
        raise TypeError(f"{name} gave {code!r} for an exit code")
    return code


def _top(name: str) -> int:
    if name in {"-V", "--version"}:
        from gatekeeper._version import __version__

        sys.stdout.write(f"gatekeeper {__version__}\n")
        return 0
    if name in {"-h", "--help", "help"}:
        sys.stdout.write(_usage())
        return 0
    if not name:
        raise UsageError("no command", hint="see gatekeeper --help", code="usage.command")
    from gatekeeper.load.table import suggestion

    raise UsageError(f"there is no command {name!r}", hint=suggestion(name, COMMANDS), code="usage.command")


def _usage() -> str:
    lines = [f"  {name:<11} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: gatekeeper COMMAND ...",
            "",
            "A release gate: attestations in, a recorded and explained allow or deny out.",
            "",
            *lines,
            "",
            "gatekeeper COMMAND --help says more.",
            "Exit codes: 0 allow or done, 1 deny or something found, 2 wrong use, 3 no decision could be reached.",
            "",
        ]
    )


def _prepare_streams(arguments: list[str]) -> None:
    """Formats for machines are UTF-8 in any locale; text shows as an escape what the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdout, io.TextIOWrapper) and _format(arguments) not in {"", "text"}:
        sys.stdout.reconfigure(encoding="utf-8", errors="strict")


def _format(arguments: list[str]) -> str:
    inline = [word.partition("=")[2] for word in arguments if word.startswith("--format=")]
    apart = [after for word, after in pairwise(arguments) if word == "--format"]
    return next(iter([*inline, *apart]), "")


def _report(error: GatekeeperError, arguments: list[str]) -> int:
    """Say what went wrong: as JSON on stdout where that was asked for, else on stderr; annotated for GitHub."""
    from gatekeeper.report import render_error

    if _asks_for("json", arguments):
        sys.stdout.write(render_error(error, "json"))
        return error.exit_code
    if _asks_for("github", arguments):
        sys.stdout.write(render_error(error, "github"))
    sys.stderr.write(render_error(error, "text"))
    return error.exit_code


def _asks_for(form: str, arguments: list[str]) -> bool:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    pairs = [options[index : index + 2] for index in range(len(options))]
    return f"--format={form}" in options or ["--format", form] in pairs
