"""Base gates: what a project may change, what comes of it, and who insists on it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import gatekeeper as gk
from based import add, base_digest, move_to_base, own, spec_of, team_pack
from gatekeeper import _data
from gatekeeper.errors import ConfigError, DriftError, NotAdmittedError, PolicyError, UsageError
from gatekeeper.load.base import MAX_CHAIN
from gatekeeper.load.gate_file import load_gate
from gatekeeper.record import Record
from gatekeeper.replaying import replay
from gatekeeper.tighten import changes
from project import Project, ran_tests

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.errors import GatekeeperError


@pytest.fixture
def based(project: Project) -> Project:
    """A project that extends its organisation's gate, and adds nothing to it."""
    move_to_base(project)
    project.green()
    return project


def refusal(project: Project) -> GatekeeperError:
    with pytest.raises(ConfigError) as caught:
        load_gate(project.folder / "gate.toml")
    return caught.value


def test_a_project_of_two_lines_asks_what_its_base_asks(based: Project) -> None:
    gate, base = spec_of(based.folder / "gate.toml"), spec_of(based.folder / "org/gate.toml")

    assert {**gate.as_json(), "name": "", "bases": []} == {**base.as_json(), "name": "", "bases": []}
    assert gate.base_digest == base.digest
    assert gate.digest != base.digest


def test_a_decision_a_record_and_a_replay_name_the_base(based: Project) -> None:
    record = Record.read(based.record())

    assert record.decision.gate_base == base_digest(based)
    assert record.decision.as_json()["gate"]["base"] == base_digest(based)
    assert replay(record)
    assert re.search(rf"base +{base_digest(based)}", record.decision.explain("text", verbose=True, width=120))
    assert f"**base** `{base_digest(based)}`" in record.decision.explain("markdown")
    schema = json.loads((_data.folder("schemas") / "decision.json").read_text())
    jsonschema.validate(record.decision.as_json()["gate"], schema["properties"]["gate"])


TIGHTENINGS = [
    ("[stages.build]\nvalid_for = '3d'\n", "gate.toml:4", "valid_for of build goes from 7d to 3d"),
    ("stages.build.parameters.own.coverage.minimum_percent = 85", "gate.toml:3",
     "minimum_percent of own.coverage goes from 80 to 85"),
    ("stages.build.evidence.unit.max_age = '24h'", "gate.toml:3", "max_age of unit goes from none to 1d"),
    ("stages.build.evidence.unit = { max_age = '24h', time = 'claimed' }", "gate.toml:3", "max_age of unit goes from none to 1d"),
    ("stages.build.evidence.unit.count = 2", "gate.toml:3", "count of unit goes from 1 to 2"),
    ("stages.integration.evidence.e2e.shards = 3", "gate.toml:3", "shards of e2e goes from 2 to 3"),
    ("stages.build.evidence.sbom = { kind = 'sbom' }", "gate.toml:3", "the slot sbom is asked too"),
    ("stages.build.evidence.unit_2 = { kind = 'test_results' }", "gate.toml:3", "the slot unit_2 is asked too"),
    ("stages.integration.rules = ['own.coverage']\nstages.integration.evidence.c = { kind = 'coverage' }", "gate.toml:3",
     "own.coverage is asked too"),
    ("stages.integration.approvals = [{ role = 'security' }]", "gate.toml:3",
     "an approval is asked for too: 1 of role security"),
    ("stages.integration.approvals = [{ role = 'release-manager', count = 2 }]", "gate.toml:3",
     "an approval asks more: 2 of role release-manager, not author"),
    ("stages.build.freezes = [{ name = 'x', from = 2026-12-20T00:00:00Z, until = 2027-01-04T00:00:00Z }]", "gate.toml:3",
     "the freeze x is new"),
    ("waivers.max = '7d'", "gate.toml:3", "max of waivers goes from 30d to 7d"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "where", "message"), TIGHTENINGS, ids=[row[2] for row in TIGHTENINGS])
def test_what_a_project_may_do(based: Project, lines: str, where: str, message: str) -> None:
    own(based, lines)
    gate = load_gate(based.folder / "gate.toml")

    assert gate.base is not None
    found = [change for change in changes(gate.base, gate) if change.way != "neutral"]
    assert message in [change.message for change in found]
    assert {change.way for change in found} == {"tightening"}
    assert where.startswith("gate.toml")


EXTRA = """
[stages.extra]
rules = ["own.tests"]
valid_for = "1d"
evidence.e2e = { kind = "test_results" }
"""

LOOSENINGS = [
    ("[stages.build]\n\nvalid_for = '8d'\n", "gate.toml:5", "valid_for of build goes from 7d to 8d; only less is stricter"),
    ("stages.build.parameters.own.coverage.minimum_percent = 79", "gate.toml:3",
     "minimum_percent of own.coverage goes from 80 to 79; only up is stricter"),
    ("engine = 'opa 1.22.1'", "gate.toml:3", "engine goes from opa 1.22.2 to opa 1.22.1, and may not be changed"),
    ("engine_digests = ['sha256:" + "0" * 64 + "']", "gate.toml:3", "engine_digests goes from"),
    ("engine_server.url = 'http://127.0.0.1:1'", "gate.toml:3", "engine_server goes from none"),
    ("waivers.max = '31d'", "gate.toml:3", "max of waivers goes from 30d to 31d; only less is stricter"),
    ("waivers.role = 'release-manager'", "gate.toml:3", "role goes from security to release-manager"),
    (f"stages.integration.after = 'extra'{EXTRA}", "gate.toml:3", "it no longer comes after build"),
    ("stages.integration.unsigned = true", "gate.toml:3", "the allow of build may rest on unsigned evidence"),
    ("stages.integration.approvals = [{ role = 'release-manager', not = [] }]", "gate.toml:3",
     "an approval is asked for no longer, or by less: 1 of role release-manager, not author"),
    ("stages.build.evidence.unit.on_repeat = 'latest'", "gate.toml:3", "on_repeat goes from all to latest"),
    ("stages.integration.evidence.e2e.shards = 1", "gate.toml:3", "shards of e2e goes from 2 to 1; only more is stricter"),
    ("stages.build.evidence.unit.kind = 'coverage'\nstages.build.evidence.x = { kind = 'test_results' }", "gate.toml:3",
     "kind goes from test_results to coverage"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "where", "message"), LOOSENINGS, ids=[row[2] for row in LOOSENINGS])
def test_a_loosening_is_an_error_with_the_line_of_the_project(
    based: Project, lines: str, where: str, message: str
) -> None:
    add(based, lines)
    refused = refusal(based)

    assert (refused.code, refused.where) == ("base.loosened", where)
    assert refused.message.startswith(f"it loosens its base org: {message}")


EMERGENCY = '[emergency]\nrole = "security"\nmax = "4h"\nnever = ["own.tests"]\n'
BASELINE = 'previous = { baseline = "build", max_age = "90d" }\n'


@pytest.mark.parametrize(
    ("lines", "way", "message"),
    [
        ("emergency.max = '2h'", "tightening", "max of emergency goes from 4h to 2h"),
        ("emergency.max = '5h'", "loosening", "max of emergency goes from 4h to 5h; only less is stricter"),
        ("emergency.never = ['own.coverage']", "tightening", 'never is ["own.coverage","own.tests"]'),
        ("emergency.role = 'release-manager'", "loosening", "role goes from security to release-manager"),
        ("emergency.review = 'release-manager'", "loosening", "review goes from security to release-manager"),
        ("stages.integration.trail = true", "tightening", "the record of every earlier stage is asked"),
        ("stages.build.evidence.previous.max_age = '30d'", "tightening", "max_age of baseline goes from 90d to 30d"),
        ("stages.build.evidence.previous.max_age = '91d'", "loosening", "max_age of baseline goes from 90d to 91d"),
        ("stages.build.evidence.previous.without = 'security'", "loosening", "may approve a release without baseline"),
        (
            "stages.build.evidence.unit.of = 'commit'",
            "loosening",
            "of goes from none to commit, and may not be changed",
        ),
        ("stages.build.evidence.more = { kind = 'test_results', of = 'commit' }", "loosening", "the slot more is new"),
        ("stages.integration.canary = true", "neutral", "it is a canary, and says what comes next"),
        (
            "stages.integration.approvals = [{ role = 'release-manager', veto = ['security'] }]",
            "tightening",
            "an approval asks more: 1 of role release-manager, not author",
        ),
        (
            "stages.integration.approvals = [{ any = [{ role = 'security' }, { role = 'release-manager' }] }]",
            "tightening",
            "an approval is asked for too",
        ),
    ],
)
def test_which_way_it_goes(based: Project, lines: str, way: str, message: str) -> None:
    based.edit("org/trust.toml", 'coverage = ["ci"]', 'coverage = ["ci"]\nprovenance = ["ci"]')
    based.edit("org/gate.toml", "[stages.build]\n", f"{EMERGENCY}[stages.build]\n")
    based.edit("org/gate.toml", "[stages.build.evidence]\n", f"[stages.build.evidence]\n{BASELINE}")
    add(based, lines)
    gate = spec_of(based.folder / "gate.toml")

    assert gate.base is not None
    found = [(change.way, change.message) for change in changes(gate.base, gate) if change.place != ("name",)]
    assert [told for told in found if told[0] == way and message in told[1]], found
    assert {told[0] for told in found} == {way}


def test_an_emergency_is_not_declared_where_the_base_has_none(based: Project) -> None:
    add(based, EMERGENCY)

    assert "an emergency breaks through, declared by the role security" in refusal(based).message


@pytest.mark.parametrize(
    ("of_the_base", "of_the_project", "message"),
    [
        ("max_age = '1d'", "max_age = '2d'", "max_age of unit goes from 1d to 2d; only less is stricter"),
        ("max_age = '1d'", "max_age = '2h', time = 'claimed'", "time of unit goes from verified to claimed"),
        ("on_repeat = 'latest'", "on_repeat = 'all'", "on_repeat goes from latest to all"),
        ("count = 2", "count = 1", "count of unit goes from 2 to 1; only more is stricter"),
    ],
)
def test_a_slot_is_not_loosened(based: Project, of_the_base: str, of_the_project: str, message: str) -> None:
    based.edit("org/gate.toml", '{ kind = "test_results" }', f'{{ kind = "test_results", {of_the_base} }}')
    add(based, f"stages.build.evidence.unit = {{ {of_the_project} }}")

    assert message in refusal(based).message


@pytest.mark.parametrize(
    ("of_the_project", "is_more"),
    [
        ("", True),
        (", max_age = '2d'", True),
        (", max_age = '12h'", False),
        (", max_age = '12h', time = 'claimed'", True),
    ],
)
def test_a_slot_more_lets_in_nothing_that_the_old_rules_would_not_have_seen(
    based: Project, of_the_project: str, *, is_more: bool
) -> None:
    based.edit("org/gate.toml", '{ kind = "test_results" }', '{ kind = "test_results", max_age = "1d" }')
    add(based, f"stages.build.evidence.more = {{ kind = 'test_results'{of_the_project} }}")

    if is_more:
        assert "the slot more is new, and lets in test_results that own.tests would not have been shown" in str(
            refusal(based)
        )
    else:
        assert load_gate(based.folder / "gate.toml").stages["build"].slots["more"].max_age == timedelta(hours=12)


# whose word counts


def test_accept_is_narrowed_and_nothing_else(based: Project) -> None:
    based.edit("org/trust.toml", 'coverage = ["ci"]', 'coverage = ["ci", "scanner"]')
    based.write("trust.toml", '[accept]\ncoverage = ["scanner"]\n[stages.build.accept]\ntest_results = []\n')
    trust = load_gate(based.folder / "gate.toml").trust

    assert trust.accepted("coverage", "build") == {"scanner"}
    assert trust.accepted("test_results", "build") == frozenset()
    assert trust.accepted("test_results", "integration") == {"ci"}
    assert set(trust.people) == {"ada", "bo", "cy"}


@pytest.mark.parametrize(
    ("lines", "where", "message"),
    [
        ('[accept]\ncoverage = ["ci", "scanner"]', "trust.toml:2", "coverage is accepted from scanner too"),
        ('[accept]\ncoverage = ["unsigned"]', "trust.toml:2", "coverage is accepted from unsigned too"),
        ('[accept]\nsbom = ["ci"]', "trust.toml:2", "sbom is accepted from ci too"),
        ('[stages.build.accept]\ncoverage = ["ci", "unsigned"]', "trust.toml:2", "coverage in build is accepted from"),
    ],
)
def test_accept_is_not_widened(based: Project, lines: str, where: str, message: str) -> None:
    based.write("trust.toml", lines)
    refused = refusal(based)

    assert (refused.code, refused.where) == ("base.loosened", where)
    assert message in refused.message


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("trust.toml", '[signers.mine]\nkey = "keys/stranger.pub"\n', "signers come from the base alone"),
        ("trust.toml", '[people.me]\nroles = ["release-manager"]\n', "people come from the base alone"),
        ("trust.toml", "[sigstore]\n", "sigstore come from the base alone"),
        ("trust.toml", "[accpt]\n", "'accpt' is not known here"),
        ("people.toml", '[me]\nroles = ["release-manager"]\n', "people come from the base alone"),
    ],
)
def test_a_project_brings_neither_signers_nor_people(based: Project, name: str, lines: str, message: str) -> None:
    based.write("trust.toml", "")
    based.write(name, lines)

    assert message in refusal(based).message


# packs


def test_a_project_adds_packs_and_rules(based: Project) -> None:
    team_pack(based)
    own(based, 'pack_dirs = ["team"]\nstages.build.rules = ["team.*"]\n')

    rules = [rule.id for rule in load_gate(based.folder / "gate.toml").stages["build"].rules]
    assert rules == ["own.coverage", "own.tests", "team.skipped"]


def test_a_pack_of_the_project_neither_shadows_nor_adds_to_one_of_the_base(based: Project) -> None:
    team_pack(based)
    (based.folder / "team/team").rename(based.folder / "team/own")
    based.edit("team/own/pack.toml", '"team"', '"own"')
    based.edit("team/own/skipped/skipped.rego", "gatekeeper.team", "gatekeeper.own")
    add(based, 'pack_dirs = ["team"]\n')

    with pytest.raises(PolicyError, match="a pack called own is there twice"):
        load_gate(based.folder / "gate.toml")


def test_a_library_of_the_project_is_not_in_the_package_of_the_base(based: Project) -> None:
    team_pack(based)
    based.write("team/team/lib/lib.rego", "package gatekeeper.own.lib\n\nimport rego.v2\n\nok(x) if x > 0\n")
    add(based, 'pack_dirs = ["team"]\nstages.build.rules = ["team.*"]\n')

    with pytest.raises(PolicyError, match=r"the package is gatekeeper\.own\.lib"):
        load_gate(based.folder / "gate.toml")


# the lock


def test_the_lock_holds_the_digest_of_the_base(based: Project) -> None:
    locked = json.loads((based.folder / "gate.lock").read_text())

    assert locked["base"] == {"extends": "org", "commit": "", "digest": base_digest(based)}


def test_a_base_that_changed_is_drift(based: Project) -> None:
    before = base_digest(based)
    based.edit("org/gate.toml", 'valid_for = "7d"', 'valid_for = "6d"')

    with pytest.raises(DriftError, match=f"the base org is {base_digest(based)}, locked is {before}"):
        gk.Gate.load(based.folder / "gate.toml")


def test_another_base_is_drift(based: Project) -> None:
    based.edit("gate.toml", '"org"', '"./org"')

    with pytest.raises(DriftError, match=r"the base is \./org, locked is org"):
        gk.Gate.load(based.folder / "gate.toml")


# insisting on it


def test_who_insists_on_the_base_gets_it(based: Project) -> None:
    gate = gk.Gate.load(based.folder / "gate.toml", base=base_digest(based))

    assert gate.stage("build").name == "build"


@pytest.mark.parametrize("base", ["sha256:" + "0" * 64, "own"])
def test_another_base_is_not_what_was_insisted_on(based: Project, base: str) -> None:
    digest = gk.Gate.load(based.folder / "gate.toml").digest if base == "own" else base

    with pytest.raises(ConfigError) as caught:
        gk.Gate.load(based.folder / "gate.toml", base=digest)
    assert caught.value.code == "base.other"
    assert base_digest(based) in caught.value.message


def test_a_gate_without_base_is_none_that_stands_on_one(project: Project) -> None:
    with pytest.raises(ConfigError, match="the gate stands on no base"):
        gk.Gate.load(project.folder / "gate.toml", base=project.gate_digest)


def test_a_stage_of_the_project_is_none_of_the_base(based: Project) -> None:
    own(based, EXTRA)
    gate = gk.Gate.load(based.folder / "gate.toml", base=base_digest(based))

    with pytest.raises(UsageError, match="the base has no stage 'extra'"):
        gate.stage("extra")
    assert gk.Gate.load(based.folder / "gate.toml").stage("extra").name == "extra"


def admitted(project: Project, record: Path, **changes: Any) -> Record:
    demand = {
        "subject": project.subject,
        "stage": "build",
        "gate": "parcel",
        "base": base_digest(project),
        "trust": load_gate(project.folder / "gate.toml").trust,
        "at": project.now,
        "engine_digests": [project.opa_digest],
    }
    return gk.admit(record, **{**demand, **changes})


def test_the_deploy_side_names_the_base(based: Project) -> None:
    record = based.record()

    assert admitted(based, record).decision.allowed
    for changes_, code in (
        ({"base": "sha256:" + "0" * 64}, "not_admitted.base"),
        ({"base": based.gate_digest}, "not_admitted.base"),
        ({"withdrawn": [base_digest(based)]}, "not_admitted.withdrawn"),
    ):
        with pytest.raises(NotAdmittedError) as caught:
            admitted(based, record, **changes_)
        assert caught.value.code == code


def test_a_stage_that_the_base_does_not_have_is_not_admitted_by_it(based: Project) -> None:
    own(based, EXTRA)
    based.attest("test_results", ran_tests(), slot="e2e", name="e2e")
    record = based.record("extra")
    with pytest.raises(NotAdmittedError) as caught:
        admitted(based, record, stage="extra")
    assert caught.value.code == "not_admitted.base_stage"


def test_a_repository_that_the_base_leaves_open_is_named_by_the_deploy_side(based: Project) -> None:
    own(based, 'repository = "acme/parcel"\n')
    record = based.record()
    with pytest.raises(NotAdmittedError) as caught:
        admitted(based, record)
    assert caught.value.code == "not_admitted.repository"
    assert admitted(based, record, repository="acme/parcel").decision.allowed
    with pytest.raises(NotAdmittedError):
        admitted(based, record, repository="acme/other")


# chains and product lines


def test_a_chain_of_bases_tightens_link_by_link(based: Project) -> None:
    based.write("line/gate.toml", 'extends = "../org"\nname = "line"\nstages.build.valid_for = "5d"\n')
    based.edit("gate.toml", '"org"', '"line"')
    own(based, "stages.build.valid_for = '3d'\n")
    gate = load_gate(based.folder / "gate.toml")

    assert [base["name"] for base in gate.bases] == ["line", "org"]
    assert gate.stages["build"].valid_for == timedelta(days=3)
    for base in gate.bases:
        assert gk.Gate.load(based.folder / "gate.toml", base=base["digest"]).name == "parcel"


def test_a_link_that_loosens_is_found_from_below(based: Project) -> None:
    based.write("line/gate.toml", 'extends = "../org"\nname = "line"\nstages.build.valid_for = "8d"\n')
    based.edit("gate.toml", '"org"', '"line"')
    add(based, "stages.build.valid_for = '3d'\n")
    refused = refusal(based)

    assert refused.where == "line/gate.toml:3"
    assert "it loosens its base org" in refused.message


def test_a_project_does_not_take_back_what_its_line_added(based: Project) -> None:
    based.write("line/gate.toml", 'extends = "../org"\nname = "line"\nstages.build.valid_for = "5d"\n')
    based.edit("gate.toml", '"org"', '"line"')
    add(based, "stages.build.valid_for = '7d'\n")

    assert "it loosens its base line: valid_for of build goes from 5d to 7d" in refusal(based).message


def test_one_base_and_several_gates(based: Project) -> None:
    for name, days in (("web", 2), ("batch", 3)):
        lines = f'extends = "../../org"\nname = "{name}"\nstages.build.valid_for = "{days}d"\n'
        based.write(f"products/{name}/gate.toml", lines)
    gates = [load_gate(based.folder / f"products/{name}/gate.toml") for name in ("web", "batch")]

    assert len({gate.base_digest for gate in gates}) == 1
    assert len({gate.digest for gate in gates}) == 2


def test_a_circle_is_found(based: Project) -> None:
    based.write("org/gate.toml", 'extends = ".."\nname = "org"\n')

    assert "the bases go round in a circle" in refusal(based).message


def test_a_chain_has_an_end(based: Project) -> None:
    below = "org"
    for number in range(MAX_CHAIN):
        based.write(f"l{number}/gate.toml", f'extends = "../{below}"\nname = "l{number}"\n')
        below = f"l{number}"
    based.edit("gate.toml", '"org"', f'"{below}"')

    assert f"more than {MAX_CHAIN} gates stand one on another" in refusal(based).message


# what is no base


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere", "nowhere: there is no such file: gate.toml"),
        ("https://example.org/gate", "is no place of a base"),
        ("git+https://example.org/gate", "is no address of a base in git"),
        ("git+http://example.org/gate@v1", "is no address of a base in git"),
        ("git+ext::sh@v1", "is no address of a base in git"),
        ("git+https://example.org/gate@--upload-pack=x", "is no address of a base in git"),
        ("git+https://example.org/gate@v1#../x", "is no address of a base in git"),
        ("gatekeeper:nothing", "no gate of the library is called 'nothing'"),
        ("gatekeeper:../gates", "no gate of the library is called '../gates'"),
    ],
)
def test_what_names_no_base_is_refused_with_its_line(based: Project, text: str, message: str) -> None:
    based.edit("gate.toml", '"org"', f'"{text}"')
    refused = refusal(based)

    assert message in refused.message
    assert refused.where == "gate.toml:1"


def test_an_error_in_the_base_has_its_place_in_the_base(based: Project) -> None:
    based.edit("org/gate.toml", 'role = "security"', 'role = ""')

    assert refusal(based).where == "org/gate.toml:7"


def test_a_report_points_into_the_project(based: Project) -> None:
    own(based, "stages.build.evidence.unit.max_age = '24h'")
    places = load_gate(based.folder / "gate.toml").places["build"]

    assert places["slot.unit"] == ("gate.toml", 3)
    assert places["slot.coverage"] == ("gate.toml", 1)


# a base that leaves the trust to others


def open_base(project: Project) -> None:
    """A base of rules and stages alone; the trust is the project's."""
    project.edit("org/gate.toml", 'name = "org"', 'name = "org"\nopen_trust = true')
    trust = (project.folder / "org/trust.toml").read_text()
    (project.folder / "org/trust.toml").unlink()
    project.write("trust.toml", trust)


def test_a_base_may_leave_the_trust_to_who_extends_it(based: Project) -> None:
    open_base(based)
    based.lock()

    assert based.decide().code == 0


def test_a_base_without_trust_is_nothing_to_insist_on(based: Project) -> None:
    open_base(based)
    based.lock()

    with pytest.raises(ConfigError) as caught:
        gk.Gate.load(based.folder / "gate.toml", base=base_digest(based))
    assert caught.value.code == "base.open_trust"
    record = based.record()
    with pytest.raises(NotAdmittedError) as refused:
        admitted(based, record)
    assert refused.value.code == "not_admitted.base_trust"


def test_a_gate_with_open_trust_decides_nothing(based: Project) -> None:
    open_base(based)

    with pytest.raises(ConfigError, match="a gate with open_trust is only there to be extended"):
        load_gate(based.folder / "org/gate.toml")


def test_trust_that_a_base_names_is_not_opened_again(based: Project) -> None:
    based.write("line/gate.toml", 'extends = "../org"\nname = "line"\nopen_trust = true\n')
    based.edit("gate.toml", '"org"', '"line"')

    assert "its base says whose word counts, so it cannot leave that open" in refusal(based).message
