"""Makers of configuration as it stands; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.testing._made import MadeDocument, make

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def document(
    *, contents: Mapping[str, Mapping[str, Any]] | None = None, redacted: Sequence[str] = (), **more: Any
) -> MadeDocument:
    """Documents of configuration.

    Args:
        contents: Each document by its path; one with the name of an application otherwise.
        redacted: JSON pointers of what was taken out of each.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = {"app.yaml": {"name": "app"}} if contents is None else contents
    documents = [{"path": path, "content": dict(content), "redacted": list(redacted)} for path, content in held.items()]
    return make("document", {"documents": documents, "document_count": len(documents)}, **more)
