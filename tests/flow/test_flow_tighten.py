"""What a project may do never opens what its base closes; what would is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from based import OWN, move_to_base, spec_of, team_pack
from gatekeeper.approval import APPROVAL_NAMESPACE, APPROVAL_TYPE
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.policy import Parameter
from gatekeeper.tighten import changes, loosenings
from gatekeeper.tighten_words import is_stricter
from project import Project, change, coverage, ran_tests, stamp

if TYPE_CHECKING:
    import gatekeeper as gk
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.stage import GateSpec

HOUR = timedelta(hours=1)

TIGHTENINGS = {
    "valid_for": 'stages.build.valid_for = "3d"',
    "parameter": "stages.build.parameters.own.coverage.minimum_percent = 90",
    "max_age": 'stages.build.evidence.unit.max_age = "2h"',
    "verified": 'stages.build.evidence.unit.time = "verified"',
    "count": "stages.build.evidence.unit.count = 2",
    "slot": 'stages.build.evidence.more = { kind = "test_results", max_age = "6h", time = "claimed" }',
    "other slot": 'stages.build.evidence.lint = { kind = "static_analysis" }',
    "rule": 'pack_dirs = ["team"]\nstages.build.rules = ["team.*"]',
    "approvals": 'stages.build.approvals = [{ role = "release-manager", count = 2 }]',
    "another role": 'stages.build.approvals = [{ role = "security" }]',
    "authors": 'stages.build.approvals = [{ role = "release-manager", not = ["author"] }]',
    "veto": 'stages.build.approvals = [{ role = "release-manager", veto = ["security"] }]',
    "freeze": "stages.build.freezes = [{ name = 'now', from = 2020-01-01T00:00:00Z, until = 2090-01-01T00:00:00Z }]",
    "past": "stages.build.freezes = [{ name = 'past', from = 2020-01-01T00:00:00Z, until = 2021-01-01T00:00:00Z }]",
    "waivers": 'waivers.max = "7d"',
    "waived": "waivers.max_count = 1",
    "narrow": "ACCEPT",
}
"""Lines of a project by what they tighten; ``ACCEPT`` stands for a narrower line in its trust."""

ONE_OF = [{"approvals", "another role", "authors", "veto"}, {"freeze", "past"}, {"max_age", "verified"}]
"""Those that say something of one key, of which a project has one."""

NARROW = '[accept]\ntest_results = ["ci"]\n'


@pytest.fixture(scope="module")
def based(tmp_path_factory: pytest.TempPathFactory, opa_digest: str) -> Project:
    """A project on a base whose stage asks evidence that is young and an approval."""
    project = Project(tmp_path_factory.mktemp("tighten") / "project", opa_digest)
    project.edit("trust.toml", 'test_results = ["ci"]', 'test_results = ["ci", "scanner"]')
    move_to_base(project)
    slot = 'unit = { kind = "test_results", max_age = "12h", time = "claimed" }'
    project.edit("org/gate.toml", 'unit = { kind = "test_results" }', slot)
    asked = 'valid_for = "7d"\napprovals = [{ role = "release-manager" }]'
    project.edit("org/gate.toml", 'valid_for = "7d"', asked)
    project.edit("org/gate.toml", 'coverage = { kind = "coverage" }', 'coverage = { kind = "coverage" }\nchange = { kind = "change" }')  # fmt: skip
    team_pack(project)
    return project


@st.composite
def tightenings(draw: st.DrawFn) -> frozenset[str]:
    """Some tightenings that can stand together."""
    chosen = draw(st.sets(st.sampled_from(sorted(TIGHTENINGS)), min_size=1, max_size=5))
    for group in ONE_OF:
        chosen -= set(sorted(chosen & group)[1:])
    return frozenset(chosen)


def tightened(project: Project, chosen: frozenset[str], name: str = "gate.toml") -> GateSpec:
    """The project's gate with some tightenings."""
    trust = project.folder / "trust.toml"
    trust.unlink(missing_ok=True)
    if "narrow" in chosen:
        trust.write_text(NARROW)
    lines = [TIGHTENINGS[what] for what in sorted(chosen - {"narrow"})]
    return spec_of(project.write(name, OWN + "\n".join(lines)))


@dataclass(frozen=True)
class Report:
    """A report to be attested: for which slot, by whom, how old, and how good."""

    slot: str
    signer: str | None
    age: timedelta
    is_good: bool
    skipped: int = 0

    def attest(self, project: Project, name: str) -> None:
        kind, facts = "test_results", ran_tests(3, *([] if self.is_good else ["c"]), skipped=self.skipped)
        if self.slot == "coverage":
            kind, facts = "coverage", coverage(85 if self.is_good else 60)
        at = stamp(project.now - self.age)
        project.attest(kind, facts, slot=self.slot, signer=self.signer, name=name, attested_at=at)


REPORTS = st.lists(
    st.builds(
        Report,
        slot=st.sampled_from(["unit", "unit", "coverage", "more"]),
        signer=st.sampled_from(["ci", "ci", "ci", "scanner", "stranger", None]),
        age=st.sampled_from([HOUR / 2, HOUR / 2, 3 * HOUR, 20 * HOUR]),
        is_good=st.sampled_from([True, True, True, False]),
    ),
    max_size=4,
)
VOICES = st.dictionaries(st.sampled_from(["ada", "bo", "cy"]), st.sampled_from(["approve", "approve", "reject"]))
GOOD = [Report("unit", "ci", HOUR, is_good=True), Report("coverage", "ci", HOUR, is_good=True)]


def evidence(project: Project, gate: GateSpec, reports: list[Report], voices: dict[str, str]) -> Evidence:
    """The same evidence for a gate: people speak of the gate that they were asked by."""
    folder = project.folder / "evidence"
    for path in folder.iterdir():
        path.unlink()
    for number, report in enumerate(reports):
        report.attest(project, f"report-{number}")
    project.attest("change", change("github:bo"), slot="change", name="change")
    for person, verdict in voices.items():
        said = {
            "verdict": verdict,
            "stage": "build",
            "gate": {"name": gate.name, "digest": gate.digest},
            "issued_at": stamp(project.now - HOUR),
            "expires": stamp(project.now + HOUR),
        }
        project.sign_ssh(said, APPROVAL_TYPE, [person], f"approval-{person}", namespace=APPROVAL_NAMESPACE)
    return Evidence.read(folder)


def is_shown(report: Report, base: GateSpec, gate: GateSpec) -> bool:
    """Whether a report is one that both gates know of: for a slot of the base, by somebody whom the project believes."""
    accepted = gate.trust.accepted("coverage" if report.slot == "coverage" else "test_results", "build")
    return report.slot in base.stages["build"].slots and (report.signer is None or report.signer in accepted)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=tightenings(), reports=REPORTS, voices=VOICES)
def test_a_deny_under_the_base_is_a_deny_under_a_project_that_tightens_it(
    based: Project, command: OpaCommand, chosen: frozenset[str], reports: list[Report], voices: dict[str, str]
) -> None:
    project_gate = tightened(based, chosen)
    base_gate = project_gate.base
    assert base_gate is not None
    assert loosenings(changes(base_gate, project_gate)) == ()

    given_all = [*GOOD, *reports]
    known = [report for report in given_all if is_shown(report, base_gate, project_gate)]
    decisions = [
        Gate(gate, based.folder, engine=command).decide(
            based.subject, "build", evidence(based, gate, shown, voices), at=based.now
        )
        for gate, shown in ((project_gate, given_all), (base_gate, known))
    ]
    assert not decisions[0] or decisions[1], f"{sorted(chosen)} opened {_closed(decisions[1])}"


def _closed(decision: gk.Decision) -> list[str]:
    return [result.id for result in decision.results if not result.is_open]


def test_the_base_can_be_met_and_so_can_a_project_that_tightens_it(based: Project, command: OpaCommand) -> None:
    """Else the property would hold of nothing."""
    for chosen in ({"valid_for", "past", "waivers"}, {"parameter"}):
        gate = tightened(based, frozenset(chosen))
        said = evidence(based, gate, GOOD, {"ada": "approve"})
        decision = Gate(gate, based.folder, engine=command).decide(based.subject, "build", said, at=based.now)
        assert bool(decision) == ("parameter" not in chosen), _closed(decision)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=tightenings())
def test_what_is_a_tightening_one_way_is_a_loosening_the_other_way(based: Project, chosen: frozenset[str]) -> None:
    gate = tightened(based, chosen)
    assert gate.base is not None
    there = [found for found in changes(gate.base, gate) if found.way != "neutral"]
    back = [found for found in changes(gate, gate.base) if found.way != "neutral"]

    assert {found.way for found in there} == {"tightening"}
    assert {found.place for found in there} == {found.place for found in back}
    for place in {found.place for found in back}:  # an approval that asks less is one that is gone, and another
        assert "loosening" in {found.way for found in back if found.place == place}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=tightenings(), second=tightenings())
def test_a_tightening_of_a_tightening_is_one(based: Project, first: frozenset[str], second: frozenset[str]) -> None:
    """What a link of a chain adds to what the one below it added loosens nothing of the first."""
    together = (first | second) - {"slot"}  # beside a slot that was tightened it lets in more
    for group in ONE_OF:
        together -= frozenset(sorted(together & group)[1:])
    gate, further = tightened(based, first & together), tightened(based, together)

    assert loosenings(changes(gate, further)) == ()


LOOSENINGS = [
    ("stages.build.parameters.own.coverage.minimum_percent = 50", [Report("coverage", "ci", HOUR, is_good=False)]),
    ('stages.build.evidence.unit.max_age = "30h"', [Report("unit", "ci", 20 * HOUR, is_good=True)]),
    ('stages.build.evidence.more = { kind = "test_results" }', [Report("more", "ci", 20 * HOUR, is_good=True)]),
    ('stages.build.approvals = [{ role = "release-manager", not = [] }]', []),
]


@pytest.mark.parametrize(("lines", "reports"), LOOSENINGS, ids=[row[0] for row in LOOSENINGS])
def test_what_is_called_a_loosening_opens_what_the_base_closes(
    based: Project, command: OpaCommand, lines: str, reports: list[Report]
) -> None:
    (based.folder / "trust.toml").unlink(missing_ok=True)
    before = (based.folder / "org/gate.toml").read_text()
    if "not = []" in lines:
        based.edit("org/gate.toml", 'role = "release-manager" }', 'role = "release-manager", not = ["author"] }')
    gate = spec_of(based.write("gate.toml", OWN + lines))
    base = gate.base
    assert base is not None
    said = {report.slot: report for report in [*GOOD, *reports]}.values()
    verdicts = [
        bool(Gate(one, based.folder, engine=command).decide(
            based.subject, "build", evidence(based, one, list(said), {"bo": "approve"}), at=based.now
        ))
        for one in (base, gate)
    ]  # fmt: skip
    based.write("org/gate.toml", before)

    assert verdicts == [False, True]
    assert len(loosenings(changes(base, gate))) == 1


# one step of a parameter

NUMBERS = st.one_of(st.integers(-1000, 1000), st.floats(-1000, 1000))


@given(old=NUMBERS, new=NUMBERS)
def test_a_number_is_stricter_in_one_direction_only(old: float, new: float) -> None:
    up, down = (Parameter(schema={"type": "number"}, tighten=way) for way in ("up", "down"))

    assert is_stricter(up, old, new) == (new > old)
    assert is_stricter(down, old, new) == (new < old)


@given(st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_a_list_is_stricter_by_what_is_in_it(old: set[int], new: set[int]) -> None:
    subset, superset = (Parameter(schema={"type": "array"}, tighten=way) for way in ("subset", "superset"))

    assert is_stricter(subset, sorted(old), sorted(new, reverse=True)) == (new < old)
    assert is_stricter(superset, sorted(old), sorted(new, reverse=True)) == (new > old)


@pytest.mark.parametrize(
    ("parameter", "old", "new", "is_it"),
    [
        (Parameter(schema={"enum": ["none", "note", "error"]}, tighten="up"), "note", "error", True),
        (Parameter(schema={"enum": ["none", "note", "error"]}, tighten="up"), "note", "none", False),
        (Parameter(schema={"enum": ["none", "note", "error"]}, tighten="up"), "note", "other", False),
        (Parameter(schema={"type": "string"}, tighten="down"), "30d", "24h", True),
        (Parameter(schema={"type": "string"}, tighten="down"), "24h", "30d", False),
        (Parameter(schema={"type": "boolean"}, tighten="up"), False, True, False),
        (Parameter(schema={"type": "integer"}, tighten="up"), 1, 1, False),
        (Parameter(schema={"type": "array"}, tighten="subset"), ["a"], [], True),
        (Parameter(schema={"type": "array"}, tighten="superset"), ["a"], ["a", "a"], False),
    ],
)
def test_words_durations_and_what_has_no_order(parameter: Parameter, old: Any, new: Any, *, is_it: bool) -> None:
    assert is_stricter(parameter, old, new) is is_it


# closed by construction


def test_what_nobody_knows_is_a_loosening(based: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = tightened(based, frozenset({"past"}))
    for kind in (type(gate), type(gate.stages["build"]), type(gate.stages["build"].slots["unit"])):
        old = kind.as_json
        monkeypatch.setattr(kind, "as_json", lambda self, old=old: {**old(self), "novel": id(self)})
        found = {one.place for one in loosenings(changes(gate, replace(gate, name="x", stages=_copied(gate))))}
        assert any(place[-1] == "novel" for place in found), kind
        monkeypatch.setattr(kind, "as_json", old)


def _copied(gate: GateSpec) -> dict[str, Any]:
    return {
        name: replace(stage, slots={slot: replace(value) for slot, value in stage.slots.items()})
        for name, stage in gate.stages.items()
    }
