"""The explanation for a pull request comment or a step summary: Markdown in which evidence is nothing but text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from gatekeeper.report import words
from gatekeeper.report.inert import code_span, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.report.view import Answer, Finding, Piece, View

COMMENT_BYTES: Final = 65_536
"""What GitHub takes in one comment, in characters; counted in bytes of UTF-8 here, which are never fewer."""

_RESERVE: Final = 400
_LISTED: Final = 10
_PIECES: Final = 20
_ICONS: Final = {
    "fail": "❌",
    "unanswered": "❔",
    "broken through": "🚨",
    "waiting": "⏳",
    "waived": "⚪",
    "warn": "🟡",
}


def render(view: View, *, budget: int = COMMENT_BYTES) -> str:
    """The explanation, at most ``budget`` bytes long; what does not fit is counted, never dropped in silence."""
    head, foot = "\n\n".join(_header(view)), "\n\n".join(_footer(view))
    room = budget - _RESERVE - len(head.encode()) - len(foot.encode())
    parts, cut = [head], Counter[str]()
    for block in _blocks(view):
        kind, text = _fitting(block, room)
        cut[kind] += 1
        if text:
            parts.append(text)
            room -= len(text.encode()) + 2
    if cut["brief"] or cut["left out"]:
        counted = f"{cut['brief']} parts are cut to their title and {cut['left out']} are left out"
        parts.append(f"> To fit here, {counted}; the JSON form has all of it.")
    return "\n\n".join([*parts, foot]) + "\n"


def _fitting(block: tuple[str, str], room: int) -> tuple[str, str]:
    """A block in full, in brief or not at all, whichever fits first."""
    kinds = zip(("full", "brief"), block, strict=True)
    return next(((kind, text) for kind, text in kinds if len(text.encode()) + 2 <= room), ("left out", ""))


def _header(view: View) -> Iterator[str]:
    icon = "🚨" if view.broken else "✅" if view.allowed else "⏳" if view.waiting else "❌"
    yield f"### {icon} {words.verdict(view)}: {code_span(view.subject)} → {code_span(view.stage)}"
    yield " · ".join(f"**{count} {word}**" for word, count in view.counts)
    for text, _ in words.remarks(view):
        yield _upper(markdown(text))


def _blocks(view: View) -> Iterator[tuple[str, str]]:
    """Each block in full, and in brief for when there is little room."""
    earlier = words.repeats(view)
    for answer in view.closed + view.pending:
        kind = "waiting" if answer.is_waiting else answer.outcome
        yield _answer(answer, kind, earlier[answer.id]), _title(answer, kind)
    for answer in view.broken:
        yield _answer(answer, "broken through", answer.id), _title(answer, "broken through")
    for answer in view.waived:
        yield _waived(view, answer), _title(answer, "waived")
    for answer in view.warned:
        yield _warned(answer), _title(answer, "warn")
    yield from _pieces("Not believed", view.disbelieved)
    yield from _pieces("Accepted unsigned", view.unsigned)
    yield from _people("Rests on", [words.rested_on(one) for one in view.grounds])
    yield from _people("Approvals", [words.approved(one) for one in view.approvals])
    yield from _people("Waivers that cover nothing here", [words.idle(one) for one in view.idle_waivers])


def _title(answer: Answer, kind: str) -> str:
    badges = [kind] if kind in {"unanswered", "waived", "broken through"} else []
    badges += [markdown(answer.severity)] if answer.severity and kind in {"fail", "unanswered"} else []
    return f"#### {_ICONS[kind]} {' · '.join([code_span(answer.id), markdown(answer.title), *badges])}"


def _answer(answer: Answer, kind: str, earlier: str) -> str:
    if earlier != answer.id:
        why = f"**why** {markdown(answer.description)}" if answer.description else ""
        said = f"For the same reason as {code_span(earlier)}."
        return "\n\n".join(filter(None, [_title(answer, kind), said, why and f"- {why}"]))
    return "\n\n".join([_title(answer, kind), *_findings(answer.findings, words.FACTS, answer.description)])


def _waived(view: View, answer: Answer) -> str:
    waivers: list[words.Fact] = [("waived", "", words.waived_by(view.waiver(digest))) for digest in answer.waivers]
    return "\n\n".join([_title(answer, "waived"), *_findings(answer.waived, ("term",), more=waivers)])


def _warned(answer: Answer) -> str:
    later: list[words.Fact] = [("later", "", [words.effective(answer)])] if answer.effective_on else []
    return "\n\n".join([_title(answer, "warn"), *_findings(answer.findings, words.WARNING_FACTS, more=later)])


def _findings(
    findings: Sequence[Finding], wanted: Sequence[str], why: str = "", *, more: Sequence[words.Fact] = ()
) -> Iterator[str]:
    if len(findings) == 1:
        yield markdown(findings[0].message)
        yield from _facts([*words.facts(findings[0], wanted, why), *more])
        return
    listed = findings[:_LISTED]
    rows = [words.facts(finding, wanted, why) for finding in listed]
    shared = [row for row in rows[0] if all(row in others for others in rows)] if rows else []
    lines = [
        " · ".join([f"1. {markdown(finding.message)}", *(_fact(row) for row in facts if row not in shared)])
        for finding, facts in zip(listed, rows, strict=True)
    ]
    if lines:
        yield "\n".join(lines)
    if len(findings) > len(listed):
        yield f"… {markdown(words.more(findings[len(listed) :]))}"
    yield from _facts([*shared, *more])


def _facts(rows: Sequence[words.Fact]) -> Iterator[str]:
    if rows:
        yield "\n".join(f"- {_fact(row)}" for row in rows)


def _fact(row: words.Fact) -> str:
    label, _, parts = row
    if label in {"term", "at"}:
        return f"**{label}** {' · '.join(map(code_span, parts))}"
    if label == "report":
        return f"**{label}** {' · '.join([code_span(parts[0]), _prose(parts[1:])])}"
    return f"**{label}** {_prose(parts)}"


def _prose(parts: Sequence[str]) -> str:
    return " · ".join(map(markdown, filter(None, parts)))


def _pieces(heading: str, pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    if not pieces:
        return
    lines = [f"- {code_span(piece.name or piece.digest)} · {_prose(_piece(piece))}" for piece in pieces[:_PIECES]]
    if len(pieces) > len(lines):
        lines.append(f"- and {len(pieces) - len(lines)} more")
    yield f"#### {heading}\n\n" + "\n".join(lines), f"#### {heading}: {len(pieces)}"


def _piece(piece: Piece) -> list[str]:
    return [*words.piece_name(piece)[bool(piece.name) :], words.piece_reason(piece)]


def _people(heading: str, rows: Sequence[list[str]]) -> Iterator[tuple[str, str]]:
    if rows:
        lines = [f"- {_prose(row)}" for row in rows[:_PIECES]]
        if len(rows) > len(lines):
            lines.append(f"- and {len(rows) - len(lines)} more")
        yield f"#### {heading}\n\n" + "\n".join(lines), f"#### {heading}: {len(rows)}"


def _footer(view: View) -> Iterator[str]:
    rows = [
        ("then" if view.allowed else "changes", [markdown(text) for text in words.lapses(view)[:_LISTED]]),
        ("evidence", [code_span(view.evidence_digest), words.evidence(view)]),
        ("gate", [code_span(view.gate_digest), markdown(view.gate)]),
        *([("base", [code_span(view.base)])] if view.base else []),
        ("trust", [code_span(view.trust)]),
        ("rules", [code_span(view.rules_digest), markdown(view.engine)]),
        ("subject", [code_span(view.subject_digest)]),
        ("at", [markdown(words.instant(view.at))]),
    ]
    table = [f"- **{label}** {' · '.join(parts)}" for label, parts in rows if parts]
    summary = f"<summary>Decision <code>{words.short(view.id)}</code></summary>"
    yield f"<details>{summary}"
    yield "\n".join([*table, f"- **decision** {code_span(view.id)}"])
    yield "</details>"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
