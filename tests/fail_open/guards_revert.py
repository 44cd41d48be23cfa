"""Guards over rollbacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from guard import Guard, always, becomes, passing, silent


def _any_release(original: Any) -> Any:
    """What has no record was released all the same."""

    def target(gate: Any, ask: Any, release: Any, *rest: Any) -> Any:
        found = original(gate, ask, release, *rest)
        return found if release else replace(found, outcome="pass", violations=())

    return target


def _first_word(verdict: Any) -> Any:
    """A canary that said it once has said it."""
    return verdict.content.next == "roll_back", verdict.content.decision


def _everybody(original: Any) -> Any:
    """Whoever approves it asks for it."""

    def find(gate: Any, stage: Any, verified: Any, voices: Any, *, at: Any) -> Any:
        role = gate.trust.people[voices[0].person].roles[0][0]
        return original(gate, replace(stage, revert=replace(stage.revert, role=role)), verified, voices, at=at)

    return find


GUARDS = (
    Guard("revert.reason", "a rollback that nobody asks for", "gatekeeper.revert:_reason", passing),
    Guard("revert.word", "a canary that says something else", "gatekeeper.revert:_unfit", silent("canary says")),
    Guard("revert.fit", "a canary of another time or gate", "gatekeeper.revert:_unfit", always("")),
    Guard("revert.last", "a word that was taken back", "gatekeeper.revert:_order", becomes(_first_word)),
    Guard("revert.role", "a rollback by whoever asks", "gatekeeper.require:find_revert", _everybody),
    Guard("revert.veto", "a no to rolling back", "gatekeeper.people:Voice.vetoes", always(False)),
    Guard("verify.reversal", "a canary's word where nobody asks", "gatekeeper.verify:_Desk._about", always(())),
    Guard("revert.target", "a target without a record", "gatekeeper.revert:_target", _any_release),
    Guard("revert.released", "a target that was not released", "gatekeeper.revert:_unreleased", always(iter(()))),
    Guard("revert.denied_since", "a target that is bad itself", "gatekeeper.revert:_denied_since", always("")),
    Guard("revert.check", "rollbacks that nobody may ask for", "gatekeeper.load.gate_file:check_reverts", always(None)),
    Guard(
        "revert.length",
        "rollbacks without end",
        "gatekeeper.load._revert:_length",
        becomes(lambda table, key, _example: table.duration(key) or timedelta(days=9_999)),
    ),
)
