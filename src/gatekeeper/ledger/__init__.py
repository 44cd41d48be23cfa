"""The ledger: records in the order they were sealed, each entry chained to the one before."""

from __future__ import annotations

from gatekeeper.ledger.chain import Broken
from gatekeeper.ledger.entry import GENESIS, Entry
from gatekeeper.ledger.store import Ledger
from gatekeeper.ledger.verification import HeadCheck, Verification

__all__ = ["GENESIS", "Broken", "Entry", "HeadCheck", "Ledger", "Verification"]
