"""The times at which a bundle's signature is proven to have been there.

Source: RFC 3161, section 2.4.2; RFC 5816. A timestamp proves a time when a timestamp authority of the trusted root
made it, over the signature's bytes, inside that authority's window. What proves nothing is passed over, as the
Sigstore client specification has it; the log's promised time is checked together with the log entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.trust._refusal import RefusalError

if TYPE_CHECKING:
    from datetime import datetime

    from rfc3161_client import TimeStampResponse

    from gatekeeper.trust._sigstore_bundle import Bundle
    from gatekeeper.trust._sigstore_root import Authority, TrustedRoot


def proven_times(bundle: Bundle, root: TrustedRoot) -> tuple[datetime, ...]:
    """The times that timestamps prove and the log promises, oldest first.

    The promised time is still to be verified, with the promise, by whoever verifies the log entry.

    Raises:
        RefusalError: There is none.
    """
    stamped = {_stamped_at(token, bundle.signature, root) for token in bundle.timestamps}
    times = sorted({time for time in (*stamped, bundle.promised_at) if time is not None})
    if not times:
        raise RefusalError("no time is proven: no timestamp by an authority of the trusted root, no promise of the log")
    return tuple(times)


def _stamped_at(token: bytes, signature: bytes, root: TrustedRoot) -> datetime | None:
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(token)
        time: datetime = response.tst_info.gen_time
    except ValueError as cause:
        raise RefusalError("a timestamp cannot be read") from cause
    for authority in root.timestamp_authorities:
        if authority.covers(time) and _made(authority, response, signature):
            return time
    return None


def _made(authority: Authority, response: TimeStampResponse, signature: bytes) -> bool:
    from rfc3161_client import VerifierBuilder

    if len(authority.certificates) < 2:  # noqa: PLR2004 - its own certificate and a root
        return False
    signer, *between, top = authority.chain()
    builder = VerifierBuilder().tsa_certificate(signer).add_root_certificate(top)
    for certificate in between:
        builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(response, signature)
    except Exception:  # noqa: BLE001 - whatever went wrong, this authority did not prove a time
        return False
    return True
