"""Links: evidence about a commit counts for an artifact through verified provenance, and through nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import world

from gatekeeper.attestation import PAYLOAD_TYPE, statement_bytes
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.links import MOST_LINKS, trace
from gatekeeper.record import Record
from gatekeeper.replaying import RE_VERIFIED, replay
from gatekeeper.stage import Slot
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse
from project import coverage, ran_tests, signing_key

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.verified import Verdict
    from project import Project, Ran

INNER_WHEEL = "sha256:" + "e" * 64
COMMIT, OTHER = "c" * 40, "d" * 40
AT_COMMIT = {"name": "commit", "digest": {"gitCommit": COMMIT}}
AT_OTHER = {"name": "commit", "digest": {"gitCommit": OTHER}}
UNIT = 'unit = { kind = "test_results" }'
LINKED = 'unit = { kind = "test_results", of = "commit" }'


def built(source: str = f"gitCommit:{COMMIT}", *materials: tuple[str, str], **more: Any) -> dict[str, Any]:
    """Facts of provenance: from which commit, and of which materials."""
    facts = {
        "builder": "https://ci.example.com",
        "build_type": "https://example.com/build/v1",
        "source_uri": "git+https://example.com/acme/parcel" if source else "",
        "source_digest": source,
        "materials": [{"uri": uri, "digest": digest} for uri, digest in materials],
        "complete": True,
        **more,
    }
    return {name: value for name, value in facts.items() if value != ""}


def member(role: str, digest: str, name: str = "parcel") -> dict[str, Any]:
    algorithm, _, value = digest.partition(":")
    held = {"alg": algorithm, "value": value}
    return {"name": name, "role": role, "version": "1", "digest": held, "locator": f"/members/{name}"}


def belongs(*members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Facts of a release manifest."""
    listed = {"members": list(members), "member_count": len(members)}
    return {"name": "parcel", "version": "1", **listed, "complete": True, **more}


@pytest.fixture
def linked(project: Project) -> Project:
    """A build whose tests ran on the commit, with the provenance that leads there."""
    project.edit("gate.toml", UNIT, f'{LINKED}\nbuilt = {{ kind = "provenance" }}')
    project.edit(
        "trust.toml", 'decision = ["gate"]', 'decision = ["gate"]\nprovenance = ["ci"]\nrelease_manifest = ["ci"]'
    )
    project.lock()
    project.attest("test_results", ran_tests(), slot="unit", name="unit", subject=AT_COMMIT)
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    project.attest("provenance", built(), slot="built", name="provenance")
    return project


def without_provenance(project: Project) -> None:
    (project.folder / "evidence/provenance.json").unlink()


def messages(ran: Ran, result_id: str = "slot.unit") -> list[str]:
    return [violation["message"] for violation in ran.results[result_id]["violations"]]


def test_evidence_of_the_commit_counts_through_provenance_and_the_way_is_shown(linked: Project) -> None:
    ran = linked.decide()
    assert ran.code == 0
    [provenance] = [item for item in ran.json["evidence"]["items"] if item["kind"] == "provenance"]
    sha256 = linked.subject.digest["sha256"]
    step = {
        "kind": "provenance",
        "attestation": provenance["digest"],
        "from": f"sha256:{sha256}",
        "to": f"gitCommit:{COMMIT}",
    }
    assert ran.json["links"] == [{"slot": "unit", "of": "commit", "subject": f"gitCommit:{COMMIT}", "path": [step]}]
    assert ran.results["slot.unit"]["title"] == "Evidence of kind test_results, of the commit"
    assert ran.results["own.tests"]["outcome"] == "pass"


def test_a_red_test_of_the_commit_denies_the_artifact(linked: Project) -> None:
    linked.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="unit", subject=AT_COMMIT)
    ran = linked.decide()
    assert (ran.code, messages(ran, "own.tests")) == (1, ["s::t_pay failed"])


def test_without_provenance_the_slot_is_empty_and_says_which_link_is_missing(linked: Project) -> None:
    without_provenance(linked)
    ran = linked.decide()
    subject = str(linked.subject)
    missing = f"no verified provenance or release manifest of {subject} is here"
    assert (ran.code, messages(ran)) == (1, [missing])
    violation = ran.results["slot.unit"]["violations"][0]
    assert violation["remedy"] == "give the signed provenance that leads from app.whl to its commit"
    assert violation["waiting"] is True
    assert "links" not in ran.json
    [item] = [item for item in ran.json["evidence"]["items"] if item["name"] == "unit.json"]
    assert item["reason"] == f"it is about another subject: commit gitCommit:{COMMIT}"
    assert ran.results["own.tests"]["outcome"] == "unanswered"


@pytest.mark.parametrize("signer", ["stranger", "scanner", None])
def test_provenance_that_is_not_believed_is_no_link(linked: Project, signer: str | None) -> None:
    linked.attest("provenance", built(), slot="built", name="provenance", signer=signer)
    ran = linked.decide()
    assert ran.code == 1
    assert "links" not in ran.json
    assert ran.results["own.tests"]["outcome"] == "unanswered"
    assert any("is rejected" in message or "no verified provenance" in message for message in messages(ran))


def test_unsigned_provenance_is_no_link_even_where_it_is_accepted(linked: Project) -> None:
    accepted = '[stages.build.accept]\nprovenance = ["ci", "unsigned"]\n[accept]'
    linked.edit("trust.toml", "[accept]", accepted)
    linked.lock()
    linked.attest("provenance", built(), slot="built", name="provenance", signer=None)
    ran = linked.decide()
    assert ran.code == 1
    assert "built.json is unsigned, and links have to be signed" in messages(ran)
    assert ran.results["slot.unit"]["violations"][0].get("waiting", False) is False


def test_evidence_of_another_commit_does_not_count(linked: Project) -> None:
    """It may be green, signed by the right signer, and of the right repository: the artifact was not built from it."""
    linked.attest("test_results", ran_tests(), slot="unit", name="unit", subject=AT_OTHER)
    ran = linked.decide()
    rejected = f"unit.json is rejected: it is about another subject: commit gitCommit:{OTHER}"
    assert (ran.code, messages(ran)) == (1, [f"no test_results here, of gitCommit:{COMMIT}", rejected])


def test_two_commits_both_need_the_evidence(linked: Project) -> None:
    """Otherwise whoever brings a second provenance chooses which commit has to be green."""
    linked.attest("provenance", built(f"gitCommit:{OTHER}"), slot="built", name="second")
    ran = linked.decide()
    assert (ran.code, messages(ran)) == (1, [f"no test_results here, of gitCommit:{OTHER}"])
    linked.attest("test_results", ran_tests(4), slot="unit", name="unit-other", subject=AT_OTHER)
    ran = linked.decide()
    assert ran.code == 0
    assert [link["subject"] for link in ran.json["links"]] == [f"gitCommit:{COMMIT}", f"gitCommit:{OTHER}"]


def test_only_the_source_of_a_build_is_its_commit(linked: Project) -> None:
    """Provenance lists what else it used; a submodule or an action is not what was tested."""
    materials = ("git+https://example.com/other", f"gitCommit:{OTHER}")
    linked.attest("provenance", built("", materials), slot="built", name="provenance")
    linked.attest("test_results", ran_tests(), slot="unit", name="unit", subject=AT_OTHER)
    ran = linked.decide()
    assert (ran.code, messages(ran)) == (1, [f"the provenance of {linked.subject} does not lead to a commit"])


@pytest.mark.parametrize(
    "source", [f"sha1:{COMMIT}", f"gitCommit:{COMMIT.upper()}", "gitCommit:ccc", f"gitTree:{COMMIT}"]
)
def test_what_does_not_bind_a_commit_is_none(linked: Project, source: str) -> None:
    linked.attest("provenance", built(source), slot="built", name="provenance")
    ran = linked.decide()
    assert (ran.code, messages(ran)) == (1, [f"the provenance of {linked.subject} does not lead to a commit"])


def test_a_commit_by_sha1_is_not_the_commit(linked: Project) -> None:
    subject = {"name": "commit", "digest": {"sha1": COMMIT}}
    linked.attest("test_results", ran_tests(), slot="unit", name="unit", subject=subject)
    assert linked.decide().code == 1


def test_evidence_of_the_artifact_itself_is_not_evidence_of_its_commit(linked: Project) -> None:
    linked.attest("test_results", ran_tests(), slot="unit", name="own")
    ran = linked.decide()
    stated = f"unit.json is about {linked.subject}, which is not the commit that the slot is of"
    assert (ran.code, messages(ran)) == (1, [stated])


def test_a_link_opens_no_other_slot(linked: Project) -> None:
    """Coverage of the commit, in a slot that is of the artifact."""
    linked.attest("coverage", coverage(), slot="coverage", name="coverage", subject=AT_COMMIT)
    ran = linked.decide()
    assert (ran.code, ran.results["slot.coverage"]["outcome"]) == (1, "fail")
    [item] = [item for item in ran.json["evidence"]["items"] if item["name"] == "coverage.json"]
    assert item["reason"] == f"it is about another subject: commit gitCommit:{COMMIT}"


def test_a_red_test_of_the_commit_that_came_after_its_stage_closes_the_next_one(linked: Project) -> None:
    linked.write("evidence/build.record.json", linked.record("build").read_bytes())
    assert linked.decide("integration").results["stage.build"]["outcome"] == "pass"
    linked.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="late", subject=AT_COMMIT)
    ran = linked.decide("integration")
    assert messages(ran, "stage.build") == ["unit.json (slot unit) is here, and build has not judged it"]


def test_nobody_approves_or_decides_through_a_link(linked: Project) -> None:
    linked.approve("ada", stage="build", subject=AT_COMMIT)
    ran = linked.decide()
    [item] = [item for item in ran.json["evidence"]["items"] if item["kind"] == "approval"]
    assert (item["status"], item["reason"]) == ("rejected", f"it is about another subject: commit gitCommit:{COMMIT}")


def test_the_provenance_of_a_linked_artifact_does_not_fill_the_slot_of_this_one(linked: Project) -> None:
    inner = {"name": "inner.whl", "digest": {"sha256": "e" * 64}}
    linked.attest("provenance", built("", ("pkg:inner", INNER_WHEEL)), slot="built", name="provenance")
    linked.attest("provenance", built(), slot="built", name="inner", subject=inner)
    ran = linked.decide()
    assert ran.code == 0
    assert [step["to"] for step in ran.json["links"][0]["path"]] == [INNER_WHEEL, f"gitCommit:{COMMIT}"]
    without_provenance(linked)
    assert messages(linked.decide(), "slot.built") == [
        f"inner.json is rejected: it is about another subject: inner.whl {INNER_WHEEL}",
        "no provenance here",
    ]


def test_provenance_in_its_own_form_needs_no_slot(linked: Project) -> None:
    """SLSA's predicate names no slot, and as a link it is expected."""
    linked.edit("gate.toml", 'built = { kind = "provenance" }\n', "")
    linked.lock()
    without_provenance(linked)
    predicate = {
        "buildDefinition": {
            "buildType": "https://example.com/build/v1",
            "externalParameters": {"source": {"uri": "git+https://example.com/p", "digest": {"gitCommit": COMMIT}}},
        },
        "runDetails": {"builder": {"id": "https://ci.example.com"}},
    }
    subject = linked.subject.as_json()
    payload = statement_bytes(subject=subject, predicate_type="https://slsa.dev/provenance/v1", predicate=predicate)
    linked.write("evidence/slsa.json", dsse.sign(payload, PAYLOAD_TYPE, signing_key("ci")))
    ran = linked.decide()
    assert (ran.code, ran.json["links"][0]["subject"]) == (0, f"gitCommit:{COMMIT}")


def test_it_replays_with_its_signatures(linked: Project, command: OpaCommand) -> None:
    record = Record.read(linked.record("build"))
    done = replay(record, engine=command, signatures=True)
    assert (bool(done), done.depth) == (True, RE_VERIFIED)


def test_of_a_commit_that_is_judged_itself_no_link_is_needed(linked: Project) -> None:
    gate, subject = Gate.load(linked.folder / "gate.toml"), Subject.of("commit", {"gitCommit": COMMIT})
    for name in ("coverage", "provenance"):
        (linked.folder / f"evidence/{name}.json").unlink()
    linked.attest("coverage", coverage(), slot="coverage", name="coverage", subject=AT_COMMIT)
    linked.attest("provenance", built(), slot="built", name="provenance", subject=AT_COMMIT)
    evidence = Evidence.read(linked.folder / "evidence")
    decision = gate.decide(subject, "build", evidence, at=linked.now)
    assert (decision.allowed, decision.links) == (True, ())


@pytest.mark.parametrize(
    ("slot", "message"),
    [
        ('unit = { kind = "test_results", of = "tree" }', "of is 'tree'"),
        ('unit = { kind = "test_results", named = "x" }', "named says which of several the evidence is of, and there is no of"),
    ],
)  # fmt: skip
def test_what_the_gate_may_say(project: Project, slot: str, message: str) -> None:
    project.edit("gate.toml", UNIT, slot)
    assert message in project.run("gate", "check").error["error"]


def test_the_gate_is_shown_with_what_its_slots_are_of(linked: Project) -> None:
    assert "slot     unit - test_results - of the commit" in linked.run("gate", "show").out


def test_links_that_nobody_may_make_are_an_error(project: Project) -> None:
    project.edit("gate.toml", UNIT, 'unit = { kind = "test_results", of = "commit" }')
    message = "the slot unit follows provenance to commit, and trust.toml accepts that from nobody"
    assert project.run("gate", "check").error["error"] == message


# the ways, one by one


WHEEL, IMAGE, INNER = ("sha256:" + letter * 64 for letter in "123")


def says(facts: dict[str, Any], *about: str, kind: str = "provenance", status: str = "verified") -> Verdict:
    made = world.verdict(world.document(kind, facts, name=str(about)), status=status)
    return replace(made, about=about)


def way(of: str, *verdicts: Verdict, named: str = "") -> tuple[list[str], list[str]]:
    slot = Slot(name="unit", kind="test_results", of=of, named=named)  # type: ignore[arg-type]
    one = trace(slot, world.SUBJECT, verdicts)
    assert trace(slot, world.SUBJECT, tuple(reversed(verdicts))) == one
    return [found.digest for found in one.linked], list(one.missing)


def manifest(*members: dict[str, Any], **more: Any) -> Verdict:
    return says(belongs(*members, **more), kind="release_manifest")


SOURCE = f"gitCommit:{COMMIT}"


def test_from_a_release_over_its_image_and_artifact_to_the_commit() -> None:
    release = manifest(member("image", IMAGE))
    image, wheel = says(built("", ("wheel", WHEEL)), IMAGE), says(built(), WHEEL)
    assert way("commit", release, image, wheel) == ([SOURCE], [])
    assert way("image", release, image, wheel) == ([IMAGE], [])
    missing = [f"no verified provenance or release manifest of {WHEEL} is here"]
    assert way("commit", release, image) == ([], missing)
    assert way("commit", release, image, says(built(), WHEEL, status="unsigned")) == ([], missing)


def test_every_member_has_to_lead_to_a_commit() -> None:
    release = manifest(member("artifact", WHEEL), member("image", IMAGE, "image"))
    wheel = says(built(), WHEEL)
    missing = [f"no verified provenance or release manifest of {IMAGE} is here"]
    assert way("commit", release, wheel) == ([SOURCE], missing)
    assert way("commit", release, wheel, named="parcel") == ([SOURCE], [])


def test_a_manifest_may_list_what_it_is_about_among_its_members() -> None:
    itself = ":".join(world.SUBJECT.digests[0])
    release = manifest(member("image", itself), member("source", SOURCE))
    assert way("commit", release, says(built())) == ([SOURCE], [])
    assert way("commit", manifest(member("image", itself))) == (
        [],
        [f"no link leads from {world.SUBJECT} to a commit"],
    )


def test_all_artifacts_of_a_release_are_meant_unless_some_are_named() -> None:
    release = manifest(member("artifact", WHEEL, "a.whl"), member("artifact", INNER, "b.whl"), member("source", SOURCE))
    assert way("artifact", release) == ([WHEEL, INNER], [])
    assert way("artifact", release, named="b*") == ([INNER], [])
    assert way("artifact", release, named="z*")[1] == [f"no link leads from {world.SUBJECT} to an artifact"]


def test_a_manifest_that_is_not_complete_leads_nowhere() -> None:
    found, missing = way("artifact", manifest(member("artifact", WHEEL), complete=False))
    assert (found, missing) == ([], [f"what belongs to {world.SUBJECT} is not complete"])


def test_several_materials_are_nobodys_choice() -> None:
    image = says(built("", ("wheel", WHEEL), ("base", IMAGE)))
    problem = f"the provenance of {world.SUBJECT} lists 2 materials, and the slot names none"
    assert way("artifact", image) == ([], [problem])
    assert way("artifact", image, named="whe*") == ([WHEEL], [])
    assert way("commit", image) == ([], [problem])
    assert way("artifact", says(built("", ("wheel", WHEEL)))) == ([WHEEL], [])


def test_a_source_that_no_digest_binds_is_a_missing_link_whatever_else_leads_on() -> None:
    """Else the commit of the base image, or of a second provenance, stands in for the one that was built."""
    unbound = [f"the provenance of {world.SUBJECT} does not lead to a commit"]
    for facts in (
        built(f"sha1:{OTHER}", ("base", IMAGE)),
        built("", ("base", IMAGE), source_uri="git+https://a.example"),
    ):
        assert way("commit", says(facts), says(built(), IMAGE)) == ([], unbound)
    two = (replace(says(built()), payload_digest="a"), replace(says(built(f"sha1:{OTHER}")), payload_digest="b"))
    assert way("commit", *two) == ([SOURCE], unbound)


def test_a_member_that_no_digest_binds_is_a_missing_link() -> None:
    """Else the artifact that can be looked up stands for the one that cannot."""
    release = manifest(member("artifact", WHEEL, "a.whl"), member("artifact", SOURCE, "b.whl"), member("image", SOURCE))
    found, missing = way("artifact", release)
    told = "does not lead to an artifact through b.whl, which no digest binds"
    assert (found, missing) == ([WHEEL], [f"the release manifest of {world.SUBJECT} {told}"])
    assert way("artifact", release, named="a*") == ([WHEEL], [])


def test_a_material_that_no_digest_binds_is_a_material() -> None:
    image = says(built("", ("wheel", WHEEL), ("base", f"sha1:{OTHER}")))
    assert way("artifact", image)[0] == []
    assert way("artifact", image, named="ba*")[0] == []


def test_circles_end_and_lead_nowhere() -> None:
    one, two = says(built("", ("b", INNER)), WHEEL), says(built("", ("a", WHEEL)), INNER)
    start = says(built("", ("a", WHEEL)))
    assert way("commit", start, one, two) == ([], [f"no link leads from {world.SUBJECT} to a commit"])


def test_a_way_without_end_is_not_followed() -> None:
    digests = [f"sha256:{number:064x}" for number in range(MOST_LINKS + 3)]
    steps = [says(built("", ("next", end)), start) for start, end in pairwise(digests)]
    start = says(built("", ("next", digests[0])))
    found, missing = way("commit", start, *steps, says(built(), digests[-1]))
    assert (found, missing) == ([], [f"the way from {world.SUBJECT} is longer than {MOST_LINKS} links"])


def test_the_shortest_of_several_ways_is_shown_and_the_same_one_always() -> None:
    release = manifest(member("artifact", WHEEL), member("source", SOURCE))
    slot = Slot(name="unit", kind="test_results", of="commit")
    verdicts = (release, says(built(), WHEEL))
    [found] = trace(slot, world.SUBJECT, verdicts).linked
    assert [link.kind for link in found.path] == ["release_manifest"]
    assert trace(slot, world.SUBJECT, verdicts[::-1]).linked == (found,)
