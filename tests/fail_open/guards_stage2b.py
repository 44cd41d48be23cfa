"""Guards over VEX and over how tools ran."""

from __future__ import annotations

from guard import Everything, Guard, always, becomes

GUARDS = (
    Guard(
        "vex.time", "statements of no time", "gatekeeper.facts.readers.vex:stated_at", always("2026-01-01T00:00:00Z")
    ),
    Guard(
        "vex.word",
        "statuses and reasons that nobody knows",
        "gatekeeper.facts.readers.vex:word",
        becomes(
            lambda stated, known, _place: stated if stated in known else min(known, key=lambda word: "not" not in word)
        ),
    ),
    Guard(
        "openvex.version",
        "OpenVEX of another version",
        "gatekeeper.facts.readers.openvex:CONTEXTS",
        becomes(Everything()),
    ),
    Guard(
        "tool_run.exit_code",
        "tools that failed and found nothing",
        "gatekeeper.collect._tool_run:contradiction",
        always({}),
    ),
)
