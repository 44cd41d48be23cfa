"""The phrases that every form uses, so that they all say the same thing in the same words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.report.ground import Ground
    from gatekeeper.report.view import Answer, Approval, Finding, Origin, Piece, View, Waiver

_DIGEST_SHOWN: Final = 12
"""Hexadecimal digits of a digest that people are shown: enough to tell two apart, few enough to read."""

_TALLIED: Final = 5
"""Groups named in a count of what is not listed."""


def short(digest: str) -> str:
    """A digest with its first twelve hexadecimal digits; anything else as it is."""
    algorithm, colon, value = digest.partition(":")
    return f"{algorithm}:{value[:_DIGEST_SHOWN]}" if colon else digest[:_DIGEST_SHOWN]


def instant(text: str) -> str:
    """RFC 3339 as people write it: ``2026-11-24 02:14 UTC``; seconds only where they are not zero."""
    if text[10:11] != "T" or not text.endswith("Z"):
        return text
    return f"{text[:10]} {text[11:-1].removesuffix(':00')} UTC"


def verdict(view: View) -> str:
    """ALLOW, DENY, or what a preview would be."""
    word = view.outcome.upper()
    return f"WOULD {word}" if view.preview else word


def summary(view: View) -> list[str]:
    """Every result once: ``2 failed``, ``1 waiting``, ``12 passed``."""
    return [f"{count} {word}" for word, count in view.counts]


def measured(finding: Finding) -> str:
    """What was found and what was expected, the unit once; nothing where the message says it already."""
    found, expected = finding.actual, finding.expected
    if found and not expected and found in finding.message:
        return ""
    text = f"{found}, expected {expected}" if found and expected else found or expected
    space = "" if finding.unit == "%" else " "
    return f"{text}{space}{finding.unit}" if text and finding.unit else text


def report_of(origin: Origin) -> list[str]:
    """Which report: its name, the tool that made it, slot and shard, digest."""
    slot = f"slot {origin.slot}" if origin.slot else ""
    shard = f"shard {origin.shard}" if origin.shard not in {"", "1/1"} else ""
    before = f"baseline {origin.baseline}" if origin.baseline else ""
    parts = (origin.name or origin.kind, origin.producer, slot, shard, before, short(origin.digest))
    return [part for part in parts if part]


def signer_of(origin: Origin) -> list[str]:
    """Who vouches for the report, and when where a log or timestamp authority proves it."""
    if not origin.signers:
        return ["nobody: unsigned"]
    return [", ".join(origin.signers), instant(origin.verified_at) if origin.verified_at else "time not proven"]


FACTS: Final = ("found", "expected", "term", "at", "report", "signer", "why", "fix")
"""What is to be known of a finding, in the order of reading."""

WARNING_FACTS: Final = ("found", "expected", "at", "report", "fix")
"""The same for a finding that only warns."""

ANNOTATION_FACTS: Final = ("found", "expected", "at", "report", "signer", "fix")
"""The same where the rule stands beside it."""

Fact = tuple[str, str, list[str]]
"""Label, style, parts."""


def facts(finding: Finding, wanted: Sequence[str] = FACTS, why: str = "") -> list[Fact]:
    """The facts of a finding that are known, of those that are wanted."""
    origin = finding.origin
    known: dict[str, tuple[str, list[str]]] = {
        "found" if finding.actual else "expected": ("", [measured(finding)]),
        "term": ("", ["" if finding.term in finding.message.split() else finding.term]),
        "at": ("", [finding.locator]),
        "report": ("", report_of(origin) if origin else []),
        "signer": ("" if origin and origin.signers else "caution", signer_of(origin) if origin else []),
        "why": ("", [why]),
        "fix": ("strong", [finding.remedy]),
    }
    return [(label, *known[label]) for label in wanted if any(known.get(label, ("", []))[1])]


def repeats(view: View) -> dict[str, str]:
    """Answers that close the gate for exactly the reasons of an earlier one, by id: said once, they are read."""
    first: dict[tuple[Finding, ...], str] = {}
    told = view.closed + view.pending
    return {answer.id: first.setdefault(answer.findings, answer.id) for answer in told}


def same(earlier: str) -> str:
    """Where the reasons stand that are not said again."""
    return f"for the same reason as {earlier}"


def more(findings: Sequence[Finding]) -> str:
    """How many are not listed, and what they are about."""
    about = tally(findings)
    return f"and {len(findings)} more" + (f": {about}" if about else "")


def tally(findings: Sequence[Finding]) -> str:
    """What is not listed, by what it says was found, else by term, else by report."""
    for key in (_found, _term, _report):
        groups = Counter(filter(None, map(key, findings)))
        if 1 < len(groups) < len(findings) and sum(groups.values()) == len(findings):
            named = [f"{count} {name}" for name, count in _most(groups)]
            others = len(groups) - len(named)
            return ", ".join([*named, *([f"{others} other groups"] if others else [])])
    terms = len(set(map(_term, findings)) - {""})
    return f"{terms} different terms" if terms > 1 else ""


def _most(groups: Counter[str]) -> list[tuple[str, int]]:
    return sorted(groups.items(), key=lambda group: (-group[1], group[0]))[:_TALLIED]


def _found(finding: Finding) -> str:
    return finding.actual if not finding.actual[:1].isdigit() else ""


def _term(finding: Finding) -> str:
    return finding.term


def _report(finding: Finding) -> str:
    return f"in {finding.origin.name or finding.origin.slot}" if finding.origin else ""


def waived_by(waiver: Waiver | None) -> list[str]:
    """By whom, until when, which ticket, why."""
    if waiver is None:
        return ["the waiver is not among those shown"]
    parts = (
        f"by {', '.join(waiver.approved_by)}" if waiver.approved_by else "by nobody named",
        f"asked for by {waiver.requester}" if waiver.requester else "",
        f"until {instant(waiver.expires)}" if waiver.expires else "",
        waiver.ticket,
        waiver.reason,
        short(waiver.digest),
    )
    return [part for part in parts if part]


def idle(waiver: Waiver) -> list[str]:
    """A waiver that covers nothing here, and why."""
    parts = (waiver.rule, ", ".join(waiver.terms), waiver.status, waiver.why, waiver.ticket, short(waiver.digest))
    return [part for part in parts if part]


def approved(approval: Approval) -> list[str]:
    """Who said yes, and whether it counted, or no: whether that denies is said by the requirement."""
    verdict = {"approve": "approves", "reject": "rejects"}.get(approval.verdict, approval.verdict)
    counted = "" if approval.verdict == "reject" else "counted" if approval.counted else "does not count"
    until = f"until {instant(approval.expires)}" if approval.expires else ""
    parts = (f"{approval.person} {verdict}", counted, until, approval.comment, short(approval.digest))
    return [part for part in parts if part]


def rested_on(ground: Ground) -> list[str]:
    """What the decision rests on beside its own evidence."""
    when = instant(ground.at) if ground.at else ""
    parts = (ground.what, *map(short, ground.digests), when, *map(_shortened, ground.more))
    return [part for part in parts if part]


def _shortened(text: str) -> str:
    return short(text) if text.startswith("sha256:") else text


def effective(answer: Answer) -> str:
    """From when what is warned of closes the gate."""
    return f"from {answer.effective_on} on this closes the gate" if answer.effective_on else ""


def piece_name(piece: Piece) -> list[str]:
    """What an attestation is called: file, kind and slot, digest."""
    slot = f"slot {piece.slot}" if piece.slot else ""
    return [part for part in (piece.name, piece.kind, slot, short(piece.digest)) if part]


def lapses(view: View) -> list[str]:
    """The instants at which the decision may change, with reasons: of an allow those after its end."""
    own = f"an allow of {view.stage} is valid for "
    kept = [lapse for lapse in view.lapses if (lapse[0] != view.valid_until if view.allowed else own not in lapse[1])]
    return [f"{instant(at)} ({reason})" for at, reason in kept]


def until(view: View) -> str:
    """Until when an allow holds, and why no longer."""
    reasons = [reason for at, reason in view.lapses if at == view.valid_until]
    return instant(view.valid_until) + (f" ({', '.join(reasons)})" if reasons else "")


def _emergency_remarks(view: View) -> list[tuple[bool, str, str]]:
    said = view.emergency
    if said is None:
        return []
    told = {
        "used": f"EMERGENCY: {', '.join(said.by)} breaks through {', '.join(answer.id for answer in view.broken)}",
        "unneeded": "an emergency was asked for, and nothing is closed: this is an ordinary allow",
        "refused": f"the emergency opens nothing: {said.why}",
    }
    why = f"{said.reason}; to be reviewed, and over at {instant(said.ends)}"
    return [(True, "bad" if said.status != "unneeded" else "", told[said.status]), (said.status == "used", "bad", why)]


def broken_by(view: View) -> str:
    """By whose emergency something is broken through."""
    said = view.emergency
    return f"broken through by the emergency of {', '.join(said.by)}: {said.reason}" if said else ""


_NEXT: Final = {
    "proceed": "next: proceed",
    "hold": "next: hold, no further step until this is settled",
    "roll_back": "next: roll back",
}
_NEXT_STYLES: Final = {"proceed": "good", "hold": "caution", "roll_back": "bad"}


def next_step(view: View) -> str:
    """What a canary does now, and which rules ask it to go back; empty where the stage is none."""
    asking = ", ".join(answer.id for answer in view.closed if answer.rolls_back)
    return _NEXT.get(view.next, "") + (f", as {asking} asks" if view.next == "roll_back" else "")


def remarks(view: View) -> list[tuple[str, str]]:
    """What has to be known at once, with its style."""
    found = [
        *_emergency_remarks(view),
        (bool(view.next), _NEXT_STYLES.get(view.next, ""), next_step(view)),
        (view.preview, "caution", "a preview: it opens nothing and is never sealed"),
        (view.waiting, "caution", "nothing is wrong with what is here: only what may still arrive is missing"),
        (view.allowed, "", f"until {until(view)}"),
        (view.allowed and view.rests_on_unsigned, "caution", unsigned_warning(view)),
    ]
    return [(text, style) for holds, style, text in found if holds]


def piece_reason(piece: Piece) -> str:
    """What became of an attestation and why."""
    if piece.status in {"rejected", "unsupported"}:
        return f"{piece.status}: {piece.reason or 'no reason given'}"
    return piece.reason


def evidence(view: View) -> str:
    """How many attestations, by what became of them."""
    if not view.pieces:
        return "no attestation"
    groups = Counter(piece.status for piece in view.pieces)
    order = ("verified", "unsigned", "rejected", "unsupported")
    plural = "s" if len(view.pieces) > 1 else ""
    counted = ", ".join(f"{groups[status]} {status}" for status in order if groups[status])
    return f"{len(view.pieces)} attestation{plural}: {counted}"


def unsigned_warning(view: View) -> str:
    """What an allow that rests on unsigned evidence is worth."""
    return f"unsigned evidence counted: enough for {view.stage}, not for a stage or deployment that asks for signatures"
