"""A container image's configuration (OCI image specification, config.md): what its labels say of it.

The labels are those of the specification's annotations (``org.opencontainers.image.*``). The digest is that of the
configuration, which is the image's id; registries name the manifest above it, so this report names no target. The
oldest entry of the history is the base's: the configuration does not say where the base ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json, _time
from gatekeeper.collect.reading import Reading
from gatekeeper.collect.wheel import file_name
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_PREFIX: Final = "org.opencontainers.image."
_URLS: Final = ("url", "documentation", "source")


class _Image:
    format: Final = "image"
    kind: Final = "artifact"

    def matches(self, report: Report) -> bool:
        if not report.looks_like_json or b'"rootfs"' not in report.data:
            return False
        try:
            config = report.json
        except MalformedError:
            return False
        return isinstance(config, dict) and isinstance(config.get("rootfs"), dict) and "architecture" in config

    def read(self, report: Report) -> Reading:
        facts = _facts(fields.document(report.json))
        facts |= {"file_name": file_name(report), "digest": _json.digest(report.data)}
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            media_type="application/vnd.oci.image.config.v1+json",
        )


COLLECTOR: Final = _Image()


def _facts(config: dict[str, Any]) -> dict[str, Any]:
    place = "/config/Labels"
    running = fields.optional_mapping(config, "config", "")
    labels = fields.optional_mapping(running, "Labels", "/config")
    authors = fields.optional_text(labels, f"{_PREFIX}authors", place) or fields.optional_text(config, "author", "")
    license_text = fields.optional_text(labels, f"{_PREFIX}licenses", place)
    urls = [fields.optional_text(labels, _PREFIX + name, place) for name in _URLS]
    return {
        "format": "image",
        "name": fields.text(labels, f"{_PREFIX}title", place),
        "version": fields.text(labels, f"{_PREFIX}version", place),
        "licenses": [license_text] if license_text else [],
        "contributors": [name.strip() for name in authors.split(",") if name.strip()],
        "urls": list(dict.fromkeys(url for url in urls if url)),
        "user": fields.optional_text(running, "User", "/config"),
        "complete": True,
        **fields.known(
            base_created_at=_oldest_layer(config),
            built_at=fields.instant(labels, f"{_PREFIX}created", place) or fields.instant(config, "created", ""),
            revision=fields.optional_text(labels, f"{_PREFIX}revision", place),
        ),
    }


def _oldest_layer(config: dict[str, Any]) -> str:
    """When the oldest layer was made; empty where any layer does not say: the oldest could be that one."""
    made = [fields.instant(layer, "created", place) for layer, place in fields.each_in(config, "history", "")]
    if not made or not all(made):
        return ""
    return min(made, key=_time.parse_instant)
