"""OPA as one process for each call: what the command line, tests and replay use."""

from __future__ import annotations

import os
import weakref
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.engine import asking, capabilities
from gatekeeper.engine.asking import Trouble
from gatekeeper.engine.process import Deadline, Folder, Outcome, Process
from gatekeeper.engine.program import Prepared
from gatekeeper.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.engine.program import Program
    from gatekeeper.errors import PolicyError
    from gatekeeper.policy import RuleSet
    from gatekeeper.question import Answer, EngineIdentity, Question

_BUNDLE: Final = "checked.tar.gz"
_MAX_ERRORS: Final = "1000"
_FAILED: Final = 2
_REFUSED: Final = 1
_NO_MEMORY: Final = (b"out of memory", b"cannot allocate memory")


class OpaCommand:
    """Runs ``opa eval`` once for each call, however many questions it answers.

    The one process compiles the rules strictly, against their schemas and the allowed builtins, and evaluates them:
    nothing is evaluated that was not checked. It holds nothing between calls, save a process that was started ahead,
    and can be shared by threads and after a fork.

    Args:
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
    """

    def __init__(self, binary: OpaBinary) -> None:
        self._binary = binary
        self._opa = str(binary.path)
        self._programs = Prepared()
        self._ahead: deque[_Evaluation] = deque(maxlen=1)
        weakref.finalize(self, _end_all, self._ahead)

    @property
    def identity(self) -> EngineIdentity:
        """Which OPA this is."""
        return self._binary.identity

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Compile the rules; see :class:`gatekeeper.question.Engine`."""
        clock = Deadline(deadline)
        self.check_program(self._programs.of(rules), clock)

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:
        """Answer the questions; see :class:`gatekeeper.question.Engine`."""
        clock = Deadline(deadline)
        program = self._programs.of(rules)
        return asking.ask(program, questions, lambda part, without: self._run(program, part, without, clock))

    def start(self, rules: RuleSet) -> None:
        """Start OPA on these rules now: it reads and parses them while the question is still being put together.

        The next evaluation of the same rules, by whichever thread, finds it waiting. One that is not used ends with
        :meth:`close`, with another start, or with this object.

        Raises:
            PolicyError: The rules cannot be given to OPA.
            EngineError: OPA could not be started.
        """
        program = self._programs.of(rules)
        self.close()
        self._ahead.append(_Evaluation(self._opa, program))

    def close(self) -> None:
        """End a process that was started ahead and is not used. The object can still be used."""
        _end_all(self._ahead)

    def check_program(self, program: Program, clock: Deadline) -> None:
        """Compile a program.

        Raises:
            PolicyError: It does not compile; all faults are in it.
            EngineError: OPA could not be run.
        """
        folder = Folder()
        try:
            arguments = [self._opa, "check", "--max-errors", _MAX_ERRORS, *_given(folder, program)]
            outcome = Process(arguments, folder=folder).communicate([], clock)
        finally:
            folder.close()
        if outcome.status == 0 and not outcome.stdout.strip():
            return
        if outcome.status != _REFUSED:
            raise _ended(outcome)
        # the errors of `opa check` are on stderr
        errors = asking.members(asking.parse(outcome.stderr), {"errors"})["errors"]
        raise _refusal(program, errors) or _ended(outcome)

    def _run(self, program: Program, questions: Sequence[Question], without: Sequence[str], clock: Deadline) -> Any:
        outcome = self._evaluation(program).answer(asking.batch(questions, without), clock)
        if outcome.status == 0:
            return _value(asking.parse(outcome.stdout))
        if outcome.status != _FAILED or not outcome.stdout:
            raise _ended(outcome)
        errors = asking.members(asking.parse(outcome.stdout), {"errors"})["errors"]
        if refusal := _refusal(program, errors):
            self.check_program(program, clock)  # names all faults, where the evaluation stops at ten
            raise refusal
        return asking.trouble(program, errors)

    def _evaluation(self, program: Program) -> _Evaluation:
        with suppress(IndexError):
            ahead = self._ahead.pop()
            if ahead.is_for(program):
                return ahead
            ahead.end()
        return _Evaluation(self._opa, program)


class _Evaluation:
    """One ``opa eval`` that has its rules and waits for its question."""

    def __init__(self, opa: str, program: Program) -> None:
        self._program = program
        self._owner = os.getpid()
        self._folder = Folder()
        try:
            arguments = [opa, "eval", program.query, "--stdin-input", "--strict-builtin-errors"]
            self._process = Process([*arguments, *_given(self._folder, program)], folder=self._folder)
        except BaseException:
            self._folder.close()
            raise

    def is_for(self, program: Program) -> bool:
        """It has these rules, and is not the process of a parent that forked."""
        return self._program is program and self._owner == os.getpid()

    def answer(self, question: Sequence[bytes], clock: Deadline) -> Outcome:
        """Give it the question and wait for its end."""
        try:
            return self._process.communicate(question, clock)
        finally:
            self._folder.close()

    def end(self) -> None:
        """It is not needed. In a forked child: let go of it."""
        self._process.close()
        if self._owner == os.getpid():
            self._folder.close()


def _end_all(ahead: deque[_Evaluation]) -> None:
    with suppress(IndexError):
        while True:
            ahead.pop().end()


def _given(folder: Folder, program: Program) -> list[str]:
    """Put the program into the folder; the arguments with which OPA takes and checks it."""
    folder.write({_BUNDLE: program.checked})
    return ["--bundle", _BUNDLE, "--strict", "--format=json", "--capabilities", str(capabilities.path())]


def _refusal(program: Program, errors: Any) -> PolicyError | None:
    from gatekeeper.engine import words  # only who made a mistake needs words

    return words.policy_error(program, errors) if words.is_compile_error(errors) else None


def _value(output: Any) -> Any:
    if isinstance(output, Trouble):
        return output
    results = asking.members(output, {"result"})["result"]
    if not isinstance(results, list) or len(results) != 1:
        raise EngineError("OPA did not give one result", code="engine.answer")
    expressions = asking.members(results[0], {"expressions"})["expressions"]
    if not isinstance(expressions, list) or len(expressions) != 1:
        raise EngineError("OPA did not give one expression", code="engine.answer")
    return asking.members(expressions[0], {"location", "text", "value"})["value"]


def _ended(outcome: Outcome) -> EngineError:
    if any(sign in outcome.stderr for sign in _NO_MEMORY):
        return EngineError("OPA ran out of the memory it may have", hint="a rule makes too much", code="engine.memory")
    how = f"was ended by signal {-outcome.status}" if outcome.status < 0 else f"ended with status {outcome.status}"
    return EngineError(f"OPA {how} and gave no answer", hint="gatekeeper doctor", code="engine.died")
