"""What the other commands print: ledger entries, inspections, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import UsageError
from gatekeeper.report import words
from gatekeeper.report.inert import csv_cell, json_text
from gatekeeper.report.layout import Page, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatekeeper.report.layout import Span

RECORD_FORMS: Final = ("text", "json", "csv")
LIST_FORMS: Final = ("text", "json")

RECORD_COLUMNS: Final = (
    "sequence",
    "at",
    "outcome",
    "stage",
    "subject",
    "subject_digest",
    "gate",
    "gate_digest",
    "waived",
    "broken",
    "valid_until",
    "decision",
    "record",
    "previous",
    "digest",
)
"""Columns of the CSV form, in order; ``waived`` and ``broken`` hold ids with blanks between them."""

_SHOWN: Final = ("sequence", "at", "outcome", "stage", "subject", "gate", "waived", "broken", "record")
_STYLES: Final = {"allow": "good", "deny": "bad", "verified": "good", "rejected": "bad", "unsupported": "bad"}
_FACTS_SHOWN: Final = 12
_LABEL: Final = 20


def render_records(rows: Sequence[Mapping[str, Any]], form: str = "text", **options: Any) -> str:
    """Render entries of a ledger.

    Args:
        rows: Entries as JSON: the members of :data:`RECORD_COLUMNS`, ``subject`` as ``{"name", "digest": {...}}``
            ``waived`` and ``broken`` as lists of ids; other members are in the JSON form
            only, but for ``waivers``, as a decision shows them, which are listed in text.
        form: ``text``, ``json`` (one array) or ``csv`` (RFC 4180, every cell quoted, none a formula).
        **options: ``width``, ``color``, ``ascii`` as for :func:`gatekeeper.report.render`.

    Raises:
        UsageError: No such form.
    """
    _check_form(form, RECORD_FORMS)
    if form == "json":
        return _as_json(rows)
    flat = [_flat(row) for row in rows]
    if form == "csv":
        table = [RECORD_COLUMNS, *([row.get(name, "") for name in RECORD_COLUMNS] for row in flat)]
        return "".join(",".join(map(csv_cell, cells)) + "\r\n" for cells in table)
    page = _page(options)
    lines = [line for row, told in zip(flat, rows, strict=True) for line in (*_entry(row, page), *_waivers(told, page))]
    count = f"{len(flat)} {'entry' if len(flat) == 1 else 'entries'}"
    return "\n".join([*lines, *([""] if lines else []), count]) + "\n"


def render_verdicts(items: Sequence[Mapping[str, Any]], form: str = "text", **options: Any) -> str:
    """Render what became of attestations.

    Args:
        items: Items as in a decision (:meth:`gatekeeper.decision.Item.as_json`), each perhaps with ``verified_at``
            and ``claimed_at``.
        form: ``text`` or ``json`` (one array).
        **options: ``width``, ``color``, ``ascii`` as for :func:`gatekeeper.report.render`.

    Raises:
        UsageError: No such form.
    """
    _check_form(form, LIST_FORMS)
    if form == "json":
        return _as_json(items)
    page = _page(options)
    lines = [line for item in items for line in _verdict(item, page)]
    counts = [f"{number} {status}" for status, number in _count(items, "status")]
    return "\n".join([*lines, *([""] if lines else []), ", ".join(counts) or "no attestation"]) + "\n"


def render_inspection(found: Sequence[Mapping[str, Any]], form: str = "text", **options: Any) -> str:
    """Render what reports and attestations say.

    Args:
        found: One object for each thing looked at. ``name`` (or ``path``) is its title; ``facts`` is an object
            whose plain members are listed and whose lists are counted; every other member is a line.
        form: ``text`` or ``json`` (one array).
        **options: ``width``, ``color``, ``ascii`` as for :func:`gatekeeper.report.render`.

    Raises:
        UsageError: No such form.
    """
    _check_form(form, LIST_FORMS)
    if form == "json":
        return _as_json(found)
    page = _page(options)
    blocks = ["\n".join(_inspected(one, page)) for one in found]
    return "\n\n".join([*blocks, "Nothing was verified: this is what they say."]) + "\n"


def _entry(row: Mapping[str, str], page: Page) -> Iterator[str]:
    names = [page.quote(row.get("subject", ""), "strong"), page.own(" → ", "quiet"), page.quote(row.get("stage", ""))]
    outcome = page.quote(row.get("outcome", "")).text
    lead = page.own(f"{row.get('sequence', ''):>6}  {outcome:<5}  ", _STYLES.get(outcome, ""))
    yield from page.wrap(names, lead=lead)
    waived = f"waived: {row['waived']}" if row.get("waived") else ""
    broken = f"emergency: {row['broken']}" if row.get("broken") else ""
    parts = [
        words.instant(row.get("at", "")),
        f"gate {row.get('gate', '')}",
        waived,
        broken,
        words.short(row.get("record", "")),
    ]
    yield from page.wrap(_joined(parts, page), lead=page.own(" " * width_of(lead.text)))


def _waivers(row: Mapping[str, Any], page: Page) -> Iterator[str]:
    """A line for each waiver, where the row has them: what became of it and why, by whom, until when."""
    for waiver in row.get("waivers") or ():
        status = str(waiver.get("status", ""))
        terms = _plain(waiver.get("terms"))
        by = _plain(waiver.get("approved_by"))
        parts = [
            f"{waiver.get('rule', '')}" + (f": {terms}" if terms else ""),
            f"asked for by {waiver.get('requester', '')}",
            f"approved by {by}" if by else "",
            f"until {words.instant(str(waiver.get('expires', '')))}",
            str(waiver.get("ticket", "")),
            str(waiver.get("why", "")),
        ]
        lead = page.own(f"{'':13}{page.quote(status).text}  ", "" if status == "used" else "caution")
        yield from page.wrap(_joined(parts, page), lead=lead)


def _verdict(item: Mapping[str, Any], page: Page) -> Iterator[str]:
    status = str(item.get("status", ""))
    lead = page.own(f"{page.quote(status).text:<11}  ", _STYLES.get(status, "caution"))
    slot = f"slot {item['slot']}" if item.get("slot") else ""
    signers = _plain(item.get("signers")) or "nobody"
    names = [str(item.get("name", "")), str(item.get("kind", "")), slot, words.short(str(item.get("digest", "")))]
    yield from page.wrap(_joined(names, page), lead=lead)
    proven = str(item.get("verified_at", ""))
    claimed = str(item.get("claimed_at", ""))
    times = [f"at {words.instant(proven)}" if proven else "", f"claims {words.instant(claimed)}" if claimed else ""]
    indent = page.own(" " * width_of(lead.text))
    yield from page.wrap(_joined([f"signed by {signers}", *times], page), lead=indent)
    if item.get("reason"):
        yield from page.wrap([page.quote(str(item["reason"]))], lead=indent)


def _inspected(one: Mapping[str, Any], page: Page) -> Iterator[str]:
    title = next((name for name in ("name", "path") if one.get(name)), "")
    facts = one.get("facts")
    rows = [
        (name, _plain(value))
        for name, value in one.items()
        if name not in {title, "facts"} and value not in (None, "", [], {})
    ]
    told = [(name, _fact(value)) for name, value in sorted(facts.items())] if isinstance(facts, dict) else []
    column = min(max((len(name) for name, _ in rows + told), default=0), _LABEL) + 2
    yield from page.wrap([page.quote(_plain(one.get(title)), "strong")])
    for name, value in rows:
        yield from _line(name, value, page, column)
    if told:
        yield ""
    for name, value in told:
        yield from _line(name, value, page, column)


def _line(name: str, value: str, page: Page, column: int) -> Iterator[str]:
    lead = page.own(f"  {page.quote(name).text.ljust(column)}", "quiet")
    yield from page.wrap([page.quote(value)], lead=lead)


def _fact(value: Any) -> str:
    if isinstance(value, list):
        plain = all(isinstance(item, str | int | float) for item in value)
        listed = f": {_plain(value)}" if plain and 0 < len(value) <= _FACTS_SHOWN else ""
        return f"{len(value)}{listed or ' listed'}"
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, list | tuple) and all(isinstance(item, dict) and "digest" in item for item in value):
        return ", ".join(f"{_plain(item.get('name'))} {_plain(item['digest'])}".strip() for item in value)
    if isinstance(value, dict) and all(isinstance(item, str | int) for item in value.values()):
        return ", ".join(f"{name} {item}" for name, item in sorted(value.items()))
    return _json.canonical(value).decode()


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    flat = {name: _plain(value) for name, value in row.items()}
    subject = row.get("subject")
    if isinstance(subject, dict):
        digests = subject.get("digest", {})
        flat["subject"] = _plain(subject.get("name"))
        flat["subject_digest"] = " ".join(f"{name}:{value}" for name, value in sorted(digests.items()))
    flat |= {name: " ".join(row.get(name) or ()) for name in ("waived", "broken")}
    return flat


def _count(items: Iterable[Mapping[str, Any]], key: str) -> list[tuple[str, int]]:
    found = [str(item.get(key, "")) for item in items]
    order = ("verified", "unsigned", "rejected", "unsupported")
    return [(status, found.count(status)) for status in order if status in found]


def _joined(parts: Sequence[str], page: Page) -> list[Span]:
    dot = page.own(" · ", "quiet")
    return [span for part in parts if part for span in (dot, page.quote(part))][1:]


def _page(options: Mapping[str, Any]) -> Page:
    known = {"width": "width", "color": "color", "ascii": "ascii_only"}
    return Page.of(**{known[name]: value for name, value in options.items()})


def _as_json(value: Any) -> str:
    return json_text(_json.canonical(list(value)).decode()) + "\n"


def _check_form(form: str, known: tuple[str, ...]) -> None:
    if form not in known:
        raise UsageError(f"there is no form {form!r}", hint=f"use one of {', '.join(known)}", code="usage.form")
