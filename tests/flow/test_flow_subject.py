"""What is judged: files, images, commits and trees by digest, and nothing else."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gatekeeper.errors import GatekeeperError, MalformedError, SourceError, UsageError
from gatekeeper.subject import DIGEST_LENGTHS, Subject, check_digest

if TYPE_CHECKING:
    from pathlib import Path

HEX = "ab" * 32
digests = st.sampled_from(sorted(DIGEST_LENGTHS)).flatmap(
    lambda algorithm: st.tuples(
        st.just(algorithm),
        st.text("0123456789abcdef", min_size=DIGEST_LENGTHS[algorithm], max_size=DIGEST_LENGTHS[algorithm]),
    )
)
subjects = st.builds(Subject.of, st.text(min_size=1), st.lists(digests, min_size=1).map(dict))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository(folder: Path) -> Path:
    git("init", "-q")
    (folder / "a.txt").write_text("a")
    git("add", "a.txt")
    identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    git(*identity, "commit", "-q", "-m", "one")
    return folder


def git(*arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, env=clean).stdout.strip()


def refusal(text: str) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as refused:
        Subject.parse(text)
    return refused.value


def test_a_file_is_its_sha256(folder: Path) -> None:
    (folder / "app.whl").write_bytes(b"the artifact")
    subject = Subject.parse("app.whl")
    sha256 = hashlib.sha256(b"the artifact").hexdigest()
    assert (subject.name, subject.digest) == ("app.whl", {"sha256": sha256})
    assert str(subject) == f"app.whl@sha256:{sha256}"


@given(st.text(min_size=1).filter(lambda name: "\0" not in name and "commit:" not in name), digests)
def test_name_and_digest_are_read_from_the_last_at_sign(name: str, digest: tuple[str, str]) -> None:
    algorithm, value = digest
    subject = Subject.parse(f"{name}@{algorithm}:{value}")
    assert (subject.name, subject.digest) == (name, {algorithm: value})
    assert Subject.parse(str(subject)) == subject


def test_a_tag_and_a_port_belong_to_the_name() -> None:
    assert Subject.parse(f"registry:5000/app:1.4@sha256:{HEX}").name == "registry:5000/app:1.4"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (f"@sha256:{HEX}", "no digest in the reference", "write NAME@sha256:HEX"),
        ("app@sha256:", "no digest in the reference", "write NAME@sha256:HEX"),
        (f"app@sha256:{HEX.upper()}", "not a sha256 digest", "64 lower-case hexadecimal digits"),
        (f"app@sha256:{HEX[:-1]}", "not a sha256 digest", "64 lower-case hexadecimal digits"),
        (f"app@sha256:{HEX}\n", "not a sha256 digest", "64 lower-case hexadecimal digits"),
        (f"app@gitCommit:{HEX[:41]}", "not a gitCommit digest", "40 lower-case hexadecimal digits"),
    ],
)
def test_a_reference_without_a_digest_that_holds_is_refused(text: str, message: str, hint: str) -> None:
    refused = refusal(text)
    assert isinstance(refused, UsageError)
    assert (refused.message, refused.where, refused.hint, refused.code) == (message, text, hint, "usage.subject")


@pytest.mark.parametrize("text", ["app@md5:" + "0" * 32, "app@sha1:" + "0" * 40, "app:latest", "commit", "nothing"])
def test_what_is_neither_reference_nor_file_is_a_file_that_is_not_there(folder: Path, text: str) -> None:
    refused = refusal(text)
    assert (type(refused), refused.message, refused.where) == (UsageError, "there is no such file", text)


def test_a_file_that_looks_like_a_reference_is_the_file(folder: Path) -> None:
    odd = f"app@sha256:{HEX}"
    (folder / odd).write_text("x")
    assert Subject.parse(odd).digest == {"sha256": hashlib.sha256(b"x").hexdigest()}


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [(".", "a folder, where a file is needed", UsageError), ("/dev/null", "not a regular file", SourceError)],
)
def test_a_folder_or_device_is_no_subject(name: str, message: str, kind: type[GatekeeperError]) -> None:
    refused = refusal(name)
    assert (type(refused), refused.message, refused.where) == (kind, message, name)


def test_a_name_with_a_zero_byte_is_no_crash() -> None:
    refused = refusal("a\0b")
    assert (type(refused), refused.where) == (SourceError, "a\0b")
    assert isinstance(refusal("a\0b@sha256:" + "x"), GatekeeperError)


def test_a_commit_is_its_object_id(repository: Path) -> None:
    head = git("rev-parse", "HEAD")
    for text in ("commit:HEAD", f"commit:{head}", f"commit:{head[:8]}"):
        subject = Subject.parse(text)
        assert (subject.name, subject.digest) == ("commit", {"gitCommit": head})
    assert Subject.commit(repository=repository) == subject


def test_the_index_is_the_tree_it_would_commit(repository: Path) -> None:
    committed = git("rev-parse", "HEAD^{tree}")
    assert Subject.parse("tree:INDEX") == Subject.of("tree", {"gitTree": committed})
    (repository / "b.txt").write_text("b")
    assert Subject.parse("tree:INDEX").digest == {"gitTree": committed}
    git("add", "b.txt")
    assert Subject.index(repository=repository).digest == {"gitTree": git("write-tree")}


@pytest.mark.parametrize("revision", ["no-such", "", "--all", "HEAD:a.txt", "HEAD\nHEAD"])
def test_a_revision_that_git_does_not_know_is_refused(repository: Path, revision: str) -> None:
    refused = refusal(f"commit:{revision}")
    assert (type(refused), refused.code) == (UsageError, "usage.revision")
    assert refused.where == f"{revision}^{{commit}}"
    assert refused.hint == "name a commit of this repository"


def test_outside_a_repository_git_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    (folder / ".git").write_text("not a repository")
    refused = refusal("commit:HEAD")
    assert (type(refused), refused.code) == (UsageError, "usage.revision")


def test_a_variable_does_not_lead_git_to_another_repository(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("elsewhere")))
    assert Subject.commit().digest == {"gitCommit": head}


def test_configuration_of_the_judged_repository_runs_nothing(repository: Path) -> None:
    script = repository / "run-me"
    script.write_text("#!/bin/sh\ntouch ran\n")
    script.chmod(0o755)
    git("config", "core.fsmonitor", str(script))
    Subject.index()
    assert not (repository / "ran").exists()


def test_without_git_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    refused = refusal("commit:HEAD")
    assert (type(refused), refused.where, refused.code) == (SourceError, ".", "source.git")
    assert refused.message.startswith("git cannot be run: ")


@given(subjects)
def test_a_subject_is_the_same_as_itself_whatever_it_is_called(subject: Subject) -> None:
    assert subject.match(subject.digest) == "same"
    assert subject.match({**subject.digest, "md5": "0" * 32}) == "same"
    assert Subject.of("other", dict(reversed(subject.digests))).digests == subject.digests
    assert subject.as_json() == {"name": subject.name, "digest": dict(subject.digests)}


@given(subjects, subjects)
def test_a_match_is_symmetric(one: Subject, two: Subject) -> None:
    assert one.match(two.digest) == two.match(one.digest)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, "other"),
        ({"sha1": "0" * 40}, "other"),
        ({"sha256": "0" * 64}, "other"),
        ({"sha256": HEX}, "same"),
        ({"sha256": HEX, "sha512": "0" * 128}, "contradicts"),
        ({"sha256": None}, "other"),
        ({"sha256": HEX.upper()}, "other"),
    ],
)
def test_a_match_takes_every_shared_digest(stated: dict[str, Any], expected: str) -> None:
    assert Subject.of("app", {"sha256": HEX, "sha512": HEX * 2}).match(stated) == expected


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Subject(name="app", digests=()), "app: a subject needs a digest"),
        (
            lambda: Subject(name="app", digests=(("sha512", HEX * 2), ("sha256", HEX))),
            "app: digests are sorted and each algorithm is there once",
        ),
        (
            lambda: Subject(name="app", digests=(("sha256", HEX), ("sha256", HEX))),
            "app: digests are sorted and each algorithm is there once",
        ),
        (
            lambda: Subject.of("app", {"md5": "0" * 32}),
            "app: 'md5' binds no subject (use one of sha256, sha512, gitCommit, gitTree)",
        ),
    ],
)
def test_a_subject_that_could_match_too_much_is_none(build: Any, message: str) -> None:
    with pytest.raises(MalformedError) as refused:
        build()
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("algorithm", "value", "is_digest"),
    [
        ("sha256", HEX, True),
        ("gitCommit", "a" * 40, True),
        ("gitCommit", HEX, True),  # repositories that use SHA-256
        ("gitTree", HEX, True),
        ("sha512", HEX, False),
        ("sha256", "a" * 40, False),
        ("sha256", " " + HEX[1:], False),
        ("sha256", "a" * 63 + "٣", False),
        ("sha256", 7, False),
        ("sha256", None, False),
    ],
)
def test_a_digest_has_its_length_and_lower_case_digits(algorithm: str, value: Any, is_digest: bool) -> None:
    if is_digest:
        assert check_digest(algorithm, value) == value
        return
    with pytest.raises(MalformedError) as refused:
        check_digest(algorithm, value, where="$.subject[0]")
    assert refused.value.where == "$.subject[0]"
    assert refused.value.message == f"not a {algorithm} digest"
