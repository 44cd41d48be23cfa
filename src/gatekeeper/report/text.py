"""The explanation for a terminal: what failed first and what to do about it, then all else that is to be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.report import words
from gatekeeper.report.layout import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.report.layout import Page
    from gatekeeper.report.view import Answer, Finding, Piece, View

LISTED: Final = 10
"""Findings listed of one rule; the rest is counted. ``verbose`` lists all."""

_PIECES: Final = 20
"""Attestations listed in one section; the rest is counted."""

_LAPSES: Final = 3
_LABEL: Final = 9
_MARKS: Final = {
    "fail": ("✗", "bad"),
    "unanswered": ("?", "bad"),
    "waiting": ("…", "caution"),
    "waived": ("~", "caution"),
    "warn": ("!", "caution"),
    "pass": ("✓", "good"),
}
_STYLES: Final = {"failed": "bad", "unanswered": "bad", "broken through": "bad", "passed": "good"}
Block = list[str]


def render(view: View, page: Page, *, verbose: bool = False) -> str:
    """The whole explanation: blocks of lines with an empty line between them, and a line feed at the end."""
    writer = _Writer(view, page, verbose=verbose)
    return "\n\n".join("\n".join(block) for block in writer.blocks()) + "\n"


class _Writer:
    """Writes one decision on one page."""

    def __init__(self, view: View, page: Page, *, verbose: bool) -> None:
        self.view = view
        self.page = page
        self.verbose = verbose
        self.repeats = {} if verbose else words.repeats(view)

    def blocks(self) -> Iterator[Block]:
        view = self.view
        yield list(self.header())
        yield from self.section(
            "Failed" if any(answer.outcome == "fail" for answer in view.closed) else "Unanswered",
            (list(self.answer(answer, answer.outcome)) for answer in view.closed),
        )
        yield from self.section("Waiting", (list(self.answer(answer, "waiting")) for answer in view.pending))
        yield from self.section(
            "Broken through by an emergency", (list(self.answer(answer, answer.outcome)) for answer in view.broken)
        )
        yield from self.section("Waived", (list(self.waived(answer)) for answer in view.waived))
        yield from self.section("Warned", (list(self.warned(answer)) for answer in view.warned))
        yield from self.listing("Not believed", "!", view.disbelieved)
        yield from self.listing("Accepted unsigned", "•", view.unsigned)
        yield from self.people("Rests on", [words.rested_on(one) for one in view.grounds])
        yield from self.people("Approvals", [words.approved(one) for one in view.approvals])
        yield from self.people("Waivers that cover nothing here", [words.idle(one) for one in view.idle_waivers])
        if self.verbose and view.passed:
            yield [self.heading("Passed")]
            yield [line for answer in view.passed for line in self.title(answer, "pass")]
        yield list(self.counts())
        yield list(self.footer())

    # -- first and last --

    def header(self) -> Iterator[str]:
        view, page = self.view, self.page
        style = "good" if view.allowed else "bad"
        verdict = words.verdict(view)
        indent = Span(" " * (len(verdict) + 2))
        names = [page.quote(view.subject, "strong"), page.own(" → ", "quiet"), page.quote(view.stage, "strong")]
        yield from page.wrap(names, lead=page.own(f"{verdict}  ", style))
        facts = [words.short(view.subject_digest), words.instant(view.at), f"gate {view.gate}"]
        yield from page.wrap(self.parts(facts), lead=indent)
        for text, look in words.remarks(view):
            yield from page.wrap([page.quote(text, look)], lead=indent)

    def counts(self) -> Iterator[str]:
        spans = [self.page.own(f"{count} {word}", _STYLES.get(word, "caution")) for word, count in self.view.counts]
        yield from self.page.wrap(self.joined(spans))

    def footer(self) -> Iterator[str]:
        view = self.view
        lapses = words.lapses(view)
        shown = lapses if self.verbose else lapses[:_LAPSES]
        rows = [
            ("then" if view.allowed else "changes", shown + [f"{len(lapses) - len(shown)} later"] * (lapses != shown)),
            ("evidence", [self.digest(view.evidence_digest), words.evidence(view)]),
            ("gate", [self.digest(view.gate_digest), view.gate]),
            ("base", [self.digest(view.base)] if view.base else []),
            ("trust", [self.digest(view.trust)]),
            ("rules", [self.digest(view.rules_digest), view.engine]),
            ("decision", [self.digest(view.id)]),
        ]
        for label, parts in rows:
            if parts:
                yield from self.row(label, parts, indent="")

    def digest(self, digest: str) -> str:
        return digest if self.verbose else words.short(digest)

    # -- answers --

    def section(self, heading: str, blocks: Iterable[Block]) -> Iterator[Block]:
        for number, block in enumerate(blocks):
            if number == 0:
                yield [self.heading(heading)]
            yield block

    def title(self, answer: Answer, kind: str) -> Iterator[str]:
        glyph, style = _MARKS[kind]
        badges = [kind] if kind == "unanswered" else []
        badges += [answer.severity] if answer.severity and kind in {"fail", "unanswered"} else []
        parts = [
            self.page.quote(answer.id, "strong"),
            self.page.quote(answer.title),
            *(self.page.quote(badge, style) for badge in badges),
        ]
        yield from self.page.wrap(self.joined(parts), lead=self.page.own(f"  {glyph} ", style))

    def answer(self, answer: Answer, kind: str) -> Iterator[str]:
        yield from self.title(answer, kind)
        earlier = self.repeats.get(answer.id, answer.id)
        if earlier != answer.id:
            yield from self.page.wrap([self.page.quote(words.same(earlier))], lead=Span("    "))
            yield from self.row("why", [answer.description] if answer.description else [])
            return
        yield from self.findings(answer.findings, words.FACTS, answer.description)

    def waived(self, answer: Answer) -> Iterator[str]:
        yield from self.title(answer, "waived")
        yield from self.findings(answer.waived, ("term",))
        for digest in answer.waivers:
            yield from self.row("waived", words.waived_by(self.view.waiver(digest)))

    def warned(self, answer: Answer) -> Iterator[str]:
        yield from self.title(answer, "warn")
        yield from self.findings(answer.findings, words.WARNING_FACTS)
        if answer.effective_on:
            yield from self.row("later", [words.effective(answer)], style="caution")

    def findings(self, findings: Sequence[Finding], wanted: Sequence[str], why: str = "") -> Iterator[str]:
        if len(findings) == 1:
            yield from self.page.wrap([self.page.quote(findings[0].message)], lead=Span("    "))
            yield from self.facts(words.facts(findings[0], wanted, why))
            return
        listed = findings if self.verbose else findings[:LISTED]
        rows = [words.facts(finding, wanted, why) for finding in listed]
        shared = [row for row in rows[0] if all(row in others for others in rows)] if rows else []
        for finding, facts in zip(listed, rows, strict=True):
            own = [row for row in facts if row not in shared]
            beside = own[0][2] if [label for label, _, _ in own] == ["at"] else []
            yield from self.page.wrap(
                self.joined([self.page.quote(finding.message), *(self.page.quote(part, "quiet") for part in beside)]),
                lead=self.page.own("    • ", "quiet"),
            )
            yield from self.facts([] if beside else own, indent="      ")
        if len(findings) > len(listed):
            more = self.page.quote(words.more(findings[len(listed) :]), "strong")
            yield from self.page.wrap([more], lead=self.page.own("    … ", "quiet"))
        yield from self.facts(shared)

    def facts(self, rows: Sequence[words.Fact], *, indent: str = "    ") -> Iterator[str]:
        for label, style, parts in rows:
            yield from self.row(label, parts, indent=indent, style=style)

    # -- evidence and people --

    def listing(self, heading: str, glyph: str, pieces: Sequence[Piece]) -> Iterator[Block]:
        if not pieces:
            return
        listed = pieces if self.verbose else pieces[:_PIECES]
        lines = [line for piece in listed for line in self.piece(piece, glyph)]
        if len(pieces) > len(listed):
            lines.append(f"    and {len(pieces) - len(listed)} more")
        yield [self.heading(heading)]
        yield lines

    def piece(self, piece: Piece, glyph: str) -> Iterator[str]:
        yield from self.page.wrap(self.parts(words.piece_name(piece)), lead=self.page.own(f"  {glyph} ", "caution"))
        reason = words.piece_reason(piece)
        if reason:
            yield from self.page.wrap([self.page.quote(reason)], lead=Span("    "))

    def people(self, heading: str, rows: Sequence[list[str]]) -> Iterator[Block]:
        if rows:
            yield [self.heading(heading)]
            bullet = self.page.own("  • ", "quiet")
            yield [line for row in rows for line in self.page.wrap(self.parts(row), lead=bullet)]

    # -- pieces of lines --

    def heading(self, text: str) -> str:
        return self.page.paint(self.page.own(text, "heading"))

    def row(self, label: str, parts: Sequence[str], *, indent: str = "    ", style: str = "") -> Iterator[str]:
        name = self.page.own(indent + label.ljust(_LABEL), "quiet")
        yield from self.page.wrap(self.parts(parts, style), lead=name)

    def parts(self, parts: Sequence[str], style: str = "") -> list[Span]:
        return self.joined([self.page.quote(part, style or _style(part)) for part in parts if part])

    def joined(self, spans: Sequence[Span]) -> list[Span]:
        dot = self.page.own(" · ", "quiet")
        return [span for one in spans for span in (dot, one)][1:]


def _style(part: str) -> str:
    return "quiet" if part.startswith("sha256:") else ""
