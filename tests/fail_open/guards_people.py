"""Guards over people, stages, waivers."""

from __future__ import annotations

from typing import Any

from guard import Guard, always, becomes, passing, silent, unsaid

from gatekeeper.approval import APPROVAL_NAMESPACE, WAIVER_NAMESPACE
from gatekeeper.errors import MalformedError
from gatekeeper.people import Authors
from gatekeeper.signatures import Signed
from gatekeeper.verified import Earlier


def _one_for_every_seat(candidates: Any) -> dict[int, str]:
    return {seat: min(names) for seat, names in enumerate(candidates) if names}


def _a_yes_is_a_yes(voice: Any) -> Any:
    return voice.approves, voice.approval.issued_at, voice.digest


def _whoever_is_known(_original: Any) -> Any:
    """Authors as far as somebody knows them."""

    def find(changes: Any, trust: Any) -> Authors:
        logins = {login for change in changes for login in change.facts["authors"]}
        known = (name for name, person in trust.people.items() if logins & set(person.logins))
        return Authors(people=frozenset(known))

    return find


def _any_times(value: Any, _where: str) -> Any:
    from gatekeeper import _time

    return _time.parse_instant(value["issued_at"]), _time.parse_instant("2096-01-01T00:00:00Z")


def _any_namespace(original: Any) -> Any:
    def verify(attestation: Any, *, namespace: str) -> Any:
        for tried in (namespace, "git", APPROVAL_NAMESPACE, WAIVER_NAMESPACE):
            try:
                return original(attestation, namespace=tried)
            except MalformedError:
                continue
        return ()

    return verify


def _everybody(_self: Any, _fingerprints: Any, held: Any) -> Signed:
    names = set(held.values())
    return Signed(
        signers=frozenset(name for name, human in names if not human),
        people=frozenset(name for name, human in names if human),
    )


def _most_lenient(stage: str, verified: Any) -> Any:
    records = [verdict for verdict in verified.believed(Earlier) if verdict.content.stage == stage]
    return max(records, key=lambda verdict: verdict.content.outcome == "allow", default=None)


GUARDS = (
    Guard("people.quorum", "fewer approvals than are asked", "gatekeeper.people:_result", passing),
    Guard(
        "people.role",
        "an approval by somebody without the role",
        "gatekeeper.people:_Hall.unable",
        silent("no release"),
    ),
    Guard("people.author", "an approval by an author", "gatekeeper.people:_Hall.unable", silent("an author of")),
    Guard("people.author_known", "a change by nobody knows whom", "gatekeeper.require:find_authors", _whoever_is_known),
    Guard(
        "people.deployer", "an approval by who deploys it", "gatekeeper.people:_Hall.unable", silent("who deploys it")
    ),
    Guard(
        "people.deployer_known",
        "a deployment by nobody knows whom",
        "gatekeeper.require:find_deployers",
        always(Authors()),
    ),
    Guard("people.last_word", "a yes that was taken back", "gatekeeper.people:_order", becomes(_a_yes_is_a_yes)),
    Guard("people.veto", "a no by somebody who may approve", "gatekeeper.people:_vetoes", always(False)),
    Guard("people.distinct", "one human who is counted twice", "gatekeeper.algebra:seat", becomes(_one_for_every_seat)),
    Guard(
        "approval.stage",
        "an approval of another stage",
        "gatekeeper.verify:_Desk._of_another_gate",
        unsaid("it is for the stage"),
    ),
    Guard(
        "approval.gate",
        "an approval of another gate",
        "gatekeeper.verify:_Desk._of_another_gate",
        unsaid("it is for another gate"),
    ),
    Guard(
        "approval.expired",
        "an approval that has expired",
        "gatekeeper.verify:_Desk._unfit_approval",
        unsaid("it expired"),
    ),
    Guard(
        "approval.future", "an approval of tomorrow", "gatekeeper.verify:_Desk._unfit_approval", unsaid("in the future")
    ),
    Guard("approval.times", "times that contradict each other", "gatekeeper.approval:_times", becomes(_any_times)),
    Guard("approval.schema", "approvals and waivers of another shape", "gatekeeper.approval:validate", always(None)),
    Guard("trust.ssh_namespace", "a signature made for another purpose", "gatekeeper.trust.ssh:verify", _any_namespace),
    Guard("trust.holders", "a key that is nobody's", "gatekeeper.signatures:Signatures._holders", becomes(_everybody)),
    Guard("require.freeze", "whatever enters in a freeze", "gatekeeper.require:_freeze", passing),
    Guard("require.exception", "an exception by nobody who may make one", "gatekeeper.require:_excepted", always(True)),
    Guard("require.after", "a stage out of order", "gatekeeper.require:_after", passing),
    Guard("after.deny", "a deny of the stage before", "gatekeeper.require:_inadmissible", silent("denies it")),
    Guard("after.newest", "an allow that a deny followed", "gatekeeper.require:newest_record", becomes(_most_lenient)),
    Guard(
        "after.gate",
        "an allow by another gate",
        "gatekeeper.require:_inadmissible",
        silent("the record is of the gate"),
    ),
    Guard(
        "after.gate_digest",
        "an allow by the gate as it was",
        "gatekeeper.require:_inadmissible",
        silent("the gate has changed since"),
    ),
    Guard(
        "after.valid_for",
        "an allow that lasts longer than its gate lets it",
        "gatekeeper.require:_inadmissible",
        silent("longer than its gate"),
    ),
    Guard("after.expired", "an allow that has ended", "gatekeeper.require:_inadmissible", silent("ended at")),
    Guard("after.future", "a record of tomorrow", "gatekeeper.require:_inadmissible", silent("in the future")),
    Guard(
        "trust.when_made",
        "a record that was signed at another time than it says",
        "gatekeeper.signatures:Signatures._when_made",
        becomes(lambda _self, signed, _made: signed),
    ),
    Guard(
        "after.unsigned",
        "an allow that rests on unsigned evidence",
        "gatekeeper.require:_inadmissible",
        silent("rests on unsigned"),
    ),
    Guard("waiver.expired", "a waiver that has expired", "gatekeeper.settle:_of_time", unsaid("it expired")),
    Guard("waiver.future", "a waiver of tomorrow", "gatekeeper.settle:_of_time", unsaid("in the future")),
    Guard("waiver.length", "a waiver for too long", "gatekeeper.settle:_of_time", unsaid("it lasts longer")),
    Guard("waiver.alone", "a waiver by the one who asks for it", "gatekeeper.settle:_of_people", unsaid("only ")),
    Guard(
        "waiver.requester",
        "a waiver in somebody else's name",
        "gatekeeper.settle:_of_people",
        unsaid("has not signed it"),
    ),
    Guard(
        "waiver.role",
        "a waiver by somebody without the role",
        "gatekeeper.settle:_of_people",
        unsaid("may not approve"),
    ),
    Guard("waiver.terms_of_gate", "a waiver where the gate knows none", "gatekeeper.settle:_of_people", always(())),
    Guard("waiver.covers", "violations that a waiver does not name", "gatekeeper.approval:Waiver.covers", always(True)),
    Guard("waiver.limits", "more waivers than the gate lets count", "gatekeeper.settle:_exceeds", always(False)),
    Guard(
        "waiver.no_terms",
        "a waiver of violations that nobody has seen",
        "gatekeeper.settle:_of_scope",
        unsaid("it names no term"),
    ),
    Guard("waiver.pattern", "a waiver for everything", "gatekeeper.settle:_of_scope", unsaid("a pattern")),
    Guard(
        "waiver.rule", "a waiver of another rule", "gatekeeper.settle:_about", becomes(lambda _result, tickets: tickets)
    ),
    Guard(
        "waiver.known_rule", "a waiver of a requirement", "gatekeeper.settle:_of_scope", unsaid("no rule of this stage")
    ),
    Guard(
        "waiver.unanswered", "a waiver of what nobody has seen", "gatekeeper.settle:_of_scope", unsaid("is unanswered")
    ),
    Guard(
        "waiver.waivable",
        "a waiver of what cannot be waived",
        "gatekeeper.settle:_of_scope",
        unsaid("cannot be waived"),
    ),
    Guard("waiver.stage", "a waiver for another stage or gate", "gatekeeper.verify:_Desk._unfit_waiver", always(())),
)
