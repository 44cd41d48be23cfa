"""The repository speaks of itself alone: no index hosts, no paths of somebody's machine, no private keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tree import ROOT, name_of, tracked

if TYPE_CHECKING:
    from pathlib import Path

# Written in parts, so that this file does not hold what it looks for.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "proxy.go" + "lang.org",
    "sum.go" + "lang.org",
    "crates" + ".io",
    "repo.maven" + ".apache.org",
    "repo1.maven" + ".org",
    "deb.deb" + "ian.org",
]
MACHINE = re.compile(r"/(?:ro" + r"ot|wo" + r"rk)/|/home/[a-z]+/\.")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + r"KEY-----\s+[A-Za-z0-9+/]{32}")
KEYS_THAT_OPEN_NOTHING: set[str] = set()
"""Files that may hold a private key: one that was made for this repository and is trusted nowhere else."""


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize(
    "pattern", [re.compile("|".join(map(re.escape, HOSTS))), MACHINE], ids=["index hosts", "machine paths"]
)
def test_no_file_names(pattern: re.Pattern[str]) -> None:
    found = [f"{name_of(path)}: {match[0]}" for path in tracked() if (match := pattern.search(text_of(path)))]
    assert found == []


def test_no_file_holds_a_private_key() -> None:
    found = {name_of(path) for path in tracked() if PRIVATE_KEY.search(text_of(path))}
    assert found - KEYS_THAT_OPEN_NOTHING == set()


def test_what_is_looked_for_would_be_found() -> None:
    assert MACHINE.search("see /wo" + "rk/tree")
    assert PRIVATE_KEY.search("-----BEGIN PRIVATE " + "KEY-----\n" + "MC4CAQAwBQYDK2VwBCIEIJ" * 2)


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    changelog = text_of(ROOT / "CHANGELOG.md")
    headings = re.findall(r"^## \[(.+?)\]( - \d{4}-\d{2}-\d{2})?$", changelog, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert all(date for _, date in headings[1:]), "a released version has its date"
    kinds = set(re.findall(r"^### (\w+)$", changelog, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [path for path in tracked() if path.suffix == ".md"]
    links = [(path, target) for path in documents for target in local_links(path)]
    assert [f"{name_of(path)}: {target}" for path, target in links if not (path.parent / target).exists()] == []


def local_links(document: Path) -> list[str]:
    prose = re.sub(r"^(`{3,}).*?^\1", "", text_of(document), flags=re.MULTILINE | re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose) if ":" not in target]


def test_decision_records_have_numbers_of_their_own_and_say_them() -> None:
    records = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert records
    assert len({path.name[:4] for path in records}) == len(records)
    for path in records:
        assert text_of(path).startswith(f"# {path.name[:4]}. "), path.name
        assert re.search(r"^Decision: ", text_of(path), re.MULTILINE), path.name
