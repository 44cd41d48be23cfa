"""What lies between: stages and the records of them, a subject and what it was made of, a release and the one before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chain_projects import (
    AT_COMMIT,
    AT_OTHER,
    CHAINED,
    COMPARED,
    LINKED,
    OTHER_COMMIT,
    provenance,
)
from harms import all_of, edit, gate, remove
from scenario import DENY, NO_DECISION, Line

from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from project import Ran, coverage, ran_tests

if TYPE_CHECKING:
    from scenario import Harm, Run

    from project import Project

AREA = "chains, links and baselines"

BUILD, INTEGRATION = "evidence/build.record.json", "evidence/integration.record.json"
BEFORE = "evidence/before.record.json"


def _again(project: Project) -> None:
    """Build is decided once more, on other evidence."""
    project.attest("coverage", coverage(95), slot="coverage", name="coverage")
    record = project.record("build", folder="again").read_bytes()
    project.write(BUILD, record)


def _denied_since(project: Project) -> None:
    project.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="late")
    record = project.record("build", folder="denied").read_bytes()
    (project.folder / "evidence/late.json").unlink()
    project.write("evidence/denied.record.json", record)


def _late(project: Project) -> None:
    project.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="late")


def ran_on(subject: dict[str, Any] | None, *failing: str, name: str = "unit") -> Harm:
    return lambda project: project.attest(
        "test_results", ran_tests(3, *failing), slot="unit", name=name, subject=subject
    )


def built(facts: dict[str, Any], *, name: str = "built", signer: str | None = "ci") -> Harm:
    return lambda project: project.attest("provenance", facts, slot="built", name=name, signer=signer)


def covered_at_commit(project: Project) -> None:
    project.attest("coverage", coverage(), slot="coverage", name="coverage", subject=AT_COMMIT)


def approved_at_commit(project: Project) -> None:
    project.approve("ada", stage="build", subject=AT_COMMIT)


def excused(person: str, **more: Any) -> Harm:
    return all_of(remove(BEFORE), lambda project: project.approve(person, stage="build", **more))


def tests_taken_out(project: Project) -> None:
    """The record seems to know fewer tests, so that fewer can have vanished."""
    data = (project.folder / BEFORE).read_bytes()
    project.write(BEFORE, data.replace(b'"s::p0","s::p1","s::p2"', b'"s::p0"'))


def recorded(*failing: str, key: str = "gate") -> Harm:
    """Another record in place of the one before: of the same release, decided or signed otherwise."""

    def harm(project: Project) -> None:
        project.write("app.whl", "the release before")
        project.attest("test_results", ran_tests(3, *failing), slot="unit", name="unit")
        project.attest("coverage", coverage(), slot="coverage", name="coverage")
        excuse = project.approve("ada", stage="build", without_baseline=["previous"])
        data = project.record("build", key=key, folder="otherwise").read_bytes()
        excuse.unlink()
        project.write(BEFORE, data)
        project.write("app.whl", "the artifact")
        project.green()

    return harm


def later(**away: float) -> Run:
    """What would be decided at another time."""

    def run(project: Project) -> Ran:
        at = project.now + timedelta(**away)
        preview = Gate.load("gate.toml").preview(project.subject, "build", Evidence.read("evidence"), at=at)
        return Ran(0 if preview.decision.outcome == "allow" else 1, preview.explain("json"), "")

    return run


def itself(project: Project) -> None:
    project.write("app.whl", "the release before")
    project.green()


def renamed(project: Project) -> None:
    project.edit("gate.toml", 'name = "parcel"', 'name = "letter"')
    project.lock()


def moved(project: Project) -> None:
    project.edit("gate.toml", 'engine = "opa', 'repository = "acme/letter"\nengine = "opa')
    project.lock()


COMMIT_SLOT = 'unit = { kind = "test_results", of = "commit" }'
PREVIOUS = 'previous = { baseline = "build", max_age = "90d", without = "release-manager" }'
unlocked = edit("trust.toml", 'provenance = ["ci"]', 'provenance = ["ci", "unsigned"]')

in_chain, in_links, in_release = Line(CHAINED, DENY), Line(LINKED, DENY), Line(COMPARED, DENY)
no_chain, no_links, no_release = Line(CHAINED, NO_DECISION), Line(LINKED, NO_DECISION), Line(COMPARED, NO_DECISION)

# fmt: off
CHAIN = (
    in_chain("a trail without its first record", remove(BUILD), "no signed record of build is here: integration rested on", "trail.record"),
    in_chain("a trail with another allow of the first stage", _again, "no signed record of build is here: integration rested on", "trail.record"),
    in_chain("a trail without the record in the middle", remove(INTEGRATION), "which record it would be cannot be told", "trail.unknown"),
    in_chain("a red repeat that came after its stage had allowed", _late, "(slot unit) is here, and build has not judged it", "trail.unjudged"),
    in_chain("a stage further back that has denied since", _denied_since, "build has denied it since", "trail.denied"),
    no_chain("a trail of a first stage", gate('valid_for = "7d"', 'valid_for = "7d"\ntrail = true'), "trail asks for the records of earlier stages, and there is none", "gate.trail"),
)

LINKS = (
    in_links("tests of a commit, and nothing that leads there", remove("evidence/built.json"), "no verified provenance or release manifest of app.whl", "links.trace"),
    in_links("provenance by somebody who may not say that", built(provenance(), signer="scanner"), "signed by scanner; provenance is accepted from ci at build", "verify.accept"),
    in_links("unsigned provenance, where the stage accepts unsigned", all_of(unlocked, built(provenance(), signer=None)), "built.json is unsigned, and links have to be signed", "links.verified"),
    in_links("green tests of another commit", ran_on(AT_OTHER), f"no test_results here, of gitCommit:{'c' * 40}", "links.about"),
    in_links("two commits, and the tests of one", built(provenance(f"gitCommit:{OTHER_COMMIT}"), name="second"), f"no test_results here, of gitCommit:{OTHER_COMMIT}", "links.all"),
    in_links("the commit of a submodule for that of the source", all_of(built(provenance("", ("git+https://example.com/sub", f"gitCommit:{OTHER_COMMIT}"))), ran_on(AT_OTHER)), "does not lead to a commit", "links.source"),
    in_links("a source that is bound by sha1", built(provenance(f"sha1:{'c' * 40}")), "does not lead to a commit", "links.bound"),
    in_links("several materials, of which the greenest", built(provenance("", ("a", f"sha256:{'a' * 64}"), ("b", f"sha256:{'b' * 64}"))), "lists 2 materials, and the slot names none", "links.materials"),
    in_links("coverage of the commit in a slot of the artifact", covered_at_commit, "it is about another subject: commit gitCommit", "links.slot"),
    in_links("tests of the artifact beside those of its commit", ran_on(None, name="own"), "which is not the commit that the slot is of", "links.elsewhere"),
    no_links("a slot of a commit, where nobody may link", edit("trust.toml", '\nprovenance = ["ci"]', ""), "the slot unit follows provenance to commit, and trust.toml accepts that from nobody", "gate.links"),
    no_links("a slot of something that nobody knows", gate(COMMIT_SLOT, COMMIT_SLOT.replace("commit", "branch")), "of is 'branch'", "config.choice"),
)

BASELINES = (
    in_release("no record of the release before", remove(BEFORE), "no signed allow of build for an earlier subject is here", "baseline.missing"),
    in_release("an ordinary approval in place of the release before", excused("ada"), "no signed allow of build for an earlier subject is here", "baseline.excuse"),
    in_release("a first release, by somebody without the role", excused("cy", without_baseline=["previous"]), "no signed allow of build for an earlier subject is here", "baseline.excuse"),
    in_release("a first release, for another slot", excused("ada", without_baseline=["other"]), "no signed allow of build for an earlier subject is here", "baseline.excuse"),
    in_release("a release compared with itself", itself, "no signed allow of build for an earlier subject is here", "baseline.other"),
    in_release("tests taken out of the record before", tests_taken_out, "the material is not what was signed", "record.material"),
    in_release("a deny as the release before", recorded("t_pay"), "build denied it", "baseline.unfit"),
    in_release("a release before by another product", renamed, "it is of the gate parcel", "baseline.unfit"),
    in_release("a release before of another repository", moved, "its gate is of the repository", "baseline.unfit"),
    in_release("a release before that is older than allowed", lambda _: None, "and a baseline is at most 90d old", "baseline.unfit", run=later(days=90, minutes=5)),
    in_release("a release before of tomorrow", lambda _: None, "in the future", "baseline.unfit", run=later(hours=-1)),
    in_release("an unsigned record of the release before", recorded(key=""), "signed by nobody; decision is accepted from gate at build", "verify.accept"),
    in_release("a record of the release before by the CI", recorded(key="ci"), "signed by ci; decision is accepted from gate at build", "verify.accept"),
    no_release("a baseline of any age", gate(PREVIOUS, 'previous = { baseline = "build" }'), "a baseline needs max_age", "gate.baseline"),
    no_release("a rule that compares, and nothing to compare with", gate(f"{PREVIOUS}\n", ""), "own.vanished needs baseline.test_results, and no slot is a baseline", "gate.compared"),
)
# fmt: on

SCENARIOS = (*CHAIN, *LINKS, *BASELINES)
