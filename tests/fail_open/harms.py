"""The vocabulary of harm: small changes to a project, each with a name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.trust import dsse
from project import coverage, ran_tests, signing_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project

OTHER_SUBJECT = {"name": "app.whl", "digest": {"sha256": "0" * 64}}
ONE_REPORT = {"name": "report.xml", "digest": "sha256:" + "1" * 64}
"""What attestations name that were made of one and the same report."""


def nothing(_project: Project) -> None:
    """No harm: it is the command that is wrong."""


def all_of(*harms: Harm) -> Harm:
    """Several steps that make one harm."""

    def harm(project: Project) -> None:
        for step in harms:
            step(project)

    return harm


# files


def write(name: str, content: str | bytes) -> Harm:
    return lambda project: project.write(name, content)


def append(name: str, content: str) -> Harm:
    return lambda project: project.write(name, (project.folder / name).read_text() + content)


def remove(name: str) -> Harm:
    return lambda project: (project.folder / name).unlink()


def rename(name: str, other: str) -> Harm:
    return lambda project: (project.folder / name).rename(project.folder / other)


def cut(name: str, left: int) -> Harm:
    """Keep the first bytes of a file."""
    return lambda project: project.write(name, (project.folder / name).read_bytes()[:left])


def flip(name: str, at: int = -40) -> Harm:
    """Change one bit of a file."""

    def harm(project: Project) -> None:
        data = bytearray((project.folder / name).read_bytes())
        data[at] ^= 1
        project.write(name, bytes(data))

    return harm


# the project's own files


def edit(name: str, old: str, new: str) -> Harm:
    return lambda project: project.edit(name, old, new)


def gate(old: str, new: str) -> Harm:
    """Edit the gate; its lock names rules only and still fits."""
    return edit("gate.toml", old, new)


def trust(old: str, new: str) -> Harm:
    return edit("trust.toml", old, new)


def locked(*harms: Harm) -> Harm:
    """Change rules or which are asked, and lock them again: the change is meant."""
    return all_of(*harms, lambda project: project.lock())


# evidence


def unit(facts: Any, **more: Any) -> Harm:
    """Other results of the unit tests."""
    return lambda project: project.attest("test_results", facts, **{"slot": "unit", "name": "unit", **more})


def covered(facts: dict[str, Any], **more: Any) -> Harm:
    """Another coverage report."""
    return lambda project: project.attest("coverage", facts, **{"slot": "coverage", "name": "coverage", **more})


def shard(facts: dict[str, Any], name: str, **more: Any) -> Harm:
    """Another shard of the end-to-end tests."""
    return lambda project: project.attest("test_results", facts, slot="e2e", name=name, **more)


def payload(old: bytes, new: bytes) -> Harm:
    """Sign another payload of the unit tests than a well-formed one."""

    def harm(project: Project) -> None:
        said = project.statement("test_results", ran_tests(), slot="unit")
        assert old in said
        project.write("evidence/unit.json", dsse.sign(said.replace(old, new, 1), PAYLOAD_TYPE, signing_key("ci")))

    return harm


def enclosed(before: bytes, after: bytes) -> Harm:
    """Sign the payload of the unit tests with something before and after it."""

    def harm(project: Project) -> None:
        said = project.statement("test_results", ran_tests(), slot="unit")
        project.write("evidence/unit.json", dsse.sign(before + said + after, PAYLOAD_TYPE, signing_key("ci")))

    return harm


def signed_as(payload_type: str) -> Harm:
    """Sign the results of the unit tests as a payload of another type."""

    def harm(project: Project) -> None:
        said = project.statement("test_results", ran_tests(), slot="unit")
        project.write("evidence/unit.json", dsse.sign(said, payload_type, signing_key("ci")))

    return harm


def envelope(change: Callable[[dict[str, Any]], object], name: str = "evidence/unit.json") -> Harm:
    """Edit the signed envelope of the unit tests."""

    def harm(project: Project) -> None:
        value = json.loads((project.folder / name).read_bytes())
        change(value)
        project.write(name, json.dumps(value))

    return harm


def without(name: str) -> dict[str, Any]:
    """Facts of a test run in which one is missing."""
    return {fact: value for fact, value in ran_tests().items() if fact != name}


def skipped(count: int) -> dict[str, Any]:
    """Facts of a test run in which every case was skipped."""
    names = [f"s::p{index}" for index in range(count)]
    cases = [{"name": name[3:], "suite": "s", "outcome": "skipped", "locator": f"/{name}"} for name in names]
    return ran_tests(0, total=count, skipped=count, names=names, cases=cases)


def nested(path: str, **facts: Any) -> dict[str, Any]:
    """Facts of a coverage report in which one file says something else."""
    made = coverage(path=path)
    made["files"][0] |= facts
    return made


# raw reports

JUNIT = """\
<testsuites><testsuite name="s" tests="2" failures="0" errors="0" skipped="0">
<testcase classname="s" name="a" time="0.1"/><testcase classname="s" name="b" time="0.1"/>
</testsuite></testsuites>
"""
COBERTURA = """\
<?xml version="1.0" ?>
<coverage lines-valid="2" lines-covered="2" line-rate="1" version="7.0"><packages><package name="p"><classes>
<class name="a" filename="a.py"><lines><line number="1" hits="1"/><line number="2" hits="1"/></lines></class>
</classes></package></packages></coverage>
"""
IMAGE = "registry.example.test/app@sha256:" + "1" * 64
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "registry.example.test/app",
    "Metadata": {"RepoDigests": [IMAGE]},
    "Results": [
        {
            "Target": "app",
            "Class": "os-pkgs",
            "Packages": [{"Name": "openssl"}],
            "Vulnerabilities": [{"VulnerabilityID": "CVE-1", "PkgName": "openssl", "Severity": "LOW"}],
        }
    ],
}
