"""Packs written for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
# METADATA
# title: A title
# description: Why it is there.
# custom:
#   needs: {needs}
#   parameters: {parameters}
#   remedy: Do something.
package gatekeeper.demo.probe
"""
"""The beginning of a rule; ``needs`` and ``parameters`` as YAML in one line."""

NEEDS = "{test_results: [failed]}"
PARAMETERS = "{limit: {type: integer, minimum: 0, default: 0, tighten: down}}"

DENY = """
deny contains violation if {
	some report in input.test_results
	report.failed > input.parameters.limit
	violation := {"message": $"{report.failed} failed", "source": report.source}
}
"""


def rule_text(
    body: str = DENY, *, needs: str = NEEDS, parameters: str = PARAMETERS, imports: str = "import rego.v2\n"
) -> str:
    """A rule that loads unless ``body`` is the matter; what ``imports`` says stands between package and body."""
    head = HEAD.replace("{needs}", needs).replace("{parameters}", parameters)
    return f"{head}\n{imports}{body}"


def write_pack(root: Path, rule: str = "", *, files: dict[str, str] | None = None, name: str = "demo") -> Path:
    """Write a pack with the rule ``probe``, and further ``files`` of it by path; return the folder of packs."""
    texts = {
        "pack.toml": f'name = "{name}"\nversion = "1.0.0"\ndescription = "For a test."\n',
        "probe/probe.rego": rule or rule_text().replace("gatekeeper.demo", f"gatekeeper.{name}"),
        **(files or {}),
    }
    for path, text in texts.items():
        target = root / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return root
