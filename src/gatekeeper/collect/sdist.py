"""A Python source distribution: what it says of itself in its ``PKG-INFO``, read inside the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper import _json
from gatekeeper.collect import _archive, _core_metadata
from gatekeeper.collect.reading import Reading
from gatekeeper.collect.wheel import file_name
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_MAGIC_AT: Final = slice(257, 262)
"""Where a tar header has ``ustar`` (POSIX.1-1988)."""


class _Sdist:
    format: Final = "sdist"
    kind: Final = "artifact"

    def matches(self, report: Report) -> bool:
        return report.data.startswith(b"\x1f\x8b") and _archive.gunzipped_head(report.data)[_MAGIC_AT] == b"ustar"

    def read(self, report: Report) -> Reading:
        members = _archive.tar_members(report.data, _is_metadata, where=report.name)
        if len(members) != 1:
            raise MalformedError("not one PKG-INFO in its folder", where=report.name, code="artifact.metadata")
        ((name, content),) = members.items()
        where = f"{report.name}: {name}"
        facts = _core_metadata.facts(
            _core_metadata.parse(content, where=where),
            data=report.data,
            file_name=file_name(report),
            form=self.format,
            builder="",
            where=where,
        )
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            media_type="application/gzip",
            targets=({"sha256": _json.digest(report.data).removeprefix("sha256:")},),
        )


COLLECTOR: Final = _Sdist()


def _is_metadata(name: str) -> bool:
    return name.count("/") == 1 and name.endswith("/PKG-INFO")
