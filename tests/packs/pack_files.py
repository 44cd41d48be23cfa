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
#   needs: {test_results: [failed, cases.name, cases.outcome, cases.locator], coverage: [lines_valid, lines_covered]}
#   parameters: {limit: {type: integer, minimum: 0, default: 0, tighten: down}}
#   remedy: Do something.
package gatekeeper.demo.probe

import rego.v2
"""

DENY = """
deny contains violation if {
	some report in input.test_results
	report.failed > input.parameters.limit
	violation := {"message": $"{report.failed} failed", "source": report.source}
}
"""


def write_pack(
    root: Path, rule: str = HEAD + DENY, *, name: str = "demo", rule_name: str = "probe", **others: str
) -> Path:
    """Write ``root/<name>`` with one rule; ``others`` are further files of the pack by path, ``__`` for a slash."""
    pack = root / name
    (pack / rule_name).mkdir(parents=True, exist_ok=True)
    (pack / "pack.toml").write_text(f'name = "{name}"\nversion = "1.0.0"\ndescription = "For a test."\n')
    (pack / rule_name / f"{rule_name}.rego").write_text(rule)
    for path, text in others.items():
        target = pack / path.replace("__", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return root
