"""Each standard rule on builds and what they are made from, over real reports; see ``test_packs_real_reports.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_reports import Case, check

from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

WHEEL = Subject(
    name="parcel-1.4.0-py3-none-any.whl",
    digests=(("sha256", "8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0"),),
)
TRACED = ("fixtures/artifact/parcel-1.4.0-py3-none-any.whl", "fixtures/change/git.txt")
OURS = "https://index.example.org/simple"
PYTHON = [
    {"name": name, "version": version}
    for name, version in (("python", "3.11.7"), ("pip", "23.2.1"), ("setuptools", "65.5.0"))
]
RUST = [{"name": "rustc", "version": "1.95.0"}, {"name": "llvm", "version": "22.1.2"}]
BASE = [{"name": "registry.example.org/base/python", "digest": "sha256:" + "5" * 64}]
REBUILT = "fixtures/reproducibility/rebuild"
COMPARED = "fixtures/reproducibility/diffoscope-bad.json"

CASES = (
    Case(rule="build.compiles", reports=("fixtures/builds/cargo.json",), outcome="pass"),
    Case(
        rule="build.compiles",
        reports=("fixtures/builds/cargo-bad.json",),
        outcome="fail",
        violations=2,
        first=("the build by cargo did not succeed", "cannot find value `kilogram` in this scope"),
    ),
    Case(
        rule="build.compiles",
        reports=("fixtures/builds/go-list.json",),
        outcome="pass",
        parameters={"units": ["example.org/acme/scale"]},
    ),
    Case(
        rule="build.compiles",
        reports=("fixtures/builds/go-list.json",),
        outcome="fail",
        violations=1,
        first=("example.org/acme/tare was not built",),
        parameters={"units": ["example.org/acme/tare"]},
    ),
    Case(
        rule="build.compiles",
        reports=("fixtures/builds/go-list-bad.json",),
        outcome="fail",
        violations=3,
        first=(
            "the build by go did not succeed",
            "undefined: kilogram",
            "what it imports could not be compiled",
        ),
    ),
    Case(
        rule="build.compiles",
        reports=("fixtures/builds/go-build-bad.json",),
        outcome="fail",
        violations=2,
        first=("the build by go did not succeed", "undefined: kilogram"),
    ),
    Case(rule="build.warnings", reports=("fixtures/builds/go-list.json",), outcome="pass"),
    Case(
        rule="build.warnings",
        reports=("fixtures/builds/cargo.json",),
        outcome="fail",
        violations=1,
        first=("cargo warns 1 times, at most 0 are allowed",),
    ),
    *(
        Case(rule=rule, reports=(f"fixtures/dependencies/{name}",), outcome="pass")
        for rule in ("dependencies.locked", "dependencies.hashed")
        for name in (
            "requirements.txt",
            "pylock.toml",
            "uv.lock",
            "pip-report.json",
            "package-lock.json",
            "Cargo.lock",
            "go.sum",
        )
    ),
    Case(
        rule="dependencies.locked",
        reports=("fixtures/written/requirements-bad.txt",),
        outcome="fail",
        violations=4,
        first=(
            "../elsewhere is not pinned",
            "acme-scales is not pinned",
            "requests is not pinned",
            "tools is not pinned",
        ),
    ),
    Case(
        rule="dependencies.locked",
        reports=("fixtures/written/package-lock-bad.json",),
        outcome="fail",
        violations=3,
        first=("glue 1.0.0 is not pinned", "tape 5.0.0 is not pinned", "wrapp is required and not locked"),
    ),
    Case(
        rule="dependencies.hashed",
        reports=("fixtures/dependencies/requirements-bad.txt",),
        outcome="fail",
        violations=1,
        first=("packaging 26.0 can be installed from 1 files without hash",),
    ),
    Case(
        rule="dependencies.hashed",
        reports=("fixtures/written/package-lock-bad.json",),
        outcome="fail",
        violations=4,
        first=(
            "@acme/stamp 2.0.0 is bound by sha1",
            "glue 1.0.0 can be installed from 1 files without hash",
            "tape 5.0.0 can be installed from 1 files without hash",
            "twice 1.4.0 can be installed from 1 files without hash",
        ),
    ),
    Case(rule="dependencies.yanked", reports=("fixtures/dependencies/pip-report.json",), outcome="pass"),
    Case(
        rule="dependencies.yanked",
        reports=("fixtures/dependencies/pip-report-bad.json",),
        outcome="fail",
        violations=1,
        first=("parcel-labels 1.1 has been withdrawn by whoever published it",),
    ),
    Case(
        rule="dependencies.yanked",
        reports=("fixtures/dependencies/requirements.txt",),
        outcome="unanswered",
        violations=1,
        first=("needs dependencies.packages[0].yanked",),
    ),
    Case(
        rule="dependencies.confusion",
        reports=("fixtures/dependencies/uv.lock", "fixtures/dependencies/requirements.txt"),
        outcome="pass",
        parameters={"internal": [{"names": "acme-.*|packaging", "index": OURS}]},
    ),
    Case(
        rule="dependencies.confusion",
        reports=("fixtures/dependencies/uv.lock",),
        outcome="fail",
        violations=1,
        first=("packaging has an internal name and does not come from https://packages.acme.example/simple",),
        parameters={"internal": [{"names": "packaging", "index": "https://packages.acme.example/simple"}]},
    ),
    Case(
        rule="dependencies.confusion",
        reports=("fixtures/written/requirements-bad.txt",),
        outcome="fail",
        violations=2,
        first=(
            "acme-labels has an internal name and does not come from https://index.example.org/simple",
            "acme-scales has an internal name and does not come from https://index.example.org/simple",
        ),
        parameters={"internal": [{"names": "acme-.*", "index": OURS}]},
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/environment/pip-inspect.json",),
        outcome="pass",
        parameters={"tools": PYTHON},
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/environment/pip-inspect-bad.json",),
        outcome="fail",
        violations=1,
        first=("parcel-labels 1.0 is there and nobody declared it",),
        parameters={"tools": PYTHON},
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/environment/rustc.txt",),
        outcome="pass",
        parameters={"tools": RUST},
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/environment/rustc.txt",),
        outcome="fail",
        violations=2,
        first=("cargo 1.95.0 is declared and not there", "llvm is 22.1.2, declared is 22.1.3"),
        parameters={
            "tools": [RUST[0], {"name": "llvm", "version": "22.1.3"}, {"name": "cargo", "version": "1.95.0"}],
        },
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/written/environment.toml",),
        outcome="pass",
        parameters={"tools": PYTHON[:1], "images": BASE},
    ),
    Case(
        rule="environment.parity",
        reports=("fixtures/written/environment.toml",),
        outcome="fail",
        violations=1,
        first=("the image registry.example.org/base/python is there and nobody declared it",),
        parameters={"tools": PYTHON[:1]},
    ),
    Case(rule="release.pinned_together", reports=("fixtures/written/release.toml",), outcome="pass"),
    Case(
        rule="release.pinned_together",
        reports=("fixtures/written/release-bad.toml",),
        outcome="fail",
        violations=5,
        first=(
            "parcel 1.4.0 has no configuration",
            "registry.example.org/acme/parcel is there with more than one digest",
            "registry.example.org/acme/parcel is there with more than one digest",
            "registry.example.org/acme/parcel has the version latest, the release 1.4.0",
            "parcel is no member of parcel 1.4.0",
        ),
    ),
    Case(rule="release.images", reports=("fixtures/written/release.toml",), outcome="pass"),
    Case(
        rule="release.images",
        reports=("fixtures/written/release-bad.toml",),
        outcome="fail",
        violations=1,
        first=("the tag latest of registry.example.org/acme/parcel moves",),
    ),
    Case(rule="provenance.branch", reports=("fixtures/written/slsa-v1.json",), outcome="pass"),
    Case(rule="provenance.branch", reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",), outcome="pass"),
    Case(
        rule="provenance.branch",
        reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",),
        outcome="fail",
        violations=1,
        first=("the ref 'refs/tags/v3.2.0' that was built does not follow the convention",),
        parameters={"tag_pattern": "[0-9.]+"},
    ),
    Case(rule="reproducibility.identical", reports=(f"{REBUILT}.json",), outcome="pass", subject=WHEEL),
    Case(
        rule="reproducibility.identical",
        reports=(f"{REBUILT}-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "https://ci.example.org/0 made sha256:8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0, another build something else, and nobody says what differs",
            "https://ci.example.org/2 made sha256:f3b34dc9029c5f6c4082ab181c25c13df9b477d9f71ebe86a1fcc38c777dfde5, another build something else, and nobody says what differs",
        ),
        subject=WHEEL,
    ),
    Case(
        rule="reproducibility.identical",
        reports=(f"{REBUILT}-bad.json", COMPARED),
        outcome="pass",
        parameters={"allowed": [{"path": "\\.", "kind": "metadata"}]},
        subject=WHEEL,
    ),
    Case(
        rule="reproducibility.identical",
        reports=(f"{REBUILT}-bad.json", COMPARED),
        outcome="fail",
        violations=2,
        first=(". differs (metadata)", ". differs (metadata)"),
        parameters={"allowed": [{"path": "\\.", "kind": "content"}]},
        subject=WHEEL,
    ),
    Case(
        rule="reproducibility.identical",
        reports=(f"{REBUILT}.json",),
        outcome="fail",
        violations=1,
        first=("none of the builds made parcel",),
    ),
    Case(rule="release.traced", reports=(*TRACED, "fixtures/written/slsa-v1.json"), outcome="pass", subject=WHEEL),
    Case(rule="release.traced", reports=(*TRACED, "fixtures/written/slsa-v0.2.json"), outcome="pass", subject=WHEEL),
    Case(
        rule="release.traced",
        reports=(*TRACED, "fixtures/written/slsa-v1.json"),
        outcome="fail",
        violations=1,
        first=(
            "parcel-1.4.0-py3-none-any.whl is sha256:8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0, which is not what is judged",
        ),
    ),
    Case(
        rule="release.traced",
        reports=TRACED,
        outcome="unanswered",
        violations=1,
        first=("needs provenance",),
        subject=WHEEL,
    ),
    Case(
        rule="regression.vanished",
        reports=("fixtures/junit/node.xml",),
        baseline=("fixtures/junit/node.xml",),
        outcome="pass",
    ),
    Case(
        rule="regression.vanished",
        reports=("fixtures/junit/surefire.xml",),
        baseline=("fixtures/junit/surefire.xml", "fixtures/junit/node-bad.xml"),
        outcome="fail",
        violations=6,
        first=(
            "test::cuts a word that is too long was there in the release before and is gone",
            "test::keeps short lines was there in the release before and is gone",
        ),
    ),
    Case(
        rule="regression.vanished",
        reports=("fixtures/junit/node.xml",),
        outcome="unanswered",
        violations=1,
        first=("needs baseline.test_results",),
    ),
    Case(
        rule="regression.failed",
        reports=("fixtures/junit/pytest-bad.xml",),
        baseline=("fixtures/junit/pytest-bad.xml",),
        outcome="pass",
    ),
    Case(
        rule="regression.failed",
        reports=("fixtures/junit/pytest-bad.xml",),
        baseline=("fixtures/junit/pytest.xml",),
        outcome="fail",
        violations=6,
        first=(
            "tests.test_postage::test_a_band_includes_its_upper_end[100-165] failed and passed in the release before",
            "tests.test_postage::test_a_band_includes_its_upper_end[1000-425] failed and passed in the release before",
        ),
    ),
    Case(
        rule="regression.skipped",
        reports=("fixtures/junit/node-bad.xml",),
        baseline=("fixtures/junit/node-bad.xml",),
        outcome="pass",
    ),
    Case(
        rule="regression.skipped",
        reports=("fixtures/junit/node-bad.xml",),
        baseline=("fixtures/junit/node.xml",),
        outcome="fail",
        violations=1,
        first=("test::refuses what is none is skipped and ran in the release before",),
    ),
    Case(
        rule="regression.coverage",
        reports=("fixtures/coverage/cobertura.xml",),
        baseline=("fixtures/coverage/coveragepy-bad.json",),
        outcome="pass",
    ),
    Case(
        rule="regression.coverage",
        reports=("fixtures/coverage/cobertura-bad.xml",),
        baseline=("fixtures/coverage/coveragepy.json",),
        outcome="fail",
        violations=1,
        first=("112 of 128 lines are covered, 106 of 110 were in the release before",),
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_says_what_it_should_of_real_reports(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)
