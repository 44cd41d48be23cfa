"""A decision reads the rules that its gate names, and not the others."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pack_files import rule_text, write_pack

from gatekeeper.errors import PolicyError
from gatekeeper.load.metadata import _looks_like_mark
from gatekeeper.load.packs import load_packs

if TYPE_CHECKING:
    from pathlib import Path


def two_rules(root: Path, other: str) -> Path:
    write_pack(root)
    (root / "demo" / "other").mkdir()
    (root / "demo" / "other" / "other.rego").write_text(other, encoding="utf-8")
    return root


def test_a_rule_that_is_not_named_is_known_and_not_read(tmp_path: Path) -> None:
    root = two_rules(tmp_path, "this is no Rego")
    packs = load_packs([root], only=["demo.probe"])
    assert list(packs.rules) == ["demo.probe"]
    assert packs.known == ["demo.other", "demo.probe"]
    with pytest.raises(PolicyError, match=r"did you mean demo\.other"):
        packs.resolve(["demo.othr"])


@pytest.mark.parametrize("only", [None, ["demo.*"], ["demo.other"]])
def test_a_rule_that_is_named_is_read_and_checked(tmp_path: Path, only: list[str] | None) -> None:
    with pytest.raises(PolicyError):
        load_packs([two_rules(tmp_path, "this is no Rego")], only=only)


def test_what_was_read_alone_is_what_is_read_with_all(tmp_path: Path) -> None:
    root = two_rules(tmp_path, rule_text().replace("demo.probe", "demo.other"))
    assert load_packs([root], only=["demo.probe"]).rules["demo.probe"] == load_packs([root]).rules["demo.probe"]


def test_layout_and_names_are_checked_in_any_case(tmp_path: Path) -> None:
    root = two_rules(tmp_path, "this is no Rego")
    (root / "demo" / "Bad").mkdir()
    (root / "demo" / "Bad" / "Bad.rego").write_text("", encoding="utf-8")
    with pytest.raises(PolicyError, match="is no name"):
        load_packs([root], only=["demo.probe"])


@given(st.text(alphabet="METAD O", max_size=16))
def test_the_quick_look_finds_every_misspelt_mark(word: str) -> None:
    bare = word.strip()
    like = bare.startswith("METADATA") or SequenceMatcher(None, bare, "METADATA").ratio() >= 0.75
    assert _looks_like_mark(f"# {word}") == like
