"""The built wheel, in an environment of its own: it has its data, and no more than it should."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tree import ROOT

if TYPE_CHECKING:
    from project import Project

pytestmark = pytest.mark.xdist_group("wheel")  # built once, not once in each worker

LOOK = """
import json
import gatekeeper
from gatekeeper import _data
print(json.dumps([gatekeeper.__file__, *(str(_data.folder(name)) for name in ("policies", "schemas", "gates"))]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheel and the locked dependencies of the running one, and nothing of the clone."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True, with_pip=False)
    interpreter = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    (packages,) = home.glob("lib/python3.*/site-packages")
    # A path file inside a path file is not followed: an editable install of the clone stays out of sight.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return interpreter


def test_the_wheel_carries_what_the_library_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder, inside in (("policies", "_policies"), ("schemas", "_schemas"), ("gates", "_gates")):
        here = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        there = {
            name.removeprefix(f"gatekeeper/{inside}/") for name in names if name.startswith(f"gatekeeper/{inside}/")
        }
        assert there == here, folder
    assert "gatekeeper/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top.split("-")[0] for top in tops} == {"gatekeeper", "gatekeeper_policy"}
    code = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")]
    assert not [name for name in code if {"tests", "conftest.py"} & set(name.split("/"))]


def test_the_installed_library_finds_its_own_data(python: Path, tmp_path: Path) -> None:
    output = subprocess.check_output([python, "-I", "-c", LOOK], cwd=tmp_path)
    package, *folders = json.loads(output)
    assert not Path(package).is_relative_to(ROOT)
    assert [Path(folder).parent for folder in folders] == [Path(package).parent] * 3


GATE = """\
name = "parcel"
engine = "opa 1.22.2"
engine_digests = ["{opa}"]
pack_dirs = ["gatekeeper"]
[stages.build]
rules = ["tests.passed"]
valid_for = "7d"
[stages.build.evidence]
unit = {{ kind = "test_results" }}
"""


@pytest.mark.parametrize(
    ("report", "code", "says"), [("pytest.xml", 0, "ALLOW"), ("pytest-bad.xml", 1, "[100-165] failed")]
)
def test_the_installed_library_decides_with_the_packs_it_carries(
    python: Path, project: Project, report: str, code: int, says: str
) -> None:
    project.write("gate.toml", GATE.format(opa=project.opa_digest))
    path = project.write("unit.xml", (ROOT / "fixtures/junit" / report).read_bytes())

    def gatekeeper(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-I", "-m", "gatekeeper", *arguments]
        return subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)

    attest = ("attest", path.name, "--subject", "app.whl", "--slot", "unit", "--key", "keys/ci.key", "-o", "evidence")
    for arguments in (("gate", "lock"), attest):
        done = gatekeeper(*arguments)
        assert done.returncode == 0, done.stderr
    decided = gatekeeper("decide", "app.whl", "--stage", "build", "--evidence", "evidence")
    assert (decided.returncode, says in decided.stdout) == (code, True), decided.stdout + decided.stderr


def test_the_installed_metadata_says_what_pyproject_says(python: Path, tmp_path: Path) -> None:
    program = """
from importlib.metadata import metadata
fields = metadata("gatekeeper-policy")
print(fields["License-Expression"], fields["Requires-Python"])
"""
    output = subprocess.check_output([python, "-I", "-c", program], cwd=tmp_path, text=True)
    assert output.split() == ["Apache-2.0", ">=3.11"]


def test_every_entry_point_leads_to_a_module_and_those_that_are_expected_are_there(
    python: Path, tmp_path: Path
) -> None:
    program = """
from importlib.metadata import distribution
for point in distribution("gatekeeper-policy").entry_points:
    point.load()
    print(f"{point.group}:{point.value}")
"""
    found = subprocess.check_output([python, "-I", "-c", program], cwd=tmp_path, text=True).split()
    expected = {"cli": "console_scripts:gatekeeper.cli:main", "pytest_plugin": "pytest11:gatekeeper.pytest_plugin"}
    package = ROOT / "src/gatekeeper"
    there = [line for name, line in expected.items() if (package / name).is_dir() or (package / f"{name}.py").is_file()]
    assert sorted(found) == sorted(there)
