"""Statements that people write: read as they stand, counted, and refused where they do not say what their kind asks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry, statement
from gatekeeper.collect.attest import attest
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from gatekeeper.facts import kind
from gatekeeper.subject import Subject

RUNBOOK = b"""\
# what the people on call are told
statement = "runbook"

[[runbooks]]
name = "roll back"
covers = ["rollback"]
reviewed_at = 2026-11-02T10:00:00+01:00
reviewers = ["ada"]
"""
FACTS = {
    "complete": True,
    "runbook_count": 1,
    "runbooks": [
        {
            "name": "roll back",
            "covers": ["rollback"],
            "reviewed_at": "2026-11-02T09:00:00Z",
            "reviewers": ["ada"],
            "locator": "/runbooks/0",
        }
    ],
}
SUBJECT = Subject(name="app", digests=(("sha256", "ab" * 32),))


def test_toml_is_read_as_facts_with_counts_places_and_times() -> None:
    reading = registry.read(Report(RUNBOOK, "runbook.toml"))

    assert (reading.kind, reading.format, reading.media_type) == ("runbook", "runbook-statement", "application/toml")
    assert reading.facts == FACTS


def test_json_says_the_same() -> None:
    said = {"statement": "runbook", "runbooks": [{**FACTS["runbooks"][0]}]}  # type: ignore[index]
    reading = registry.read(Report(json.dumps(said).encode(), "runbook.json"))

    assert reading.facts == FACTS
    assert reading.media_type == "application/json"


def test_every_kind_that_may_be_stated_has_a_collector() -> None:
    stated = {item.kind for item in statement.collectors()}

    assert "runbook" in stated
    assert all(kind(name).schema["x-statement"] is True for name in stated)
    assert not {"test_results", "vulnerabilities", "provenance"} & stated  # tools write these


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("reviewers = ", "reviewer = ", "$.runbooks[0].reviewers: absent"),
        ('name = "roll back"', 'name = ""', "$.runbooks[0].name: empty"),
        ("2026-11-02T10:00:00+01:00", "2026-11-02", "/runbooks/0/reviewed_at: a time without a zone, or a day"),
        ("2026-11-02T10:00:00+01:00", "2026-11-02T10:00:00", "a time without a zone, or a day"),
        ("[[runbooks]]", "runbook_count = 2\n[[runbooks]]", "$.runbook_count: says 2, 1 are there"),
        ("[[runbooks]]", "owner = 'x'\n[[runbooks]]", "$.owner: not known here"),
        ("[[runbooks]]", "complete = nan\n[[runbooks]]", "/complete: not a number"),
        ("[[runbooks]]", "about = 5\n[[runbooks]]", "/about: not a digest"),
        ("[[runbooks]]", "about = 'sha256:12'\n[[runbooks]]", "/about/0: not a digest"),
        ("[[runbooks]]", "[[runbooks]", "not TOML"),
        ("[[runbooks]]", f"deep = {'[' * 5000}\n[[runbooks]]", "nested too deep"),
        ("[[runbooks]]", f"deep = {'[' * 300}{']' * 300}\n[[runbooks]]", "nested too deep"),
    ],
)
def test_what_does_not_say_what_its_kind_asks_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    with pytest.raises(MalformedError) as refused:
        registry.read(Report(RUNBOOK.replace(old.encode(), new.encode()), "runbook.toml"))

    assert str(refused.value).startswith("runbook.toml: ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "data", [b'statement = "runbok"\n', b'{"statement": "runbok"}', b"statement = 'test_results'\n"]
)
def test_a_kind_that_cannot_be_stated_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"no kind of statement is called '(runbok|test_results)'") as refused:
        registry.read(Report(data, "r"))

    assert "runbook" in refused.value.hint


def test_it_speaks_of_the_subject_that_it_names() -> None:
    report = Report(RUNBOOK.replace(b"[[", b'about = "sha256:' + b"ab" * 32 + b'"\n[[', 1), "runbook.toml")
    other = Subject(name="app", digests=(("sha256", "cd" * 32),))

    assert attest(report, subject=SUBJECT, slot="runbook").name == "runbook.toml"
    with pytest.raises(UsageError, match="the report is about another subject"):
        attest(report, subject=other, slot="runbook")


@given(at=st.integers(0, len(RUNBOOK) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_never_makes_more_than_a_typed_error(at: int, byte: int) -> None:
    changed = RUNBOOK[:at] + bytes([byte]) + RUNBOOK[at + 1 :]
    try:
        reading = registry.read(Report(changed, "r"))
    except GatekeeperError:
        return
    kind("runbook").validate(reading.facts)
