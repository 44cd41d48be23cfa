"""Guards over whose word is believed: signatures, keys, identities, what ``trust.toml`` may say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fake_sigstore import IDENTITY, ISSUER
from guard import Guard, always, becomes

from gatekeeper.approval import APPROVAL_NAMESPACE
from gatekeeper.signatures import Signed
from gatekeeper.trust.sigstore import SigstoreVerdict
from project import public_of

if TYPE_CHECKING:
    from gatekeeper.attestation import Attestation
    from gatekeeper.roster import Trust

PUBLIC_KEY = public_of("nobody")


def _every_key(_original: Any) -> Any:
    return lambda _attestation, keys, **_options: frozenset(key.fingerprint for key in keys)


def _any_payload_type(original: Any) -> Any:
    return lambda attestation, keys: original(attestation, keys, payload_types=(attestation.payload_type,))


def _any_stage(self: Trust, kind: str, _stage: str) -> frozenset[str]:
    lines = [self.accept, *self.stage_accept.values()]
    return frozenset(name for line in lines for name in line.get(kind, ()))


def _signed_by_ci(_self: Any, received: Attestation) -> tuple[Signed, bytes]:
    return Signed(signers=frozenset({"ci"})), received.payload


def _unchecked(original: Any) -> Any:
    """Sigstore's payload, read and not verified, by an identity that is believed."""

    def verify(raw: bytes, **_options: Any) -> SigstoreVerdict:
        value = json.loads(raw)
        return SigstoreVerdict(
            status="verified",
            issuer=ISSUER,
            identity=IDENTITY,
            repository="acme/parcel",
            claims={"build_trigger": "push"},
            verified_at=datetime.now(UTC),
            payload=base64.b64decode(value["dsseEnvelope"]["payload"]),
        )

    return verify


def _any_key(original: Any) -> Any:
    """What is no key is as good as one."""
    return lambda _text, *args: original(PUBLIC_KEY, *args)


GUARDS = (
    Guard("trust.dsse", "signatures that do not hold", "gatekeeper.trust.dsse:verify", _every_key),
    Guard("trust.payload_type", "what was signed as something else", "gatekeeper.trust.dsse:verify", _any_payload_type),
    Guard(
        "verify.accept",
        "a signer whose word counts for something else, or nobody's",
        "gatekeeper.verify:_Desk._accepted",
        always("verified"),
    ),
    Guard(
        "verify.future",
        "evidence that was signed tomorrow",
        "gatekeeper.verify:CLOCK_SKEW",
        becomes(timedelta(days=9_999)),
    ),
    Guard("trust.period", "a key before or after its time", "gatekeeper.roster:Period.covers", always(True)),
    Guard(
        "trust.ssh_purpose",
        "facts signed as approvals are",
        "gatekeeper.signatures:_namespace",
        always(APPROVAL_NAMESPACE),
    ),
    Guard("trust.stage", "what only another stage accepts", "gatekeeper.roster:Trust.accepted", becomes(_any_stage)),
    Guard(
        "trust.sigstore",
        "a Sigstore bundle that does not hold, or that nothing here can check",
        "gatekeeper.trust.sigstore:verify",
        _unchecked,
    ),
    Guard(
        "trust.identity",
        "another identity, issuer, repository or trigger",
        "gatekeeper.signatures:is_identity",
        always(True),
    ),
    Guard(
        "trust.root",
        "a bundle that nothing here can check",
        "gatekeeper.signatures:Signatures._sigstore",
        becomes(_signed_by_ci),
    ),
    Guard("trust.root_pin", "another trusted root", "gatekeeper.load.trust_file:_check_pin", always(None)),
    Guard(
        "trust.root_named",
        "identities that nothing could check",
        "gatekeeper.load.trust_file:_check_root_named",
        always(None),
    ),
    Guard("trust.names", "a signer that nobody is", "gatekeeper.load.trust_file:_check_names", always(None)),
    Guard("trust.kinds", "a kind that nobody knows", "gatekeeper.load.trust_file:_check_kind", always(None)),
    Guard(
        "trust.decisions", "decisions accepted from nobody", "gatekeeper.load.trust_file:_check_signed", always(None)
    ),
    Guard("trust.apart", "two names for one key or login", "gatekeeper.load.trust_file:_check_apart", always(None)),
    Guard("trust.key", "a key that is none", "gatekeeper.load.trust_file:held_key", _any_key),
)
