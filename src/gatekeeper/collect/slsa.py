"""SLSA provenance v0.2 and v1, as a bare predicate or in a plain in-toto statement.

A signed one is an attestation already: it goes into the evidence as it is, with its signature. See
:mod:`gatekeeper.facts.readers.slsa`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.attestation import STATEMENT_TYPES
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.facts.readers import digests, fields, slsa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.collect.reading import Reading

_STATEMENTS: Final[Mapping[str, Callable[[Any, str], Reading]]] = {
    slsa.TYPE_V02: slsa.read_v02,
    slsa.TYPE_V1: slsa.read_v1,
}


def recognise(value: Any) -> bool:
    """Whether this is provenance of a version that is read."""
    if not isinstance(value, dict):
        return False
    if "_type" in value:
        return str(value["_type"]) in STATEMENT_TYPES and str(value.get("predicateType")) in _STATEMENTS
    return slsa.recognise_v1(value) or slsa.recognise_v02(value)


def read(value: Any) -> Reading:
    """Read a predicate, or the one in a statement; the statement's subjects are what it is about."""
    if "_type" not in value:
        return slsa.read_v1(value) if slsa.recognise_v1(value) else slsa.read_v02(value)
    reading = _STATEMENTS[value["predicateType"]](value.get("predicate"), "/predicate")
    subjects = (fields.mapping(item, "digest", place) for item, place in fields.each_in(value, "subject", ""))
    return replace(reading, targets=digests.distinct(map(digests.bound, subjects)))


COLLECTOR: Final = JsonFormat(format=slsa.FORMAT, kind="provenance", recognise=recognise, reader=read)
