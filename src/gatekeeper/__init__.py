"""Gatekeeper: a release gate that cannot fail open.

Attestations in, policies in Rego evaluated by real OPA, a recorded and explained allow or deny out::

    gate = gatekeeper.Gate.load("gate.toml")
    wheel = gatekeeper.Subject.file("dist/parcel-1.4.0-py3-none-any.whl")
    evidence = gatekeeper.Evidence.read("evidence/")
    decision = gate.decide(wheel, "build", evidence, at=datetime.now(UTC))

Every failure to reach a decision raises a :class:`GatekeeperError`: treat the gate as closed. Names load on first
use, so that importing the library costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._version import __version__

if TYPE_CHECKING:
    from gatekeeper.admission import admit
    from gatekeeper.attestation import Attestation
    from gatekeeper.collect.attest import attest
    from gatekeeper.decision import Decision, Result, Violation
    from gatekeeper.engine.child import OpaChild
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.server import OpaServer
    from gatekeeper.errors import (
        ConfigError,
        DriftError,
        EngineError,
        EngineMissingError,
        EngineTimeoutError,
        GatekeeperError,
        LedgerError,
        LimitError,
        MalformedError,
        NotAdmittedError,
        PolicyError,
        SealError,
        SourceError,
        UsageError,
    )
    from gatekeeper.evidence import Evidence
    from gatekeeper.gate import Gate, Preview
    from gatekeeper.ledger import Ledger
    from gatekeeper.load.trust_file import load_trust
    from gatekeeper.record import Record
    from gatekeeper.replaying import replay
    from gatekeeper.roster import Trust
    from gatekeeper.sealing import seal
    from gatekeeper.subject import Subject
    from gatekeeper.trust.signer import KeySigner, SigstoreSigner

_ERRORS: Final = (
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
)
_HOMES: Final = {
    "Attestation": "attestation",
    "Decision": "decision",
    "Evidence": "evidence",
    "Gate": "gate",
    "KeySigner": "trust.signer",
    "Ledger": "ledger",
    "OpaChild": "engine.child",
    "OpaCommand": "engine.command",
    "OpaServer": "engine.server",
    "Preview": "gate",
    "Record": "record",
    "Result": "decision",
    "SigstoreSigner": "trust.signer",
    "Subject": "subject",
    "Trust": "roster",
    "Violation": "decision",
    "admit": "admission",
    "attest": "collect.attest",
    "load_trust": "load.trust_file",
    "replay": "replaying",
    "seal": "sealing",
    **dict.fromkeys(_ERRORS, "errors"),
}

__all__ = [
    "Attestation",
    "ConfigError",
    "Decision",
    "DriftError",
    "EngineError",
    "EngineMissingError",
    "EngineTimeoutError",
    "Evidence",
    "Gate",
    "GatekeeperError",
    "KeySigner",
    "Ledger",
    "LedgerError",
    "LimitError",
    "MalformedError",
    "NotAdmittedError",
    "OpaChild",
    "OpaCommand",
    "OpaServer",
    "PolicyError",
    "Preview",
    "Record",
    "Result",
    "SealError",
    "SigstoreSigner",
    "SourceError",
    "Subject",
    "Trust",
    "UsageError",
    "Violation",
    "__version__",
    "admit",
    "attest",
    "load_trust",
    "replay",
    "seal",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gatekeeper' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"gatekeeper.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names and nothing else."""
    return __all__
