"""What OPA is given: the rules as they are written, their input types, and one module that asks them.

The generated entry module answers a batch of questions with one document for each::

    {"nonce": ..., "rules_digest": ..., "canary": [nonce], "rules": {id: {"deny": [...], "warn": [...]}}}

Every rule runs ``with input as`` just what it declares, so that OPA cannot show it more. The canary is a rule of
the library's own, asked in the same way, that denies in every evaluation: an engine that evaluates nothing, or
something else, cannot give it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper import _json
from gatekeeper.engine import bundle
from gatekeeper.engine.input_schema import input_schema, library_schema
from gatekeeper.errors import PolicyError
from gatekeeper.policy import BASELINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.engine.input_schema import Schema
    from gatekeeper.policy import Rule, RuleSet

NAMESPACE: Final = "gatekeeper"

_ID: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)+[A-Za-z0-9_][A-Za-z0-9_.-]*\.rego")
_PACKAGE: Final = re.compile(r"\s*(?:#[^\n]*\n\s*)*package[ \t]+([A-Za-z0-9_.]+)[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_OWN_SCHEMAS: Final = re.compile(r"^[ \t]*#.*\bschemas[\"']?[ \t]*:", re.MULTILINE)
_IMPORT: Final = re.compile(r"^([ \t]*import[ \t]+data\.)gatekeeper(?=\.)", re.MULTILINE)

_CANARY: Final = """\
package {namespace}_canary

deny contains input.nonce if {{
	some probe in input.probes
	probe.value > input.parameters.limit
}}
"""

_ENTRY: Final = """\
package {namespace}_entry

answers := [answer |
	some question in input.questions
	answer := reply with input as {{"question": question, "without": input.without}}
]

reply := {{
	"canary": canary,
	"nonce": input.question.nonce,
	"rules": {{id: answer |
		some id in input.question.ask
		not id in input.without
		answer := rules[id]
	}},
	"rules_digest": "{digest}",
}}

canary := denied if {{
	denied := data.{namespace}_canary.deny with input as {{
		"nonce": input.question.nonce,
		"parameters": {{"limit": 0}},
		"probes": [{{"value": 0}}, {{"value": 1}}],
	}}
}}
"""

_NO_RULES: Final = "\nrules := {}\n"

_RULE: Final = """
rules["{id}"].{answer} := value if {{
	value := data.{namespace}["{pack}"]["{name}"].{answer} with input as {{
{members}	}}
}}
"""

_TYPES: Final = """\
# METADATA
# scope: subpackages
# schemas:
#   - input: {schema}
package {package}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The modules and schemas of a rule set, ready for OPA.

    Attributes:
        rules: The rules it was made from.
        digest: The digest of the rules; every answer states it.
        namespace: The first word of every package.
        sources: The authors' modules by path, relative with forward slashes.
        generated: The modules that ask, by path.
        schemas: What each package may read as ``input``, a closed JSON Schema.
        checked: A bundle of all modules with those that attach the schemas; what is checked, and run by a process.
    """

    rules: RuleSet
    digest: str
    namespace: str
    sources: Mapping[str, str]
    generated: Mapping[str, str]
    schemas: Mapping[str, Schema]
    checked: bytes

    @property
    def query(self) -> str:
        """What to evaluate."""
        return f"data.{self.namespace}_entry.answers"

    @property
    def modules(self) -> dict[str, str]:
        """All that is run: the authors' modules and those that ask them."""
        return {**self.sources, **self.generated}


def build(rules: RuleSet, *, namespace: str = NAMESPACE) -> Program:
    """Make the program of a rule set.

    Args:
        rules: The rules.
        namespace: What to call the first word of all packages; another word than the authors' is for a server that
            holds several rule sets side by side.

    Raises:
        PolicyError: A rule's id, path, package or ``needs`` cannot be, or it brings a schema of its own.
    """
    modules = dict(sorted(rules.modules.items()))
    _check_rules(rules)
    _check_modules(rules, modules)
    digest = rules.digest
    sources = {path: _moved(path, text, namespace) for path, text in modules.items()}
    generated = {
        "gatekeeper/canary.rego": _CANARY.format(namespace=namespace),
        "gatekeeper/entry.rego": _entry(rules, digest, namespace),
    }
    schemas = {rule.package: input_schema(rule) for rule in rules.rules}
    packages = (_package(path, text)[1] for path, text in rules.libraries.items())
    schemas |= {package: library_schema(package) for package in packages}
    return Program(
        rules=rules,
        digest=digest,
        namespace=namespace,
        sources=sources,
        generated=generated,
        schemas=schemas,
        checked=bundle.pack({**sources, **generated, **type_modules(schemas, namespace)}),
    )


class Prepared:
    """The programs of the rule sets asked last, so that a kept gate makes each once.

    Args:
        namespace: The first word of a rule set's packages.
        most: How many are kept.
    """

    def __init__(self, *, namespace: Callable[[RuleSet], str] = lambda _: NAMESPACE, most: int = 16) -> None:
        self._namespace = namespace
        self._most = most
        self._kept: dict[int, Program] = {}

    def of(self, rules: RuleSet) -> Program:
        """The program of a rule set; see :func:`build`."""
        kept = self._kept.get(id(rules))
        if kept is None or kept.rules is not rules:  # an id is used again when its object is gone
            kept = build(rules, namespace=self._namespace(rules))
            self._kept = dict([*self._kept.items()][1 - self._most :]) | {id(rules): kept}
        return kept


def _check_rules(rules: RuleSet) -> None:
    seen: set[str] = set()
    for rule in rules.rules:
        if not _ID.fullmatch(rule.id):
            raise PolicyError(f"{rule.id!r} is no rule id", where=rule.path, hint="<pack>.<rule>, of a-z, 0-9 and _")
        if rule.id in seen:
            raise PolicyError(f"{rule.id} is there twice", where=rule.path, hint="rename one of them")
        seen.add(rule.id)
        found = _package(rule.path, rule.text)[1]
        if found != rule.package:
            raise PolicyError(f"the package is {found}", where=rule.path, hint=f"write: package {rule.package}")


def _check_modules(rules: RuleSet, modules: Mapping[str, str]) -> None:
    seen: set[str] = {NAMESPACE}
    for path, text in modules.items():
        if not _PATH.fullmatch(path):
            raise PolicyError("not a path below a folder of packs", where=path, hint="<pack>/<rule>/<rule>.rego")
        if path.startswith(f"{NAMESPACE}/") or path.casefold() in seen:
            raise PolicyError("the path is taken", where=path, hint="rename the file or its pack")
        seen.add(path.casefold())
        if own := _OWN_SCHEMAS.search(text):
            line = text.count("\n", 0, own.start()) + 1
            hint = "the input's type follows from needs and parameters; take the line out"
            raise PolicyError("brings a schema of its own", where=f"{path}:{line}", hint=hint)
    for path, text in rules.libraries.items():
        home = f"{NAMESPACE}.{path.partition('/')[0]}.lib"
        found = _package(path, text)[1]
        if found != home and not found.startswith(f"{home}."):
            raise PolicyError(f"the package is {found}", where=path, hint=f"write: package {home}")


def _package(path: str, text: str) -> re.Match[str]:
    found = _PACKAGE.match(text)
    if not found:
        hint = "the first line that is no comment is: package gatekeeper.<pack>.<rule>"
        raise PolicyError("no package", where=path, hint=hint)
    return found


def _entry(rules: RuleSet, digest: str, namespace: str) -> str:
    head = _ENTRY.format(namespace=namespace, digest=digest)
    asked = [_asking(rule, answer, namespace) for rule in rules.rules for answer in rule.answers]
    return head + ("".join(asked) or _NO_RULES)


def _asking(rule: Rule, answer: str, namespace: str) -> str:
    members = {kind: f"input.question.documents.{kind}" for kind in rule.facts}
    if rule.baseline:
        before = (f'"{kind}": input.question.baseline.{kind}' for kind in sorted(rule.baseline))
        members[BASELINE] = f"{{{', '.join(before)}}}"
    if rule.parameters:
        members["parameters"] = f'input.question.parameters["{rule.id}"]'
    members["subject"] = "input.question.subject"
    lines = "".join(f'\t\t"{name}": {value},\n' for name, value in sorted(members.items()))
    pack, _, name = rule.id.partition(".")
    return _RULE.format(id=rule.id, answer=answer, namespace=namespace, pack=pack, name=name, members=lines)


def type_modules(schemas: Mapping[str, Schema], namespace: str) -> dict[str, str]:
    """Modules that attach its schema to each package. JSON is YAML, which METADATA is written in."""
    return {
        f"gatekeeper/types/{index}.rego": _TYPES.format(
            package=_renamed(package, namespace), schema=_json.canonical(schema).decode()
        )
        for index, (package, schema) in enumerate(sorted(schemas.items()))
    }


def _renamed(package: str, namespace: str) -> str:
    return namespace + package.removeprefix(NAMESPACE)


def _moved(path: str, text: str, namespace: str) -> str:
    """The module with its package and imports under another first word; line numbers stay."""
    if namespace == NAMESPACE:
        return text
    found = _package(path, text)
    start, end = found.span(1)
    rest = _IMPORT.sub(rf"\g<1>{namespace}", text[end:])
    if "`" in text or f"data.{NAMESPACE}." in rest or f'data["{NAMESPACE}' in rest:
        hint = f"import data.{NAMESPACE}.<pack>.lib on a line of its own, and use no raw strings"
        raise PolicyError("cannot be placed beside other rule sets on a server", where=path, hint=hint)
    return text[:start] + _renamed(found[1], namespace) + rest
