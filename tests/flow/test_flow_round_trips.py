"""What a record keeps comes back as it was: verdicts, and gates with their rules and trust, whatever their shape."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import world
from hypothesis import HealthCheck, given, settings

from gatekeeper import _json
from gatekeeper.algebra import ApprovalAsk
from gatekeeper.approval import Approval, Waiver
from gatekeeper.decision import Item
from gatekeeper.emergency import Emergency, EmergencyTerms
from gatekeeper.errors import MalformedError
from gatekeeper.facts import Document, Source
from gatekeeper.load.recorded import recorded_gate
from gatekeeper.material import Material
from gatekeeper.policy import Parameter, Rule, RuleSet, code_of
from gatekeeper.question import Question
from gatekeeper.reversal import Reversal, RevertAsk
from gatekeeper.roster import HeldKey, IdentitySigner, KeySigner, Period, Person, Trust
from gatekeeper.stage import EngineServer, Freeze, GateSpec, Slot, Stage, WaiverTerms
from gatekeeper.subject import Subject
from gatekeeper.verified import Earlier, Verdict

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
digests = st.binary(max_size=3).map(_json.digest)
seconds = st.integers(0, 10**9)
instants = seconds.map(lambda after: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=after))
durations = st.integers(1, 999).flatmap(
    lambda number: st.sampled_from(["seconds", "hours", "days"]).map(lambda unit: timedelta(**{unit: number}))
)
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def some(inner: st.SearchStrategy[Any], size: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=size).map(tuple)


sources = st.builds(
    Source,
    digest=digests,
    kind=st.just("coverage"),
    slot=texts,
    shard=st.sampled_from([(1, 1), (2, 4)]),
    name=texts,
    format=texts,
    producer=texts,
    signers=some(names),
    verified_at=st.just("") | st.just("2026-11-24T02:14:00Z"),
)
coverages = st.integers(0, 9).map(lambda covered: world.coverage(covered, 9))
documents = st.builds(Document, facts=coverages, source=sources)
until = st.tuples(instants, durations).map(lambda pair: {"issued_at": pair[0], "expires": pair[0] + pair[1]})
approvals = st.builds(
    lambda times, **more: Approval(**times, **more),
    until,
    verdict=st.sampled_from(["approve", "reject"]),
    stage=names,
    gate=names,
    gate_digest=digests,
    comment=texts,
    decision=st.just("") | digests,
)
waivers = st.builds(
    lambda times, **more: Waiver(**times, **more),
    until,
    rule=names,
    terms=st.sets(names, max_size=3).map(lambda found: tuple(sorted(found))),
    stage=names,
    gate=names,
    reason=names,
    ticket=names,
    requester=names,
    decision=st.just("") | digests,
)
earlier = st.builds(
    Earlier,
    stage=names,
    gate=names,
    gate_digest=digests,
    decision=digests,
    outcome=st.sampled_from(["allow", "deny"]),
    at=instants,
    valid_until=instants,
    valid_for_seconds=seconds,
    rests_on_unsigned=st.booleans(),
    emergency_since=st.none() | instants,
)
emergencies = st.builds(
    lambda times, **more: Emergency(**times, **more), until, stage=names, gate=names, gate_digest=digests, reason=names
)
reversals = st.builds(
    Reversal,
    stage=names,
    gate=names,
    gate_digest=digests,
    decision=digests,
    next=st.sampled_from(["", "proceed", "hold", "roll_back"]),
    at=instants,
    subject=st.builds(Subject.of, names, st.just({"sha256": "a" * 64})),
)
items = st.builds(
    Item,
    digest=digests,
    kind=texts,
    slot=texts,
    status=st.sampled_from(["verified", "unsigned", "rejected", "unsupported"]),
    reason=texts,
    signers=some(names),
    read_by=texts,
    name=texts,
)
verdicts = st.builds(
    Verdict,
    item=items,
    payload_digest=st.just("") | digests,
    content=st.none() | documents | approvals | waivers | emergencies | earlier | reversals,
    people=some(names),
    verified_at=st.none() | instants,
    claimed_at=st.none() | instants,
    lapses=some(instants),
)


@COMMON
@given(verdicts)
def test_a_verdict_is_read_as_it_was_written(verdict: Verdict) -> None:
    written = _json.parse(_json.canonical(verdict.as_json()))
    assert Verdict.from_json(written) == verdict
    assert Verdict.from_json(written).as_json() == verdict.as_json()


@COMMON
@given(verdicts, st.data())
def test_a_verdict_that_is_changed_anywhere_is_refused_or_says_what_is_there(
    verdict: Verdict, data: st.DataObject
) -> None:
    written = _json.parse(_json.canonical(verdict.as_json()))
    place = written
    while True:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if isinstance(place, dict) and data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(st.sampled_from([None, 7, True, "", "x", [], [1], {}, {"a": 1}]))
    try:
        again = Verdict.from_json(written, where="$.material.verdicts[0]")
    except MalformedError as refused:
        assert refused.where.startswith("$.material.verdicts[0]")  # noqa: PT017 - one of the two ways out
        return
    assert again.as_json() == written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda value: value.pop("people"), "$.people: absent"),
        (lambda value: value.update(more=1), "$.more: not known here"),
        (lambda value: value.update(content=[]), "$.content: array, where object is needed"),
        (lambda value: value.update(content={}), "$.content: it says not one thing"),
        (lambda value: value.update(content={"promise": {}}), "$.content.promise: not known here"),
        (lambda value: value["item"].update(status="passed"), "$.item.status: 'passed' is none of "),
        (
            lambda value: value.update(claimed_at="2026-11-24T02:14:00+00:00"),
            "$: it is not written as a verdict writes",
        ),
        (
            lambda value: value["content"]["document"]["facts"].pop("complete"),
            "$.content.document.facts.complete: absent",
        ),
        (
            lambda value: value["content"]["document"]["facts"].update(lines_covered=1),
            "$.content.document.facts.lines_covered: ",
        ),
        (
            lambda value: value["content"]["document"]["source"].update(shard="5/4"),
            "$.content.document.source.shard: '5/4'",
        ),
    ],
)
def test_a_verdict_that_is_none_is_refused_with_its_place(change: Any, message: str) -> None:
    value = world.verdict(world.document("coverage", world.coverage(9, 9))).as_json()
    change(value)
    with pytest.raises(MalformedError) as refused:
        Verdict.from_json(json.loads(json.dumps(value)))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("read", [Approval.from_json, Waiver.from_json])
def test_what_expires_before_it_is_issued_is_refused(read: Any) -> None:
    value = (world.approval() if read == Approval.from_json else world.waiver()).as_json()
    value["expires"] = value["issued_at"]
    with pytest.raises(MalformedError) as refused:
        read(value)
    assert str(refused.value) == "$.predicate.expires: it expires before it is issued"


# gates

periods = st.builds(
    lambda start, length, ends: Period(start=start, end=start + length if ends else None),
    instants,
    durations,
    st.booleans(),
) | st.builds(Period)
keys = st.builds(HeldKey, text=texts, fingerprint=st.integers(0, 20).map("spki:sha256:{}".format), period=periods).map(
    lambda key: replace(key, text=f"key {key.fingerprint}")
)
people = st.builds(
    lambda roles, held, logins: ("", roles, held, logins),
    some(st.tuples(names, periods)),
    some(keys),
    some(names, 3),
)
identities = st.builds(
    lambda issuer, identity, repository, claims: ("identity", issuer, identity, repository, claims),
    names,
    names,
    texts,
    st.dictionaries(names, names, max_size=2),
)
accept = st.dictionaries(names, st.lists(names, unique=True, max_size=3).map(tuple), max_size=2)


@st.composite
def trusts(draw: st.DrawFn) -> Trust:
    signers: dict[str, KeySigner | IdentitySigner] = {}
    for name in draw(st.lists(names, unique=True, max_size=2)):
        if draw(st.booleans()):
            signers[name] = KeySigner(name=name, key=draw(keys))
        else:
            _, issuer, identity, repository, claims = draw(identities)
            signers[name] = IdentitySigner(
                name=name, issuer=issuer, identity=identity, repository=repository, claims=claims
            )
    humans = {}
    for name in draw(st.lists(names, unique=True, max_size=2)):
        _, roles, held, logins = draw(people)
        humans[name] = Person(name=name, roles=roles, keys=held, logins=logins)
    return Trust(
        signers=signers,
        people=humans,
        accept=draw(accept),
        stage_accept=draw(st.dictionaries(names, accept, max_size=2)),
        trusted_root=draw(st.none() | texts.map(str.encode)),
    )


parameters = st.dictionaries(
    names,
    st.builds(
        Parameter,
        schema=st.just({"type": "integer"}),
        default=st.none() | st.integers(0, 9),
        tighten=st.none() | st.just("up"),
    ),
    max_size=2,
)
facts = st.dictionaries(names, some(names), max_size=2)


@st.composite
def rules(draw: st.DrawFn, number: int) -> Rule:
    return Rule(
        id=f"own.rule{number}",
        path=f"own/rule{number}.rego",
        text=draw(texts),
        title=draw(texts),
        description=draw(texts),
        remedy=draw(texts),
        needs=draw(facts),
        reads=draw(facts),
        baseline=draw(facts),
        parameters=draw(parameters),
        severity=draw(texts),
        controls=draw(some(names)),
        effective_on=draw(st.none() | st.dates(date(2000, 1, 1))),
        ages=draw(st.dictionaries(names, names, max_size=1)),
        waivable=draw(st.booleans()),
        on_fail=draw(st.sampled_from(["hold", "roll_back"])),
        answers=draw(st.sampled_from([("deny",), ("deny", "warn")])),
    )


singles = st.builds(ApprovalAsk, role=names, count=st.integers(1, 3), exclude=some(names), veto=some(names))
pairs = st.lists(singles, min_size=1, max_size=2).map(tuple)
asks = singles | st.builds(ApprovalAsk, any=pairs, exclude=some(names)) | st.builds(ApprovalAsk, all=pairs)


@st.composite
def stages(draw: st.DrawFn, name: str) -> Stage:
    held = tuple(draw(rules(number)) for number in range(draw(st.integers(1, 2))))
    slot = st.builds(
        Slot,
        name=names,
        kind=names,
        shards=st.integers(1, 9),
        count=st.integers(1, 9),
        max_age=st.none() | durations,
        on_repeat=st.sampled_from(["all", "latest"]),
        time=st.sampled_from(["verified", "claimed"]),
    )
    after = draw(texts)
    return Stage(
        name=name,
        rule_set=RuleSet(rules=held, libraries=draw(st.dictionaries(names, texts, max_size=2))),
        parameters={rule.id: draw(st.dictionaries(names, st.integers(0, 9) | names, max_size=2)) for rule in held},
        slots={one.name: one for one in draw(st.lists(slot, max_size=2))},
        valid_for=draw(durations),
        after=after,
        after_unsigned=bool(after) and draw(st.booleans()),
        trail=bool(after) and draw(st.booleans()),
        approvals=draw(some(asks)),
        freezes=draw(some(st.builds(Freeze, name=names, period=periods, exception=texts))),
        canary=draw(st.booleans()),
        revert=draw(
            st.none()
            | st.builds(
                RevertAsk, when=names, to=names, max_age=durations, within=durations, role=texts, gates=some(digests)
            )
        ),
    )


@st.composite
def gates(draw: st.DrawFn) -> GateSpec:
    return GateSpec(
        name=draw(names),
        engine="1.22.2",
        trust=draw(trusts()),
        stages={name: draw(stages(name)) for name in draw(st.lists(names, unique=True, min_size=1, max_size=2))},
        repository=draw(texts),
        engine_digests=draw(some(digests)),
        waivers=draw(
            st.none()
            | st.builds(
                WaiverTerms,
                role=names,
                max_length=durations,
                max_count=st.none() | st.integers(1, 9),
                max_per_rule=st.none() | st.integers(1, 9),
            )
        ),
        emergency=draw(
            st.none() | st.builds(EmergencyTerms, role=names, max_length=durations, never=some(names), review=names)
        ),
        server=draw(st.none() | st.builds(EngineServer, url=names, ca_digest=texts)),
    )


def material_of(gate: GateSpec, stage: str) -> Material:
    """The material as it comes out of a record: through JSON."""
    made = Material(
        gate=gate.as_json(),
        trust=gate.trust.as_material(),
        rules=gate.stages[stage].rule_set.as_json(),
        question="",
        verdicts=(),
        attestations=(),
    )
    return Material.from_json(_json.parse(made.canonical))


@COMMON
@given(gates())
def test_a_recorded_gate_is_the_gate_that_decided(gate: GateSpec) -> None:
    for name, stage in gate.stages.items():
        again = recorded_gate(material_of(gate, name), name)
        assert (again.digest, again.trust.digest) == (gate.digest, gate.trust.digest)
        assert list(again.stages) == [name]
        assert again.stages[name].as_json() == stage.as_json()
        assert again.stages[name].rule_set.as_json() == _json.parse(_json.canonical(stage.rule_set.as_json()))
        assert again.stages[name].rule_set.digest == stage.rule_set.digest
        assert again.trust.as_material() == _json.parse(_json.canonical(gate.trust.as_material()))
        assert again.slot_names == gate.slot_names
        assert (again.waivers, again.engine, again.repository) == (gate.waivers, gate.engine, gate.repository)


@COMMON
@given(gates(), st.sampled_from(["trust", "rules"]), st.data())
def test_a_part_of_another_gate_is_refused(gate: GateSpec, part: str, data: st.DataObject) -> None:
    other = data.draw(gates())
    name, other_name = next(iter(gate.stages)), next(iter(other.stages))
    material = material_of(gate, name)
    mixed = replace(material, **{part: getattr(material_of(other, other_name), part)})
    if part == "trust":
        is_same = other.trust.digest == gate.trust.digest
    else:
        is_same = other.stages[other_name].rule_set.as_json() == gate.stages[name].rule_set.as_json()
    if is_same:
        return
    try:
        again = recorded_gate(mixed, name)
    except MalformedError as refused:
        assert refused.where.startswith("$.material")  # noqa: PT017 - one of the two ways out
        return
    # only prose differs: what a rule is called and why it exists is no part of the digest
    assert part == "rules"
    assert again.stages[name].rule_set.digest == gate.stages[name].rule_set.digest


# what the engine receives


@given(st.lists(st.sampled_from(["deny contains 1", "# a comment", "  # another", "", 'x := "#"', "y := 1 # why"])))
def test_code_is_the_text_without_lines_of_comment(lines: list[str]) -> None:
    code = code_of("\n".join(lines)).split("\n")
    assert len(code) == max(len(lines), 1)
    for line, kept in zip(lines, code, strict=False):
        assert kept == ("" if line.lstrip().startswith("#") else line)
    assert code_of("\n".join(code)) == "\n".join(code)


def test_a_raw_string_over_lines_keeps_the_module_as_it_is() -> None:
    text = "package a\n# prose\nx := `one\n# no comment\n`\n"
    assert code_of(text) == text
    assert code_of("package a\n# prose\nx := `one`\n") == "package a\n\nx := `one`\n"
    assert code_of("package a\n# a ` in prose\nx := 1\n") == "package a\n\nx := 1\n"


def test_prose_changes_no_digest_and_code_does() -> None:
    text = "# METADATA\n# title: One\npackage gatekeeper.own.a\n\ndeny contains 1 if false\n"

    def digest(text: str, **more: Any) -> str:
        return RuleSet(rules=(world.rule("own.a", text, **more),)).digest

    assert digest(text) == digest(text.replace("One", "Two")) == digest(text, title="Other", remedy="Other")
    assert digest(text) != digest(text.replace("false", "true"))
    assert digest(text) != digest(text, needs={"coverage": ("lines_valid",)})
    assert digest(text) != digest(text, reads={"coverage": ("lines_valid",)})
    assert digest(text) != digest(text, baseline={"coverage": ("lines_valid",)})
    assert digest(text) != digest(text, parameters={})


def test_a_rule_knows_its_pack_and_package_and_facts() -> None:
    rule = world.rule("own.a", needs={"coverage": ("b", "a")}, reads={"coverage": ("c", "a"), "change": ("z",)})
    assert (rule.pack, rule.package) == ("own", "gatekeeper.own.a")
    assert rule.facts == {"change": ("z",), "coverage": ("a", "b", "c")}
    assert Parameter(schema={}, default=0).has_default
    assert not Parameter(schema={}).has_default


@COMMON
@given(st.dictionaries(names, some(st.dictionaries(names, names, max_size=2)).map(list), max_size=2), st.sets(names))
def test_a_question_ends_with_the_digest_of_the_rest(documents: dict[str, Any], ask: set[str]) -> None:
    question = Question.of(subject={"name": "app"}, documents=documents, parameters={}, ask=list(ask))
    members = _json.parse(question.data)
    nonce = members.pop("nonce")
    assert nonce == question.nonce == _json.digest_of(members)
    assert members["ask"] == list(question.ask) == sorted(ask)
    assert question.data.endswith(f',"nonce":"{nonce}"}}'.encode())
