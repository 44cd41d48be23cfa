"""Projects whose builds, locks, environments and releases are judged by the standard rules, and the command says yes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scenario import Base

if TYPE_CHECKING:
    from project import Project, Ran

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
COMMIT = "0123456789" * 4
HASH = "sha256:" + "ab" * 32

MANIFEST = """\
statement = "release_manifest"
name = "app"
version = "1.0.0"
members = [
    { name = "app", role = "source", version = "1.0.0", digest = { alg = "gitCommit", value = "COMMIT" } },
    { name = "app.whl", role = "artifact", version = "1.0.0", digest = { alg = "sha256", value = "SUBJECT" } },
    { name = "production", role = "configuration", version = "7", digest = { alg = "sha256", value = "SUBJECT" } },
]
"""
REQUIREMENTS = f"--index-url https://index.example.org/simple\nleft-pad==1.3.0 \\\n    --hash={HASH}\n"
NPM = {
    "name": "app",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "app", "dependencies": {"once": "1.4.0"}},
        "node_modules/once": {
            "version": "1.4.0",
            "resolved": "https://npm.example.org/once/-/once-1.4.0.tgz",
            "integrity": "sha512-AAAA",
        },
    },
}
INTERNAL = '[{ names = "acme-.*", index = "https://packages.acme.example/simple" }]'

RULES = {
    "build": ("build.compiles",),
    "dependencies": ("dependencies.confusion", "dependencies.hashed", "dependencies.locked"),
    "environment": ("environment.parity",),
    "release_manifest": ("release.pinned_together",),
    "reproducibility": ("reproducibility.identical",),
}
PARAMETERS = {
    "dependencies.confusion": f"internal = {INTERNAL}",
    "environment.parity": 'tools = [{ name = "rustc", version = "1.95.0" }, { name = "llvm", version = "22.1.2" }]',
    "release.pinned_together": 'roles = ["source", "artifact", "configuration"]',
    "reproducibility.identical": "allowed = [{ path = '\\.', kind = \"metadata\" }]",
}


def _asks(project: Project, kind: str, *slots: str) -> None:
    """A gate whose first stage asks the standard rules about raw reports of a kind."""
    listed = "".join(f'{slot} = {{ kind = "{kind}" }}\n' for slot in slots or (kind,))
    asked = [(rule, PARAMETERS[rule]) for rule in RULES[kind] if rule in PARAMETERS]
    tables = "".join(f"\n[stages.build.parameters.{rule}]\n{values}\n" for rule, values in asked)
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["gatekeeper", "policies"]')
    project.edit("gate.toml", 'rules = ["own.*"]', f"rules = {json.dumps(RULES[kind])}")
    project.edit("gate.toml", 'unit = { kind = "test_results" }\ncoverage = { kind = "coverage" }\n', listed)
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + tables)
    accepted = f'[stages.build.accept]\n{kind} = ["unsigned"]\n[accept]\n{kind} = ["ci"]'
    project.edit("trust.toml", "[accept]", accepted)
    project.lock()


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def _built(project: Project) -> None:
    _asks(project, "build")
    project.write("evidence/cargo.json", fixture("builds/cargo.json"))


def _by_uv(project: Project) -> None:
    _asks(project, "dependencies")
    project.write("evidence/uv.lock", fixture("dependencies/uv.lock"))


def _by_pip(project: Project) -> None:
    _asks(project, "dependencies")
    project.write("evidence/requirements.txt", REQUIREMENTS)


def _by_npm(project: Project) -> None:
    _asks(project, "dependencies")
    project.write("evidence/package-lock.json", json.dumps(NPM))


def _declared(project: Project) -> None:
    _asks(project, "environment")
    project.write("evidence/rustc.txt", fixture("environment/rustc.txt"))


def _released(project: Project) -> None:
    _asks(project, "release_manifest")
    said = MANIFEST.replace("COMMIT", COMMIT).replace("SUBJECT", project.subject.digest["sha256"])
    project.write("evidence/release.toml", said)


def _rebuilt(project: Project) -> None:
    """Two builds that differ in dates, and the comparison that says so."""
    _asks(project, "reproducibility", "rebuild", "comparison")
    digests = (project.subject.digest["sha256"], "cd" * 32)
    builds = [{"builder": f"ci-{at}", "digest": f"sha256:{digest}"} for at, digest in enumerate(digests)]
    said = {"statement": "reproducibility", "builds": builds, "compared_count": 2, "differences": []}
    project.write("evidence/rebuild.json", json.dumps(said))
    project.write(
        "evidence/diff.json", json.dumps(compared("-x 1 2020-01-01 00:00 a.py\n+x 1 2026-01-01 00:00 a.py\n"))
    )


def compared(listing: str) -> dict[str, object]:
    """A report of diffoscope in which the listings of two archives differ."""
    listed = {"source1": "file list", "source2": "file list", "unified_diff": listing}
    return {"diffoscope-json-version": 1, "source1": "a", "source2": "b", "unified_diff": None, "details": [listed]}


def decide(project: Project) -> Ran:
    named = {"evidence/diff.json": "comparison", "evidence/rebuild.json": "rebuild"}
    paths = [f"{slot}={path}" for path, slot in named.items() if (project.folder / path).exists()]
    return project.decide("build", evidence=tuple(paths) or ("evidence",))


BUILT = Base("a build by cargo", _built, decide)
BY_UV = Base("what uv locked", _by_uv, decide)
BY_PIP = Base("what pip is told to install", _by_pip, decide)
BY_NPM = Base("what npm locked", _by_npm, decide)
DECLARED = Base("an environment as it was declared", _declared, decide)
RELEASED = Base("a release that is pinned together", _released, decide)
REBUILT = Base("two builds that differ in dates", _rebuilt, decide)
BASES = (BUILT, BY_UV, BY_PIP, BY_NPM, DECLARED, RELEASED, REBUILT)
