"""Guards over rules and the engine that asks them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from guard import Guard, always, becomes, lacking, unsaid
from liar import WHERE

from gatekeeper.errors import GatekeeperError
from gatekeeper.load import _yaml
from gatekeeper.policy import Parameter
from gatekeeper.question import RuleAnswer
from project import TESTS_RULE


def _assumed_metadata(module: Any) -> Any:
    """What the rule on tests says, where nothing is said."""
    text = TESTS_RULE.partition("package")[0]
    lines = [line.removeprefix("#") for line in text.splitlines() if line.startswith("#")]
    return _yaml.parse("\n".join(lines[1:]), path=module.path, first_line=2)


def _any_parameter(_self: Any, declared: dict[str, Any]) -> Parameter:
    return Parameter(schema={"type": "integer"} | declared, default=declared.get("default"))


def _all_builtins() -> Path:
    """A file in the project that lists whatever OPA has."""
    found = subprocess.run([os.environ["GATEKEEPER_OPA"], "capabilities", "--current"], capture_output=True, check=True)
    path = Path("capabilities.json").absolute()
    path.write_bytes(found.stdout)
    return path


def _lenient_builtins(original: Any) -> Any:
    def started(arguments: list[str], **options: Any) -> Any:
        return original([word for word in arguments if word != "--strict-builtin-errors"], **options)

    return started


def _silence(*, problem: str = "", deny: Any = None, warn: Any = None) -> RuleAnswer:
    return RuleAnswer(deny=[] if problem else deny, warn=warn)


def _silence_for_all(original: Any) -> Any:
    """An engine that cannot be understood has nothing against it."""

    def evaluate(self: Any, rules: Any, questions: Any, **options: Any) -> Any:
        try:
            return original(self, rules, questions, **options)
        except GatekeeperError:
            return tuple({name: RuleAnswer(deny=[]) for name in question.ask} for question in questions)

    return evaluate


def _whichever_is_there(*_named: Any) -> Path:
    return Path(WHERE).absolute()


def _all_variables(_folder: Any, **_more: Any) -> dict[str, str]:
    return dict(os.environ)


def _what_it_gave(given: Any, _names: Any) -> RuleAnswer:
    return RuleAnswer(deny=given.get("deny", []))


def _something_runs(original: Any) -> Any:
    def spawn(arguments: list[str], *rest: Any) -> Any:
        try:
            return original(arguments, *rest)
        except GatekeeperError:
            return original(["/bin/true"], *rest)

    return spawn


def _ended_well(original: Any) -> Any:
    return lambda *args: replace(original(*args), status=0)


LINT = {
    "heads": "answers that nobody asks for, or of another shape",
    "facts": "comparisons, keys and violations that never hold",
    "defaults": "answers where nothing was found",
    "imports": "what is imported from elsewhere",
    "input_references": "input that METADATA does not declare",
    "data_references": "documents that are no evidence",
    "no_with": "other input than was asked about",
    "unification": "a binding that looks like a comparison",
    "declarations": "variables that take whatever fits",
    "negations": "not over what is absent",
    "else_branches": "a chain that ends undefined",
    "names": "names that hide builtins",
    "builtin_calls": "builtins that slip in silence",
    "function_arguments": "reports where the type checker is blind",
}

GUARDS = (
    *(Guard(f"lint.{name}", stops, "gatekeeper.load.lint:_CHECKS", lacking(name)) for name, stops in LINT.items()),
    Guard(
        "metadata.mark",
        "METADATA that is missing or misspelt",
        "gatekeeper.load.metadata:_block",
        becomes(_assumed_metadata),
    ),
    Guard(
        "metadata.keys", "keys of METADATA that nobody knows", "gatekeeper.load.metadata:_refuse_unknown", always(None)
    ),
    Guard("metadata.schema", "words of METADATA that nobody knows", "gatekeeper.load.metadata:validate", always(None)),
    Guard("metadata.kind", "needs of a kind that nobody knows", "gatekeeper.load._declared:_check_kind", always(None)),
    Guard("metadata.facts", "needs of facts that nobody knows", "gatekeeper.load._declared:_check_path", always(None)),
    Guard("metadata.day", "days that are none", "gatekeeper.load.metadata:_effective_on", always(None)),
    Guard(
        "metadata.parameters",
        "parameters whose type or default cannot be",
        "gatekeeper.load._parameters:_Reader.parameter",
        becomes(_any_parameter),
    ),
    Guard("engine.types", "reads that are not declared", "gatekeeper.engine.program:input_schema", always({})),
    Guard(
        "engine.capabilities",
        "builtins that are not on the list",
        "gatekeeper.engine.capabilities:path",
        becomes(_all_builtins),
    ),
    Guard(
        "engine.strict_errors",
        "errors that read as silence",
        "gatekeeper.engine.command:Process",
        _lenient_builtins,
    ),
    Guard(
        "engine.problem", "a rule that could not be evaluated", "gatekeeper.engine.asking:RuleAnswer", becomes(_silence)
    ),
    Guard("engine.digest", "a binary that is not known", "gatekeeper.engine.find:_check_digest", always(None)),
    Guard(
        "engine.version",
        "another version than the gate was tested with",
        "gatekeeper.engine.find:_check_version",
        always(None),
    ),
    Guard("engine.given", "an OPA that is not there", "gatekeeper.engine.find:_given", becomes(_whichever_is_there)),
    Guard("engine.variable", "an empty name for OPA", "gatekeeper.engine.find:_locate", becomes(_whichever_is_there)),
    Guard("engine.pin", "a gate that takes any OPA", "gatekeeper.load.gate_file:_ENGINE", becomes("opa.*")),
    Guard(
        "engine.environment",
        "variables that change what OPA does",
        "gatekeeper.engine.process:environment",
        becomes(_all_variables),
    ),
    Guard(
        "engine.document",
        "what is not the document that was asked for",
        "gatekeeper.engine.command:OpaCommand.evaluate",
        _silence_for_all,
    ),
    Guard(
        "engine.nonce",
        "an answer to another question",
        "gatekeeper.engine.asking:_signs_of_another",
        unsaid("engine.nonce"),
    ),
    Guard(
        "engine.rules",
        "an answer from other rules",
        "gatekeeper.engine.asking:_signs_of_another",
        unsaid("engine.rules"),
    ),
    Guard(
        "engine.canary",
        "an engine that denies nothing",
        "gatekeeper.engine.asking:_signs_of_another",
        unsaid("engine.canary"),
    ),
    Guard(
        "engine.undefined",
        "a rule that gave no answer",
        "gatekeeper.engine.asking:_rule_answer",
        becomes(_what_it_gave),
    ),
    Guard(
        "engine.status", "an engine that did not end well", "gatekeeper.engine.process:Process.communicate", _ended_well
    ),
    Guard(
        "engine.deadline", "an engine that does not end", "gatekeeper.engine.process:Deadline.remaining", always(60.0)
    ),
    Guard(
        "engine.start",
        "a program that cannot be run",
        "gatekeeper.engine.process:_spawn",
        _something_runs,
    ),
    Guard("evaluate.shape", "answers of another shape", "gatekeeper.evaluate:shape_problem", always("")),
    Guard("evaluate.absent", "facts that are declared and not there", "gatekeeper.evaluate:_absent", always(())),
)
