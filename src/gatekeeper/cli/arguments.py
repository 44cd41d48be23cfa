"""Arguments: strict parsing, and the few kinds of argument that commands share."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any, Final, NoReturn

from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS: Final = ("text", "json", "markdown", "sarif", "junit", "github")


class Parser(argparse.ArgumentParser):
    """Raises instead of leaving, knows no abbreviations, and refuses an option that is given twice."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)
        self.register("action", None, Once)
        self.register("action", "store", Once)

    def error(self, message: str) -> NoReturn:
        """Raise, so that one place says what went wrong."""
        raise UsageError(message, hint=f"see {self.prog} --help", code="usage.arguments")


class Once(argparse.Action):
    """Stores a value, and refuses a second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Store it."""
        seen = namespace.__dict__.setdefault("_seen", set())
        if option_string is not None and self.dest in seen:
            parser.error(f"{option_string} is given twice")
        seen.add(self.dest)
        setattr(namespace, self.dest, values)


def given(text: str) -> str:
    """A text that is not empty: an unset variable in a script is a mistake, not a default."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def shard(text: str) -> tuple[int, int]:
    """``2/4``."""
    from gatekeeper.errors import MalformedError
    from gatekeeper.facts import parse_shard

    try:
        return parse_shard(text)
    except MalformedError as problem:
        raise argparse.ArgumentTypeError(f"{problem.message}: {problem.hint}") from problem


def seconds(text: str) -> float:
    """How long something may take: a number above zero that ends."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above zero")
    return value


def add_format(parser: Parser, formats: Sequence[str] = FORMATS) -> None:
    """``--format``."""
    parser.add_argument("--format", choices=formats, default="text", help="how to print the result (default: text)")


def add_gate(parser: Parser) -> None:
    """``--gate``."""
    parser.add_argument("--gate", type=given, default="gate.toml", metavar="FILE", help="the gate (default: gate.toml)")


def add_signer(parser: Parser, *, required: bool = False) -> None:
    """``--key`` or ``--sigstore``."""
    group = parser.add_mutually_exclusive_group(required=required)
    group.add_argument("--key", type=given, metavar="FILE", help="sign with this private key")
    group.add_argument(
        "--sigstore", action="store_true", help="sign with the identity of this CI job, through Sigstore"
    )
