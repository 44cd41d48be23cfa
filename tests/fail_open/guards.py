"""Every guard by name, with the way to take it away."""

from __future__ import annotations

import guards_evidence
import guards_people
import guards_policy
import guards_record
import guards_rules
import guards_trust

GUARDS = {
    guard.name: guard
    for guard in (
        *guards_evidence.GUARDS,
        *guards_trust.GUARDS,
        *guards_policy.GUARDS,
        *guards_rules.GUARDS,
        *guards_people.GUARDS,
        *guards_record.GUARDS,
    )
}
