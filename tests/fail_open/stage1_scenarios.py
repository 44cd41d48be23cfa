"""Builds, locks, environments, releases: logs without end, pins that pin nothing, files that hide behind dates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bases_stage1 import (
    BUILT,
    BY_NPM,
    BY_PIP,
    BY_UV,
    DECLARED,
    HASH,
    REBUILT,
    RELEASED,
    REQUIREMENTS,
    compared,
    fixture,
)
from harms import append, edit, remove, write
from scenario import DENY, Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project

LOG = fixture("builds/cargo.json").decode()
END = '{"reason":"build-finished","success":true}\n'
PIP = "evidence/requirements.txt"
DIFF = "evidence/diff.json"
DATES = "-x 1 2020-01-01 00:00 a.py\n+x 1 2026-01-01 00:00 a.py\n"


def log(old: str, new: str) -> Harm:
    return edit("evidence/cargo.json", old, new)


def uv(old: str, new: str) -> Harm:
    return edit("evidence/uv.lock", old, new)


def release(old: str, new: str) -> Harm:
    return edit("evidence/release.toml", old, new)


def pip(line: str) -> Harm:
    """One more line in the requirements."""
    return append(PIP, f"{line}\n")


def npm(change: Callable[[dict[str, Any]], object]) -> Harm:
    """Edit the lock of npm."""

    def harm(project: Project) -> None:
        lock = json.loads((project.folder / "evidence/package-lock.json").read_text())
        change(lock["packages"])
        project.write("evidence/package-lock.json", json.dumps(lock))

    return harm


def diff(listing: str) -> Harm:
    return write(DIFF, json.dumps(compared(listing)))


def other_go(project: Project) -> None:
    """The build of another tool, in which a package has no compiled file."""
    remove("evidence/cargo.json")(project)
    package = {"Dir": "/src", "ImportPath": "example.org/a", "Name": "a"}
    project.write("evidence/list.json", json.dumps(package))


built = Line(BUILT, DENY)
by_uv = Line(BY_UV, DENY)
by_pip = Line(BY_PIP, DENY)
by_npm = Line(BY_NPM, DENY)
declared = Line(DECLARED, DENY)
released = Line(RELEASED, DENY)
rebuilt = Line(REBUILT, DENY)

# fmt: off
BUILDS = (
    built("a build log without its end", log(END, ""), "is not complete: something was skipped or cut off", "cargo.finished"),
    built("two builds in one log, the first of them red", write("evidence/cargo.json", LOG.replace("true}\n", "false}\n") + LOG), "is not complete: something was skipped or cut off", "cargo.finished"),
    built("a build that succeeded in spite of an error", log('"level":"warning"', '"level":"error"'), "is not complete: the report says succeeded", "build.contradicted"),
    built("a diagnostic of a level that nobody knows", log('"level":"warning"', '"level":"fatal error"'), "the level 'fatal error' is not known", "cargo.level"),
    built("a message of a reason that nobody knows", log(END, f'{{"reason":"build-retried"}}\n{END}'), "the reason 'build-retried' is not known", "cargo.reason"),
    built("a build that failed", log('"success":true', '"success":false'), "the build by cargo did not succeed", "evaluate.fail"),
    built("a build of nothing", write("evidence/cargo.json", END), "examined nothing: unit_count is 0", "evaluate.examined"),
    built("a package that was listed and not compiled", other_go, "it was not compiled", "go_list.compiled"),
)

LOCKS = (
    by_uv("one file without hash among those that have one", uv(', hash = "sha256:9121e2c1fdb355232495be3194c8dfe87ccc2d5dee45947b78e68f499790d7a7"', ""), "iniconfig 2.3.1 can be installed from 1 files without hash", "lock.unhashed"),
    by_uv("a branch for a commit", uv('source = { registry = "https://index.example.org/simple" }', 'source = { git = "https://git.example.org/x?branch=main#main" }'), "is not pinned", "lock.commit"),
    by_uv("a dependency from outside of the project", uv('source = { virtual = "." }', 'source = { editable = "../scales" }'), "scales 0.1.0 is not pinned", "lock.outside"),
    by_uv("a requirement that nothing answers", uv('    { name = "packaging" },', '    { name = "packaging" },\n    { name = "packagin" },'), "packagin is required and not locked", "lock.requests"),
    by_uv("a lock that was cut", uv("[package.metadata]", "[package.meta"), "not TOML", "toml.whole"),
    by_pip("a range for a version", pip(f"wide>=1.0 --hash={HASH}"), "wide is not pinned", "pip.exact"),
    by_pip("an option that nobody knows", pip("--index-strategy unsafe-best-match"), "the option --index-strategy is not known", "pip.option"),
    by_pip("requirements that include others", pip("-r more.txt"), "is not complete: something was skipped or cut off", "evaluate.complete"),
    by_pip("an internal name from a public index, spelt otherwise", pip(f"Acme_Labels==1.0 --hash={HASH}"), "acme-labels has an internal name", "lock.names"),
    by_pip("a second index beside the internal one", write(PIP, REQUIREMENTS.replace("index.example.org", "packages.acme.example") + f"--extra-index-url https://index.example.org/simple\nacme-labels==1.0 --hash={HASH}\n"), "acme-labels has an internal name", "pip.index"),
    by_pip("a lock of nothing", write(PIP, "# pinned==1.0\n-e .\n"), "no dependencies here", "slots.missing"),
    by_npm("a weak hash", npm(lambda packages: packages["node_modules/once"].update(integrity="sha1-AAAA")), "once 1.4.0 is bound by sha1", "lock.strongest"),
    by_npm("another package behind an alias", npm(lambda packages: packages["node_modules/once"].update(name="acme-once")), "acme-once has an internal name", "evaluate.fail"),
)

PLACES = (
    declared("another compiler than was declared", edit("evidence/rustc.txt", "release: 1.95.0", "release: 1.95.1"), "rustc is 1.95.1, declared is 1.95.0", "evaluate.fail"),
    declared("a tool that was declared and is not there", edit("gate.toml", '{ name = "llvm", version = "22.1.2" }', '{ name = "llvm", version = "22.1.2" }, { name = "cargo", version = "1.95.0" }'), "cargo 1.95.0 is declared and not there", "evaluate.fail"),
    declared("a tool that nobody declared", edit("gate.toml", ', { name = "llvm", version = "22.1.2" }', ""), "llvm 22.1.2 is there and nobody declared it", "evaluate.fail"),
    released("a release of something else", edit("app.whl", "artifact", "artefact"), "app.whl is no member of app 1.0.0", "evaluate.fail"),
    released("a member in a role that nobody knows", release('role = "configuration"', 'role = "config"'), "'config' is none of", "facts.schema"),
    released("an artifact of another version", release('role = "artifact", version = "1.0.0"', 'role = "artifact", version = "1.0.1"'), "app.whl has the version 1.0.1", "evaluate.fail"),
    released("more members than are there", release("members = [", "member_count = 4\nmembers = ["), "says 4, 3 are there", "facts.schema"),
    rebuilt("a file that hides behind a date", diff(f"{DATES}+x 1 2026-01-01 00:00 b.py\n"), "b.py differs (missing)", "diffoscope.listing"),
    rebuilt("a comparison that was cut", diff(f"{DATES}[ 90 lines removed ]\n"), "is not complete: something was skipped or cut off", "evaluate.complete"),
    rebuilt("more builds than are there", edit("evidence/rebuild.json", '"compared_count": 2', '"compared_count": 3'), "says 3, 2 are there", "facts.recount"),
    rebuilt("two builds by one builder", edit("evidence/rebuild.json", '"ci-1"', '"ci-0"'), "1 of 2 builders have built it", "evaluate.fail"),
)
# fmt: on

AREA = "builds"
SCENARIOS = (*BUILDS, *LOCKS, *PLACES)
