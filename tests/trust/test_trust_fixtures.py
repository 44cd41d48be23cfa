"""Every signature case of real tools: what must be accepted is verified, what must not be never is, none is left out.

The table names the outcome and the reason of each file. ``unsupported`` is an outcome for what may come later (npm, PEP
740, hints at keys, timestamps without a log, TUF); it is never a pass.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from gatekeeper.attestation import PAYLOAD_TYPE, read_attestation
from gatekeeper.errors import ConfigError, GatekeeperError
from gatekeeper.trust import dsse, in_toto, sigstore, ssh
from gatekeeper.trust.keys import load_public_key
from shared import SHARED, fixture, needs_shared

if TYPE_CHECKING:
    import pytest

_OSS_REBUILD = "https://in-toto.io/Statement/v1"
UNSUPPORTED = {
    "conf-intoto-log-entry-mismatch": "a log entry of type intoto/0.0.2",
    "conf-intoto-with-custom-trust-root": "a log entry of type intoto/0.0.2",
    "conf-managed-key-happy-path": "a bundle signed with a key, which it only hints at",
    "gh-invalid-signature": "a log entry of type intoto/0.0.2",
    "gh-missing-cert": "a bundle signed with a key, which it only hints at",
    "gh-npm-sigstore-js-2.1.0": "a log entry of type intoto/0.0.2",
    "gh-private-tsa-only": "a bundle with 0 transparency log entries",
    "go-dsse-2sigs": "a log entry of type intoto/0.0.2",
    "model-cert-v0.2.0-bad-pae": "a bundle with 0 transparency log entries",
    "model-key-v1.1.0": "a bundle signed with a key, which it only hints at",
    "slsa-container-based-v2.1.0": "a log entry of type intoto/0.0.2",
    "slsa-invalid-set": "a log entry of type intoto/0.0.2",
    **dict.fromkeys(
        (
            "npm-att-mismatch-pub-predicatetype",
            "npm-att-publish-nodigest",
            "npm-gundam-visor-cli-v1-tag",
            "npm-gundam-visor-cli-v1-tag-invalidsigprov",
            "npm-stmt-mismatch-prov-predicatetype",
            "npm-supreme-googles-cli-v02-tag-invalidsigprov",
            "pypi-gcb-provenance",
            "pypi-gitlab_oidc_project",
            "pypi-pypi_attestations",
            "tuf-duplicate-sigs",
            "tuf-no-root-json-signatures",
        ),
        "a document that is no Sigstore bundle",
    ),
}
"""Cases whose shape nothing here checks, whatever is expected of them, with the name that the shape is given."""

NOT_JSON = {"tsr-invalid-signature", "tsr-sigstage-sha256"}
"""Bare timestamp responses: no attestation at all, and refused as such."""


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    kind: str
    expected: str
    row: dict[str, str] = field(compare=False)

    def file(self, name: str = "") -> bytes:
        return fixture(f"signatures/{name or self.row['file']}").read_bytes()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    status: str
    reason: str


@cache
def cases() -> tuple[Case, ...]:
    if SHARED is None:
        return ()
    with (SHARED / "fixtures/signatures/SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(
        Case(name=row["file"].split("/")[0], kind=row["kind"], expected=row["expected"], row=row) for row in rows
    )


@cache
def outcome(case: Case) -> Outcome:
    try:
        return CHECKS[case.kind](case)
    except ConfigError as problem:
        return Outcome(status="error", reason=problem.message)
    except GatekeeperError as problem:
        return Outcome(status="rejected", reason=problem.message)


def as_sigstore(case: Case) -> Outcome:
    row = case.row
    root = row["trust"] if row["trust"].endswith(".json") else "trust/public-good.trusted_root.json"
    digest = hashlib.sha256(case.file(row["artifact_file"])).digest() if row["artifact_file"] else None
    if digest is None and row["artifact_digest"].startswith("sha256:"):
        digest = bytes.fromhex(row["artifact_digest"].removeprefix("sha256:"))
    raw = case.file()
    verdict = sigstore.verify(
        raw,
        trusted_root=case.file(root),
        artifact_sha256=digest if b'"messageSignature"' in raw else None,
        payload_types=(PAYLOAD_TYPE,),
    )
    if verdict.status == "verified" and (verdict.identity, verdict.issuer) != (row["identity"], row["issuer"]):
        return Outcome(status="rejected", reason=f"signed by {verdict.identity}")
    return Outcome(status=verdict.status, reason=verdict.reason)


def as_dsse(case: Case) -> Outcome:
    attestation = read_attestation(case.file())
    assert attestation is not None
    key = load_public_key(case.file(case.row["other_files"]))
    found = dsse.verify(attestation, [key], payload_types=(PAYLOAD_TYPE, _OSS_REBUILD))
    return Outcome(status="verified" if found == {key.fingerprint} else "rejected", reason="")


def as_ssh(case: Case) -> Outcome:
    key_file, signed_data = case.row["other_files"].split(";")
    armoured, message = case.file().decode(), case.file(signed_data)
    attestation = read_attestation(ssh.envelope(message, [armoured]))
    assert attestation is not None
    (found,) = ssh.verify(attestation, namespace=case.row["notes"].removeprefix("namespace="))
    same = found.fingerprint == load_public_key(case.file(key_file)).fingerprint
    return Outcome(status="verified" if same else "rejected", reason="")


def as_link(case: Case) -> Outcome:
    key = load_public_key(case.file(case.row["other_files"]))
    link = in_toto.read_link(case.file(), [key])
    return Outcome(status="verified" if link.signers == {key.fingerprint} else "rejected", reason="")


CHECKS = {
    "bundle": as_sigstore,
    "bundle-own-ca": as_sigstore,
    "npm": as_sigstore,
    "pep740": as_sigstore,
    "pep740-provenance": as_sigstore,
    "tuf-root": as_sigstore,
    "tsr": as_sigstore,
    "dsse": as_dsse,
    "sshsig": as_ssh,
    "intoto-link": as_link,
}


@needs_shared
def test_every_case_comes_out_as_expected_or_as_unsupported_by_name(
    capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    found = {case: outcome(case) for case in cases()}
    with capsys.disabled():
        if request.config.get_verbosity() > 0:
            print()  # noqa: T201 - the table is there to be read: pytest -v
            for case, seen in found.items():
                print(f"{case.name:58} {case.expected:7} {seen.status:12} {seen.reason[:90]}")  # noqa: T201 - likewise
    assert len(found) == 70
    assert {case.name: seen.status for case, seen in found.items()} == {case.name: wanted(case) for case in found}
    assert {case.name: seen.reason for case, seen in found.items() if seen.status == "unsupported"} == UNSUPPORTED


def wanted(case: Case) -> str:
    if case.name in UNSUPPORTED:
        return "unsupported"
    if case.name in NOT_JSON:
        return "rejected"
    if case.name == "conf-trust-root-tlog-missing-validity-start":
        return "error"  # the trusted root itself is wrong: no decision can be reached with it
    return {"ACCEPT": "verified", "REJECT": "rejected"}[case.expected]


@needs_shared
def test_what_must_be_rejected_is_never_verified() -> None:
    must = [case for case in cases() if case.expected == "REJECT"]
    assert len(must) == 36
    assert [case.name for case in must if outcome(case).status == "verified"] == []


@needs_shared
def test_a_good_bundle_is_not_good_for_another_file_or_under_another_root() -> None:
    good = [case for case in cases() if case.kind == "bundle" and outcome(case).status == "verified"]
    assert len(good) == 15
    for case in good:
        raw, root = case.file(), case.file(case.row["trust"])
        other = sigstore.verify(raw, trusted_root=root, artifact_sha256=bytes(32))
        stranger = sigstore.verify(raw, trusted_root=case.file("trust/scaffolding.trusted_root.json"))
        assert {other.status, stranger.status} <= {"rejected", "unsupported"}, case.name


@needs_shared
def test_keys_ssh_and_sigstore_of_format_0_2_and_later_all_come_out_as_expected() -> None:
    built = [case for case in cases() if case.kind in {"dsse", "sshsig", "bundle"} and case.name not in UNSUPPORTED]
    wrong = [case.name for case in built if (outcome(case).status == "verified") != (case.expected == "ACCEPT")]
    assert (len(built), wrong) == (42, [])
