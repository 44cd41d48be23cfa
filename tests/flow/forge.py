"""Records put together again from changed parts, as somebody without a key can: nothing is signed, all digests fit."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.decision_json import read_decision
from gatekeeper.record import Record
from gatekeeper.record_form import assemble, statement

if TYPE_CHECKING:
    from collections.abc import Callable


def forged(
    record: Record,
    material: Callable[[dict[str, Any]], object] = lambda _: None,
    decision: Callable[[dict[str, Any]], object] = lambda _: None,
    *,
    sign: Callable[[bytes], bytes] | None = None,
) -> Record:
    """The record with its material and decision changed, every digest between them computed again.

    With ``sign`` it is what somebody with the key could have made.
    """
    held = copy.deepcopy(record.material.as_json())
    material(held)
    said = copy.deepcopy(record.decision.as_json())
    said["gate"]["digest"] = _json.digest_of(held["gate"])
    said["trust"] = _json.digest_of(held["trust"]["trust"])
    decision(said)
    written = _json.canonical(held)
    payload = statement(
        read_decision(said), material=_json.digest(written), environment=record.environment, checkpoint=None
    )
    envelope = sign(payload) if sign else None
    return Record(assemble(payload=payload, envelope=envelope, material=written), "forged.record.json")
