"""Guards over break-glass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from guard import Guard, always, becomes

ANY = "sha256:" + "0" * 64


def _whoever_asks(original: Any) -> Any:
    """Without a signature the command line is enough."""

    def break_glass(gate: Any, stage: Any, results: Any, verified: Any, *, asked: str, at: Any) -> Any:
        broken = original(gate, stage, results, verified, asked=asked, at=at)
        if "nobody has signed it" not in (broken.emergency or {}).get("why", ""):
            return broken
        opened = [one if one.is_open else replace(one, emergency=ANY) for one in broken.results]
        through = [one.id for one in opened if one.emergency]
        said = {"asked": asked, "status": "used", "reason": asked, "by": ["nobody"], "digest": ANY, "through": through}
        times = {"declared_at": "2026-01-01T00:00:00Z", "ends": "2096-01-01T00:00:00Z"}
        return replace(broken, results=tuple(opened), emergency=said | times)

    return break_glass


def _unasked(original: Any) -> Any:
    """A statement in the evidence is enough."""

    def break_glass(*given: Any, asked: str, at: Any) -> Any:
        return original(*given, asked=asked or "it is here", at=at)

    return break_glass


def _newest(calls: Any, *_given: Any) -> Any:
    return max(call.said.issued_at for call in calls)


GUARDS = (
    Guard("emergency.signed", "an emergency that nobody signed", "gatekeeper.gate:break_glass", _whoever_asks),
    Guard("emergency.asked", "an emergency that nobody asked for", "gatekeeper.gate:break_glass", _unasked),
    Guard(
        "emergency.role",
        "an emergency by somebody without the role",
        "gatekeeper.break_glass:_signers",
        becomes(lambda call, _gate, _at: list(call.verdict.people)),
    ),
    Guard("emergency.sound", "an emergency of another time", "gatekeeper.break_glass:_unsound", always("")),
    Guard("emergency.first", "an emergency that is prolonged", "gatekeeper.break_glass:_first", becomes(_newest)),
    Guard("emergency.barred", "an emergency through what is wrong", "gatekeeper.break_glass:_barred", always(())),
    Guard("emergency.schema", "emergencies of another shape", "gatekeeper.emergency:validate", always(None)),
    Guard(
        "emergency.max",
        "emergencies without end",
        "gatekeeper.load._emergency:MAX_EMERGENCY",
        becomes(timedelta(days=365)),
    ),
    Guard(
        "emergency.never",
        "rules that are spared under another name",
        "gatekeeper.load._emergency:_check_never",
        always(None),
    ),
)
