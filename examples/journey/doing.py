"""What people, jobs and the gate do on the way: sign reports, approve, waive, decide, admit; each with the command.

The command runs in this process, exactly as ``gatekeeper`` runs it, because starting Python two hundred times is what
would take longest.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scene
from release import NOW

from gatekeeper import cli

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release import Release

HERE = Path(__file__).resolve().parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1] / "build" / "journey").resolve()
ALLOW, DENY = 0, 1
OPEN = {"pass", "warn", "waived"}
STEPS: list[dict[str, Any]] = []
"""What has been decided so far: version, stage, outcome, what comes next, exit code, what closed it, the record."""


# what people and jobs do


def hand_in(release: Release, stage: str, *, signer: str = "", but: tuple[str, ...] = (), **other: str) -> None:
    """Attest the reports of a stage, all ``but`` some; or other ones in the place of those that are there."""
    slots = scene.EVIDENCE[stage]
    for slot in [slot for slot in other or slots if slot not in but]:
        usual, name = slots[slot]
        attest(release, stage, slot, other.get(slot, name), signer or usual)


def attest(release: Release, stage: str, slot: str, name: str, signer: str) -> None:
    """Sign one report; what was in the slot before goes."""
    report = folder("reports", release, stage) / Path(name).name
    report.write_text(release.report(name), encoding="utf-8")
    there = folder("evidence", release, stage) / slot
    shutil.rmtree(there, ignore_errors=True)
    kind = ("--kind", scene.KINDS[slot]) if slot in scene.KINDS else ()
    subject = release.source if slot in scene.OF_THE_COMMIT else release.subject
    named = ("--subject", subject, "--slot", slot, *kind, "--key", f"keys/{signer}.key", "-o", local(there))
    gatekeeper("attest", local(report), *named, is_shown=False)


def approve(release: Release, stage: str, person: str, *more: str) -> None:
    """Somebody says yes."""
    there = local(folder("evidence", release, stage)) + f"/{person}.json"
    signed = ("--key", f"keys/{person}.key", "-o", there)
    gatekeeper("approve", release.subject, "--stage", stage, *more, *signed)


def waive(release: Release, stage: str, record: str, what: str, person: str, reason: str) -> str:
    """Somebody asks for a waiver."""
    rule = what.partition(":")[0]
    waiver = local(folder("evidence", release, stage)) + f"/{rule}.json"
    why = ("--reason", reason, "--ticket", "PARCEL-812", "--expires", "10d")
    gatekeeper("waive", record, what, *why, "--key", f"keys/{person}.key", "-o", waiver)
    return waiver


def countersign(waiver: str, person: str) -> None:
    """Somebody else says yes to it."""
    gatekeeper(
        "approve", "--waiver", waiver, "--key", f"keys/{person}.key", "-o", waiver.replace(".json", f"-{person}.json")
    )


def bring(release: Release, before: Release) -> None:
    """Give the records of the release that runs as evidence: they are what the new one is compared with."""
    for step in STEPS:
        if step["version"] == before.version and step["outcome"] == "allow":
            shutil.copy(FOLDER / step["record"], folder("evidence", release, "records"))


def decide(release: Release, stage: str, *more: str, by: tuple[str, ...] = ()) -> str:
    """Ask for a stage, show what is said, and keep the record; stop where it is denied by something else than told."""
    evidence = [folder("evidence", release, name) for name in (stage, "records")]
    named = ["--evidence", *(local(path) for path in evidence if any(path.iterdir()))]
    told = ("decide", release.subject, "--stage", stage, *named, *more)
    print(f"\n   $ gatekeeper {shown(told)}", flush=True)
    before = set((FOLDER / "records").glob("*"))
    kept = ("--record", "records", "--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    ran = gatekeeper(*told, *kept, "--format", "json", "--output", "decision.json", expect=None, is_shown=False)
    (record,) = set((FOLDER / "records").glob("*")) - before
    decision = json.loads((FOLDER / "decision.json").read_text(encoding="utf-8"))
    STEPS.append(step_of(release, decision, ran.code, local(record)))
    show(release, decision, ran.code)
    if sorted(STEPS[-1]["by"]) != sorted(by) or ran.code != (DENY if by else ALLOW):
        sys.exit(f"that was to be denied by {', '.join(sorted(by)) or 'nothing'}")
    if not by:
        shutil.copy(record, evidence[1])
    return local(record)


def step_of(release: Release, decision: dict[str, Any], code: int, record: str) -> dict[str, Any]:
    """What is remembered of a decision."""
    closed = [result["id"] for result in decision["results"] if result["outcome"] not in OPEN]
    emergency = decision["emergency"] or {}
    return {
        "version": release.version,
        "stage": decision["stage"],
        "outcome": decision["outcome"],
        "next": decision.get("next", ""),
        "exit": code,
        "by": [] if emergency else closed,
        "record": record,
    }


def show(release: Release, decision: dict[str, Any], code: int) -> None:
    """The verdict, and one line of each rule or requirement that is closed."""
    following = f", next: {decision['next']}" if "next" in decision else ""
    word = decision["outcome"].upper()
    print(f"   {word}  parcel {release.version} -> {decision['stage']}{following}  (exit {code})", flush=True)
    if decision["emergency"]:
        broken = sum(result["outcome"] not in OPEN for result in decision["results"])
        print(f"     an emergency: {broken} rules and requirements were broken through", flush=True)
        return
    for result in decision["results"]:
        if result["outcome"] == "waived":
            print(f"     {result['id']}: waived", flush=True)
        elif result["outcome"] not in OPEN:
            *_, last = result["violations"] if result["id"].startswith("slot.") else result["violations"][:1]
            print(f"     {result['id']}: {last['message']}", flush=True)


def admit(release: Release, record: str, stage: str, *more: str, expect: int) -> None:
    """What a deploy tool asks."""
    digest = json.loads(gatekeeper("gate", "show", "--format", "json", is_shown=False).out)["digest"]
    insisted = ("--stage", stage, "--gate", "parcel", "--gate-digest", digest, "--trust", "trust.toml")
    gatekeeper("admit", record, "--subject", release.subject, *insisted, *more, expect=expect)


# the folder, the keys, the command


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str


def make_folder() -> None:
    """A folder for all of it: what an earlier run left in ``build/journey`` goes, in any other one nothing may be."""
    if len(sys.argv) == 1:
        shutil.rmtree(FOLDER, ignore_errors=True)
    if FOLDER.exists() and any(FOLDER.iterdir()):
        sys.exit(f"{FOLDER} is not empty: name a new folder, nothing is overwritten")
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.chdir(FOLDER)
    (FOLDER / "reviews").mkdir()
    gate = (HERE / "gate.toml").read_text(encoding="utf-8")
    week = [f"{NOW + timedelta(days=days):%Y-%m-%d}" for days in (-1, 6)]
    gate = gate.replace("2026-12-14", week[0]).replace("2026-12-21", week[1])  # the week of the freeze is this one
    (FOLDER / "gate.toml").write_text(gate, encoding="utf-8")


def make_keys() -> None:
    """A key for each signer in a file, one for each person in ``trust.toml``; as ``ssh-keygen`` makes them."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    tell("Keys are made for everybody in trust.toml. They are thrown away, and trusted by nobody else.")
    trust = (HERE / "trust.toml").read_text(encoding="utf-8")
    known = tomllib.loads(trust)
    (FOLDER / "keys").mkdir(mode=0o700)
    for name in (*known["signers"], *known["people"]):
        key = Ed25519PrivateKey.generate()
        style = form.PrivateFormat.OpenSSH if name in known["people"] else form.PrivateFormat.PKCS8
        line = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
        private = FOLDER / "keys" / f"{name}.key"
        private.touch(mode=0o600)
        private.write_bytes(key.private_bytes(form.Encoding.PEM, style, form.NoEncryption()))
        private.with_suffix(".pub").write_bytes(line)
        trust = trust.replace(f"@{name}@", line.decode())
    (FOLDER / "trust.toml").write_text(trust, encoding="utf-8")


def folder(name: str, release: Release, stage: str) -> Path:
    """Where the files of a candidate's stage lie."""
    path = FOLDER / name / release.version / stage
    path.mkdir(parents=True, exist_ok=True)
    return path


def gatekeeper(*arguments: str, expect: int | None = 0, is_shown: bool = True) -> Ran:
    """Run the command, show it, and stop if it ends in another way than told."""
    if is_shown:
        print(f"\n   $ gatekeeper {shown(arguments)}", flush=True)
    out, code = io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            cli.main(arguments)
        except SystemExit as leave:
            code = leave.code
    if is_shown:
        print(textwrap.indent(out.getvalue(), "   "), end="", flush=True)
    if not isinstance(code, int) or expect not in {None, code}:
        sys.exit(f"{'' if is_shown else out.getvalue()}{shlex.join(arguments)}\nended with {code}, not with {expect}")
    return Ran(out=out.getvalue(), code=code)


def shown(arguments: Sequence[str]) -> str:
    """A command as one would type it; the digest of an image is written short."""
    return re.sub(r"([0-9a-f]{12})[0-9a-f]{28,52}", r"\1...", shlex.join(arguments))


def local(path: Path) -> str:
    """A path as one would type it in the folder."""
    return path.relative_to(FOLDER).as_posix()


def tell(words: str) -> None:
    """A line of narration."""
    print(f"\n{words}", flush=True)
