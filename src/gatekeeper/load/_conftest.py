"""Policies of conftest's as rules: one rule for each namespace, with the ways in which conftest passes silently closed.

The policies stay as they are but for three things: the package moves below the pack's own library, imports of packages
of the pack follow it, and ``rego.v2`` is imported, so that ``not`` over something absent denies. A module made here
asks them about each document and turns messages into violations. What conftest would pass over in silence is refused
here: a namespace that nothing is in, a name that conftest never asks for, an exception without owner or end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import PolicyError
from gatekeeper.load._module import parse_module
from gatekeeper.load.table import suggestion
from gatekeeper.policy import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.load._module import Import, Module, Statement
    from gatekeeper.load._pack_toml import Namespace, Settings
    from gatekeeper.load._rego import Token

_ASKED: Final = re.compile(r"(deny|violation|warn)(_[a-zA-Z0-9]+)*")
"""What conftest asks for (its ``policy/engine.go``)."""

_LANGUAGE: Final = ("rego.v1", "rego.v2", "future.keywords")
_V0_HINT: Final = "write deny contains msg if { ... }; opa fmt --write --v0-v1 rewrites old files"
_NEEDS: Final = {"document": ("documents.content", "documents.path", "documents.redacted")}

_HEAD: Final = """\
package gatekeeper.{pack}.{rule}

import data.gatekeeper.{pack}.lib.conftest.{namespace} as policy
import rego.v2
"""

_SAID: Final = """
said(answer) := answer if {
	is_string(answer)
	regex.match("\\\\S", answer)
} else := answer.msg if {
	is_string(answer.msg)
	regex.match("\\\\S", answer.msg)
} else := "the policy answers something that is no message"
"""

_REQUIRED: Final = """
deny contains violation if {{
	some report in input.document
	some document in report.documents
	not document.content{member} != null
	violation := {{
		"message": "{path} is absent: the policies cannot judge the document",
		"term": $"{path} {{document.path}}",
		"source": report.source,
		"locator": document.path,
	}}
}}
"""

_REDACTED: Final = """
warn contains violation if {
	some report in input.document
	some document in report.documents
	some place in document.redacted
	violation := {
		"message": $"{place} was taken out as a secret: no policy can judge it",
		"term": $"{place} {document.path}",
		"source": report.source,
		"locator": $"{document.path}{place}",
	}
}
"""

_EACH: Final = """
{answer} contains violation if {{
	some report in input.document
	some document in report.documents
	answers := policy.{name} with input as document.content
	some answer in answers
	violation := {{
		"message": said(answer),
		"term": $"{name} {{document.path}}",
		"source": report.source,
		"locator": document.path,
	}}
}}
"""

_COMBINED: Final = """
{answer} contains violation if {{
	everything := [{{"path": document.path, "contents": document.content}} |
		some report in input.document
		some document in report.documents
	]
	answers := policy.{name} with input as everything
	some answer in answers
	violation := {{"message": said(answer), "term": "{name}"}}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policies:
    """All modules of a pack: by path below the folder of packs, and what each package defines."""

    modules: Mapping[str, Module]
    names: Mapping[str, frozenset[str]]

    def spoken_beside(self, statement: Statement) -> frozenset[str]:
        """Every word in definitions of other names."""
        held = (one for module in self.modules.values() for one in module.statements if one.name != statement.name)
        return frozenset(token.text for one in held for token in one.tokens)


def adapt(settings: Settings, texts: Mapping[str, str]) -> tuple[tuple[Rule, ...], dict[str, str]]:
    """The rules of a pack in the style of conftest, sorted, and its policies as a library.

    Args:
        settings: Its ``pack.toml``.
        texts: Its Rego files without tests, by path below the folder of packs.

    Raises:
        PolicyError: A namespace is empty or asked by nobody, or a policy is one that would pass in silence; ``where``
            has file and line.
    """
    modules = {path: parse_module(text, path) for path, text in texts.items()}
    names: dict[str, frozenset[str]] = {}
    for module in modules.values():
        names[module.package] = names.get(module.package, frozenset()) | module.names
    policies = _Policies(modules=modules, names=names)
    asked = {entry.namespace: entry for entry in settings.namespaces}
    for module in modules.values():
        _check(module, policies, asked)
    rules = tuple(_rule(settings.name, entry, policies) for entry in settings.namespaces)
    for rule in rules:
        if rule.path in texts:
            raise PolicyError("the place is taken by the adapter", where=rule.path, code="conftest.layout")
    return rules, {path: _moved(text, modules[path], settings.name) for path, text in texts.items()}


def _rule(pack: str, entry: Namespace, policies: _Policies) -> Rule:
    names = sorted(filter(_is_asked, policies.names.get(entry.namespace, ())))
    if not any(map(is_denial, names)):
        what = "only warns" if names else "has no rule"
        hint = suggestion(
            entry.namespace, {package for package, held in policies.names.items() if any(map(_is_asked, held))}
        )
        raise PolicyError(
            f"the namespace {entry.namespace} {what}", where=entry.where, hint=hint, code="conftest.namespace"
        )
    each = _COMBINED if entry.combine else _EACH
    text = "".join(
        (
            _HEAD.format(pack=pack, rule=entry.rule, namespace=entry.namespace),
            _SAID,
            *(_REQUIRED.format(path=path, member=_member(path)) for path in entry.requires),
            _REDACTED,
            *(each.format(answer="warn" if name.startswith("warn") else "deny", name=name) for name in names),
        )
    )
    return Rule(
        id=f"{pack}.{entry.rule}",
        path=f"{pack}/adapter/{entry.rule}.rego",
        text=text,
        title=entry.title,
        description=entry.description,
        remedy=entry.remedy,
        needs=_NEEDS,
        severity=entry.severity,
        controls=entry.controls,
        answers=("deny", "warn"),
    )


def _member(path: str) -> str:
    return "".join(f'["{step}"]' for step in path.split("."))


def is_denial(name: str) -> bool:
    """Whether conftest asks for a rule of this name, and takes its messages for failures."""
    return _is_asked(name) and not name.startswith("warn")


def _is_asked(name: str) -> bool:
    return _ASKED.fullmatch(name) is not None


def _check(module: Module, policies: _Policies, asked: Mapping[str, Namespace]) -> None:
    entry = asked.get(module.package)
    for statement in module.statements:
        if entry:
            _check_name(module, statement, policies.spoken_beside(statement))
        elif _is_asked(statement.name):
            hint = f'add [rules.<name>] with namespace = "{module.package}"'
            raise _error(module, statement.line, f"nobody asks for the namespace {module.package}", hint)
        _check_words(module, statement, entry)
    for item in module.imports:
        _check_import(module, item, policies)


def _check_name(module: Module, statement: Statement, spoken: frozenset[str]) -> None:
    name = statement.name
    if name == "exception" or name.startswith("exception_"):
        hint = "an exception has neither owner nor end: ask for a waiver (gatekeeper waive)"
        raise _error(module, statement.line, "exception takes violations away", hint)
    if _is_asked(name):
        if statement.shape != "set":
            raise _error(module, statement.line, f"{name} is no set of messages", _V0_HINT)
        return
    if statement.shape in {"set", "reference"} and name not in spoken:
        hint = suggestion(name.partition("_")[0].lower(), ("deny", "violation", "warn"))
        raise _error(module, statement.line, f"nobody asks for {name}", hint)


def _check_words(module: Module, statement: Statement, entry: Namespace | None) -> None:
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if at and tokens[at - 1].is_("."):
            if token.is_("contents") and entry and not entry.combine:
                raise _error(module, token.line, "reads contents", f"add combine = true to [rules.{entry.rule}]")
        elif token.is_("with"):
            raise _error(module, token.line, "with replaces what the policy is asked about", "use it in tests only")
        elif token.is_("data"):
            raise _error(
                module, token.line, "refers to data", "import a package of the pack; there are no data documents"
            )
        elif token.is_("input") and entry and entry.combine and _follows(tokens, at + 1, "."):
            raise _error(
                module, token.line, "reads a member of input", "with combine = true input is a list of documents"
            )


def _follows(tokens: Sequence[Token], at: int, text: str) -> bool:
    return at < len(tokens) and tokens[at].is_(text)


def _check_import(module: Module, item: Import, policies: _Policies) -> None:
    if item.path in _LANGUAGE or item.path.startswith("future.keywords."):
        return
    package = item.path.removeprefix("data.")
    if not item.path.startswith("data.") or package not in policies.names:
        hint = suggestion(package, policies.names)
        message = f"imports {item.path}, which is no package of the pack"
        raise _error(module, item.line, message, hint or "there are no data documents")
    alias = item.alias or package.rpartition(".")[2]
    for token, following in _uses(module, alias):
        if following not in policies.names[package]:
            hint = suggestion(following, policies.names[package])
            raise _error(module, token.line, f"{package} has no {following or 'use as a whole'}", hint)


def _uses(module: Module, alias: str) -> Iterator[tuple[Token, str]]:
    """Each mention of an imported package with the name behind its dot; empty where there is none."""
    for statement in module.statements:
        tokens = statement.tokens
        for at, token in enumerate(tokens):
            if token.is_(alias) and not (at and tokens[at - 1].is_(".")):
                dotted = _follows(tokens, at + 1, ".") and at + 2 < len(tokens)
                yield token, tokens[at + 2].text if dotted else ""


def _moved(text: str, module: Module, pack: str) -> str:
    """The module below the pack's library. Lines stay where they were, but for one where no line is free."""
    lines = text.split("\n")
    home = f"gatekeeper.{pack}.lib.conftest"
    at = module.package_line - 1
    lines[at] = f"package {home}.{module.package}"
    free = [item.line - 1 for item in module.imports if item.path in _LANGUAGE or item.path.startswith("future.")]
    for item in module.imports:
        if item.path.startswith("data."):
            alias = f" as {item.alias}" if item.alias else ""
            lines[item.line - 1] = f"import data.{home}.{item.path.removeprefix('data.')}{alias}"
    for line in free:
        lines[line] = ""
    blank = free or [index for index in (at + 1,) if index < len(lines) and not lines[index].strip()]
    if blank:
        lines[blank[0]] = "import rego.v2"
    else:
        lines.insert(at + 1, "import rego.v2")
    return "\n".join(lines)


def _error(module: Module, line: int, message: str, hint: str) -> PolicyError:
    return PolicyError(message, where=f"{module.path}:{line}", hint=hint, code="conftest.policy")
