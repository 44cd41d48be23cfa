"""What a decision was made from, so that it can be recomputed later, offline.

A decision refers to gate, trust, rules and evidence by digest; the material holds what these digests are of.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.attestation import decode_base64
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MEMBERS: Final = frozenset({"attestations", "gate", "question", "raw", "rules", "trust", "verdicts"})
_TEXTS: Final = frozenset({"attestations", "question", "raw"})
"""Members whose values are text, or objects of text whose names are digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that replay needs.

    Attributes:
        gate: The gate as its digest covers it; the decision's gate digest is the digest of this.
        trust: The trust that was applied, as its digest covers it (``trust``), with texts of keys and trust root.
        rules: Texts of the modules the engine received, with the METADATA values that results carry.
        question: The engine's input, exactly; empty when no rule had to be asked.
        verdicts: What verification said of each attestation: ``{"digest", "status", ...}``.
        attestations: The attestations as they were received, rejected ones too; each once, by digest.
        raw: Raw reports that were asked to be kept, each once, by digest.
        elsewhere: Digests of the records among the evidence, sorted. They are files of their own; a record that held
            them whole would hold all that were ever before it, and grow with each.
    """

    gate: Mapping[str, Any]
    trust: Mapping[str, Any]
    rules: Mapping[str, Any]
    question: str
    verdicts: tuple[Mapping[str, Any], ...]
    attestations: tuple[bytes, ...]
    raw: tuple[bytes, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def bases(self) -> tuple[Mapping[str, Any], ...]:
        """The gates that the gate stands on, the nearest first.

        Raises:
            MalformedError: They are not told as a gate tells them.
        """
        where = "$.material.gate.bases"
        listed = self.gate.get("bases", [])
        if not isinstance(listed, list):
            raise MalformedError("not a list", where=where, code="material.type")
        bases = tuple(_object(base, f"{where}[{index}]") for index, base in enumerate(listed))
        for index, base in enumerate(bases):
            _json.check_digest(base.get("digest"), where=f"{where}[{index}].digest")
        return bases

    @property
    def base_digest(self) -> str | None:
        """The digest of the gate that the gate extends; None where it stands alone."""
        return next((str(base["digest"]) for base in self.bases), None)

    def with_raw(self, reports: Iterable[bytes]) -> Material:
        """The same, with raw reports kept beside what is there."""
        return replace(self, raw=(*self.raw, *reports))

    def as_json(self) -> dict[str, Any]:
        """The form in a record; bytes are text where they are UTF-8, else ``{"base64": ...}``."""
        return {
            "gate": self.gate,
            "trust": self.trust,
            "rules": self.rules,
            "question": self.question,
            "verdicts": list(self.verdicts),
            "attestations": {_json.digest(item): _pack(item) for item in self.attestations},
            "raw": {_json.digest(item): _pack(item) for item in self.raw},
            **({"elsewhere": list(self.elsewhere)} if self.elsewhere else {}),
        }

    @property
    def canonical(self) -> bytes:
        """The canonical form (RFC 8785) of :meth:`as_json`.

        The members that hold nothing but text are large, and canonical as they are written: only the others are
        searched for numbers.

        Raises:
            MalformedError: Something in it is not JSON.
        """
        members = self.as_json()
        written = (
            b'"%s":%s'
            % (name.encode(), _write_texts(members[name]) if name in _TEXTS else _json.canonical(members[name]))
            for name in sorted(members)
        )
        return b"{%s}" % b",".join(written)

    @classmethod
    def from_json(cls, value: Any, *, where: str = "$") -> Material:
        """Read the form that :meth:`as_json` writes.

        Raises:
            MalformedError: A member is missing, unknown or of another type, or bytes do not have their digest.
        """
        members = _object(value, where)
        for name in sorted((members.keys() - {"elsewhere"}) ^ _MEMBERS):
            problem = "absent" if name in _MEMBERS else "not known here"
            raise MalformedError(problem, where=f"{where}.{name}", code="material.members")
        question, verdicts = members["question"], members["verdicts"]
        if not isinstance(question, str):
            raise MalformedError("not text", where=f"{where}.question", code="material.type")
        if not isinstance(verdicts, list):
            raise MalformedError("not a list", where=f"{where}.verdicts", code="material.type")
        return cls(
            gate=_object(members["gate"], f"{where}.gate"),
            trust=_object(members["trust"], f"{where}.trust"),
            rules=_object(members["rules"], f"{where}.rules"),
            question=question,
            verdicts=tuple(_object(item, f"{where}.verdicts[{index}]") for index, item in enumerate(verdicts)),
            attestations=_unpack_all(members["attestations"], f"{where}.attestations"),
            raw=_unpack_all(members["raw"], f"{where}.raw"),
            elsewhere=_digests(members["elsewhere"], f"{where}.elsewhere") if "elsewhere" in members else (),
        )


def _write_texts(value: Any) -> bytes:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as cause:
        raise MalformedError(f"a lone surrogate: {cause.reason}", code="json.surrogate") from cause


def _pack(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _unpack_all(value: Any, where: str) -> tuple[bytes, ...]:
    return tuple(_unpack(digest, item, f"{where}[{digest!r}]") for digest, item in _object(value, where).items())


def _unpack(digest: str, value: Any, where: str) -> bytes:
    if isinstance(value, dict) and value.keys() == {"base64"}:
        data = decode_base64(value["base64"], where=where)
    elif isinstance(value, str):
        data = value.encode()
    else:
        raise MalformedError('neither text nor {"base64": ...}', where=where, code="material.bytes")
    if _json.digest(data) != digest:
        raise MalformedError("its bytes do not have this digest", where=where, code="material.digest")
    return data


def _digests(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise MalformedError("not a list of digests", where=where, code="material.type")
    digests = tuple(_json.check_digest(item, where=f"{where}[{index}]") for index, item in enumerate(value))
    if list(digests) != sorted(set(digests)):
        raise MalformedError("not sorted, each once", where=where, code="material.type")
    return digests


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("not an object", where=where, code="material.type")
    return value
