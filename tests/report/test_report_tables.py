"""What ``records``, ``verify`` and ``inspect`` print."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import decisions
import pytest

from gatekeeper.errors import UsageError
from gatekeeper.report import render_inspection, render_records, render_verdicts

ENTRY: dict[str, Any] = {
    "sequence": 12,
    "previous": "sha256:" + "1" * 64,
    "record": "sha256:" + "2" * 64,
    "decision": "sha256:" + "3" * 64,
    "stage": "build",
    "gate": "parcel",
    "gate_digest": "sha256:" + "4" * 64,
    "outcome": "allow",
    "digest": "sha256:" + "5" * 64,
    "at": "2026-11-24T02:14:00Z",
    "valid_until": "2026-12-01T02:14:00Z",
    "subject": decisions.WHEEL.as_json(),
    "waived": ["coverage.lines", "naming.conventions"],
}


def test_records_as_text() -> None:
    assert render_records([ENTRY, ENTRY | {"sequence": 13, "outcome": "deny", "waived": []}]) == (
        "    12  allow  parcel-1.4.0-py3-none-any.whl → build\n"
        "               2026-11-24 02:14 UTC · gate parcel · waived: coverage.lines\n"
        "               naming.conventions · sha256:222222222222\n"
        "    13  deny   parcel-1.4.0-py3-none-any.whl → build\n"
        "               2026-11-24 02:14 UTC · gate parcel · sha256:222222222222\n"
        "\n"
        "2 entries\n"
    )


def test_records_that_are_none_are_counted() -> None:
    assert render_records([]) == "0 entries\n"
    assert render_records([], "json") == "[]\n"


def test_records_as_json_are_the_entries() -> None:
    assert json.loads(render_records([ENTRY], "json")) == [ENTRY]


def test_records_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(render_records([ENTRY], "csv"), newline="")))

    assert rows == [
        {
            "sequence": "12",
            "at": "2026-11-24T02:14:00Z",
            "outcome": "allow",
            "stage": "build",
            "subject": "parcel-1.4.0-py3-none-any.whl",
            "subject_digest": f"sha256:{decisions.WHEEL.digest['sha256']}",
            "gate": "parcel",
            "gate_digest": "sha256:" + "4" * 64,
            "waived": "coverage.lines naming.conventions",
            "broken": "",
            "valid_until": "2026-12-01T02:14:00Z",
            "decision": "sha256:" + "3" * 64,
            "record": "sha256:" + "2" * 64,
            "previous": "sha256:" + "1" * 64,
            "digest": "sha256:" + "5" * 64,
        }
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "|cmd", "%x"])
def test_a_csv_cell_is_no_formula(text: str) -> None:
    assert f'"\'{text}"' in render_records([ENTRY | {"stage": text}], "csv")


def test_verdicts_as_text() -> None:
    items = [item.as_json() for item in (decisions.ITEMS[2], decisions.ITEMS[5])]
    items[0] |= {"verified_at": "2026-11-24T01:58:07Z"}

    assert render_verdicts(items) == (
        "verified     scan.intoto.json · vulnerabilities · slot scan ·\n"
        "             sha256:f347524e6cd6\n"
        "             signed by scanner · at 2026-11-24 01:58:07 UTC\n"
        "rejected     approval-dee.json · approval · sha256:5e405c24ad0e\n"
        "             signed by nobody\n"
        "             the key was revoked on 2026-10-01\n"
        "\n"
        "1 verified, 1 rejected\n"
    )
    assert json.loads(render_verdicts(items, "json")) == items
    assert render_verdicts([]) == "no attestation\n"


def test_an_inspection_as_text() -> None:
    found = {
        "name": "junit.xml",
        "kind": "test_results",
        "format": "junit",
        "problem": None,
        "facts": {"total": 4, "passed": 3, "failed": 1, "names": ["a", "b"], "counts": {"high": 1}, "complete": True},
    }

    assert render_inspection([found]) == (
        "junit.xml\n"
        "  kind      test_results\n"
        "  format    junit\n"
        "\n"
        "  complete  true\n"
        "  counts    high 1\n"
        "  failed    1\n"
        "  names     2: a, b\n"
        "  passed    3\n"
        "  total     4\n"
        "\n"
        "Nothing was verified: this is what they say.\n"
    )
    assert json.loads(render_inspection([found], "json")) == [found]


@pytest.mark.parametrize("render", [render_records, render_verdicts, render_inspection])
def test_an_unknown_form_is_refused(render: Any) -> None:
    with pytest.raises(UsageError, match="no form 'xml'"):
        render([], "xml")
