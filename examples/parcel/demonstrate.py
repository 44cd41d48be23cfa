"""The demonstration: a change is denied, mended, approved, allowed, recorded, admitted and replayed.

``./demo`` runs it. Everything is real: the tools run, the keys sign, OPA decides. Only the keys are throw-away ones
that the demonstration makes and trusts itself; outside, the gate's key and the attesting steps belong where the project
cannot edit. What it makes stays in ``build/demo``, or in the folder given, which must be new or empty.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import reports

HERE = Path(__file__).resolve().parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1] / "build" / "demo").resolve()
SHARDS = 4
ALLOW, DENY = 0, 1

TRUST = """\
# Who is who. The keys were made by the demonstration.
[signers.ci]
key = "keys/ci.pub"
[signers.gate]
key = "keys/gate.pub"

[people.ada]
roles  = ["release-manager"]
keys   = [{{ key = "{ada}" }}]
logins = ["github:ada"]

# Whose word counts for what: a kind that is not listed is accepted from nobody.
[accept]
test_results    = ["ci"]
coverage        = ["ci"]
static_analysis = ["ci"]
sbom            = ["ci"]
artifact        = ["ci"]
vulnerabilities = ["ci"]
decision        = ["gate"]
"""


def main() -> int:
    """Everything, in order."""
    make_folder(sys.argv[1:])
    make_keys()
    shutil.copy(HERE / "gate.toml", FOLDER)
    gatekeeper("gate", "lock")
    hand_in("express", "1. A change is handed in: express delivery. Its CI runs the tools and signs what they report.")
    deny()
    hand_in("express-mended", "3. The change is mended. The tools run again, on the new wheel.")
    wheel = allow()
    record = approve(wheel)
    check(wheel, record)
    tell(f"All of it is in {os.path.relpath(FOLDER)}: reports, evidence, records, decisions.db, gate.toml, trust.toml.")
    return 0


def make_folder(arguments: list[str]) -> None:
    """The folder for all of it: what an earlier run left in ``build/demo`` goes, in any other folder nothing may be."""
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        sys.exit("usage: ./demo [FOLDER]    (default: build/demo)")
    if not arguments:
        shutil.rmtree(FOLDER, ignore_errors=True)
    if FOLDER.exists() and not (FOLDER.is_dir() and not any(FOLDER.iterdir())):
        sys.exit(f"{FOLDER} is not empty: name a new folder, nothing is overwritten")
    FOLDER.mkdir(parents=True, exist_ok=True)


def make_keys() -> None:
    """Three throw-away keys: of the CI, of the gate, and Ada's."""
    tell(
        "0. Keys for the CI, the gate and Ada, who manages releases. They are thrown away, and trusted by nobody else."
    )
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys = FOLDER / "keys"
    keys.mkdir(mode=0o700)
    for name, style in (
        ("ci", form.PrivateFormat.PKCS8),
        ("gate", form.PrivateFormat.PKCS8),
        ("ada", form.PrivateFormat.OpenSSH),
    ):
        key = Ed25519PrivateKey.generate()
        private = keys / f"{name}.key"
        private.touch(mode=0o600)
        private.write_bytes(key.private_bytes(form.Encoding.PEM, style, form.NoEncryption()))
        public = key.public_key()
        pem = public.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        (keys / f"{name}.pub").write_bytes(pem)
        line = public.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    (FOLDER / "trust.toml").write_text(TRUST.format(ada=line), encoding="utf-8")


def hand_in(change: str, words: str) -> None:
    """Run the tools on a change and attest their reports."""
    tell(words)
    workshop = reports.lay(FOLDER, change)
    unit = working("pytest, in four shards", lambda: reports.run_tests(workshop, shards=SHARDS))
    coverage, *_ = working("coverage", lambda: reports.measure_coverage(workshop))
    lint = working("ruff", lambda: reports.lint(workshop))
    sbom = working("cyclonedx-py, on this environment", lambda: reports.list_components(workshop))
    scan = working("pip-audit, asking a service of advisories on this machine", lambda: reports.scan(workshop))
    wheel = working("hatchling", lambda: reports.build(workshop))
    shutil.rmtree(FOLDER / "evidence", ignore_errors=True)
    for number, report in enumerate(unit, start=1):
        attest(report, wheel, "unit", "--shard", f"{number}/{SHARDS}")
    for slot, report in (("coverage", coverage), ("lint", lint), ("sbom", sbom), ("scan", scan), ("wheel", wheel)):
        attest(report, wheel, slot)


def attest(report: Path, wheel: Path, slot: str, *more: str) -> None:
    """A report becomes an attestation signed by the CI."""
    named = ("--subject", local(wheel), "--slot", slot, *more, "--key", "keys/ci.key", "-o", "evidence")
    gatekeeper("attest", local(report), *named, quiet=True)


def deny() -> None:
    """The stage `build` is asked for, and refused."""
    tell("2. May it enter the stage `build`? The decision is sealed into a ledger whatever it is.")
    decide("build", expect=DENY)


def allow() -> Path:
    """The stage `build` is asked for again, and opened."""
    tell("4. The same question again.")
    decide("build", expect=ALLOW)
    (wheel,) = (FOLDER / "dist").glob("*.whl")
    return wheel


def approve(wheel: Path) -> Path:
    """The stage `integration` waits for a person, who signs."""
    tell("5. The stage `integration` comes after `build`, and asks for a release manager. So far it only waits.")
    shutil.copy(records()[-1], FOLDER / "evidence" / "build.record.json")
    decide("integration", expect=DENY)
    tell(
        "6. Ada looks at it and signs with her SSH key. Her approval is bound to this wheel, this stage and this gate."
    )
    signed = ("--key", "keys/ada.key", "--comment", "ready", "-o", "evidence/ada.json")
    gatekeeper("approve", local(wheel), "--stage", "integration", *signed)
    decide("integration", expect=ALLOW)
    return records()[-1]


def check(wheel: Path, record: Path) -> None:
    """The deploy side admits; the ledger is proved; the records are recomputed; what was tampered with is refused."""
    tell("7. The deploy side believes records only: signed, for this wheel, this stage and this gate, still valid.")
    digest = gate_digest()
    admit(wheel, record, digest, expect=ALLOW)
    tell("8. The ledger is whole, and each record comes out again to the same bytes, without network.")
    gatekeeper("ledger", "verify", "--ledger", "sqlite:///decisions.db")
    gatekeeper("replay", *map(local, records()), "--require", "signatures")
    tell("9. Copies that were tampered with: a wheel with one byte more, the first record with its deny made an allow.")
    admit(longer(wheel), record, digest, expect=DENY)
    admit(wheel, forged(records()[0]), digest, stage="build", expect=DENY)
    tell("   And a ledger in which somebody who may write the file made every deny an allow.")
    changed = rewritten(FOLDER / "decisions.db")
    gatekeeper("ledger", "verify", "--ledger", f"sqlite:///{local(changed)}", expect=DENY)


def longer(wheel: Path) -> Path:
    """A copy of the wheel with one byte more."""
    copy = FOLDER / "tampered" / wheel.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(wheel.read_bytes() + b"\n")
    return copy


def forged(record: Path) -> Path:
    """A copy of a denied record in which everything passed; its signature is as it was."""
    document = json.loads(record.read_bytes())
    payload = base64.b64decode(document["envelope"]["payload"])
    payload = payload.replace(b'"outcome":"fail"', b'"outcome":"pass"').replace(
        b'"outcome":"deny"', b'"outcome":"allow"'
    )
    document["envelope"]["payload"] = base64.b64encode(payload).decode()
    copy = FOLDER / "tampered" / "forged.record.json"
    copy.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")), encoding="utf-8")
    return copy


def rewritten(ledger: Path) -> Path:
    """A copy of the ledger in which every deny reads allow."""
    copy = FOLDER / "tampered" / ledger.name
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        (guard,) = target.execute("SELECT sql FROM sqlite_schema WHERE name = 'entries_keep'").fetchone()
        target.execute("DROP TRIGGER entries_keep")
        target.execute("UPDATE entries SET outcome = 'allow'")
        target.execute(guard)
        target.commit()
    return copy


def decide(stage: str, *, expect: int) -> None:
    """Ask for a stage; the decision is recorded."""
    (wheel,) = (FOLDER / "dist").glob("*.whl")
    kept = ("--record", "records", "--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    gatekeeper("decide", local(wheel), "--stage", stage, "--evidence", "evidence", *kept, expect=expect)


def admit(wheel: Path, record: Path, digest: str, *, stage: str = "integration", expect: int) -> None:
    """What a deploy tool asks."""
    insisted = ("--stage", stage, "--gate", "parcel", "--gate-digest", digest, "--trust", "trust.toml")
    gatekeeper("admit", local(record), "--subject", local(wheel), *insisted, expect=expect)


def gate_digest() -> str:
    """The digest that the deploy side insists on."""
    shown = gatekeeper("gate", "show", "--format", "json", quiet=True)
    return str(json.loads(shown)["digest"])


def records() -> list[Path]:
    """All records, the oldest first."""
    return sorted((FOLDER / "records").iterdir(), key=lambda path: path.stat().st_mtime_ns)


def gatekeeper(*arguments: str, expect: int = 0, quiet: bool = False) -> str:
    """Run the command as a person would, show it, and stop the demonstration if it ends in another way than told."""
    print(f"{'' if quiet else chr(10)}$ gatekeeper {shlex.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "gatekeeper", *arguments]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    if not quiet:
        print(done.stdout, end="", flush=True)
    if done.returncode != expect:
        sys.exit(
            f"{done.stdout if quiet else ''}\nthat ended with {done.returncode}; the demonstration expects {expect}"
        )
    return done.stdout


def working(words: str, work: Callable[[], Any]) -> Any:
    """Say what is being run, then run it."""
    print(f"   {words}", flush=True)
    return work()


def local(path: Path) -> str:
    """The path as one would type it in the demonstration's folder."""
    return path.relative_to(FOLDER).as_posix()


def tell(words: str) -> None:
    """A line of narration."""
    print(f"\n{words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
