"""``gatekeeper waive``: ask for a waiver, drafted from the deny it answers."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import _files
from gatekeeper.cli.arguments import Parser, add_gate, given
from gatekeeper.cli.people import expiry, signer_of
from gatekeeper.errors import UsageError
from gatekeeper.load._names import RESERVED_PACKS
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    import argparse

    from gatekeeper.decision import Decision, Result


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper waive",
        description="Ask for a waiver of what a rule denies. It counts once another person has approved it.",
    )
    made.add_argument("record", type=given, metavar="RECORD", help="the recorded deny")
    made.add_argument(
        "rule", type=given, metavar="RULE[:TERM]", help="the rule, and one of its terms; all of them without"
    )
    made.add_argument(
        "--reason", type=given, required=True, metavar="TEXT", help="why it has to be, for those who read it later"
    )
    made.add_argument("--ticket", type=given, required=True, metavar="ID", help="where it is tracked")
    made.add_argument("--expires", type=given, required=True, metavar="T", help="a duration or a time")
    made.add_argument("--key", type=given, required=True, metavar="FILE", help="your SSH private key")
    add_gate(made)
    made.add_argument("-o", "--output", type=given, metavar="FILE", help="where to write it")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Draft, sign, write."""
    from gatekeeper.approval import WAIVER_NAMESPACE, WAIVER_TYPE, Waiver
    from gatekeeper.attestation import statement_bytes
    from gatekeeper.load.gate_file import load_gate
    from gatekeeper.record import Record

    record = Record.read(arguments.record)
    rule, terms = _scope(record.decision, arguments.rule)
    trust = load_gate(Path(arguments.gate), whole=False).trust
    signer, requester = signer_of(arguments.key, WAIVER_NAMESPACE, trust)
    now = datetime.now(UTC).replace(microsecond=0)
    waiver = Waiver(
        rule=rule,
        terms=terms,
        stage=record.decision.stage,
        gate=record.decision.gate_name,
        reason=arguments.reason,
        ticket=arguments.ticket,
        requester=requester,
        issued_at=now,
        expires=expiry(arguments.expires, now),
        decision=record.decision_id,
    )
    subject = record.decision.subject.as_json()
    payload = statement_bytes(subject=subject, predicate_type=WAIVER_TYPE, predicate=waiver.as_json())
    target = Path(arguments.output or f"waiver-{rule}-{record.decision_id[7:15]}.dsse.json")
    _files.write_atomic(target, signer.sign(payload))
    sys.stdout.write(f"{target}\n")
    sys.stderr.write(
        f"asked for: {rule} ({', '.join(terms) or 'its only violation'}); now somebody else approves it:\n"
    )
    sys.stderr.write(f"  gatekeeper approve --waiver {target} --key KEY\n")
    return 0


def _scope(decision: Decision, text: str) -> tuple[str, tuple[str, ...]]:
    rule, _, term = text.partition(":")
    closed = {result.id: result for result in decision.results if not result.is_open}
    if rule not in closed:
        hint = suggestion(rule, closed) if closed else "the decision is an allow"
        raise UsageError(f"{rule} does not fail in this record", hint=hint, code="usage.waive")
    terms = _terms(closed[rule])
    if term and term not in terms:
        raise UsageError(f"{rule} has no violation {term!r}", hint=suggestion(term, terms), code="usage.waive")
    return rule, (term,) if term else terms


def _terms(result: Result) -> tuple[str, ...]:
    if result.id.partition(".")[0] in RESERVED_PACKS:
        raise UsageError(f"{result.id} is a requirement; only what a rule fails can be waived", code="usage.waive")
    if result.outcome == "unanswered":
        raise UsageError(f"{result.id} is unanswered; only what a rule fails can be waived", code="usage.waive")
    return tuple(sorted({violation.term for violation in result.violations if violation.term}))
