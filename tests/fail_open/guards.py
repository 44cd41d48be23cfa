"""Every guard by name, with the way to take it away."""

from __future__ import annotations

import guards_evidence
import guards_trust

GUARDS = {guard.name: guard for guard in (*guards_evidence.GUARDS, *guards_trust.GUARDS)}
