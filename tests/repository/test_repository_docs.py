"""No example that nobody runs: every fenced block of every document, and the runner itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import examples
from tree import ROOT, name_of, tracked

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if examples.examples_in(path)], ids=name_of)
def test_the_examples_of(path: Path, tmp_path: Path, opa_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_OPA", str(opa_path))
    monkeypatch.chdir(tmp_path)
    examples.run_document(path, tmp_path)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_note_belongs_to_a_block(path: Path) -> None:
    notes = [example.note for example in examples._blocks(path) if example.note]
    assert path.read_text(encoding="utf-8").count("\n<!-- example: ") == len(notes)
    for note in notes:
        assert note == "parse" or note.startswith(("in ", "file ", "skip because ")), note


def document(tmp_path: Path, text: str) -> Path:
    path = ROOT / "build" / f"{tmp_path.name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ true\n[1]\n```\n",
        "```console\nno command\n```\n",
        "```sh\nif true; then\n```\n",
        "```toml\na = \n```\n",
        "```json\n{\n```\n",
        "```yaml\na: [\n```\n",
        "```cobol\nSTOP RUN.\n```\n",
    ],
)
def test_an_example_that_is_wrong_is_found(block: str, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception):
        examples.run_document(document(tmp_path, block), tmp_path)


def test_a_python_example_that_is_wrong_is_found_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        examples.run_document(document(tmp_path, "# Title\n\n```python\n1 / 0\n```\n"), tmp_path)
    assert caught.traceback[-1].lineno == 3  # counted from zero


def test_examples_share_folder_and_names(tmp_path: Path) -> None:
    text = """
<!-- example: file gate.toml -->
```toml
name = "parcel"
```
```console
$ cat gate.toml && echo done \\
> twice; exit 3
name = ...
done twice
[3]
```
```python
name = 1
```
```python
assert name == 1
```
<!-- example: skip because it takes minutes -->
```console
$ false
```
"""
    examples.run_document(document(tmp_path, text), tmp_path)
    assert (tmp_path / "gate.toml").read_text(encoding="utf-8") == 'name = "parcel"\n'
