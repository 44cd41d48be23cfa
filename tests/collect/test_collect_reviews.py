"""Who reviewed and who made a change: GitHub, GitLab and git itself."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import small_reports as small
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import git as git_reader
from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import LimitError, MalformedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.collect.reading import Reading


def read(report: Any) -> Reading:
    return registry.read(Report(small.encoded(report), "r.json"))


def read_log(text: str) -> Reading:
    return registry.read(Report(text.encode(), "log.txt"))


def test_github_reviews_are_in_the_order_in_which_they_were_submitted() -> None:
    assert read(small.GITHUB).facts == {
        "reviews": [
            {
                "reviewer": "github:bob",
                "verdict": "changes_requested",
                "commit": "1" * 40,
                "submitted_at": "2026-11-23T02:14:00Z",
                "locator": "/1",
            },
            {
                "reviewer": "github:ada",
                "verdict": "approved",
                "commit": "1" * 40,
                "submitted_at": "2026-11-24T02:14:00Z",
                "comment": "Good.",
                "locator": "/0",
            },
        ],
        "review_count": 2,
        "complete": True,
    }


def test_pages_of_reviews_are_one_list() -> None:
    flat, paged = read(small.GITHUB).facts, read([[small.GITHUB[0]], [small.GITHUB[1]]]).facts

    assert [review["reviewer"] for review in paged["reviews"]] == [review["reviewer"] for review in flat["reviews"]]
    assert [review["locator"] for review in paged["reviews"]] == ["/1/0", "/0/0"]


@pytest.mark.parametrize(("number", "complete"), [(29, True), (30, False), (31, True), (100, False)])
def test_a_page_that_is_full_may_not_be_the_last(number: int, *, complete: bool) -> None:
    assert read([small.GITHUB[0]] * number).facts["complete"] is complete
    assert read([[small.GITHUB[0]] * number]).facts["complete"] is True  # all pages were asked for


@pytest.mark.parametrize(
    ("state", "complete"), [("APPROVED", False), ("CHANGES_REQUESTED", False), ("COMMENTED", True), ("DISMISSED", True)]
)
def test_a_binding_review_by_a_deleted_account_has_to_be_dismissed(state: str, *, complete: bool) -> None:
    facts = read([{**small.GITHUB[0], "user": None, "state": state}]).facts

    assert facts["reviews"][0]["reviewer"] == "github:ghost"
    assert facts["complete"] is complete


def test_a_draft_is_no_review_yet() -> None:
    draft = {**small.GITHUB[0], "state": "PENDING"}
    del draft["submitted_at"]

    assert read([draft]).facts == {"reviews": [], "review_count": 0, "complete": True}


def test_gitlab_names_who_approved() -> None:
    assert read(small.GITLAB).facts == {
        "reviews": [
            {
                "reviewer": "gitlab:ada",
                "verdict": "approved",
                "submitted_at": "2026-11-24T02:14:00Z",
                "locator": "/approved_by/0",
            }
        ],
        "review_count": 1,
        "complete": True,
    }


def rule(*names: str, required: int, approved: bool) -> dict[str, Any]:
    return {
        "approvals_required": required,
        "approved": approved,
        "approved_by": [{"username": name} for name in names],
    }


def test_one_person_who_satisfies_two_rules_of_gitlab_is_one_review() -> None:
    rules = [rule("ada", required=1, approved=True), rule("ada", "bob", required=2, approved=True)]

    facts = read({"approval_rules_overwritten": False, "rules": rules}).facts

    assert [(review["reviewer"], review["locator"]) for review in facts["reviews"]] == [
        ("gitlab:ada", "/rules/0/approved_by/0"),
        ("gitlab:bob", "/rules/1/approved_by/1"),
    ]
    assert facts["complete"] is True


def test_a_rule_of_gitlab_that_contradicts_itself_is_kept_as_claimed() -> None:
    rules = [rule("ada", required=2, approved=True), rule(required=1, approved=False)]

    facts = read({"approval_rules_overwritten": False, "rules": rules}).facts

    assert facts["complete"] is False
    assert facts["claimed"] == {"rules": [{"locator": "/rules/0", "approved": True, "approvals_required": 2}]}


def test_commits_of_a_pull_request_name_accounts_and_else_addresses() -> None:
    reading = read(small.GITHUB_COMMITS)

    assert reading.facts == {
        "commit": "2" * 40,
        "authors": ["email:bob@acme.example", "github:ada"],
        "committers": ["email:bob@acme.example", "github:web-flow"],
        "complete": True,
    }
    assert reading.targets == ()  # a change is attested for what was built from it, too


@pytest.mark.parametrize(("number", "complete"), [(29, True), (30, False), (100, False), (250, False)])
def test_a_list_of_commits_that_is_full_may_have_been_cut(number: int, *, complete: bool) -> None:
    assert read([small.GITHUB_COMMITS[0]] * number).facts["complete"] is complete


def test_the_log_of_git_says_exactly_this() -> None:
    reading = read_log(small.GIT_LOG)

    assert reading.facts == {
        "commit": "1" * 40,
        "authors": ["email:ada@acme.example", "email:bob@acme.example", "email:cy@acme.example"],
        "committers": ["email:cy@acme.example", "email:noreply@github.com"],
        "complete": True,
    }
    assert reading.targets == ()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("author Ada A. <Ada@acme.example> 1700000000 +0100\n", "", 16),
        ("committer GitHub <noreply@github.com> 1700000000 +0000\n", "", 16),
        ("author Cy", "author Cy <x@y.example> 1 +0000\nauthor Cy", 20),
        ("<Ada@acme.example>", "<>", 4),
        ("<Ada@acme.example>", "Ada@acme.example", 4),
        ("Ada A. <Ada@acme.example>", "Eve <eve@evil.example> Ada <Ada@acme.example>", 4),
        ("    First\n", "First\n", 22),
        ("    First\n", "Date: today\n", 22),
    ],
)
def test_a_log_that_git_does_not_write_is_refused_with_its_line(old: str, new: str, line: int) -> None:
    assert old in small.GIT_LOG

    with pytest.raises(MalformedError) as caught:
        read_log(small.GIT_LOG.replace(old, new))

    assert (caught.value.code, caught.value.where) == ("git.log", f"log.txt: line {line}")


def test_a_log_in_another_format_is_not_recognised() -> None:
    with pytest.raises(UsageError) as caught:
        read_log(f"commit {'1' * 40}\nAuthor: Ada <ada@acme.example>\nDate: today\n\n    First\n")

    assert caught.value.code == "collect.unrecognised"


def git(folder: Path, *arguments: str, author: str = "Ada <ada@acme.example>") -> str:
    name, _, address = author.rstrip(">").partition(" <")
    environment = {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": "Machine",
        "GIT_COMMITTER_EMAIL": "machine@acme.example",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin:/usr/local/bin",
    }
    ran = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return ran.stdout


def change_of(folder: Path) -> Mapping[str, Any]:
    return read_log(git(folder, "log", "--format=raw")).facts


def test_a_real_log_names_everybody_whatever_the_messages_say(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    forged = f"Fix\n\nauthor Eve <eve@evil.example> 1 +0000\ncommit {'9' * 40}\ntree {'8' * 40}\n"
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", forged)
    git(
        tmp_path,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "More\n\nCo-authored-by: Bob B. <bob@acme.example>",
        author='Çaĝri "Q" O\'N. <Cagri@acme.example>',
    )
    head = git(tmp_path, "rev-parse", "HEAD").strip()

    assert change_of(tmp_path) == {
        "commit": head,
        "authors": ["email:ada@acme.example", "email:bob@acme.example", "email:cagri@acme.example"],
        "committers": ["email:machine@acme.example"],
        "complete": True,
    }


@given(st.text(alphabet="ab:<>@ \n\t", max_size=60))
def test_no_message_adds_anybody_but_co_authors(message: str) -> None:
    lines = "".join(f"    {line}\n" for line in message.split("\n"))
    log = small.GIT_LOG.replace("    First\n", lines)

    assert read_log(log).facts == read_log(small.GIT_LOG).facts


def test_a_log_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        registry.read(Report(small.GIT_LOG.replace("Ada A.", "Ad\u00e0").encode("latin-1"), "log.txt"))

    assert caught.value.code == "git.encoding"


def test_a_log_of_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_reader, "MAX_ITEMS", 10)

    with pytest.raises(LimitError) as caught:
        read_log(small.GIT_LOG)

    assert caught.value.code == "git.lines"


def test_a_log_whose_first_line_goes_on_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        read_log(small.GIT_LOG.replace(" (HEAD -> main)", " and more", 1))

    assert caught.value.where == "log.txt: line 1"


def test_pages_of_commits_are_one_list_and_whole() -> None:
    first, second = small.GITHUB_COMMITS
    facts = read([[first] * 29, [second]]).facts

    assert (facts["commit"], facts["complete"]) == (second["sha"], True)
