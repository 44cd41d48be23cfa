"""Lint beyond the list of traps: where each check begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_cases import ACCEPTED, LIBRARY, NEEDS, PARAMETERS, READS, REFUSED, WITH_LIBRARY, rule
from pack_files import rule_text, write_pack

from gatekeeper.errors import PolicyError
from gatekeeper.load.packs import load_packs

if TYPE_CHECKING:
    from pathlib import Path


def load(root: Path, body: str, *, imports: str = "import rego.v2\n", library: str = "") -> None:
    needs = f"{NEEDS}\n#   reads: {READS}"
    text = rule_text(body, needs=needs, parameters=PARAMETERS, imports=imports)
    files = {"lib/more.rego": f"package gatekeeper.demo.lib\n\nimport rego.v2\n\n{library}"} if library else {}
    load_packs([write_pack(root, text, files=files)])


def refusal(root: Path, body: str, *, imports: str = "import rego.v2\n", library: str = "") -> str:
    with pytest.raises(PolicyError) as caught:
        load(root, body, imports=imports, library=library)
    assert caught.value.code == "policy.lint"
    return caught.value.message.partition(" (and ")[0]


@pytest.mark.parametrize(("name", "body", "message"), REFUSED, ids=[f"{at}-{row[0]}" for at, row in enumerate(REFUSED)])
def test_refused(tmp_path: Path, name: str, body: str, message: str) -> None:
    imports = "import rego.v2\n\nimport input.vulnerabilities\n" if name == "import of a fact" else "import rego.v2\n"
    if "lib." in body:
        imports = WITH_LIBRARY

    assert refusal(tmp_path, body, imports=imports, library=LIBRARY if "lib." in body else "") == message


@pytest.mark.parametrize(("name", "body"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_accepted(tmp_path: Path, name: str, body: str) -> None:
    load(tmp_path, body)


@pytest.mark.parametrize("imported", ["rego.v2", "future.keywords.not", "future.keywords"])
def test_not_is_accepted_where_it_is_mended(tmp_path: Path, imported: str) -> None:
    load(tmp_path, rule('not item.id == "x"'), imports=f"import {imported}\n")


def test_without_not_no_import_is_needed(tmp_path: Path) -> None:
    load(tmp_path, rule('item.id == "x"'), imports="")


def test_a_library_is_linted_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, rule(), library="f(x) if x.y") == "f looks into its argument x"
    assert refusal(tmp_path, rule(), library="default f(_) := true") == "f has a default other than false"
    assert refusal(tmp_path, rule(), library="f(x) if data.config[x]") == "refers to data.config"


def test_all_problems_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, rule('item.severity == "hihg"', "item.id < 5", "some x"))

    assert caught.value.message == "vulnerabilities.findings.severity is never 'hihg' (and 2 more)"
    assert caught.value.hint == "did you mean high?"
    assert caught.value.where.endswith("probe.rego:24")
