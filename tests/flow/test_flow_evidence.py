"""Reading evidence: every file is an attestation, is listed as ignored, or stops the reading. Nothing is dropped."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from gatekeeper import evidence as evidence_module
from gatekeeper._limits import MAX_SIGNATURES, MAX_SUBJECTS
from gatekeeper.attestation import parse_statement, read_attestation, statement_bytes
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError, SourceError, UsageError
from gatekeeper.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPE = "https://example.org/predicate/v1"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def statement(number: int = 0) -> bytes:
    subject = {"name": "app", "digest": {"sha256": "0" * 64}}
    return statement_bytes(subject=subject, predicate_type=TYPE, predicate={"number": number})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    monkeypatch.chdir(tmp_path)
    return made


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refusal(*paths: str | Path) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as refused:
        Evidence.read(*paths)
    return refused.value


def told(refused: GatekeeperError) -> tuple[type[GatekeeperError], str, str]:
    return type(refused), refused.message, refused.where


# files


def test_a_file_and_the_same_file_elsewhere_are_one(folder: Path) -> None:
    one = write(folder / "a.json", statement())
    two = write(folder / "deep/er/b.json", statement())
    body = Evidence.read(one, two, folder)
    [item] = body
    assert (item.form, item.raw, item.name) == ("plain", statement(), "a.json")
    assert body.digest == Evidence.read(two).digest
    assert body.ignored == ()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("report.xml", b"<testsuite/>", "not an attestation"),
        ("report.json", b'{"version": "2.1.0"}', "not an attestation"),
        ("list.json", b"[1, 2]", "not an attestation"),
        ("empty.json", b"", "not an attestation"),
        ("empty.jsonl", b"\n \n", "not an attestation"),
    ],
)
def test_a_file_named_outright_that_is_no_attestation_is_refused(
    folder: Path, name: str, data: bytes, message: str
) -> None:
    path = write(folder / name, data)
    refused = refusal(path)
    assert told(refused) == (UsageError, message, str(path))
    assert refused.hint == "a raw report is attested first: gatekeeper attest, or decide --evidence"


@pytest.mark.parametrize("path", ["no-such.json", "no-such/", "x" * 5000])
def test_what_is_not_there_is_refused(folder: Path, path: str) -> None:
    refused = refusal(path)
    assert refused.where == path
    assert refused.exit_code in {2, 3}


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    assert told(refusal(folder / "pipe.json")) == (SourceError, "not a regular file", str(folder / "pipe.json"))
    write(folder / "a.json", statement())
    assert told(refusal(folder)) == (SourceError, "not a regular file", str(folder / "pipe.json"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"{", "b.json: not JSON: Expecting property name enclosed in double quotes"),
        (b'{"_type": 1, "_type": 2}', "b.json: the key '_type' is there twice"),
        (b'{"payloadType": "x", "payload": "", "signatures": [{}]}', "$.signatures[0].sig: not base64"),
        (b'{"payloadType": "x", "payload": "!", "signatures": []}', "$.signatures: no signature"),
        (b'{"payloadType": "x", "payload": "", "signatures": [7]}', "$.signatures[0]: not a signature"),
        (b'{"payloadType": "x", "payload": "", "signatures": [{"sig": ""}]}', "$.signatures[0]: an empty signature"),
        (b'{"payloadType": "x", "payload": "A", "signatures": [{"sig": "QQ=="}]}', "$.payload: not base64: "),
        (b'{"payloadType": 7, "payload": "", "signatures": [{"sig": "QQ=="}]}', "$.payloadType: the payload type is"),
        (
            b'{"payloadType": "x", "payload": "", "signatures": [{"sshsig": 7}]}',
            "$.signatures[0].sshsig: not an SSH signature",
        ),
        (
            '{"payloadType": "x", "payload": "", "signatures": [{"sshsig": "ä"}]}'.encode(),
            "$.signatures[0].sshsig: not an SSH signature",
        ),
        (
            b'{"payloadType": "x", "payload": "", "signatures": [%s]}'
            % b",".join([b'{"sig": "QQ=="}'] * (MAX_SIGNATURES + 1)),
            f"$.signatures: more than {MAX_SIGNATURES} signatures",
        ),
        (
            b'{"mediaType": "%s"}' % BUNDLE.encode(),
            "$.dsseEnvelope: the bundle holds no DSSE envelope",
        ),
        (b'{"schema": "https://gatekeeper.dev/record/v1", "envelope": 7}', "$.envelope: no envelope"),
        (b'{"schema": "https://gatekeeper.dev/record/v1"}', "$.statement: not base64"),
        (
            b'{"schema": "https://gatekeeper.dev/record/v1", "envelope": {"mediaType": "%s"}}' % BUNDLE.encode(),
            "$.envelope.dsseEnvelope: the bundle holds no DSSE envelope",
        ),
    ],
)
def test_what_claims_to_be_an_attestation_and_is_broken_is_kept_to_be_rejected(
    folder: Path, data: bytes, problem: str
) -> None:
    [item] = Evidence.read(write(folder / "b.json", data))
    assert item.form == "unreadable"
    assert problem in item.problem
    assert (item.raw, item.payload, item.name) == (data, b"", "b.json")


# JSON lines


def test_each_line_is_an_attestation(folder: Path) -> None:
    lines = b"\n".join([statement(1), b"", b"  ", statement(2), statement(1)])
    body = Evidence.read(write(folder / "all.jsonl", lines))
    assert {item.raw for item in body} == {statement(1), statement(2)}
    assert {item.name for item in body} == {"all.jsonl"}


def test_windows_line_ends_are_no_part_of_an_attestation(folder: Path) -> None:
    body = Evidence.read(write(folder / "all.jsonl", statement(1) + b"\r\n" + statement(2) + b"\r\n"))
    assert {item.raw for item in body} == {statement(1), statement(2)}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "all.jsonl:2: not JSON: "),
        (b"not JSON", "all.jsonl:2: not JSON: "),
        (b"{}", "all.jsonl:2: not an attestation"),
        (b"[]", "all.jsonl:2: not an attestation"),
        (b"null", "all.jsonl:2: not an attestation"),
    ],
)
def test_a_line_that_is_no_attestation_is_named_by_its_number(folder: Path, line: bytes, problem: str) -> None:
    body = Evidence.read(write(folder / "all.jsonl", statement() + b"\n" + line + b"\n"))
    [bad] = [item for item in body if item.form == "unreadable"]
    assert bad.problem.startswith(problem)
    assert len(body) == 2


# folders


def test_what_is_no_attestation_in_a_folder_is_listed(folder: Path) -> None:
    write(folder / "a.json", statement())
    write(folder / "sub/README", b"read me")
    write(folder / "sub/.hidden", b"{")
    write(folder / "new\nline.txt", b"")
    body = Evidence.read(folder)
    assert len(body) == 1
    assert body.ignored == ("new\nline.txt", "sub/.hidden", "sub/README")


@pytest.mark.parametrize(
    "name", ["b.intoto.json", "b.dsse.json", "b.sigstore.json", "b.sigstore", "b.record.json", "b.jsonl"]
)
@pytest.mark.parametrize("data", [b"{", b"<xml/>", b"[]", b'{"schema": "https://gatekeeper.dev/record/v9"}'])
def test_a_file_that_claims_by_its_name_is_never_ignored(folder: Path, name: str, data: bytes) -> None:
    write(folder / "a.json", statement())
    write(folder / name, data)
    body = Evidence.read(folder)
    [bad] = [item for item in body if item.form == "unreadable"]
    assert (bad.name, bad.raw) == (name, data)
    assert body.ignored == ()


def test_a_broken_file_in_a_folder_that_claims_nothing_is_listed(folder: Path) -> None:
    write(folder / "a.json", statement())
    write(folder / "b.json", b"{")
    assert Evidence.read(folder).ignored == ("b.json",)


def test_a_folder_without_attestation_is_refused(folder: Path) -> None:
    assert told(refusal(folder)) == (UsageError, "no attestation in this folder", str(folder))
    write(folder / "report.xml", b"<a/>")
    assert told(refusal(folder)) == (UsageError, "no attestation in this folder", str(folder))


def test_a_link_inside_the_folder_is_read_and_one_out_of_it_is_refused(folder: Path) -> None:
    write(folder / "a.json", statement())
    (folder / "again.json").symlink_to("a.json")
    assert len(Evidence.read(folder)) == 1
    secret = write(folder.parent / "secret.json", statement(2))
    (folder / "out.json").symlink_to(secret)
    assert told(refusal(folder)) == (SourceError, "a link that leads out of the folder", str(folder / "out.json"))


def test_a_linked_folder_is_not_passed_over(folder: Path) -> None:
    write(folder / "real/a.json", statement())
    (folder / "linked").symlink_to("real")
    assert len(Evidence.read(folder)) == 1
    write(folder.parent / "elsewhere/b.json", statement(2))
    (folder / "out").symlink_to(folder.parent / "elsewhere")
    assert told(refusal(folder)) == (SourceError, "a link that leads out of the folder", str(folder / "out"))


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    write(folder / "a.json", statement())
    (folder.parent / "link").symlink_to(folder)
    assert len(Evidence.read(folder.parent / "link")) == 1


@pytest.mark.parametrize("target", ["nowhere", "loop.json"])
def test_a_link_to_nothing_is_refused(folder: Path, target: str) -> None:
    write(folder / "a.json", statement())
    (folder / "loop.json").symlink_to(target)
    assert told(refusal(folder)) == (SourceError, "not a regular file", str(folder / "loop.json"))


def test_a_socket_in_a_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.json")
        assert told(refusal(".")) == (SourceError, "not a regular file", "s.json")


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Nobody in particular, so that permissions count where tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_listed_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds may be the attestation that would have denied."""
    write(folder / "a.json", statement())
    write(folder / "closed/b.json", statement(2))
    (folder / "closed").chmod(0)
    monkeypatch.chdir(folder)
    try:
        with unprivileged():
            refused = refusal(".")
    finally:
        (folder / "closed").chmod(0o755)
    assert told(refused) == (SourceError, "cannot be listed: Permission denied", "./closed")


def test_a_file_that_cannot_be_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.json", statement()).chmod(0)
    monkeypatch.chdir(folder)
    with unprivileged():
        refused = refusal("a.json")
    assert (type(refused), refused.where, refused.code) == (SourceError, "a.json", "source.open")
    assert "Permission denied" in refused.message


def test_more_files_than_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_module, "MAX_FILES", 3)
    for number in range(4):
        write(folder / f"{number}.json", statement(number))
    assert told(refusal(folder)) == (LimitError, "more than 3 files", str(folder))


def test_more_attestations_than_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_module, "MAX_ITEMS", 3)
    lines = b"\n".join(statement(number) for number in range(4))
    assert told(refusal(write(folder / "all.jsonl", lines))) == (LimitError, "more than 3 attestations", "")


# the set


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(numbers=st.lists(st.integers(0, 5), max_size=8), data=st.data())
def test_order_repetition_and_grouping_change_nothing(numbers: list[int], data: st.DataObject) -> None:
    items = [read_attestation(statement(number), name=f"{number}.json") for number in numbers]
    known = [item for item in items if item]
    cut = data.draw(st.integers(0, len(known)))
    whole = Evidence.of(known, ignored=["b", "a", "b"])
    assert Evidence.of(data.draw(st.permutations(known))).items == whole.items
    assert (Evidence.of(known[:cut]) | Evidence.of(known[cut:])).digest == whole.digest
    assert (whole | whole) == whole
    assert whole.ignored == ("a", "b")
    assert len(whole) == len(set(numbers))


# statements


def test_a_statement_is_read_with_all_its_subjects() -> None:
    read = parse_statement(
        json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v0.1",
                "subject": [
                    {"name": "a", "digest": {"sha256": "0"}},
                    {"digest": {"md5": "1"}},
                    {"name": 7, "digest": {"x": 1}},
                ],
                "predicateType": TYPE,
                "predicate": {},
                "unknown": 1,
            }
        ).encode()
    )
    assert read.subjects == (("a", {"sha256": "0"}), ("", {"md5": "1"}), ("", {"x": 1}))


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"_type": "https://in-toto.io/Statement/v2"}, "$._type", "_type is 'https://in-toto.io/Statement/v2', not an"),
        ({"_type": None}, "$._type", "_type is None, not an in-toto Statement"),
        ({"predicateType": ""}, "$.predicateType", "no predicate type"),
        ({"predicateType": 7}, "$.predicateType", "no predicate type"),
        ({"predicate": []}, "$.predicate", "the predicate is not an object"),
        ({"predicate": None}, "$.predicate", "the predicate is not an object"),
        ({"subject": []}, "$.subject", "no subject"),
        ({"subject": {}}, "$.subject", "no subject"),
        ({"subject": [7]}, "$.subject[0].digest", "a subject without digest"),
        ({"subject": [{"name": "a", "digest": {}}]}, "$.subject[0].digest", "a subject without digest"),
        ({"subject": [{"digest": {"a": "0"}}, {"name": "b"}]}, "$.subject[1].digest", "a subject without digest"),
        (
            {"subject": [{"digest": {"a": "0"}}] * (MAX_SUBJECTS + 1)},
            "$.subject",
            f"more than {MAX_SUBJECTS} subjects",
        ),
    ],
)
def test_what_is_no_statement_is_refused_with_its_place(changes: dict[str, Any], place: str, message: str) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_statement(json.dumps({**json.loads(statement()), **changes}).encode(), where="a.json")
    assert refused.value.message.startswith(message)
    assert refused.value.where == place
