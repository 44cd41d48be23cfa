"""The library as users have it: its wheel in an environment of its own, compiled."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def install(folder: Path) -> Path:
    """Build the wheel and install it; the interpreter of the new environment."""
    wheels = folder / "wheels"
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)])
    (wheel,) = wheels.glob("*.whl")
    home = folder / "environment"
    venv.create(home, symlinks=True, with_pip=False)
    python = home / "bin" / "python"
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            str(wheel),
        ]
    )
    (packages,) = home.glob("lib/python3.*/site-packages")
    # the dependencies are those of the running environment; both sides of each comparison pay for finding them
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _run([str(python), "-m", "compileall", "-q", str(packages)])
    return python


def _run(arguments: list[str]) -> None:
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{arguments} failed: {done.stderr.decode(errors='replace')[-2000:]}")
