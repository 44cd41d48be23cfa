"""What a decision rests on beside its own evidence is said in words, and is text like all that comes from evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import decisions
import pytest

from gatekeeper.errors import MalformedError
from gatekeeper.report import render

if TYPE_CHECKING:
    from gatekeeper.decision import Decision

BUILD, RECORD = "sha256:" + "1" * 64, "sha256:" + "2" * 64
COMMIT = "gitCommit:" + "c" * 40
STEP = {"stage": "build", "decision": BUILD, "record": RECORD, "at": "2026-11-24T01:00:00Z", "signers": ["gate"]}
COMPARED = {
    "slot": "previous",
    "stage": "build",
    "record": RECORD,
    "decision": BUILD,
    "subject": {"name": "parcel-1.3.0.whl", "digest": {"sha256": "3" * 64}},
    "gate_digest": BUILD,
    "at": "2026-11-01T09:00:00Z",
    "signers": ["gate"],
    "documents": 1,
}
PATH = [{"kind": "provenance", "attestation": RECORD, "from": BUILD, "to": COMMIT}]
LINK = {"slot": "unit", "of": "commit", "subject": COMMIT, "path": PATH}


def resting(**more: Any) -> Decision:
    return replace(decisions.allow(), **more)


def lines(page: str) -> list[str]:
    """The lines of the section."""
    text = page.split("Rests on", 1)[1].lstrip()
    return [line.strip() for line in text.split("\n\n", 1)[0].splitlines()]


def test_the_records_behind_it() -> None:
    page = render(resting(trail=({**STEP, "approved_by": ["ada", "bo"]},)).as_json(), width=200)
    assert lines(page) == [
        "• build allowed it · sha256:111111111111 · 2026-11-24 01:00 UTC · signed by gate · approved by ada, bo"
    ]
    page = render(resting(trail=({**STEP, "emergency": "2026-11-24T00:00:00Z"},)).as_json(), width=200)
    assert lines(page)[0].endswith("signed by gate · let through in an emergency")


def test_the_release_that_it_is_compared_with() -> None:
    page = render(resting(baseline=COMPARED).as_json(), width=200)
    assert lines(page) == [
        "• compared with parcel-1.3.0.whl, which build allowed · sha256:222222222222 · 2026-11-01 09:00 UTC · signed by gate"
    ]


def test_nothing_to_compare_with() -> None:
    said = {"slot": "previous", "stage": "build", "without": ["ada"]}
    assert lines(render(resting(baseline=said).as_json(), width=200)) == [
        "• no baseline previous · ada says that there is none"
    ]


def test_the_way_from_the_subject_to_its_commit() -> None:
    page = render(resting(links=(LINK,)).as_json(), width=200)
    assert lines(page) == [
        "• slot unit is of the commit · gitCommit:cccccccccccc · by provenance · sha256:222222222222"
    ]


def test_markdown_says_the_same() -> None:
    decision = resting(trail=(STEP,), baseline=COMPARED, links=(LINK,))
    page = render(decision.as_json(), "markdown")
    section = page.split("#### Rests on\n\n", 1)[1].split("\n\n", 1)[0]
    assert section.count("\n- ") == 2
    assert "compared with" in section


def test_a_decision_that_rests_on_nothing_else_says_nothing() -> None:
    assert "Rests on" not in render(decisions.allow().as_json())


@pytest.mark.parametrize(
    "more",
    [
        {"trail": "no"},
        {"trail": [{"stage": 3}]},
        {"baseline": []},
        {"baseline": {"slot": "a", "record": 1, "stage": "b"}},
        {"links": [{"slot": "a", "of": "b", "subject": "c", "path": None}]},
    ],
)
def test_another_shape_is_an_error(more: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        render(decisions.allow().as_json() | more)


def test_names_are_quoted() -> None:
    said = {**COMPARED, "subject": {"name": "a\x1b[31m`<b>", "digest": {"sha256": "3" * 64}}}
    decision = resting(baseline=said)
    assert "\x1b" not in render(decision.as_json())
    span = "``compared with a\\u001b[31m`<b>, which build allowed``"
    assert span in render(decision.as_json(), "markdown").split("Rests on", 1)[1]
