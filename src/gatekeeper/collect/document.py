"""Configuration as it stands: JSON (RFC 8259), YAML 1.2 or TOML 1.0, for packs in the style of conftest.

Almost every report would match, so it is read as this only where ``--kind document`` asks for it. A document that is no
object is refused, an empty one in a YAML stream is passed over, and what is secret is taken out and its place named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect import _manifests, _text
from gatekeeper.collect._secret_names import says_secret
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

KIND: Final = "document"
_DATA: Final = frozenset({"data", "stringData"})
"""Members of a Kubernetes Secret that hold what is secret (API reference, Secret v1 core)."""


class _Documents:
    format: Final = "document"
    kind: Final = KIND

    def matches(self, report: Report) -> bool:
        """Whether it may be configuration; asked only where somebody says that it is."""
        return not report.looks_like_xml

    def read(self, report: Report) -> Reading:
        """Read every document.

        Raises:
            MalformedError: It cannot be read, or a document in it is no object; ``where`` has the place.
        """
        values, media_type = _values(report)
        name = report.name.replace("\\", "/").rpartition("/")[2] or "document"
        documents = [
            _document(value, place, f"{name}#{index}" if len(values) > 1 else name)
            for index, (value, place) in enumerate(values)
        ]
        facts = {"documents": documents, "document_count": len(documents), "complete": True}
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type=media_type)


def _values(report: Report) -> tuple[list[tuple[Any, str]], str]:
    if report.looks_like_json:
        held = report.documents if report.is_stream else ((report.json, 1),)
        return [(value, f"/{at}" if len(held) > 1 else "") for at, (value, _) in enumerate(held)], "application/json"
    try:
        return [(report.toml, "")], "application/toml"
    except LimitError:
        raise
    except MalformedError:
        return _manifests.documents(report), "application/yaml"


def _document(value: Any, place: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("a document that is no object", where=place or "/", code="document.object")
    redacted: list[str] = []
    is_secret = value.get("kind") == "Secret"
    content = {
        name: _without_secrets(item, _json.pointer(name), redacted, hidden=is_secret and name in _DATA)
        for name, item in value.items()
    }
    return {"path": path, "content": content, "redacted": redacted}


def _without_secrets(value: Any, place: str, redacted: list[str], *, hidden: bool) -> Any:
    if isinstance(value, dict):
        # an environment variable of a container: {name: DB_PASSWORD, value: ...}
        named = isinstance(value.get("name"), str) and says_secret(value["name"])
        return {
            name: _without_secrets(
                item,
                place + _json.pointer(name),
                redacted,
                hidden=hidden or says_secret(name) or (named and name == "value"),
            )
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(item, f"{place}/{at}", redacted, hidden=hidden) for at, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    shown = _text.REDACTED if hidden and value else _text.redact(_text.visible(value))
    if shown != value:
        redacted.append(place)
    return shown


COLLECTOR: Final = _Documents()
