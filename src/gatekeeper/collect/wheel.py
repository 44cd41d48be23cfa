"""A Python wheel: what it says of itself in its ``METADATA``, read inside the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper import _json
from gatekeeper.collect import _archive, _core_metadata
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_FOLDER: Final = ".dist-info"


class _Wheel:
    format: Final = "wheel"
    kind: Final = "artifact"

    def matches(self, report: Report) -> bool:
        return report.data.startswith(b"PK\x03\x04") and b".dist-info/METADATA" in report.data

    def read(self, report: Report) -> Reading:
        members = _archive.zip_members(report.data, _is_wanted, where=report.name)
        folders = {name.partition("/")[0] for name in members}
        if len(folders) != 1:
            raise MalformedError("not one .dist-info folder", where=report.name, code="artifact.metadata")
        folder = folders.pop()
        where = f"{report.name}: {folder}/METADATA"
        if f"{folder}/METADATA" not in members:
            raise MalformedError("absent", where=where, code="artifact.metadata")
        facts = _core_metadata.facts(
            _core_metadata.parse(members[f"{folder}/METADATA"], where=where),
            data=report.data,
            file_name=file_name(report),
            form=self.format,
            builder=_generator(members.get(f"{folder}/WHEEL", b""), f"{report.name}: {folder}/WHEEL"),
            where=where,
        )
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            producer=facts.get("builder", ""),
            media_type="application/zip",
            targets=(_own_digest(report),),
        )


COLLECTOR: Final = _Wheel()


def file_name(report: Report) -> str:
    """The artifact's file name, which is part of what it says of itself.

    Raises:
        MalformedError: There is none.
    """
    name = report.name.replace("\\", "/").rpartition("/")[2]
    if not name:
        raise MalformedError("an artifact needs its file name", code="artifact.file_name")
    return name


def _own_digest(report: Report) -> dict[str, str]:
    return {"sha256": _json.digest(report.data).removeprefix("sha256:")}


def _is_wanted(name: str) -> bool:
    folder, _, rest = name.partition("/")
    return folder.endswith(_FOLDER) and rest in {"METADATA", "WHEEL"}


def _generator(content: bytes, where: str) -> str:
    """The tool that built it (binary distribution format, the file WHEEL)."""
    values = _core_metadata.parse(content, where=where).get("generator", [""])
    return values[0]
