"""``gatekeeper policy test|lint|mutate|docs|schemas|new``: for those who write rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.cli import policy_docs, policy_lint, policy_mutate, policy_schemas
from gatekeeper.cli.arguments import Parser, add_format, given

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing._failures import Failure
    from gatekeeper.testing.results import RegoTest
    from gatekeeper.testing.suite import Suite

DEADLINE: Final = 600.0
FOLDER: Final = "policies"
_ACTIONS: Final = "test|lint|mutate|docs|schemas|new"


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper policy", description="For those who write rules.")
    actions = made.add_subparsers(
        dest="action", required=True, metavar="test|lint|mutate|docs|schemas|new", parser_class=Parser
    )
    test = actions.add_parser("test", help="run Rego tests; exit 1 where one does not pass or a denial is untested")
    test.add_argument("paths", type=given, nargs="*", metavar="PATH", help=f"folders or test files (default: {FOLDER})")
    test.add_argument(
        "--gate", type=given, metavar="FILE", help="the gate whose version of OPA is meant (default: gate.toml)"
    )
    test.add_argument(
        "--data",
        type=given,
        action="append",
        default=[],
        metavar="PATH",
        help="JSON and YAML that tests read as data (repeatable)",
    )
    add_format(test, ("text", "json"))
    linted = actions.add_parser("lint", help="list everything that is wrong with rules; exit 1 where something is")
    policy_lint.add_arguments(linted, FOLDER)
    mutants = actions.add_parser(
        "mutate", help="put faults into rules; exit 1 where tests let too many of them through"
    )
    policy_mutate.add_arguments(mutants, FOLDER)
    pages = actions.add_parser("docs", help="write a page for each rule and gate, and the matrix of controls")
    policy_docs.add_arguments(pages, FOLDER)
    schemas = actions.add_parser("schemas", help="write what rules may read as input, for opa check and for editors")
    policy_schemas.add_arguments(schemas, FOLDER)
    new = actions.add_parser("new", help="write a first rule with its tests and page; never overwrites a rule")
    new.add_argument("rule", type=given, metavar="PACK.RULE", help="what the rule is called")
    new.add_argument(
        "--kind", type=given, default="test_results", help="the evidence that it reads (default: test_results)"
    )
    new.add_argument("--folder", type=given, default=FOLDER, help=f"the folder of packs (default: {FOLDER})")
    new.add_argument(
        "--docs", type=given, default=policy_docs.OUTPUT, help=f"where its page goes (default: {policy_docs.OUTPUT})"
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Test rules, or start a new one."""
    match arguments.action:
        case "new":
            return _new(arguments)
        case "docs":
            return policy_docs.run(arguments, FOLDER)
        case "schemas":
            return policy_schemas.run(arguments)
        case "lint":
            return policy_lint.run(arguments, _opa(arguments), FOLDER)
        case "mutate":
            return policy_mutate.run(arguments, _opa(arguments), FOLDER)
        case _:
            return _test(arguments)


def _new(arguments: argparse.Namespace) -> int:
    from gatekeeper.testing.scaffold import new_rule

    for path in new_rule(arguments.rule, kind=arguments.kind, folder=Path(arguments.folder)):
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{policy_docs.write_page(arguments.rule, Path(arguments.folder), Path(arguments.docs))}\n")
    return 0


def _opa(arguments: argparse.Namespace) -> OpaBinary:
    """The OPA that the gate names."""
    from gatekeeper.engine.find import find
    from gatekeeper.load.engine import named_engine

    gate = Path(arguments.gate or "gate.toml")
    version, digests = named_engine(gate if arguments.gate or gate.is_file() else None)
    return find(version, allowed_digests=digests)


def _test(arguments: argparse.Namespace) -> int:
    from gatekeeper.testing.suite import run_suite

    paths, data = (list(map(Path, named)) for named in (arguments.paths or [FOLDER], arguments.data))
    suite = run_suite(paths, binary=_opa(arguments), deadline=DEADLINE, data=data)
    sys.stdout.write(_as_json(suite) if arguments.format == "json" else "".join(f"{line}\n" for line in _text(suite)))
    return 0 if suite.passed else 1


def _text(suite: Suite) -> Iterator[str]:
    from gatekeeper.report.inert import inert
    from gatekeeper.testing import showing

    for test in suite.tests:
        yield from _bad(test)
    for test in suite.tests:
        if test.outcome == "skipped":
            yield f"to be written  {showing.full_name(test)}  {showing.place(test.file, test.row)}"
    yield from (f"no test in  {showing.place(path, 0)}" for path in suite.bare)
    yield from (f"no test has seen it deny  {inert(item.rule)}  {inert(item.where)}" for item in suite.untested)
    yield ", ".join(f"{count} {word}" for word, count in _counts(suite) if count) or "nothing ran"


def _bad(test: RegoTest) -> Iterator[str]:
    from gatekeeper.testing import showing

    for case in test.bad:
        yield f"{test.outcome.upper()}  {showing.full_name(test, case)}  {showing.place(test.file, test.row)}"
        text = showing.explanation(test, case)
        if test.output:
            text += f"\n\nprinted\n{showing.printed(test)}"
        yield from (f"    {line}".rstrip() for line in text.splitlines())
        yield ""


def _counts(suite: Suite) -> Iterator[tuple[str, int]]:
    yield "passed", suite.count("passed")
    yield "failed", suite.count("failed")
    yield "errored", suite.count("errored")
    yield "to be written", suite.count("skipped")


def _as_json(suite: Suite) -> str:
    from gatekeeper.report.inert import json_text

    value: dict[str, Any] = {
        "outcome": "pass" if suite.passed else "fail",
        "tests": [_test_json(test) for test in suite.tests],
        "untested": [{"rule": item.rule, "where": item.where} for item in suite.untested],
        "without_tests": [str(path) for path in suite.bare],
    }
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return "".join(f"{json_text(line)}\n" for line in lines)


def _test_json(test: RegoTest) -> dict[str, Any]:
    found: dict[str, Any] = {
        "file": str(test.file),
        "row": test.row,
        "package": test.package,
        "name": test.name,
        "outcome": test.outcome,
        "duration_ms": round(test.duration * 1000, 3),
    }
    cases = [
        {"path": list(case.path), "outcome": case.outcome} | _known(failure=_failure_json(case.failure))
        for case in test.cases
    ]
    return found | _known(cases=cases, output=test.output, error=test.error, failure=_failure_json(test.failure))


def _failure_json(failure: Failure | None) -> dict[str, Any]:
    if failure is None:
        return {}
    return _known(
        file=str(failure.file) if failure.file else "",
        row=failure.row,
        expression=failure.expression,
        expected="\n".join(failure.expected),
        actual="\n".join(failure.actual),
        variables=dict(failure.variables),
        drawing=list(failure.drawing),
    )


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in ("", 0, [], {})}
