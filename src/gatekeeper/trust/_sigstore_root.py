"""A Sigstore trusted root, cut down to who counted at the proven times of one bundle.

sigstore-python ignores where the window of a certificate authority, a transparency log or a CT log ends, compares
where it begins with today's clock, and takes any key of the root when a log's id is unknown. Giving it only the
authorities whose windows cover every proven time, only the log that the bundle names, and windows that are always open
makes the windows hold whichever key it picks, and makes verification independent of the day it runs on.

Source: ``sigstore_trustroot.proto`` in sigstore/protobuf-specs: windows are closed, both ends count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json, _time
from gatekeeper.attestation import decode_base64
from gatekeeper.errors import ConfigError, MalformedError
from gatekeeper.trust._refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cryptography.x509 import Certificate

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"

_ALWAYS: Final = {"start": "1970-01-01T00:00:00Z"}
_HINT: Final = "export it anew (cosign trusted-root create, gh attestation trusted-root) and pin its sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An entry of the trusted root with its window.

    Attributes:
        entry: The entry as it goes to the verifier: its window always open.
        start, end: When it counts, both included; an ``end`` of None is open.
        log_id: The id of a log; empty for certificate and timestamp authorities.
        certificates: The DER certificates of an authority, its own first; none for logs.
    """

    entry: dict[str, Any]
    start: datetime
    end: datetime | None
    log_id: str
    certificates: tuple[bytes, ...]

    def covers(self, instant: datetime) -> bool:
        """Whether it counted at ``instant``."""
        return self.start <= instant and (self.end is None or instant <= self.end)

    def covers_all(self, instants: Iterable[datetime]) -> bool:
        """Whether it counted at every one of ``instants``."""
        return all(map(self.covers, instants))

    def chain(self) -> list[Certificate]:
        """The certificates of an authority."""
        from cryptography.x509 import load_der_x509_certificate

        return [load_der_x509_certificate(item) for item in self.certificates]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedRoot:
    """Who is trusted, and when."""

    certificate_authorities: tuple[Authority, ...]
    timestamp_authorities: tuple[Authority, ...]
    logs: tuple[Authority, ...]
    ct_logs: tuple[Authority, ...]

    def at(self, times: Sequence[datetime], log_id: str) -> bytes:
        """The root with only those who counted at all of ``times``, and only the log ``log_id``, as canonical JSON.

        Raises:
            RefusalError: Nobody is left for one of the jobs.
        """
        named = [log for log in self.logs if log.log_id == log_id]
        if not named:
            raise RefusalError("the transparency log is not in the trusted root")
        return _json.canonical(
            {
                "mediaType": MEDIA_TYPE,
                "tlogs": _those_at(times, named, "key of the transparency log"),
                "certificateAuthorities": _those_at(times, self.certificate_authorities, "certificate authority"),
                "ctlogs": _those_at(times, self.ct_logs, "certificate transparency log"),
                "timestampAuthorities": [item.entry for item in self.timestamp_authorities],
            }
        )


@lru_cache(maxsize=16)
def read_trusted_root(data: bytes) -> TrustedRoot:
    """Read a trusted root.

    Raises:
        ConfigError: It is none, or an entry has no window; ``where`` has the place.
    """
    try:
        return _read(_json.parse_object(data))
    except MalformedError as cause:
        message = f"the Sigstore trusted root cannot be used: {cause.message}"
        raise ConfigError(message, where=cause.where, hint=_HINT, code="sigstore.root") from cause


def _read(value: dict[str, Any]) -> TrustedRoot:
    if value.get("mediaType") != MEDIA_TYPE:
        message = f"the format is {value.get('mediaType')!r}, not {MEDIA_TYPE}"
        raise MalformedError(message, where="$.mediaType", code="sigstore.root")
    return TrustedRoot(
        certificate_authorities=_authorities(value, "certificateAuthorities"),
        timestamp_authorities=_authorities(value, "timestampAuthorities"),
        logs=_logs(value, "tlogs"),
        ct_logs=_logs(value, "ctlogs"),
    )


def _those_at(times: Sequence[datetime], authorities: Iterable[Authority], job: str) -> list[dict[str, Any]]:
    found = [item.entry for item in authorities if item.covers_all(times)]
    if not found:
        when = ", ".join(map(_time.format_instant, times))
        raise RefusalError(f"no {job} of the trusted root counted at {when}")
    return found


def _authorities(value: dict[str, Any], name: str) -> tuple[Authority, ...]:
    return tuple(_authority(item, where) for item, where in _entries(value, name))


def _authority(item: dict[str, Any], where: str) -> Authority:
    start, end = _window(item, where)
    chain = item.get("certChain")
    listed = chain.get("certificates") if isinstance(chain, dict) else None
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise MalformedError("no certificates", where=f"{where}.certChain", code="sigstore.root")
    raw = tuple(decode_base64(one.get("rawBytes"), where=f"{where}.certChain") for one in listed)
    authority = Authority(entry={**item, "validFor": _ALWAYS}, start=start, end=end, log_id="", certificates=raw)
    try:
        authority.chain()
    except ValueError as cause:
        raise MalformedError("a certificate that cannot be read", where=where, code="sigstore.root") from cause
    return authority


def _logs(value: dict[str, Any], name: str) -> tuple[Authority, ...]:
    return tuple(_log(item, where) for item, where in _entries(value, name))


def _log(item: dict[str, Any], where: str) -> Authority:
    key, log_id = item.get("publicKey"), item.get("logId")
    if not isinstance(key, dict) or not isinstance(log_id, dict) or not isinstance(log_id.get("keyId"), str):
        raise MalformedError("no public key or no log id", where=where, code="sigstore.root")
    start, end = _window(key, f"{where}.publicKey")
    entry = {**item, "publicKey": {**key, "validFor": _ALWAYS}}
    return Authority(entry=entry, start=start, end=end, log_id=log_id["keyId"], certificates=())


def _window(holder: dict[str, Any], where: str) -> tuple[datetime, datetime | None]:
    window = holder.get("validFor")
    if not isinstance(window, dict) or "start" not in window:
        raise MalformedError("no window with a start", where=f"{where}.validFor", code="sigstore.root")
    end = window.get("end")
    start = _time.parse_instant(window["start"], where=f"{where}.validFor.start")
    return start, None if end is None else _time.parse_instant(end, where=f"{where}.validFor.end")


def _entries(value: dict[str, Any], name: str) -> list[tuple[dict[str, Any], str]]:
    listed = value.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise MalformedError("not a list of objects", where=f"$.{name}", code="sigstore.root")
    return [(item, f"$.{name}[{index}]") for index, item in enumerate(listed)]
