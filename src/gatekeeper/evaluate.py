"""Ask the rules. A rule either answers in the right shape or is *unanswered*, which denies.

Before Rego runs, every kind a rule declares is there, every declared fact is present in every element, and every
document is complete and has examined something. Rego's silence about what is missing (an undefined reference makes
a ``deny`` rule say nothing) therefore never reads as consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_SAFE_INTEGER
from gatekeeper.decision import Result, Violation
from gatekeeper.facts import kind as kind_named
from gatekeeper.policy import BASELINE
from gatekeeper.question import Answer, Engine, Question, RuleAnswer
from gatekeeper.signatures import CLOCK_SKEW

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.facts import Document
    from gatekeeper.policy import Rule
    from gatekeeper.stage import Stage
    from gatekeeper.subject import Subject

Documents = Mapping[str, Sequence["Document"]]
"""Verified documents by kind, each list sorted."""

_SHOWN_PROBLEMS: Final = 20
"""Missing facts listed for one rule; a count says how many more there are."""

_NO_BASELINE: Final = "needs baseline.{}: there is none"
_FIELDS: Final = frozenset({"message", "term", "source", "locator", "expected", "actual", "unit", "remedy"})
_TEXTS: Final = ("term", "locator", "unit", "remedy")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a stage's rules, with the question that was asked."""

    results: tuple[Result, ...]
    question: Question


def evaluate(
    stage: Stage,
    subject: Subject,
    documents: Documents,
    engine: Engine,
    *,
    at: datetime,
    deadline: float,
    baseline: Documents | None = None,
    excused: str = "",
) -> Evaluation:
    """Ask every rule of a stage about verified documents.

    ``documents`` is what is known of the subject, ``baseline`` what was known of the release before: a rule that needs
    some of that and finds none is unanswered. ``excused`` says in words who approves a release without a baseline:
    where nothing else is missing, such a rule then warns.

    Raises:
        EngineError, PolicyError: No decision; see :class:`gatekeeper.question.Engine`.
    """
    absences, before = Absences(), baseline or {}
    missing = {rule.id: tuple(find_missing(rule, documents, absences, before)) for rule in stage.rules}
    aged = {rule.id: tuple(_too_old(rule, stage, documents, at)) for rule in stage.rules}
    question = ask(stage, subject, documents, [rule.id for rule in stage.rules if not missing[rule.id]], before)
    answers = engine.evaluate(stage.rule_set, [question], deadline=deadline)[0] if question.ask else {}
    everything = (held for by_kind in (documents, before) for held in by_kind.values())
    sources = [document.source.as_json() for held in everything for document in held]
    results = (
        _excuse(rule, before, excused, _result(rule, missing[rule.id], aged[rule.id], answers, sources))
        for rule in stage.rules
    )
    return Evaluation(
        tuple(before_effect(rule, result, at) for rule, result in zip(stage.rules, results, strict=True)), question
    )


def ask(
    stage: Stage, subject: Subject, documents: Documents, rule_ids: Sequence[str], baseline: Documents | None = None
) -> Question:
    """The question for some rules of a stage: documents cut down to what these rules declare."""
    asked = [rule for rule in stage.rules if rule.id in set(rule_ids)]
    return Question.of(
        subject=subject.as_json(),
        documents=_pruned(documents, [rule.facts for rule in asked]),
        baseline=_pruned(baseline or {}, [rule.baseline for rule in asked]),
        parameters={rule.id: stage.parameters.get(rule.id, {}) for rule in asked},
        ask=[rule.id for rule in asked],
    )


def _pruned(documents: Documents, declared: Sequence[Mapping[str, tuple[str, ...]]]) -> dict[str, list[dict[str, Any]]]:
    needed: dict[str, set[str]] = {}
    for by_kind in declared:
        for kind, paths in by_kind.items():
            needed.setdefault(kind, set()).update(paths)
    return {
        kind: [prune(document.as_input(), paths) for document in documents.get(kind, ())]
        for kind, paths in needed.items()
    }


Cut = dict[str, "Cut | None"]
"""The members to keep of an object, and of every object of a list; None keeps a member whole."""


def prune(document: Mapping[str, Any], paths: set[str]) -> dict[str, Any]:
    """The part of a document below ``paths`` (``findings.score``), with ``source`` and ``complete``."""
    kept: dict[str, Any] = _keep(document, _cut({*paths, "source", "complete"}))
    return kept


def _cut(paths: set[str]) -> Cut:
    cut: Cut = {}
    for path in sorted(paths):
        head, _, rest = path.partition(".")
        inner = cut.setdefault(head, {} if rest else None)
        if not rest:
            cut[head] = None
        elif inner is not None:
            cut[head] = _merged(inner, _cut({rest}))
    return cut


def _merged(one: Cut, two: Cut) -> Cut:
    both: Cut = {**one, **two}
    for name in one.keys() & two.keys():
        left, right = one[name], two[name]
        both[name] = None if left is None or right is None else _merged(left, right)
    return both


def _keep(value: Any, cut: Cut) -> Any:
    if isinstance(value, list):
        return [_keep(item, cut) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: value[name] if inner is None else _keep(value[name], inner)
        for name, inner in cut.items()
        if name in value
    }


class Absences:
    """Where documents lack a fact; looked up once for each document and fact, however many rules declare it."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], tuple[Document, list[str]]] = {}

    def of(self, document: Document, path: str) -> list[str]:
        """The places at which a document lacks ``path``."""
        key = (id(document), path)
        if key not in self._found:  # the document is kept beside what was found, so that no other gets its id
            self._found[key] = (document, _absent_places(document.facts, path.split(".")))
        return self._found[key][1]


def find_missing(
    rule: Rule, documents: Documents, absences: Absences, baseline: Documents | None = None
) -> Iterator[Violation]:
    """Why the facts that a rule declares are not all there; nothing when they are.

    Args:
        rule: The rule.
        documents: Verified documents.
        absences: What was looked up for the rules before it.
        baseline: Verified documents of the release before.
    """
    for kind, paths in sorted(rule.needs.items()):
        yield from _lacking(kind, paths, documents, absences, remedy=f"attest {kind} for this subject")
    for kind, paths in sorted(rule.baseline.items()):
        remedy = f"give the signed record of an earlier release with {kind}"
        yield from _lacking(kind, paths, baseline or {}, absences, remedy=remedy, section=f"{BASELINE}.")


def _lacking(
    kind: str, paths: Sequence[str], documents: Documents, absences: Absences, *, remedy: str, section: str = ""
) -> Iterator[Violation]:
    held = documents.get(kind, ())
    if not held:
        message = _NO_BASELINE.format(kind) if section else f"needs {kind}: there is none"
        yield Violation(message=message, remedy=remedy, waiting=True)
    for document in held:
        yield from _incomplete(document)
        yield from _absent(document, paths, absences, section)


def _incomplete(document: Document) -> Iterator[Violation]:
    source = document.source.as_json()
    if document.facts.get("complete") is not True:
        claimed = document.facts.get("claimed", {})
        why = (
            f"the report says {_shown(claimed)}, its content does not"
            if claimed
            else "something was skipped or cut off"
        )
        yield Violation(
            message=f"{_name(document)} is not complete: {why}",
            source=source,
            locator=str(claimed.get("locator", "")),
            remedy="run the tool again to its end",
        )
    examined = kind_named(document.kind).examined
    if examined and document.facts.get(examined) == 0:
        yield Violation(
            message=f"{_name(document)} examined nothing: {examined} is 0",
            source=source,
            remedy="see why the tool found nothing to look at",
        )


def _absent(document: Document, paths: Sequence[str], absences: Absences, section: str) -> Iterator[Violation]:
    problems = [problem for path in sorted(paths) for problem in absences.of(document, path)]
    for place in problems[:_SHOWN_PROBLEMS]:
        yield Violation(
            message=f"needs {section}{document.kind}{place}: absent in {_name(document)}",
            source=document.source.as_json(),
            locator=place.removeprefix("."),
            remedy="use a tool that reports it, or a rule that does not need it",
        )
    if len(problems) > _SHOWN_PROBLEMS:
        yield Violation(
            message=f"needs {len(problems) - _SHOWN_PROBLEMS} more facts that are absent in {_name(document)}",
            source=document.source.as_json(),
        )


def _absent_places(facts: Any, path: Sequence[str]) -> list[str]:
    return [] if _is_there([facts], path) else list(_absent_at(facts, path, ""))


def _is_there(values: Sequence[Any], path: Sequence[str]) -> bool:
    """Whether every value, looked at through lists, has ``path``; then :func:`_absent_at` finds nothing.

    Level by level, because making up a place for each of a hundred thousand components takes most of the time.
    """
    for step in path:
        while list in set(map(type, values)):
            values = [item for value in values for item in (value if type(value) is list else (value,))]
        if set(map(type, values)) - {dict}:
            return False
        values = [value.get(step) for value in values]
        if type(None) in set(map(type, values)):
            return False
    return True


def _absent_at(value: Any, path: Sequence[str], place: str) -> Iterator[str]:
    if not path:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _absent_at(item, path, f"{place}[{index}]")
    elif not isinstance(value, dict) or value.get(path[0]) is None:
        yield f"{place}.{path[0]}"
    else:
        yield from _absent_at(value[path[0]], path[1:], f"{place}.{path[0]}")


def _too_old(rule: Rule, stage: Stage, documents: Documents, at: datetime) -> Iterator[Violation]:
    for instant, document, path, limit in ages(rule, stage, documents):
        stated = _time.format_instant(instant)
        if instant > at + CLOCK_SKEW:
            problem = f"{path} is {stated}, in the future"
        elif at - instant > limit:
            problem = f"{path} is older than {_time.format_duration(limit)}: {stated}"
        else:
            continue
        yield Violation(message=problem, source=document.source.as_json(), locator=path)


def ages(rule: Rule, stage: Stage, documents: Documents) -> Iterator[tuple[datetime, Document, str, Any]]:
    """Each time fact that a rule's METADATA bounds: the instant, its document, its path and the longest age."""
    for path, parameter in sorted(rule.ages.items()):
        kind, _, fact = path.partition(".")
        limit = _time.parse_duration(stage.parameters[rule.id][parameter], where=f"{rule.id}.{parameter}")
        for document in documents.get(kind, ()):
            for place, stated in _stated_at(document.facts, fact.split("."), kind):
                yield _time.parse_instant(stated, where=place), document, place, limit


def _stated_at(value: Any, path: Sequence[str], place: str) -> Iterator[tuple[str, Any]]:
    """What stands at a path, in every element of the lists on the way, each with its place."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _stated_at(item, path, f"{place}[{index}]")
    elif not path:
        yield place, value
    elif isinstance(value, dict) and path[0] in value:
        yield from _stated_at(value[path[0]], path[1:], f"{place}.{path[0]}")


def _result(
    rule: Rule, missing: tuple[Violation, ...], aged: tuple[Violation, ...], answers: Answer, sources: list[Any]
) -> Result:
    bare = Result(
        id=rule.id,
        title=rule.title,
        description=rule.description,
        severity=rule.severity,
        controls=rule.controls,
        on_fail=rule.on_fail if rule.on_fail != "hold" else "",
        outcome="unanswered",
    )
    if missing:
        return replace(bare, violations=missing)
    answer = answers.get(rule.id, RuleAnswer(problem="the engine gave no answer"))
    problem = answer.problem or shape_problem(answer, sources)
    if problem:
        return replace(
            bare, violations=(Violation(message=problem, remedy="mend the rule; a test shows what it answers"),)
        )
    denied = (*aged, *(_violation(member, rule) for member in answer.deny))
    warned = tuple(_violation(member, rule) for member in answer.warn or ())
    if denied:
        return replace(bare, outcome="fail", violations=_sorted(denied), warnings=_sorted(warned))
    return replace(bare, outcome="warn" if warned else "pass", violations=_sorted(warned))


def _excuse(rule: Rule, baseline: Documents, excused: str, result: Result) -> Result:
    """A rule that was not asked, only for want of a baseline that a person has said there is none of, warns of that."""
    if not excused or result.outcome != "unanswered":
        return result
    wanted = {_NO_BASELINE.format(kind) for kind in rule.baseline if not baseline.get(kind)}
    if {violation.message for violation in result.violations} - wanted:
        return result
    said = (replace(violation, message=f"{violation.message}, and {excused}") for violation in result.violations)
    return replace(result, outcome="warn", violations=tuple(replace(one, remedy="", waiting=False) for one in said))


def shape_problem(answer: RuleAnswer, sources: list[Any]) -> str:
    """What is wrong with the shape of an answer, in words; empty when nothing is."""
    if not isinstance(answer.deny, list):
        return "its deny is not a set"
    if answer.warn is not None and not isinstance(answer.warn, list):
        return "its warn is not a set"
    members = [*(("deny", member) for member in answer.deny), *(("warn", member) for member in answer.warn or ())]
    return next(
        (f"its {name} {problem}" for name, member in members if (problem := _member_problem(member, sources))), ""
    )


def _member_problem(member: Any, sources: list[Any]) -> str:
    if not isinstance(member, dict):
        return "has a member that is not an object"
    unknown = sorted(member.keys() - _FIELDS)
    mistyped = [name for name in _TEXTS if not isinstance(member.get(name, ""), str)]
    message, values = member.get("message"), [member.get(name, "") for name in ("expected", "actual")]
    checks = (
        (bool(unknown), f"has a violation with the unknown field {', '.join(unknown)}"),
        (not isinstance(message, str) or not message.strip(), "has a violation without message"),
        (bool(mistyped), f"has a violation whose {', '.join(mistyped)} is not text"),
        (not all(_is_scalar(value) for value in values), "has a violation that compares no scalars"),
        ("source" in member and member["source"] not in sources, "has a violation whose source is no document's"),
    )
    return next((problem for wrong, problem in checks if wrong), "")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int | float) and abs(value) <= MAX_SAFE_INTEGER)


def _violation(member: Mapping[str, Any], rule: Rule) -> Violation:
    return Violation(**{"remedy": rule.remedy, **member})


def before_effect(rule: Rule, result: Result, at: datetime) -> Result:
    """Before 00:00 UTC of a rule's effective date, whatever closes the gate is a warning."""
    if rule.effective_on is None or at.date() >= rule.effective_on or result.is_open:
        return result
    violations = result.violations + result.warnings
    return replace(
        result, outcome="warn", violations=violations, warnings=(), effective_on=rule.effective_on.isoformat()
    )


def _sorted(violations: Sequence[Violation]) -> tuple[Violation, ...]:
    return tuple(sorted(violations, key=lambda violation: violation.sort_key))


def _name(document: Document) -> str:
    source = document.source
    where = [f"slot {source.slot}"] if source.slot else []
    where += [f"baseline {source.baseline}"] if source.baseline else []
    return f"{source.name or source.format or source.kind}" + (f" ({', '.join(where)})" if where else "")


def _shown(claimed: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(claimed.items()) if name != "locator")
