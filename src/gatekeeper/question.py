"""What the engine is asked and what it answers: bytes in, one answer for every rule out.

The protocol lives below both the pure step that asks (:mod:`gatekeeper.evaluate`) and the adapters that run OPA
(:mod:`gatekeeper.engine`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gatekeeper import _json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.policy import RuleSet


@dataclass(frozen=True, slots=True)
class Question:
    """One engine input: canonical JSON with the nonce as its last member.

    The members are ``nonce``, ``subject``, ``documents`` (by kind), ``parameters`` (by rule id), ``ask`` (the rule ids
    to answer) and, where a rule asks for them, ``baseline`` (documents of the release before, by kind). The nonce is
    the digest of the other members; an answer that does not echo it is no answer.
    """

    data: bytes
    nonce: str
    ask: tuple[str, ...]

    @classmethod
    def of(
        cls,
        *,
        subject: Mapping[str, Any],
        documents: Mapping[str, Sequence[Mapping[str, Any]]],
        parameters: Mapping[str, Mapping[str, Any]],
        ask: Sequence[str],
        baseline: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> Question:
        """Build a question from its members."""
        members = {"subject": subject, "documents": documents, "parameters": parameters, "ask": sorted(ask)}
        if baseline:
            members["baseline"] = baseline
        body = _json.canonical(members)
        nonce = _json.digest(body)
        # the nonce goes last, so that a large document is written once; a question is read, never re-serialised
        return cls(data=b'%s,"nonce":"%s"}' % (body[:-1], nonce.encode()), nonce=nonce, ask=tuple(sorted(ask)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """What the engine said for one rule.

    Attributes:
        deny, warn: Members of the rule's sets as parsed JSON, in OPA's order; None where it gave none.
        problem: Why there is no usable answer, in words that do not change from run to run: a builtin error, a
            conflict. Empty when there is one.
    """

    deny: Any = None
    warn: Any = None
    problem: str = ""


Answer = dict[str, RuleAnswer]
"""One answer for every rule id that was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineIdentity:
    """Which engine answered.

    Attributes:
        name: ``opa``.
        version: ``1.22.2``.
        digest: ``sha256:`` of the binary; empty for a server elsewhere.
        platform: ``linux/amd64``.
    """

    name: str
    version: str
    digest: str = ""
    platform: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Engine(Protocol):
    """Runs rules. Adapters are thread-safe, and never closed by the library when a caller passed them in."""

    @property
    def identity(self) -> EngineIdentity:
        """Which engine this is."""

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Compile the rules strictly against their schemas and the allow-list of builtins.

        Raises:
            PolicyError: A rule does not compile; the message is in words, with file and line.
            EngineError: OPA could not be run.
        """

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:
        """Answer each question, in their order, in one go.

        Args:
            rules: The rules; checked before they are run, once.
            questions: What to answer.
            deadline: Seconds this may take; then everything started is killed.

        Raises:
            PolicyError: A rule does not compile.
            EngineTimeoutError: The deadline passed.
            EngineError: OPA is missing, died, or gave an answer that is none: no decision.
        """
