"""``pip inspect`` (pip, "Inspection Report", version 1): an environment of Python, distribution by distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _packages
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMAT: Final = "pip-inspect"
_VERSION: Final = "1"


def recognise(value: Any) -> bool:
    """Whether this is pip's report on an environment."""
    return isinstance(value, dict) and {"version", "pip_version", "installed", "environment"} <= value.keys()


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    if fields.text(report, "version", "") != _VERSION:
        raise MalformedError("another version than 1", where="/version", code="pip_inspect.version")
    environment = fields.mapping(report, "environment", "")
    tools = [*_tools(report, environment)]
    facts = {
        "platform": " ".join(
            fields.text(environment, key, "/environment") for key in ("sys_platform", "platform_machine")
        ),
        "tools": tools,
        "tool_count": len(tools),
        "images": [],
        "image_count": 0,
        "complete": True,
    }
    producer = f"pip {fields.text(report, 'pip_version', '')}"
    return Reading(kind="environment", format=_FORMAT, facts=facts, producer=producer, media_type="application/json")


COLLECTOR: Final = JsonFormat(format=_FORMAT, kind="environment", recognise=recognise, reader=read)


def _tools(report: dict[str, Any], environment: dict[str, Any]) -> Iterator[dict[str, Any]]:
    python = fields.text(environment, "python_full_version", "/environment")
    yield {"name": "python", "version": python, "locator": "/environment/python_full_version"}
    for item, place in fields.each(fields.items(report, "installed", ""), "/installed"):
        metadata = fields.mapping(item, "metadata", place)
        name, version = (fields.text(metadata, key, f"{place}/metadata") for key in ("name", "version"))
        yield {"name": _packages.python_name(name), "version": version, "locator": place}
