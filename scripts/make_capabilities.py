"""Write the capabilities file from the reviewed lists and the `opa` on PATH: run after changing the lists."""

from __future__ import annotations

import subprocess

from gatekeeper import _files
from gatekeeper.engine import capabilities

current = subprocess.run(["opa", "capabilities", "--current"], check=True, capture_output=True).stdout
_files.write_atomic(capabilities.path(), capabilities.reviewed(current))
print(f"wrote {capabilities.path().name}")
