"""Guards over policies in the style of conftest."""

from __future__ import annotations

from typing import Any

from guard import Guard, always, becomes

SILENT = """
said(answer) := answer if is_string(answer)
"""


def _as_in_v1(original: Any) -> Any:
    return lambda *args: original(*args).replace("import rego.v2", "import rego.v1")


_AT = "gatekeeper.load._conftest"
GUARDS = (
    Guard("conftest.requires", "documents without what policies read", f"{_AT}:_REQUIRED", becomes("")),
    Guard("conftest.not", "not over what is absent", f"{_AT}:_moved", _as_in_v1),
    Guard("conftest.said", "answers that are no message", f"{_AT}:_SAID", becomes(SILENT)),
    Guard("conftest.names", "names that conftest never asks for", f"{_AT}:_check_name", always(None)),
    Guard("conftest.imports", "packages and names that are not there", f"{_AT}:_check_import", always(None)),
    Guard("conftest.words", "input of another shape", f"{_AT}:_check_words", always(None)),
    Guard("conftest.checked", "namespaces that nobody asks", f"{_AT}:_check", always(None)),
)
