"""`./demo`, from the first key to the last refusal: real tools, real signatures, real OPA."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.engine import find
from gatekeeper.errors import EngineMissingError

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("demonstration")  # run once, not once in each worker


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What it prints, and the folder that it leaves."""
    pytest.importorskip("cyclonedx_py", reason="the tools of the demonstration are not installed")
    try:
        find.find("1.22.2")
    except EngineMissingError:
        pytest.skip("no OPA that is known by its digest: gatekeeper opa install")
    folder = tmp_path_factory.mktemp("demonstration")
    command = [sys.executable, "-W", "ignore", str(ROOT / "examples/parcel/demonstrate.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr, folder


def test_the_change_is_denied_for_its_three_faults_and_allowed_once_mended(demonstration: tuple[str, Path]) -> None:
    text, _ = demonstration
    verdicts = re.findall(r"^(DENY|ALLOW|ADMITTED)\b", text, re.MULTILINE)
    assert verdicts == ["DENY", "ALLOW", "DENY", "ALLOW", "ADMITTED"]
    first = text[text.index("DENY") : text.index("ALLOW")]
    assert re.findall(r"✗ ([\w.]+)", first) == ["tests.passed", "coverage.lines", "static_analysis.clean"]
    assert "test_a_band_includes_its_upper_end[100-165] failed" in first
    assert "112 of 128 lines are covered, 90% are needed" in first
    assert "error F401 in src/parcel/postage.py:5" in first


def test_integration_waits_for_nothing_but_the_approval(demonstration: tuple[str, Path]) -> None:
    text, _ = demonstration
    waiting = text[text.index("So far it only waits.") : text.index("6. Ada")]
    assert "1 waiting" in waiting
    assert "failed" not in waiting
    assert "unanswered" not in waiting


def test_records_replay_and_what_was_tampered_with_is_refused(demonstration: tuple[str, Path]) -> None:
    text, folder = demonstration
    assert text.count("IDENTICAL") == len(list((folder / "records").iterdir())) == 4
    assert "whole: 4 entries are whole" in text
    tampered = text[text.index("9. Copies") :]
    assert "it is about another subject" in tampered
    assert "forged.record.json" in tampered
    assert "broken: entry 1" in tampered


def test_it_leaves_the_files_to_look_at(demonstration: tuple[str, Path]) -> None:
    _, folder = demonstration
    left = {path.name for path in folder.iterdir()}
    assert left >= {"reports", "evidence", "records", "decisions.db", "gate.toml", "gate.lock", "trust.toml", "keys"}
    sbom = json.loads((folder / "reports/sbom.cdx.json").read_text(encoding="utf-8"))
    assert len(sbom["components"]) > 50


@pytest.mark.parametrize(("argument", "said"), [("--help", "usage: ./demo [FOLDER]"), (".", "is not empty")])
def test_a_folder_of_somebody_is_never_cleared(tmp_path: Path, argument: str, said: str) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    command = [sys.executable, str(ROOT / "examples/parcel/demonstrate.py"), argument]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
