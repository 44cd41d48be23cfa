"""A small project with a gate, keys and people: everything a decision needs, one change away from going wrong.

The command is run in this process, exactly as ``gatekeeper`` runs it, so that a guard can be taken away under it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper import _json, cli
from gatekeeper.approval import APPROVAL_NAMESPACE, APPROVAL_TYPE, WAIVER_NAMESPACE, WAIVER_TYPE
from gatekeeper.attestation import PAYLOAD_TYPE, statement_bytes
from gatekeeper.facts import FACTS_TYPE
from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.lock import lock_path, write_lock
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse, ssh, ssh_sign
from gatekeeper.trust.private_keys import PrivateKey, load_private_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SIGNERS = ("ci", "scanner", "gate", "stranger")
PEOPLE = ("ada", "bo", "cy", "dee")

GATE = """\
name = "parcel"
engine = "opa 1.22.2"
engine_digests = ["{opa}"]
pack_dirs = ["policies"]

[waivers]
role = "security"
max = "30d"

[stages.build]
rules = ["own.*"]
valid_for = "7d"
[stages.build.evidence]
unit = {{ kind = "test_results" }}
coverage = {{ kind = "coverage" }}

[stages.integration]
after = "build"
rules = ["own.tests"]
approvals = [{{ role = "release-manager", count = 1, not = ["author"] }}]
valid_for = "1d"
[stages.integration.evidence]
e2e = {{ kind = "test_results", shards = 2 }}
change = {{ kind = "change" }}
"""

TRUST = """\
[signers.ci]
key = "keys/ci.pub"
[signers.scanner]
key = "keys/scanner.pub"
[signers.gate]
key = "keys/gate.pub"

[people.ada]
roles = ["release-manager"]
keys = [{ key = "KEY:ada" }]
logins = ["github:ada"]
[people.bo]
roles = ["release-manager"]
keys = [{ key = "KEY:bo" }]
logins = ["github:bo"]
[people.cy]
roles = ["security"]
keys = [{ key = "KEY:cy" }]
logins = ["github:cy"]

[accept]
test_results = ["ci"]
coverage = ["ci"]
change = ["ci"]
decision = ["gate"]
"""

TWO_KEYS = 'keys = [{{ key = "{}" }}, {{ key = "{}" }}]'
"""The keys of a person who has two."""

COVERAGE_RULE = """\
# METADATA
# title: Enough of the code is exercised
# description: Untested lines are where the next stage finds what this one should have.
# custom:
#   severity: medium
#   needs: {coverage: [lines_valid, lines_covered, files.path, files.lines_valid, files.lines_covered]}
#   parameters: {minimum_percent: {type: integer, minimum: 0, maximum: 100, default: 80, tighten: up}}
#   remedy: Add tests for the files listed.
package gatekeeper.own.coverage

import rego.v2

deny contains violation if {
	some report in input.coverage
	some file in report.files
	file.lines_covered * 100 < input.parameters.minimum_percent * file.lines_valid
	violation := {
		"message": $"{file.lines_covered} of {file.lines_valid} lines of {file.path} are covered",
		"term": file.path,
		"source": report.source,
		"locator": file.path,
		"actual": file.lines_covered,
		"unit": "lines",
	}
}
"""

TESTS_RULE = """\
# METADATA
# title: The tests pass
# description: A failing test is a known defect.
# custom:
#   severity: high
#   needs: {test_results: [failed, errored, cases.name, cases.suite, cases.outcome, cases.locator]}
#   remedy: Mend the code or the test.
package gatekeeper.own.tests

import rego.v2

deny contains violation if {
	some report in input.test_results
	some failing in report.cases
	failing.outcome in {"failed", "errored"}
	violation := {
		"message": $"{failing.suite}::{failing.name} {failing.outcome}",
		"term": $"{failing.suite}::{failing.name}",
		"source": report.source,
		"locator": failing.locator,
	}
}
"""


@cache
def signing_key(name: str) -> PrivateKey:
    """An Ed25519 key; the same one throughout a run."""
    return load_private_key(pem_of(name).encode())


@cache
def pem_of(name: str) -> str:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(_json.digest(name.encode()).encode()[7:39])
    style = form.PrivateFormat.OpenSSH if name in PEOPLE else form.PrivateFormat.PKCS8
    return key.private_bytes(form.Encoding.PEM, style, form.NoEncryption()).decode()


@cache
def public_of(name: str) -> str:
    from cryptography.hazmat.primitives import serialization as form

    public = signing_key(name).material.public_key()
    if name in PEOPLE:
        return str(public.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode())
    return str(public.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode())


@dataclass(frozen=True)
class Ran:
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def results(self) -> dict[str, Any]:
        return {result["id"]: result for result in self.json["results"]}

    @property
    def reasons(self) -> str:
        """Everything that was said: output and errors."""
        return self.out + self.err

    @property
    def error(self) -> dict[str, str]:
        """What stderr says went wrong: ``error``, and ``where`` and ``hint`` if there are some, each on one line."""
        said: dict[str, str] = {}
        for line in self.err.splitlines():
            label, text = line[:7].strip(), line[7:]
            name = label or next(reversed(said))
            said[name] = f"{said[name]} {text}" if name in said else text
        return said


class Project:
    """The folder, and what is in it."""

    def __init__(self, folder: Path, opa_digest: str) -> None:
        self.folder = folder
        self.opa_digest = opa_digest
        self.now = datetime.now(UTC).replace(microsecond=0)
        (folder / "evidence").mkdir(parents=True)
        self.write("app.whl", "the artifact")
        self.write("gate.toml", GATE.format(opa=opa_digest))
        self.write("trust.toml", self.with_keys(TRUST))
        self.write("policies/own/pack.toml", 'name = "own"\nversion = "1.0.0"\ndescription = "Rules of our own."\n')
        self.write("policies/own/coverage/coverage.rego", COVERAGE_RULE)
        self.write("policies/own/tests/tests.rego", TESTS_RULE)
        for name in (*SIGNERS, *PEOPLE):
            self.write(f"keys/{name}.pub", public_of(name))
            self.write(f"keys/{name}.key", pem_of(name))
        self.lock()

    @staticmethod
    def with_keys(trust: str) -> str:
        for name in PEOPLE:
            trust = trust.replace(f"KEY:{name}", public_of(name).strip())
        return trust

    @property
    def subject(self) -> Subject:
        return Subject.file(self.folder / "app.whl")

    @staticmethod
    def public(name: str) -> str:
        """The public key of a signer or person, as it is written in ``trust.toml``."""
        return public_of(name).strip()

    def named(self, change: Callable[[str], str], algorithm: str = "sha256") -> dict[str, Any]:
        """The subject in a statement, its digest changed."""
        return {"name": "app.whl", "digest": {algorithm: change(self.subject.digest["sha256"])}}

    @staticmethod
    def raw_of(slot: str) -> dict[str, Any]:
        """What the green attestation for a slot says of the report that it was made of."""
        facts = {"unit": ran_tests(), "coverage": coverage()}[slot]
        kind = {"unit": "test_results", "coverage": "coverage"}[slot]
        return {"name": f"{slot}.json", "digest": _json.digest_of([kind, slot, facts, {}])}

    def two_digests(self, **other: str) -> dict[str, Any]:
        """The subject in a statement, by its SHA-256 and its SHA-512 unless they are said to be others."""
        sha512 = hashlib.sha512((self.folder / "app.whl").read_bytes()).hexdigest()
        return {"name": "app.whl", "digest": {**self.subject.digest, "sha512": sha512, **other}}

    @property
    def gate_digest(self) -> str:
        return load_gate(self.folder / "gate.toml").digest

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new))

    def git(self, *arguments: str) -> None:
        """Run git in the folder, without anybody's settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *arguments], cwd=self.folder, env=clean | quiet, check=True, capture_output=True)

    def lock(self) -> None:
        """Write the lock, without compiling anything."""
        path = self.folder / "gate.toml"
        write_lock(load_gate(path), lock_path(path))

    def run(self, *arguments: str) -> Ran:
        """Run the command in this process; what it prints and its exit code."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main(arguments)
            except SystemExit as leave:
                code = leave.code
        assert isinstance(code, int)
        return Ran(code, out.getvalue(), err.getvalue())

    def decide(self, stage: str = "build", *more: str, evidence: tuple[str, ...] = ("evidence",)) -> Ran:
        """``gatekeeper decide app.whl`` with JSON out."""
        named = [word for path in evidence for word in ("--evidence", path)]
        return self.run("decide", "app.whl", "--stage", stage, *named, "--format", "json", *more)

    # evidence, signed

    def attest(
        self,
        kind: str,
        facts: dict[str, Any],
        *,
        slot: str,
        signer: str | None = "ci",
        name: str = "",
        subject: dict[str, Any] | None = None,
        **predicate: Any,
    ) -> Path:
        """An attestation of facts in the evidence folder."""
        payload = self.statement(kind, facts, slot=slot, subject=subject, **predicate)
        data = payload if signer is None else dsse.sign(payload, PAYLOAD_TYPE, signing_key(signer))
        return self.write(f"evidence/{name or f'{slot}-{_json.digest(data)[7:15]}'}.json", data)

    def statement(
        self, kind: str, facts: dict[str, Any], *, slot: str, subject: dict[str, Any] | None = None, **predicate: Any
    ) -> bytes:
        said = {
            "kind": kind,
            "slot": slot,
            "shard": "1/1",
            "format": "test",
            "facts": facts,
            "raw": {"name": f"{slot}.json", "digest": _json.digest_of([kind, slot, facts, predicate])},
        }
        return statement_bytes(
            subject=subject or self.subject.as_json(), predicate_type=FACTS_TYPE, predicate=said | predicate
        )

    def green(self) -> None:
        """Evidence that opens the stage ``build``."""
        self.attest("test_results", ran_tests(), slot="unit", name="unit")
        self.attest("coverage", coverage(), slot="coverage", name="coverage")

    def approve(
        self, person: str, *, stage: str = "integration", signer: str = "", name: str = "", **more: Any
    ) -> Path:
        """An approval by a person, SSH-signed; ``more`` is put into it, or says how it is signed."""
        predicate = {
            "verdict": "approve",
            "stage": stage,
            "gate": {"name": "parcel", "digest": self.gate_digest},
            "issued_at": stamp(self.now - timedelta(hours=1)),
            "expires": stamp(self.now + timedelta(days=1)),
        }
        signers = more.pop("signers", [signer or person])
        signed = {"subject": more.pop("subject", None), "namespace": more.pop("namespace", APPROVAL_NAMESPACE)}
        return self.sign_ssh(predicate | more, APPROVAL_TYPE, signers, name or f"approval-{person}", **signed)

    def waive(self, *signers: str, name: str = "waiver", **more: Any) -> Path:
        """A waiver, SSH-signed by each of ``signers``; ``more`` is put into it, or says how it is signed."""
        predicate = {
            "rule": "own.coverage",
            "terms": ["a.py"],
            "stage": "build",
            "gate": "parcel",
            "reason": "legacy",
            "ticket": "OPS-1",
            "requester": "ada",
            "issued_at": stamp(self.now - timedelta(hours=1)),
            "expires": stamp(self.now + timedelta(days=7)),
        }
        signed = {"subject": more.pop("subject", None), "namespace": more.pop("namespace", WAIVER_NAMESPACE)}
        return self.sign_ssh(predicate | more, WAIVER_TYPE, signers or ("ada", "cy"), name, **signed)

    def sign_ssh(
        self,
        predicate: dict[str, Any],
        predicate_type: str,
        signers: Sequence[str],
        name: str,
        *,
        namespace: str,
        subject: dict[str, Any] | None = None,
    ) -> Path:
        """A statement in the evidence folder, SSH-signed."""
        about = subject or self.subject.as_json()
        payload = statement_bytes(subject=about, predicate_type=predicate_type, predicate=predicate)
        armoured = [ssh_sign.sign(payload, signing_key(signer), namespace) for signer in signers]
        return self.write(f"evidence/{name}.json", ssh.envelope(payload, armoured))

    def record(self, stage: str = "build", *, key: str = "gate", folder: str = "records") -> Path:
        """Decide and seal; the record's file. Without a ``key`` it is unsigned."""
        signed = ("--key", f"keys/{key}.key") if key else ()
        ran = self.decide(stage, "--record", folder, *signed)
        return self.folder / ran.err.split("record ", 1)[1].split()[0]

    def admit(self, record: str | Path, *more: str, stage: str = "build", subject: str = "app.whl") -> Ran:
        """``gatekeeper admit`` with what the deploy side insists on."""
        digest = () if "--gate-digest" in more else ("--gate-digest", self.gate_digest)
        named = ("--subject", subject, "--stage", stage, "--gate", "parcel", "--trust", "trust.toml")
        return self.run("admit", str(record), *named, *digest, *more)


def stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def ran_tests(passed: int = 3, *failing: str, **more: Any) -> dict[str, Any]:
    """Facts of a test run: ``passed`` cases that pass, and one that fails for each name."""
    cases = [
        {"name": name, "suite": "s", "outcome": "failed", "locator": f"/testsuite/testcase[{index}]"}
        for index, name in enumerate(failing, start=1)
    ]
    total = passed + len(failing)
    counts = {"passed": passed, "failed": len(failing), "errored": 0, "skipped": 0, "flaky": 0}
    names = sorted([*(f"s::p{index}" for index in range(passed)), *(f"s::{name}" for name in failing)])
    return {"total": total, "executed": total, **counts, "cases": cases, "names": names, "complete": True} | more


def coverage(covered: int = 90, valid: int = 100, path: str = "a.py", **more: Any) -> dict[str, Any]:
    """Facts of a coverage report about one file."""
    files = [{"path": path, "lines_valid": valid, "lines_covered": covered}]
    return {"lines_valid": valid, "lines_covered": covered, "files": files, "complete": True} | more


def change(*authors: str) -> dict[str, Any]:
    """Facts about who made a change."""
    return {"commit": "c" * 40, "authors": list(authors), "committers": [], "complete": True}
