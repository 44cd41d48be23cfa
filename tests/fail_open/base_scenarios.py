"""Base gates: what a project does to ask less than its organisation asks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from base_projects import (
    BASE_SEALED,
    BASED,
    IN_GIT,
    INSISTED,
    RECORD,
    admitting,
    cached_files,
    commit,
    elsewhere,
    git,
    insisting,
)
from harms import all_of, append, edit, locked, nothing, write
from scenario import DENY, NO_DECISION, USAGE, Line

from based import base_digest
from project import ran_tests

if TYPE_CHECKING:
    from scenario import Harm, Run

    from project import Project, Ran

OTHER_DIGEST = "sha256:" + "0" * 64
EXTRA = '\n[stages.extra]\nrules = ["own.tests"]\nvalid_for = "1d"\nevidence.more = { kind = "test_results" }\n'
OWN_PACK = 'name = "own"\nversion = "1.0.0"\ndescription = "Not the one of the base."\n'
LENIENT = """\
# METADATA
# title: The tests pass
# description: They always do.
# custom:
#   severity: high
#   needs: {test_results: [failed]}
#   remedy: None is needed.
package gatekeeper.own.tests

import rego.v2

deny contains violation if {
	some report in input.test_results
	report.failed > 1000000
	violation := {"message": "never", "source": report.source}
}
"""


def own(lines: str) -> Harm:
    """Lines of the project's own gate."""
    return append("gate.toml", f"{lines}\n")


def alone(project: Project) -> None:
    """The project writes its whole gate itself, and leaves a rule out."""
    for name in ("gate.toml", "trust.toml"):
        project.write(name, (project.folder / f"org/{name}").read_text().replace('"own.*"', '"own.tests"'))
    project.edit("gate.toml", 'name = "org"', 'name = "parcel"')
    project.edit("gate.toml", '["policies"]', '["org/policies"]')
    project.lock()


def opened(project: Project) -> None:
    """The base in the project's repository is edited so that it names no trust, and the project brings one."""
    trust = (project.folder / "org/trust.toml").read_text()
    project.edit("org/gate.toml", 'name = "org"', 'name = "org"\nopen_trust = true')
    project.write("trust.toml", trust.replace("keys/scanner.pub", "keys/stranger.pub"))
    project.lock()
    project.write(INSISTED, base_digest(project))


def resealed(*harms: Harm, stage: str = "build") -> Harm:
    """Another record in its place."""

    def harm(project: Project) -> None:
        for step in harms:
            step(project)
        project.write(RECORD, project.record(stage, folder="others").read_bytes())

    return harm


def more_tests(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="more", name="more")


def altered(name: str, old: str, new: str) -> Harm:
    """The copy in the cache, edited."""

    def harm(project: Project) -> None:
        elsewhere(project)
        before = set(cached_files(name))
        assert insisting(project).code == 0
        (copy,) = set(cached_files(name)) - before
        text = copy.read_text()
        assert old in text
        copy.write_text(text.replace(old, new))

    return harm


def moved(project: Project) -> None:
    """The tag names another commit, in which a rule is asked no more."""
    repository = elsewhere(project)
    gate = repository / "gate.toml"
    gate.write_text(gate.read_text().replace('"own.*"', '"own.tests"'))
    commit(repository, "v14")


def relocked(project: Project) -> None:
    """The tag names another commit, and the project locks that."""
    moved(project)
    assert project.run("gate", "lock", "--refresh").code == 0


def gone(project: Project) -> None:
    """The repository is gone, and nothing was fetched."""
    shutil.rmtree(elsewhere(project))


def linked(project: Project) -> None:
    """The base's trust is a link to a file of the machine."""
    repository = elsewhere(project)
    (repository / "trust.toml").unlink()
    (repository / "trust.toml").symlink_to(project.folder / "keys/stranger.pub")
    commit(repository, "v14")
    project.edit("gate.lock", git(repository, "rev-parse", "v14~1"), git(repository, "rev-parse", "v14"))


def admit(*more: str) -> Run:
    def run(project: Project) -> Ran:
        return admitting(project, *more)

    return run


refused = Line(BASED, NO_DECISION)
misused = Line(BASED, USAGE)
not_admitted = Line(BASE_SEALED, DENY)
from_git = Line(IN_GIT, NO_DECISION)

# fmt: off
INSISTING = (
    refused("another base than the one insisted on", nothing, "not on sha256:0000", "base.insisted", run=lambda project: project.decide("build", "--base", OTHER_DIGEST)),
    refused("a base that was edited in the project's repository", locked(edit("org/gate.toml", 'rules = ["own.*"]', 'rules = ["own.tests"]')), "the gate stands on org sha256:", "base.insisted"),
    refused("a trust of the base that was edited in the project's repository", locked(edit("org/trust.toml", 'coverage = ["ci", "scanner"]', 'coverage = ["ci", "unsigned"]')), "the gate stands on org sha256:", "base.insisted"),
    refused("a rule of the base that was edited in the project's repository", locked(edit("org/policies/own/tests/tests.rego", '"failed", "errored"', '"failed"')), "the gate stands on org sha256:", "base.insisted"),
    refused("no extends at all", alone, "the gate stands on no base", "base.insisted"),
    refused("a base that says nothing of whose word counts", opened, "the base org says nothing of whose word counts", "base.insisted"),
    refused("a base that changed since it was locked", edit("org/gate.toml", 'valid_for = "1d"', 'valid_for = "2d"'), "the base org is sha256:", "gate.lock", run=lambda project: project.decide()),
    misused("a stage that the base does not have", all_of(locked(own(EXTRA)), more_tests), "the base has no stage 'extra'", "base.insisted", run=lambda project: project.decide("extra", "--base", (project.folder / INSISTED).read_text())),
)

LOOSER = (
    refused("a parameter loosened by the project", own("stages.build.parameters.own.coverage.minimum_percent = 79"), "minimum_percent of own.coverage goes from 80 to 79; only up is stricter", "base.loosened"),
    refused("an allow that stands longer than the base lets it", own("stages.build.valid_for = '8d'"), "valid_for of build goes from 7d to 8d", "base.loosened"),
    refused("evidence that may be older than the base lets it", own("stages.build.evidence.unit.max_age = '8d'"), "max_age of unit goes from 7d to 8d", "base.loosened"),
    refused("a newer repeat in place of a red one", own("stages.build.evidence.coverage.on_repeat = 'latest'"), "on_repeat goes from all to latest, and may not be changed", "base.loosened"),
    refused("fewer shards than the base asks", own("stages.integration.evidence.e2e.shards = 1"), "shards of e2e goes from 2 to 1", "base.loosened"),
    refused("a slot by whose side door old evidence comes in", own("stages.build.evidence.old = { kind = 'test_results' }"), "lets in test_results that own.tests would not have been shown", "base.loosened"),
    refused("an approval without the exclusion of authors", own("stages.integration.approvals = [{ role = 'release-manager', not = [] }]"), "an approval is asked for no longer, or by less", "base.loosened"),
    refused("the stage before may rest on unsigned evidence, says the project", own("stages.integration.unsigned = true"), "may rest on unsigned evidence", "base.loosened"),
    refused("another stage before", own(f"stages.integration.after = 'extra'{EXTRA}"), "it no longer comes after build", "base.loosened"),
    refused("waivers for longer than the base lets them", own("waivers.max = '60d'"), "max of waivers goes from 30d to 60d", "base.loosened"),
    refused("waivers by another role", own("waivers.role = 'release-manager'"), "role goes from security to release-manager", "base.loosened"),
    refused("another engine than the base's", own("engine = 'opa 1.22.1'"), "engine goes from opa 1.22.2 to opa 1.22.1", "base.loosened"),
    refused("a program of the project's own in the place of OPA", own(f"engine_digests = ['{OTHER_DIGEST}']"), "engine_digests goes from", "base.loosened"),
    refused("a server of the project's own in the place of OPA", own("engine_server.url = 'http://127.0.0.1:1'"), "engine_server goes from none", "base.loosened"),
    refused("a kind that the base accepts from nobody", write("trust.toml", '[accept]\nsbom = ["ci"]\n'), "sbom is accepted from ci too", "base.loosened"),
    refused("a signer whom the base does not believe", write("trust.toml", '[accept]\ntest_results = ["ci", "scanner"]\n'), "test_results is accepted from scanner too", "base.loosened"),
    refused("unsigned evidence where the base asks signatures", write("trust.toml", '[stages.build.accept]\ncoverage = ["unsigned"]\n'), "coverage in build is accepted from unsigned too", "base.loosened"),
    refused("a signer of the project's own", write("trust.toml", '[signers.mine]\nkey = "keys/stranger.pub"\n'), "signers come from the base alone", "base.trust"),
    refused("people of the project's own", all_of(write("trust.toml", ""), write("people.toml", '[me]\nroles = ["security"]\n')), "people come from the base alone", "base.people"),
    refused("a pack of the project's own by the name of the base's", all_of(write("mine/own/pack.toml", OWN_PACK), write("mine/own/tests/tests.rego", LENIENT), own('pack_dirs = ["mine"]')), "a pack called own is there twice", "packs.twice"),
    refused("a gate that names no trust", all_of(alone, edit("gate.toml", 'name = "parcel"', 'name = "parcel"\nopen_trust = true')), "a gate with open_trust is only there to be extended", "base.open"),
    refused("a link between that loosens", all_of(write("line/gate.toml", 'extends = "../org"\nname = "line"\nstages.build.valid_for = "30d"\n'), edit("gate.toml", '"org"', '"line"'), own("stages.build.valid_for = '7d'")), "it loosens its base org: valid_for of build goes from 7d to 30d", "base.loosened"),
)

GIT = (
    from_git("a tag that moved", moved, "v14 of file://", "base.moved"),
    from_git("a tag that moved and was locked again", relocked, "the gate stands on org sha256:", "base.insisted"),
    from_git("a copy in the cache that was altered", altered("gate.toml", '"own.*"', '"own.tests"'), "the base git+file://", "gate.lock"),
    from_git("a trust in the cache that was altered", altered("trust.toml", 'coverage = ["ci", "scanner"]', 'coverage = ["unsigned"]'), "the base git+file://", "gate.lock"),
    from_git("a repository that is gone", gone, "could not be fetched", "base.git"),
    from_git("a link in the repository", linked, "it holds what is no plain file: trust.toml", "base.files"),
)

ADMITTING = (
    not_admitted("a base gate at the deploy side that is another", nothing, "its gate stands on sha256:", "admit.base", run=admit("--base", OTHER_DIGEST)),
    not_admitted("an allow of a gate that left its base", resealed(alone), "its gate stands on no base", "admit.base"),
    not_admitted("an allow on a base that says nothing of whose word counts", resealed(opened), "that base says nothing of whose word counts", "admit.base_trust"),
    not_admitted("an allow of a stage that the base does not have", resealed(locked(own(EXTRA)), more_tests, stage="extra"), "that base has no such stage", "admit.base_stage", run=admit("--stage", "extra")),
    not_admitted("an allow of a repository that the project named itself", resealed(locked(own('repository = "acme/other"'))), "its gate says it is of the repository 'acme/other', which its base leaves open", "admit.base_repository"),
)
# fmt: on

AREA = "base gates"
SCENARIOS = (*INSISTING, *LOOSER, *GIT, *ADMITTING)
