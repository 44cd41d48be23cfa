"""Everything that can go wrong, in one tree.

A deny is a value, never an exception. An exception means *no decision could be reached: treat the gate as
closed*. Every error that leaves the library is a :class:`GatekeeperError` with a stable ``code``, the place
(``where``) and what to do about it (``hint``).

::

    GatekeeperError              exit 3   no decision could be reached
    ├── UsageError               exit 2   the call or the command line is wrong
    ├── MalformedError           exit 2   the content of a document cannot be accepted
    │   └── LimitError           exit 2   ... because it is larger or deeper than a named limit
    ├── SourceError              exit 3   a file or folder could not be read or written
    ├── ConfigError              exit 3   gate, trust, people or lock file is wrong
    │   └── DriftError           exit 3   ... or is no longer what was locked
    ├── PolicyError              exit 3   a pack, rule, METADATA or schema is wrong
    ├── EngineError              exit 3   OPA could not be run or gave no usable answer
    │   ├── EngineMissingError   exit 3   ... it is not there, or not the one that was asked for
    │   └── EngineTimeoutError   exit 3   ... it ran past its deadline and was killed
    ├── SealError                exit 3   a decision cannot be sealed into a record
    ├── LedgerError              exit 3   the ledger could not be read or written
    └── NotAdmittedError         exit 1   a record does not open this stage for this subject
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ConfigError",
    "DriftError",
    "EngineError",
    "EngineMissingError",
    "EngineTimeoutError",
    "GatekeeperError",
    "LedgerError",
    "LimitError",
    "MalformedError",
    "NotAdmittedError",
    "PolicyError",
    "SealError",
    "SourceError",
    "UsageError",
]


class GatekeeperError(Exception):
    """No decision could be reached; treat the gate as closed.

    Args:
        message: What is wrong, one sentence without a full stop.
        where: The place: ``$.subject[0].digest``, ``gate.toml:12``, a file name. Empty when there is none.
        hint: What to do about it. Empty when there is nothing to say.
        code: A stable dotted identifier for programs; the class's own when not given.
    """

    default_code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, where: str = "", hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.code = code or self.default_code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint}"

    def within(self, place: str) -> GatekeeperError:
        """Return the same error with its place put under ``place``, for readers that know more of the path."""
        inner = self.where
        where = f"{place}: {inner}" if inner else place
        return type(self)(self.message, where=where, hint=self.hint, code=self.code)


class UsageError(GatekeeperError):
    """The call or the command line is wrong."""

    default_code = "usage"
    exit_code = 2


class MalformedError(GatekeeperError):
    """The content of a document cannot be accepted."""

    default_code = "malformed"
    exit_code = 2


class LimitError(MalformedError):
    """A document is larger, deeper or longer than a named limit."""

    default_code = "limit"


class SourceError(GatekeeperError):
    """A file or folder could not be read or written."""

    default_code = "source"


class ConfigError(GatekeeperError):
    """The gate, trust, people or lock file is wrong."""

    default_code = "config"


class DriftError(ConfigError):
    """What is loaded is no longer what was locked."""

    default_code = "drift"


class PolicyError(GatekeeperError):
    """A pack, a rule, its METADATA or a schema is wrong."""

    default_code = "policy"


class EngineError(GatekeeperError):
    """OPA could not be run, or gave no usable answer."""

    default_code = "engine"


class EngineMissingError(EngineError):
    """OPA is not there, or it is not the one that was asked for."""

    default_code = "engine.missing"


class EngineTimeoutError(EngineError):
    """OPA ran past its deadline and was killed."""

    default_code = "engine.timeout"


class SealError(GatekeeperError):
    """A decision cannot be sealed into a record."""

    default_code = "seal"


class LedgerError(GatekeeperError):
    """The ledger could not be read or written."""

    default_code = "ledger"


class NotAdmittedError(GatekeeperError):
    """A record does not open this stage for this subject."""

    default_code = "not_admitted"
    exit_code = 1
