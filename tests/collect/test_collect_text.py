"""Text on its way into facts: visible, without secrets, cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper._limits import MAX_TEXT
from gatekeeper.collect import _text

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk"  # cut off before its end
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

SECRETS = [
    ("id AKIAIOSFODNN7EXAMPLE.", "id [redacted]."),
    ("ASIAIOSFODNN7EXAMPLE", "[redacted]"),
    (f"token ghp_{'a1B2' * 9} used", "token [redacted] used"),
    (f"github_pat_{'a1B2_' * 8}", "[redacted]"),
    ("glpat-abcdefghij0123456789", "[redacted]"),
    ("xoxb-123456789012-abcdef", "[redacted]"),
    (f"before {KEY} after", "before [redacted] after"),
    (f"before {OPENSSH}", "before [redacted]"),
    (f"auth {JWT}!", "auth [redacted]!"),
    ("Authorization: Bearer abcdefghijklmnop0123==", "Authorization: Bearer [redacted]"),
    ("https://ada:hunter2@example.org/x", "https://[redacted]@example.org/x"),
    ("password=hunter22 next", "password=[redacted] next"),
    ('{"password": "hunter 22", "a": 1}', '{"password": [redacted], "a": 1}'),
    ("DB_PASSWORD = 'hunter22'", "DB_PASSWORD = [redacted]"),
    ("api_key: abcd1234", "api_key: [redacted]"),
    ("client_secret=abcd&x=1", "client_secret=[redacted]&x=1"),
    ("lines\nAKIAIOSFODNN7EXAMPLE\tafter", "lines\n[redacted]\tafter"),
    (f'password = "{"x y " * 70}"', "password = [redacted]"),
]

INNOCENT = [
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "https://example.org:8080/a@1.0",
    "pkg:npm/%40scope/name@1.2.3",
    "the password is wrong",
    "expected password",
    "AKIA is a prefix",
    "assert token == expected",
    "Bearer tokens are used",
    "C:\\results\\new\\bar",
    "password=[redacted]",
    "tests/test_login.py::test_password[short]",
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_a_secret_of_a_known_shape_goes(text: str, expected: str) -> None:
    assert _text.redact(text) == expected
    assert _text.redact(expected) == expected


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert _text.redact(text) == text


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_a_secret_anywhere_in_facts_goes_but_for_locators(text: str, expected: str) -> None:
    facts = {"findings": [{"message": f"é {text}", "locator": text}], "tool": text, "n": [1, None, True, 0.5, [text]]}

    assert _text.clean(facts) == {
        "findings": [{"message": f"é {expected}", "locator": text}],
        "tool": expected,
        "n": [1, None, True, 0.5, [expected]],
    }


def test_facts_without_anything_to_hide_come_back_as_they_are() -> None:
    facts: dict[str, Any] = {"findings": [{"message": text} for text in INNOCENT]}

    assert _text.clean(facts) == facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[31m\x07", "\\u001b[31m\\u0007"),
        ("\x00\x7f\x9b\ud800\ufffe", "\\u0000\\u007f\\u009b\\ud800\\ufffe"),
        ("é 헴 𡓿", "é 헴 𡓿"),
    ],
)
def test_what_no_document_can_hold_is_written_out(text: str, expected: str) -> None:
    assert _text.visible(text) == expected
    assert _text.clean({"name": text}) == {"name": expected}


def test_a_message_is_cut_after_its_secrets_are_gone() -> None:
    kept = _text.message("x" * (MAX_TEXT - 5) + " AKIAIOSFODNN7EXAMPLE")

    assert "AKIA" not in kept
    assert len(kept) == MAX_TEXT + len(_text.CUT)
    assert _text.message("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert _text.message(None) == ""


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from([secret for secret, _ in SECRETS]), st.text(max_size=60))
def test_searching_all_facts_at_once_finds_whatever_searching_each_text_finds(
    before: str, secret: str, after: str
) -> None:
    text = before + secret + after
    cleaned = _text.clean({"message": text})["message"]

    assert cleaned == _text.redact(_text.visible(text))
    assert json.loads(json.dumps(cleaned)) == cleaned


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_cleaning_twice_is_cleaning_once(value: Any) -> None:
    once = _text.clean({"value": value})

    assert _text.clean(once) == once
