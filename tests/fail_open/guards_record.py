"""Guards over records, ledgers, admission and the command."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from guard import Guard, always, becomes, unsaid

from gatekeeper import _json
from gatekeeper.errors import GatekeeperError
from gatekeeper.gate import Preview
from gatekeeper.subject import Subject


def _tolerant(original: Any) -> Any:
    """A step whose failure is passed over."""

    def step(*args: Any, **options: Any) -> Any:
        try:
            return original(*args, **options)
        except GatekeeperError:
            return None

    return step


def _sealable_preview(self: Any, *args: Any, **options: Any) -> Any:
    return Preview(self.decide(*args, **options))


def _any_entry(row: Any, *, total: int = 0) -> Any:
    from gatekeeper.ledger.entry import Entry

    return Entry.from_columns({**row.columns, "sequence": 1})


def _written_again(_data: bytes, value: Any) -> bytes:
    return _json.canonical(value["material"])


def _taken_for_the_other(original: Any) -> Any:
    """What cannot be read is taken for the record that is beside it."""

    def read(source: Any) -> Any:
        try:
            return original(source)
        except GatekeeperError:
            return original(next(Path("records").iterdir()))

    return read


def _some_subject(_cls: Any, _text: str) -> Subject:
    return Subject.of("app.whl", {"sha256": hashlib.sha256(b"the artifact").hexdigest()})


ADMISSION = (
    ("subject", "an allow of another artifact", "_about"),
    ("stage", "an allow of another stage", "_about"),
    ("deny", "a deny", "_about"),
    ("gate", "an allow of another gate", "_of_gate"),
    ("gate_digest", "an allow of a gate that asks something else", "_of_gate"),
    ("repository", "an allow of a gate of another repository", "_of_gate"),
    ("future", "an allow of tomorrow", "_at_time"),
    ("expired", "an allow that has ended", "_at_time"),
    ("valid_for", "an allow that lasts longer than its gate lets it", "_at_time"),
    ("rests_on_unsigned", "an allow that rests on unsigned evidence", "_resting_on"),
    (
        "emergency",
        "an emergency that nobody told the deploy side of, or more than its gate lets one do",
        "_by_emergency",
    ),
    ("engine", "an allow by an engine that nobody knows", "_resting_on"),
)

GUARDS = (
    Guard("cli.sealed_first", "an allow that is printed and not on record", "gatekeeper.cli.decide:_seal", _tolerant),
    Guard(
        "cli.signer",
        "an unsigned record where a signed one was asked",
        "gatekeeper.cli.signing:load_signer",
        always(None),
    ),
    Guard("cli.check", "options that contradict each other", "gatekeeper.cli.decide:_check", always(None)),
    Guard(
        "seal.window",
        "a decision of another time than now",
        "gatekeeper.sealing:SEAL_WINDOW",
        becomes(timedelta(days=9)),
    ),
    Guard("seal.preview", "a preview that could be sealed", "gatekeeper.gate:Gate.preview", becomes(_sealable_preview)),
    Guard("seal.signer", "an unsigned record in the ledger", "gatekeeper.sealing:_need_signer", always(None)),
    Guard("ledger.late", "a clock that was set back", "gatekeeper.ledger.store:is_late", always(False)),
    Guard("ledger.whole", "an entry that was edited", "gatekeeper.ledger.chain:whole_entry", becomes(_any_entry)),
    Guard("ledger.last", "a last entry that was edited", "gatekeeper.ledger.store:whole_entry", becomes(_any_entry)),
    Guard("ledger.record", "a record that was exchanged", "gatekeeper.ledger.chain:Chain._check_record", always(None)),
    Guard("ledger.empty", "a ledger that was emptied", "gatekeeper.ledger.store:Ledger._walk", always(None)),
    Guard("ledger.layout", "what does not belong into a ledger", "gatekeeper.ledger.layout:check", always(None)),
    Guard("ledger.heads", "a ledger of another history", "gatekeeper.ledger.store:compare", always(())),
    Guard("record.material", "material that was not signed", "gatekeeper.record:_check_material", always(None)),
    Guard(
        "record.canonical", "a record in another layout", "gatekeeper.record:_material_bytes", becomes(_written_again)
    ),
    Guard(
        "admit.read", "what is no record, or not as it was sealed", "gatekeeper.admission:_read", _taken_for_the_other
    ),
    Guard("admit.signature", "an allow that is nobody's word", "gatekeeper.admission:_check_signature", always(None)),
    Guard("admit.digest_needed", "a gate by its name alone", "gatekeeper.cli.admit:_check", always(None)),
    *(
        Guard(f"admit.{code}", stops, f"gatekeeper.admission:{place}", unsaid(f"'{code}'"))
        for code, stops, place in ADMISSION
    ),
    Guard(
        "subject.there",
        "an artifact that is not there",
        "gatekeeper.subject:Subject.parse",
        becomes(classmethod(_some_subject)),
    ),
)
