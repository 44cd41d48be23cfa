"""What users see, to the byte. See ``snapshots.py`` for how to write the files again."""

from __future__ import annotations

import pytest
import snapshots

CASES = list(snapshots.all_snapshots())


@pytest.mark.parametrize("snapshot", CASES, ids=lambda snapshot: snapshot.path.name)
def test_a_decision_is_rendered_as_kept(snapshot: snapshots.Snapshot) -> None:
    assert snapshot.rendered() == snapshot.path.read_text(encoding="utf-8")


def test_no_snapshot_is_kept_that_nothing_renders() -> None:
    kept = {path.name for path in snapshots.FOLDER.iterdir()}

    assert kept == {snapshot.path.name for snapshot in CASES}
