from __future__ import annotations

from typing import TYPE_CHECKING

from pack_files import write_pack

from gatekeeper.load.packs import load_packs

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rule_is_read_with_all_that_its_metadata_says(tmp_path: Path) -> None:
    packs = load_packs([write_pack(tmp_path)])

    rule = packs.rules["demo.probe"]
    assert rule.title == "A title"
    assert rule.path == "demo/probe/probe.rego"
