"""For ``init``: the files it writes, from the templates in ``gates/start`` and the reports that were found."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from gatekeeper import _data
from gatekeeper._version import __version__
from gatekeeper.errors import UsageError
from gatekeeper.facts import kinds
from gatekeeper.load.engine import TESTED
from gatekeeper.load.packs import SHIPPED, load_packs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.cli.start_reports import Found, Search
    from gatekeeper.policy import Rule

_FIRST: Final = "test_results"
"""The kind that the first rule is about, when it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What ``init`` writes and says.

    Attributes:
        files: Texts by path that must not be there yet.
        snippets: Texts by path for files that are the project's own: written when they are not there, else shown.
        command: The command to run next.
    """

    files: dict[str, str]
    snippets: dict[str, str]
    command: str


def start(found: Search, *, name: str, subject: str, ci: Iterable[str]) -> Start:
    """All texts.

    Args:
        found: The reports.
        name: What the project is called, in any spelling.
        subject: What is to be judged, as ``decide`` takes it.
        ci: Which CI snippets are wanted: ``github``, ``gitlab``.

    Raises:
        UsageError: None of the reports is of a kind that a rule can count.
    """
    evidence = [shlex.quote(f"{report.slot}={report.path}") for report in found.reports]
    kind, fact = _counted(found)
    words = {
        "name": gate_name(name),
        "opa": TESTED,
        "version": __version__,
        "kind": kind,
        "fact": fact,
        "subject": subject,
        "reports": ", ".join(report.path for report in found.reports),
    }
    lines = {
        "rules": list(_rule_lines(found)),
        "slots": [f'{report.slot} = {{ kind = "{report.kind}" }}{_remark(report)}' for report in found.reports],
        "accept": [f'{kind} = ["unsigned"]' for kind in found.kinds],
        "signed": [f'# {kind} = ["ci"]' for kind in found.kinds],
    }
    files = {
        "gate.toml": _text("gate.toml", words, lines),
        "trust.toml": _text("trust.toml", words, lines),
        "policies/own/pack.toml": _text("pack.toml", words, lines),
        "policies/own/enough/enough.rego": _text("enough.rego", words, lines),
        "policies/own/enough/enough_test.rego": _text("enough_test.rego", words, lines),
        "gate.sh": _text("gate.sh", words | {"evidence": " \\\n\t\t".join(evidence)}, lines),
    }
    snippets = {
        path: _text(template, words | {"evidence": " ".join(evidence)}, lines)
        for path, template in _snippets(ci).items()
    }
    return Start(files=files, snippets=snippets, command=_command(subject, evidence))


def _snippets(ci: Iterable[str]) -> dict[str, str]:
    known = {
        "github": (".github/workflows/gate.yml", "github.yml"),
        "gitlab": (".gitlab-ci.yml", "gitlab-ci.yml"),
    }
    return {".pre-commit-config.yaml": "pre-commit-config.yaml", **dict(known[name] for name in ci)}


def _text(template: str, words: dict[str, str], lines: dict[str, list[str]]) -> str:
    """A template with each ``@word@`` filled in, and a line ``# @word@`` replaced by several."""
    text = (_data.folder("gates") / "start" / template).read_text(encoding="utf-8")
    for name, block in lines.items():
        text = re.sub(rf"^( *)# @{name}@$", partial(_block, lines=block), text, flags=re.MULTILINE)
    return re.sub(r"@(\w+)@", lambda match: words[match[1]], text)


def _block(match: re.Match[str], lines: list[str]) -> str:
    return "\n".join(f"{match[1]}{line}" for line in lines)


def _counted(found: Search) -> tuple[str, str]:
    """The kind and the fact that the first rule of the project's own is about."""
    counted = [(kind, kinds()[kind].examined) for kind in found.kinds if kinds()[kind].examined]
    if not counted:
        hint = "give it a report of tests, coverage, an SBOM or a scan as well"
        raise UsageError(f"no rule can count anything in {', '.join(found.kinds)}", hint=hint, code="usage.init")
    return next((pair for pair in counted if pair[0] == _FIRST), counted[0])


def _rule_lines(found: Search) -> Iterator[str]:
    yield '"own.enough",  # yours: policies/own/enough/enough.rego'
    for rule in load_packs([SHIPPED]).rules.values():
        if not rule.needs.keys() or not rule.needs.keys() <= set(found.kinds):
            continue
        missing = _missing(rule, found)
        yield f'# "{rule.id}",  # {rule.title}: {missing}' if missing else f'"{rule.id}",  # {rule.title}'


def _missing(rule: Rule, found: Search) -> str:
    """Why a rule is left to be switched on by hand; empty when it can be asked at once."""
    if rule.baseline:
        return "it compares with an earlier release; give a slot with baseline first"
    if not found.answers(rule):
        return "not all of your reports state what it reads"
    unset = [name for name, parameter in rule.parameters.items() if not parameter.has_default]
    return f"set parameters.{rule.id}.{unset[0]} first" if unset else ""


def _remark(report: Found) -> str:
    remark = "".join(char if char.isprintable() else "?" for char in f"{report.path} ({report.format})")
    return f"  # {remark}"


def gate_name(name: str) -> str:
    """A name of a gate, from whatever a folder is called."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_") or "project"


def _command(subject: str, evidence: list[str]) -> str:
    head = f"gatekeeper decide {shlex.quote(subject)} --stage build --evidence"
    return " \\\n    ".join([head, *evidence]) if len(evidence) > 1 else f"{head} {evidence[0]}"
