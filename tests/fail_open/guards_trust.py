"""Guards over whose word is believed: signatures, keys, identities, what ``trust.toml`` may say."""

from __future__ import annotations

from typing import Any

from guard import Guard, always


def _every_key(_original: Any) -> Any:
    return lambda _attestation, keys, **_options: frozenset(key.fingerprint for key in keys)


def _any_payload_type(original: Any) -> Any:
    return lambda attestation, keys: original(attestation, keys, payload_types=(attestation.payload_type,))


GUARDS = (
    Guard("trust.dsse", "signatures that do not hold", "gatekeeper.trust.dsse:verify", _every_key),
    Guard("trust.payload_type", "what was signed as something else", "gatekeeper.trust.dsse:verify", _any_payload_type),
    Guard(
        "verify.accept",
        "a signer whose word counts for something else, or nobody's",
        "gatekeeper.verify:_Desk._accepted",
        always("verified"),
    ),
)
