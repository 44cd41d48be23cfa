"""Asking and reading the answer, the same for every adapter.

What comes back is believed only if it is the one document that the entry module makes: the nonce of this question,
the digest of these rules, the canary's deny, and nothing that was not asked. Anything else is no decision. One
builtin error or conflict makes OPA give no answer at all; then the questions and rules are halved until the rule
that has the problem stands alone, and the others keep their answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper._limits import MAX_ENGINE_ANSWER_BYTES
from gatekeeper.engine.program import NAMESPACE
from gatekeeper.errors import EngineError, MalformedError
from gatekeeper.question import Answer, Question, RuleAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.engine.program import Program

_OF_A_RULE: Final = frozenset({"eval_builtin_error", "eval_conflict_error", "eval_type_error", "eval_with_merge_error"})
_MAX_ANSWER_DEPTH: Final = 64
"""Nesting of what a rule answers: a set of flat violations needs 3. Well below the reader's limit, which each adapter
reaches at another depth because OPA wraps its answers differently."""

_TOO_DEEP: Final = f"it answers something nested deeper than {_MAX_ANSWER_DEPTH}"
_OF_AN_ANSWER: Final = {"json.number": "it answers a number past 2^53-1, or too long", "json.depth": _TOO_DEEP}
_MEMBERS: Final = frozenset({"canary", "nonce", "rules", "rules_digest"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why OPA gave no answer at all: one rule's error, in words that are the same on every run."""

    problem: str


Run = Callable[[Sequence[Question], Sequence[str]], Any | Trouble]
"""Evaluates questions without the rules named, and gives the entry module's list of answers as parsed JSON."""


def ask(program: Program, questions: Sequence[Question], run: Run) -> tuple[Answer, ...]:
    """Answer each question, in order.

    Raises:
        EngineError: A question asks for a rule that is not there, or an answer is none.
    """
    known = {rule.id for rule in program.rules.rules}
    for question in questions:
        if strange := sorted(set(question.ask) - known):
            raise EngineError(f"the question asks for {strange[0]}, which is not one of the rules", code="engine.ask")
    if not questions:
        return ()
    asked = sorted({name for question in questions for name in question.ask})
    return tuple(_ask(program, questions, asked, run, without=()))


def _ask(
    program: Program, questions: Sequence[Question], asked: Sequence[str], run: Run, without: Sequence[str]
) -> list[Answer]:
    answers = run(questions, without)
    if not isinstance(answers, Trouble):
        return _read_all(program, questions, asked, answers)
    if len(questions) > 1:
        half = len(questions) // 2
        return [
            answer
            for part in (questions[:half], questions[half:])
            for answer in _ask(program, part, [name for name in asked if _asks(part, name)], run, without)
        ]
    if len(asked) > 1:
        half = len(asked) // 2
        left = _ask(program, questions, asked[:half], run, sorted({*without, *asked[half:]}))
        right = _ask(program, questions, asked[half:], run, sorted({*without, *asked[:half]}))
        return [left[0] | right[0]]
    if not asked:
        raise EngineError(f"OPA failed on no rule: {answers.problem}", code="engine.answer")
    return [{asked[0]: RuleAnswer(problem=answers.problem)}]


def _asks(questions: Sequence[Question], name: str) -> bool:
    return any(name in question.ask for question in questions)


def batch(questions: Sequence[Question], without: Sequence[str]) -> list[bytes]:
    """The engine's input in pieces, so that large questions are not copied."""
    pieces = [b'{"questions":[']
    for index, question in enumerate(questions):
        pieces += [b"," if index else b"", question.data]
    return [*pieces, b'],"without":', _json.canonical(list(without)), b"}"]


def parse(data: bytes) -> Any | Trouble:
    """Read what OPA wrote.

    Raises:
        EngineError: Not one JSON document.
    """
    try:
        return _json.parse(data, limit=MAX_ENGINE_ANSWER_BYTES)
    except MalformedError as problem:
        if problem.code in _OF_AN_ANSWER:
            return Trouble(_OF_AN_ANSWER[problem.code])
        raise EngineError(
            f"OPA's answer cannot be read: {problem.message}", where=problem.where, code="engine.answer"
        ) from problem


def members(value: Any, names: set[str]) -> dict[str, Any]:
    """An object of OPA's that has just these members.

    Raises:
        EngineError: It is not one, has others, or lacks one.
    """
    if not isinstance(value, dict) or value.keys() != names:
        raise EngineError(f"OPA's answer does not have just {', '.join(sorted(names))}", code="engine.answer")
    return value


def trouble(program: Program, errors: Any, *, prefix: str = "") -> Trouble:
    """What OPA's evaluation errors say about one rule.

    Args:
        program: What was evaluated.
        errors: OPA's list of errors.
        prefix: What OPA puts before the authors' paths.

    Raises:
        EngineError: They are about no rule.
    """
    try:
        code, message = errors[0]["code"], errors[0]["message"]
        location = errors[0].get("location") or {}
        place = f" at {location['file']}:{location['row']}" if location.get("file") else ""
        text = f"{code}: {message}{place}"
    except (LookupError, TypeError, AttributeError) as cause:
        raise EngineError("OPA failed and does not say why", code="engine.answer") from cause
    for path in program.modules if prefix else ():
        text = text.replace(f"{prefix}{path}", path)
    text = re.sub(r"\s*\n\s*", " ", text)
    text = text.replace(f"data.{program.namespace}.", f"data.{NAMESPACE}.")
    if code not in _OF_A_RULE:
        raise EngineError(f"OPA failed: {text}", code="engine.answer")
    return Trouble(text)


def _read_all(program: Program, questions: Sequence[Question], asked: Sequence[str], answers: Any) -> list[Answer]:
    if not isinstance(answers, list) or len(answers) != len(questions):
        raise EngineError(f"OPA did not answer {len(questions)} questions with as many answers", code="engine.answer")
    return [_read(program, question, asked, answer) for question, answer in zip(questions, answers, strict=True)]


def _read(program: Program, question: Question, asked: Sequence[str], answer: Any) -> Answer:
    if not isinstance(answer, dict) or answer.keys() != _MEMBERS:
        raise EngineError("OPA's answer is not the document that was asked for", code="engine.answer")
    for wrong, code, message in _signs_of_another(program, question, answer):
        if wrong:
            raise EngineError(message, code=code)
    wanted = [name for name in question.ask if name in asked]
    rules = answer["rules"]
    if not isinstance(rules, dict) or not rules.keys() <= set(wanted):
        raise EngineError("OPA answered for rules that were not asked", code="engine.answer")
    answers_of = {rule.id: rule.answers for rule in program.rules.rules}
    return {name: _rule_answer(rules.get(name, {}), answers_of[name]) for name in wanted}


def _signs_of_another(program: Program, question: Question, answer: dict[str, Any]) -> Iterator[tuple[bool, str, str]]:
    """What shows that an answer is not to this question, from these rules, by an engine that evaluates."""
    yield answer["nonce"] != question.nonce, "engine.nonce", "OPA's answer is to another question"
    yield answer["rules_digest"] != program.digest, "engine.rules", "OPA's answer is from other rules"
    canary = "OPA let the canary pass, which must always be denied"
    yield answer["canary"] != [question.nonce], "engine.canary", canary


def _rule_answer(given: Any, names: Sequence[str]) -> RuleAnswer:
    if not isinstance(given, dict) or not given.keys() <= set(names):
        raise EngineError("OPA's answer for a rule is not the document that was asked for", code="engine.answer")
    missing = [name for name in names if name not in given]
    if missing:
        return RuleAnswer(problem=f"its {missing[0]} is undefined")
    if _deeper(given, _MAX_ANSWER_DEPTH):
        return RuleAnswer(problem=_TOO_DEEP)
    return RuleAnswer(**given)


def _deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth < 0 or any(_deeper(item, depth - 1) for item in inner)
