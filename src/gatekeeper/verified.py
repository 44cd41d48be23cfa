"""Evidence after verification: what became of each attestation, and what the believed ones say.

Only :func:`gatekeeper.verify.verify` makes these, and the steps after it take nothing else: evidence that was not
verified cannot reach a rule without a type error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from gatekeeper import _time
from gatekeeper.approval import Approval, Waiver
from gatekeeper.decision import Item, Status
from gatekeeper.emergency import Emergency
from gatekeeper.errors import MalformedError
from gatekeeper.facts import Document, Source, compile_schema, kind, validate
from gatekeeper.reversal import Reversal
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A sealed decision of an earlier stage, as far as a later stage asks about it.

    Attributes:
        stage, gate, gate_digest, decision: What was decided, by which gate; the decision's id.
        outcome: ``allow`` or ``deny``.
        at, valid_until: When it was made and until when it may be used.
        valid_for_seconds: The longest its own gate lets an allow of that stage stand.
        rests_on_unsigned: Some of its evidence was not signed.
        emergency_since: When the emergency was declared that it is an allow by; None for an ordinary one.
        rests_on: Id of the decision of the stage before it that it rested on; empty where it names none. None in a
            verdict of a record that was written before decisions named it: what is said below is not known of it then.
        seen: Payload digests of the documents that it believed, sorted.
        approved_by: The people whose approval it counted, sorted.
    """

    stage: str
    gate: str
    gate_digest: str
    decision: str
    outcome: Literal["allow", "deny"]
    at: datetime
    valid_until: datetime
    valid_for_seconds: int
    rests_on_unsigned: bool
    emergency_since: datetime | None = None
    rests_on: str | None = None
    seen: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON; what is not there is left out."""
        plain = ("stage", "gate", "gate_digest", "decision", "outcome", "valid_for_seconds", "rests_on_unsigned")
        return {name: getattr(self, name) for name in plain} | {
            "at": _time.format_instant(self.at),
            "valid_until": _time.format_instant(self.valid_until),
            **({"emergency_since": _time.format_instant(self.emergency_since)} if self.emergency_since else {}),
            **({"rests_on": self.rests_on} if self.rests_on is not None else {}),
            **{name: list(texts) for name in _LISTS if (texts := getattr(self, name))},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$") -> Earlier:
        """The inverse of :meth:`as_json`."""
        named = {"at", "valid_until", "emergency_since"} & value.keys()
        times = {name: _time.parse_instant(value[name], where=f"{where}.{name}") for name in named}
        lists = {name: tuple(value.get(name, ())) for name in _LISTS}
        return cls(**{**value, **times, **lists})


_LISTS: Final = ("seen", "approved_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A sealed decision about an earlier release, as far as this one is compared with it.

    Attributes:
        earlier: What was decided.
        subject: About what; never the subject of this decision.
        repository: The repository that its gate is of.
        documents: What filled the slots of that decision, of the kinds that are compared.
    """

    earlier: Earlier
    subject: Subject
    repository: str
    documents: tuple[Document, ...]

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "earlier": self.earlier.as_json(),
            "subject": self.subject.as_json(),
            "repository": self.repository,
            "documents": [{"facts": one.facts, "source": one.source.as_json()} for one in self.documents],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str) -> Baseline:
        """The inverse of :meth:`as_json`."""
        subject = value["subject"]
        return cls(
            earlier=Earlier.from_json(value["earlier"], where=f"{where}.earlier"),
            subject=Subject.of(subject["name"], subject["digest"]),
            repository=value["repository"],
            documents=tuple(
                _document(one, f"{where}.documents[{index}]") for index, one in enumerate(value["documents"])
            ),
        )


Content = Document | Approval | Waiver | Emergency | Earlier | Baseline | Reversal

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_TEXTS: Final = {"type": "array", "items": _TEXT}


def _closed(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **optional},
    }


_ITEM: Final = _closed(
    {
        "digest": _TEXT,
        "kind": _TEXT,
        "slot": _TEXT,
        "status": {"type": "string", "enum": list(get_args(Status))},
        "signers": _TEXTS,
    },
    **dict.fromkeys(("reason", "read_by", "name"), _TEXT),
)
_SOURCE: Final = _closed(
    {"digest": _TEXT, "kind": _TEXT, "shard": _TEXT, "signers": _TEXTS},
    **dict.fromkeys(("slot", "name", "format", "producer", "verified_at"), _TEXT),
)
_EARLIER: Final = _closed(
    {
        **dict.fromkeys(("stage", "gate", "gate_digest", "decision"), _TEXT),
        "outcome": {"type": "string", "enum": ["allow", "deny"]},
        "valid_for_seconds": {"type": "integer"},
        "rests_on_unsigned": {"type": "boolean"},
        "at": _TIME,
        "valid_until": _TIME,
    },
    emergency_since=_TIME,
    rests_on=_TEXT,
    seen=_TEXTS,
    approved_by=_TEXTS,
)
_DOCUMENT: Final = _closed({"facts": {"type": "object"}, "source": _SOURCE})
_CONTENT: Final = _closed(
    {},
    document=_DOCUMENT,
    approval={"type": "object"},
    waiver={"type": "object"},
    emergency={"type": "object"},
    earlier=_EARLIER,
    baseline=_closed(
        {
            "earlier": _EARLIER,
            "subject": _closed({"name": _TEXT, "digest": {"type": "object", "additionalProperties": True}}),
            "repository": _TEXT,
            "documents": {"type": "array", "items": _DOCUMENT},
        }
    ),
    reversal={"type": "object"},
)
_OPTIONAL: Final = ("content", "verified_at", "claimed_at")
"""Members of a verdict that are null where they are not known."""

_check: Final = compile_schema(
    _closed(
        {"item": _ITEM, "payload_digest": _TEXT, "people": _TEXTS, "lapses": {"type": "array", "items": _TIME}},
        content=_CONTENT,
        verified_at=_TIME,
        claimed_at=_TIME,
        about=_TEXTS,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One attestation after verification.

    Attributes:
        item: What the decision shows of it.
        payload_digest: Equal for two envelopes around one statement.
        content: What it says; None unless it is believed.
        people: Names of the people whose keys signed it, sorted.
        verified_at: Proven time of signing.
        claimed_at: Time of signing that is only claimed.
        lapses: When a key behind it begins or ends; for what is not believed: when it might be.
        about: What it is about, as ``algorithm:hex``, where that is not the subject but what links lead to; sorted.
    """

    item: Item
    payload_digest: str = ""
    content: Content | None = None
    people: tuple[str, ...] = ()
    verified_at: datetime | None = None
    claimed_at: datetime | None = None
    lapses: tuple[datetime, ...] = ()
    about: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON, for the record: replay starts from here."""
        return {
            "item": self.item.as_json(),
            "payload_digest": self.payload_digest,
            "content": _content_json(self.content),
            "people": list(self.people),
            "verified_at": _optional(self.verified_at),
            "claimed_at": _optional(self.claimed_at),
            "lapses": [_time.format_instant(lapse) for lapse in self.lapses],
            **({"about": list(self.about)} if self.about else {}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$") -> Verdict:
        """The inverse of :meth:`as_json`.

        Raises:
            MalformedError: A member is missing, unknown or of another type, or facts are not what their kind asks.
        """
        unknown = {name for name in _OPTIONAL if value.get(name, "") is None}
        validate(_check, {name: member for name, member in value.items() if name not in unknown}, where=where)
        verdict = cls(
            item=Item(**{**value["item"], "signers": tuple(value["item"]["signers"])}),
            payload_digest=value["payload_digest"],
            content=_content(value.get("content"), f"{where}.content"),
            people=tuple(value["people"]),
            verified_at=_instant(value.get("verified_at")),
            claimed_at=_instant(value.get("claimed_at")),
            lapses=tuple(_time.parse_instant(lapse) for lapse in value["lapses"]),
            about=tuple(value.get("about", ())),
        )
        if verdict.as_json() != value:
            raise MalformedError("it is not written as a verdict writes itself", where=where, code="verdict")
        return verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """All verdicts on a body of evidence.

    Attributes:
        verdicts: Sorted by digest.
        evidence_digest: Digest of the evidence as received.
    """

    verdicts: tuple[Verdict, ...]
    evidence_digest: str

    @property
    def items(self) -> tuple[Item, ...]:
        """What the decision shows of each attestation."""
        return tuple(verdict.item for verdict in self.verdicts)

    @property
    def records(self) -> tuple[str, ...]:
        """Digests of the believed records, sorted: what a record names and does not hold."""
        return tuple(
            sorted(
                {verdict.item.digest for content in (Earlier, Baseline, Reversal) for verdict in self.believed(content)}
            )
        )

    def believed(self, content: type) -> Iterator[Verdict]:
        """The believed attestations that say something of a type: Document, Approval, Waiver, Emergency or Earlier."""
        return (verdict for verdict in self.verdicts if isinstance(verdict.content, content))


def _content_json(content: Content | None) -> dict[str, Any] | None:
    if content is None:
        return None
    if isinstance(content, Document):
        return {"document": {"facts": content.facts, "source": content.source.as_json()}}
    return {_NAMES[type(content)]: content.as_json()}


def _content(value: Mapping[str, Any] | None, where: str) -> Content | None:
    if value is None:
        return None
    if len(value) != 1:
        raise MalformedError("it says not one thing", where=where, code="verdict")
    [(name, said)] = value.items()
    place = f"{where}.{name}"
    return _READERS[name](said, where=place) if name in _READERS else _document(said, place)


_READERS: Final[Mapping[str, Callable[..., Content]]] = {
    "approval": Approval.from_json,
    "waiver": Waiver.from_json,
    "emergency": Emergency.from_json,
    "earlier": Earlier.from_json,
    "baseline": Baseline.from_json,
    "reversal": Reversal.from_json,
}
_NAMES: Final[Mapping[type, str]] = {
    Approval: "approval",
    Waiver: "waiver",
    Emergency: "emergency",
    Earlier: "earlier",
    Baseline: "baseline",
    Reversal: "reversal",
}


def _document(value: Mapping[str, Any], where: str) -> Document:
    document = Document(facts=value["facts"], source=Source.from_json(value["source"], where=f"{where}.source"))
    kind(document.kind, where=f"{where}.source.kind").validate(document.facts, where=f"{where}.facts")
    return document


def _optional(instant: datetime | None) -> str | None:
    return None if instant is None else _time.format_instant(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else _time.parse_instant(text)
