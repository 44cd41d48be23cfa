"""A rule asked about documents, by the steps that a gate takes and by the real OPA.

::

    def test_a_slow_route_is_denied(rule):
        outcome = rule("performance.latency").given(facts.performance(route="/pay", p95_ms=620), max_p95_ms=500)
        assert outcome.messages == ["p95 of /pay is 620 ms, its budget 500 ms"]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from gatekeeper.engine.child import OpaChild
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.evaluate import evaluate
from gatekeeper.facts import Document, compile_schema, validate
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.table import suggestion
from gatekeeper.policy import RuleSet
from gatekeeper.stage import Stage
from gatekeeper.subject import Subject
from gatekeeper.testing._made import NOW, SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gatekeeper.decision import Result, Violation
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.policy import Rule
    from gatekeeper.question import Answer, Engine, EngineIdentity, Question

DEADLINE: Final = 60.0
"""Seconds that one question may take."""

SUBJECT: Final = Subject.of("app-1.0.0-py3-none-any.whl", {"sha256": SHA256})
"""What is judged where a test does not say."""


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What a rule says about some documents. It has no truth value: compare ``outcome``.

    Attributes:
        result: The result as a decision would hold it.
    """

    result: Result

    @property
    def outcome(self) -> str:
        """``pass``, ``fail``, ``warn`` or ``unanswered``."""
        return self.result.outcome

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The reasons to deny, sorted; what is warned of where the outcome is ``warn``."""
        return self.result.violations

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """What it warns of besides, where it also denies."""
        return self.result.warnings

    @property
    def messages(self) -> list[str]:
        """The messages of the violations."""
        return [violation.message for violation in self.violations]

    @property
    def terms(self) -> list[str]:
        """The terms of the violations, such as the paths or packages that they are about."""
        return [violation.term for violation in self.violations]

    def __bool__(self) -> NoReturn:
        raise TypeError('an outcome is neither true nor false: compare outcome.outcome with "pass" or "fail"')

    def __repr__(self) -> str:
        lines = [f"<{self.result.id}: {self.outcome}>", *(f"  {_shown(violation)}" for violation in self.violations)]
        return "\n".join([*lines, *(f"  warns: {_shown(violation)}" for violation in self.warnings)])


class Rules:
    """Rules by id, and an OPA that is kept ready to ask them; what the fixture ``rule`` is.

    Args:
        packs: The packs, with all their rules.
        binary: The OPA to run.
    """

    def __init__(self, packs: Packs, binary: OpaBinary) -> None:
        self._packs = packs
        self._rules = packs.rules
        self._child = OpaChild(binary)
        self._engines: dict[str, _PackEngine] = {}

    @classmethod
    def load(cls, folders: Sequence[Path | str], binary: OpaBinary) -> Self:
        """Read and check all packs in some folders; see :func:`gatekeeper.load.packs.load_packs`.

        Raises:
            PolicyError: A pack or rule is wrong.
            SourceError: A folder or file could not be read.
        """
        return cls(load_packs(folders), binary)

    def __call__(self, rule_id: str) -> AskedRule:
        """The rule called ``rule_id``.

        Raises:
            UsageError: There is none.
        """
        if rule_id not in self._rules:
            hint = suggestion(rule_id, self._rules)
            raise UsageError(f"no rule is called {rule_id!r}", hint=hint, code="rule.unknown")
        rule = self._rules[rule_id]
        return AskedRule(rule, self._engine(rule.pack))

    def close(self) -> None:
        """End OPA."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _engine(self, pack: str) -> _PackEngine:
        if pack not in self._engines:
            whole = self._packs.rule_set(self._packs.packs[pack].rules)
            self._engines[pack] = _PackEngine(self._child, whole)
        return self._engines[pack]


class AskedRule:
    """A rule, ready to be asked.

    Attributes:
        rule: The rule, with all that its METADATA says.
    """

    def __init__(self, rule: Rule, engine: Engine) -> None:
        self.rule = rule
        self._engine = engine

    def given(
        self,
        *documents: Document,
        subject: Subject = SUBJECT,
        at: datetime | None = None,
        baseline: Sequence[Document] = (),
        **parameters: Any,
    ) -> Outcome:
        """Ask the rule about these documents and no others.

        Args:
            documents: From :mod:`gatekeeper.testing.facts`; none to see what the rule makes of no evidence.
            subject: What is judged.
            at: The instant, aware. Where it is None the rule is in effect, whatever its METADATA says of a day from
                which it is, and ages are counted as of :data:`NOW`.
            baseline: Documents of the release before, from the same makers; none to see what the rule makes of none.
            parameters: Values other than the defaults.

        Raises:
            UsageError: A parameter is unknown, missing or not valid by its schema, or something is no document.
            PolicyError: The rule does not compile.
            EngineError: OPA could not be run.
        """
        rule = replace(self.rule, effective_on=None) if at is None else self.rule
        stage = Stage(
            name="test",
            rule_set=RuleSet(rules=(rule,)),
            parameters={rule.id: _values(rule, parameters)},
            slots={},
            valid_for=timedelta(days=1),
        )
        held, before = _by_kind(documents), _of_baseline(_by_kind(baseline))
        evaluation = evaluate(stage, subject, held, self._engine, at=at or NOW, deadline=DEADLINE, baseline=before)
        return Outcome(evaluation.results[0])

    def __repr__(self) -> str:
        return f"<rule {self.rule.id}>"


class _PackEngine:
    """Asks one rule of a pack through a server that has all of the pack, so that a pack needs one server."""

    def __init__(self, child: OpaChild, whole: RuleSet) -> None:
        self._child, self._whole = child, whole

    @property
    def identity(self) -> EngineIdentity:
        return self._child.identity

    def check(self, rules: RuleSet, *, deadline: float) -> None:  # noqa: ARG002 - the whole pack stands for its rules
        self._child.check(self._whole, deadline=deadline)

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:  # noqa: ARG002 - likewise
        return self._child.evaluate(self._whole, questions, deadline=deadline)


def _values(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a rule, defaults filled in, each checked as a gate would."""
    for name in given.keys() - rule.parameters.keys():
        hint = suggestion(name, rule.parameters)
        raise UsageError(f"{rule.id} has no parameter {name!r}", hint=hint, code="rule.parameter")
    values = {}
    for name, parameter in rule.parameters.items():
        if name not in given and not parameter.has_default:
            raise UsageError(
                f"{rule.id} needs the parameter {name}", hint=f"given(..., {name}=...)", code="rule.parameter"
            )
        values[name] = given.get(name, parameter.default)
        try:
            validate(compile_schema(dict(parameter.schema)), values[name], where=name)
        except MalformedError as cause:
            raise UsageError(f"{cause.where}: {cause.message}", where=rule.id, code="rule.parameter") from cause
    return values


def _of_baseline(held: Mapping[str, list[Document]]) -> dict[str, list[Document]]:
    """The documents as rules see those that came through a baseline slot."""
    return {
        kind: [replace(document, source=replace(document.source, baseline="previous")) for document in documents]
        for kind, documents in held.items()
    }


def _by_kind(documents: Sequence[Document]) -> dict[str, list[Document]]:
    held: dict[str, list[Document]] = {}
    for document in documents:
        if not isinstance(document, Document):
            hint = "make one: facts.coverage(lines=(90, 100))"
            raise UsageError(f"{type(document).__name__} is no document", hint=hint, code="testing.document")
        held.setdefault(document.kind, []).append(document)
    return {kind: sorted(held[kind], key=lambda item: (item.source.slot, item.source.digest)) for kind in sorted(held)}


def _shown(violation: Violation) -> str:
    term = f" [{violation.term}]" if violation.term else ""
    return f"{violation.message}{term}"
