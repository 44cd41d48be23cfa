"""``gatekeeper policy mutate``: put faults into rules and see whether their tests notice."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.cli.arguments import add_format, given
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from gatekeeper.cli.arguments import Parser
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing.mutation import Mutant, Part, Python, Report, Score

THRESHOLD: Final = 95.0


def add_arguments(parser: Parser, folder: str) -> None:
    """The arguments of the command; ``folder`` is where packs are when no path is given."""
    parser.add_argument(
        "paths", type=given, nargs="*", metavar="PATH", help=f"folders of packs, packs or rules (default: {folder})"
    )
    parser.add_argument(
        "--gate",
        type=given,
        metavar="FILE",
        help="the gate whose version of OPA is meant, and with --pytest whose wiring is changed (default: gate.toml)",
    )
    parser.add_argument(
        "--data",
        type=given,
        action="append",
        default=[],
        metavar="PATH",
        help="JSON and YAML that Rego tests read as data (repeatable)",
    )
    parser.add_argument(
        "--pytest",
        type=given,
        action="append",
        default=[],
        metavar="PATH",
        help="Python tests that judge faults in METADATA and in the gate, which Rego tests do not reach (repeatable)",
    )
    parser.add_argument(
        "--threshold",
        type=_percent,
        default=THRESHOLD,
        metavar="PERCENT",
        help=f"what each pack has to reach (default: {THRESHOLD:g})",
    )
    parser.add_argument(
        "--jobs",
        type=_count,
        default=min(4, os.cpu_count() or 1),
        metavar="N",
        help="how many OPAs run at once (default: one for each core, at most 4)",
    )
    parser.add_argument("--fresh", action="store_true", help="judge every mutant anew, and keep nothing")
    add_format(parser, ("text", "json"))


def run(arguments: argparse.Namespace, binary: OpaBinary, folder: str) -> int:
    """Make mutants, run tests, show what survived."""
    from gatekeeper.testing.mutation import mutate

    report = mutate(
        [Path(path) for path in arguments.paths or [folder]],
        binary=binary,
        data=[Path(path) for path in arguments.data],
        python=_python(arguments),
        jobs=arguments.jobs,
        cache=None if arguments.fresh else _cache(),
        progress=_progress(),
    )
    lines = _text(report, arguments.threshold)
    text = (
        _as_json(report, arguments.threshold) if arguments.format == "json" else "".join(f"{line}\n" for line in lines)
    )
    sys.stdout.write(text)
    return 0 if _reached(report, arguments.threshold) else 1


def _python(arguments: argparse.Namespace) -> Python | None:
    from gatekeeper.testing.mutation import Python

    if not arguments.pytest:
        return None
    gate = Path(arguments.gate or "gate.toml")
    found = gate if arguments.gate or gate.is_file() else None
    return Python(root=Path.cwd(), tests=tuple(arguments.pytest), gate=found)


def _reached(report: Report, threshold: float) -> bool:
    return all(report.score(*group).percent >= threshold for group in report.groups)


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:  # noqa: PLR2004 - percent
        raise UsageError(f"{text} is no percentage", code="usage.threshold")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise UsageError(f"{text} is no number of processes", code="usage.jobs")
    return value


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("gatekeeper") / "mutants"


def _progress() -> Callable[[int, int], None]:
    """A line on a terminal that says how far it is; nothing elsewhere."""

    def show(done: int, every: int) -> None:
        end = "\r" if done < every else "\r\x1b[K"
        sys.stderr.write(f"{done} of {every} mutants{end}" if done < every else end)
        sys.stderr.flush()

    return show if sys.stderr.isatty() else lambda _done, _all: None


def _text(report: Report, threshold: float) -> Iterator[str]:
    for mutant in report.survivors:
        yield from _survivor(mutant)
    names = {group: _named(*group) for group in report.groups}
    width = max(len(name) for name in names.values())
    for group, name in names.items():
        score = report.score(*group)
        low = "" if score.percent >= threshold else f"  below {threshold:g} %"
        yield f"{name:<{width}}  {_score(score)}{low}"
    if len(names) > 1:
        yield f"{'all':<{width}}  {_score(report.score())}"


def _named(pack: str, part: Part) -> str:
    from gatekeeper.report.inert import inert

    return inert(f"{pack} METADATA" if part == "metadata" else pack)


def _survivor(mutant: Mutant) -> Iterator[str]:
    from gatekeeper.report.inert import inert
    from gatekeeper.testing import showing

    lack = "" if mutant.reached else "  (no test runs this line)"
    yield f"SURVIVED  {showing.place(mutant.file, mutant.row)}  {inert(mutant.change)}{lack}"
    yield from (f"    {_marked(line)}" for line in mutant.diff)
    yield ""


def _marked(line: str) -> str:
    """A line of a diff; its tabs are kept apart, since they would be shown as escapes."""
    from gatekeeper.report.inert import inert

    body = line.lstrip("+- \t")
    lead = line[: len(line) - len(body)].replace("\t", "    ")
    return f"{lead}{inert(body)}"


def _score(score: Score) -> str:
    listed = (
        f", {score.equivalent} listed as equivalent ({score.strict_percent} % with them)" if score.equivalent else ""
    )
    every = score.killed + score.survived
    return f"{score.percent} %: {score.killed} of {every} mutants killed{listed}"


def _as_json(report: Report, threshold: float) -> str:
    from gatekeeper.report.inert import json_text

    value: dict[str, Any] = {
        "outcome": "pass" if _reached(report, threshold) else "fail",
        "threshold": threshold,
        "score": _score_json(report.score()),
        "scores": [
            {"pack": pack, "part": part} | _score_json(report.score(pack, part)) for pack, part in report.groups
        ],
        "mutants": [_mutant_json(mutant) for mutant in report.mutants],
    }
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return "".join(f"{json_text(line)}\n" for line in lines)


def _score_json(score: Score) -> dict[str, float]:
    return {
        "percent": score.percent,
        "strict_percent": score.strict_percent,
        "killed": score.killed,
        "survived": score.survived,
        "equivalent": score.equivalent,
        "invalid": score.invalid,
    }


def _mutant_json(mutant: Mutant) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pack": mutant.pack,
        "part": mutant.part,
        "path": mutant.path,
        "row": mutant.row,
        "column": mutant.column,
        "line": mutant.line,
        "operator": mutant.operator,
        "change": mutant.change,
        "outcome": mutant.outcome,
    }
    if mutant.outcome == "survived":
        found |= {"reached": mutant.reached, "diff": list(mutant.diff)}
    more = {"killers": list(mutant.killers), "reason": mutant.reason}
    return found | {name: value for name, value in more.items() if value}
