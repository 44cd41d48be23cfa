"""Who a Fulcio certificate says signed, read from the very certificate that was verified.

Source: Fulcio's certificate specification and docs/oid-info.md (sigstore/fulcio): extensions under
1.3.6.1.4.1.57264.1; numbers 1 to 6 hold raw text, 8 and up a DER UTF8String.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.trust._refusal import RefusalError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CLAIMS: Final = {
    1: "issuer_v1",
    2: "github_workflow_trigger",
    3: "github_workflow_sha",
    4: "github_workflow_name",
    5: "github_workflow_repository",
    6: "github_workflow_ref",
    8: "issuer_v2",
    9: "build_signer_uri",
    10: "build_signer_digest",
    11: "runner_environment",
    12: "source_repository_uri",
    13: "source_repository_digest",
    14: "source_repository_ref",
    15: "source_repository_identifier",
    16: "source_repository_owner_uri",
    17: "source_repository_owner_identifier",
    18: "build_config_uri",
    19: "build_config_digest",
    20: "build_trigger",
    21: "run_invocation_uri",
    22: "source_repository_visibility",
}
"""Claims by the last arc of their identifier. Unknown ones are not read."""

_ARC: Final = "1.3.6.1.4.1.57264.1."
_FIRST_DER: Final = 8
_UTF8_STRING: Final = 0x0C
_REPOSITORY: Final = re.compile(r"https://[^/\s]+/([^\s]+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed.

    Attributes:
        issuer: Who vouched for the identity: the URL of the OIDC issuer.
        name: The one subject alternative name: an e-mail address or a URI.
        repository: ``owner/name`` of the source repository; empty when the certificate names none.
        claims: Every other claim by its name in :data:`CLAIMS`.
    """

    issuer: str
    name: str
    repository: str
    claims: dict[str, str]


def read_identity(certificate: Certificate) -> Identity:
    """Read who a certificate is for.

    Raises:
        RefusalError: Not exactly one subject alternative name, no issuer, two claims that contradict each other, or
            text with characters that nobody sees.
    """
    claims = _claims(certificate)
    old, new = claims.pop("issuer_v1", ""), claims.pop("issuer_v2", "")
    if not old and not new:
        raise RefusalError("the certificate names no issuer")
    if old and new and old != new:
        raise RefusalError("the certificate names two issuers")
    return Identity(issuer=new or old, name=_name(certificate), repository=_repository(claims), claims=claims)


def _name(certificate: Certificate) -> str:
    from cryptography.x509 import ExtensionNotFound, RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    try:
        names = list(certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    except ExtensionNotFound as cause:
        raise RefusalError("the certificate names no identity") from cause
    if len(names) != 1:
        raise RefusalError(f"the certificate names {len(names)} identities")
    if not isinstance(names[0], RFC822Name | UniformResourceIdentifier):
        raise RefusalError("an identity that is neither an e-mail address nor a URI", "unsupported")
    return _visible(names[0].value, "identity")


def _claims(certificate: Certificate) -> dict[str, str]:
    from cryptography.x509 import UnrecognizedExtension

    found: dict[str, str] = {}
    for extension in certificate.extensions:
        dotted = extension.oid.dotted_string
        number = dotted.removeprefix(_ARC)
        if dotted == number or not number.isdigit() or int(number) not in CLAIMS:
            continue
        value = extension.value.value if isinstance(extension.value, UnrecognizedExtension) else b""
        name = CLAIMS[int(number)]
        found[name] = _visible(_utf8(value, name) if int(number) >= _FIRST_DER else _decode(value, name), name)
    return found


def _repository(claims: dict[str, str]) -> str:
    uri, plain = claims.get("source_repository_uri", ""), claims.get("github_workflow_repository", "")
    match = _REPOSITORY.fullmatch(uri)
    named = match[1] if match else ""
    if named and plain and named != plain:
        raise RefusalError("the certificate names two source repositories")
    return named or plain


def _utf8(value: bytes, name: str) -> str:
    """A DER UTF8String (X.690, section 8.23) and nothing after it."""
    if len(value) < 2 or value[0] != _UTF8_STRING:  # noqa: PLR2004 - tag and length
        raise RefusalError(f"the claim {name} is no UTF8String")
    long = value[1] - 0x80 if value[1] > 0x80 else 0  # noqa: PLR2004 - X.690, section 8.1.3: the long form of a length
    size = int.from_bytes(value[2 : 2 + long], "big") if long else value[1]
    if len(value) != 2 + long + size:
        raise RefusalError(f"the claim {name} is no UTF8String")
    return _decode(value[2 + long :], name)


def _decode(value: bytes, name: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise RefusalError(f"the claim {name} is not UTF-8") from cause


def _visible(text: str, name: str) -> str:
    # an identity is compared exactly and shown to people: no control characters, no blanks at its ends
    if not text or not text.isprintable() or text != text.strip():
        raise RefusalError(f"the certificate's {name} is empty or holds invisible characters")
    return text
