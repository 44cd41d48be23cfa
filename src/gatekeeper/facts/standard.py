"""Standard predicates: facts from statements that other tools make and sign.

The type of a predicate is matched by its URI without the version and by the versions that are read. Predicates that
say nothing of a kind there is (SCAI, link, VSA, SVR) are not read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.facts.readers import cyclonedx, openvex, release, slsa, spdx, test_result, vulns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.attestation import Statement
    from gatekeeper.facts.reading import Reading

PLACE: Final = "/predicate"
"""Where the predicate lies in the payload; locators point into the payload."""


def read_standard(statement: Statement) -> tuple[str, Mapping[str, Any], str] | None:
    """What a statement with a standard predicate says.

    The facts are checked by :meth:`gatekeeper.facts.Kind.validate` like any others; that is the caller's.

    Returns:
        The kind, the facts and the format; None when the predicate's type is none that is read.

    Raises:
        MalformedError: The predicate is of such a type and cannot be read; ``where`` has the JSON pointer.
    """
    reader = _READERS.get(statement.predicate_type)
    if reader is None:
        return None
    reading = reader(statement)
    return reading.kind, reading.facts, reading.format


def _predicate(read: Callable[[Any, str], Reading]) -> Callable[[Statement], Reading]:
    return lambda statement: read(statement.predicate, PLACE)


def _release(statement: Statement) -> Reading:
    return release.read(statement.predicate, PLACE, statement.subjects)


def _vulns(statement: Statement) -> Reading:
    name, digest_set = statement.subjects[0]
    first = next(iter(sorted((algorithm, str(value)) for algorithm, value in digest_set.items())))
    return vulns.read(statement.predicate, PLACE, subject=name or ":".join(first))


def _openvex(statement: Statement) -> Reading:
    return openvex.read(statement.predicate, PLACE, subjects=statement.subjects)


_READERS: Final[Mapping[str, Callable[[Statement], Reading]]] = {
    slsa.TYPE_V02: _predicate(slsa.read_v02),
    slsa.TYPE_V1: _predicate(slsa.read_v1),
    "https://cyclonedx.org/bom": _predicate(cyclonedx.read),
    **{f"https://cyclonedx.org/bom/v{version}": _predicate(cyclonedx.read) for version in sorted(cyclonedx.VERSIONS)},
    "https://spdx.dev/Document": _predicate(spdx.read),
    "https://spdx.dev/Document/v2.2": _predicate(spdx.read),
    "https://spdx.dev/Document/v2.3": _predicate(spdx.read),
    **dict.fromkeys(release.TYPES, _release),
    **dict.fromkeys(openvex.CONTEXTS, _openvex),
    "https://in-toto.io/attestation/vulns": _vulns,
    "https://in-toto.io/attestation/vulns/v0.1": _vulns,
    "https://in-toto.io/attestation/vulns/v0.2": _vulns,
    "https://in-toto.io/attestation/test-result/v0.1": _predicate(test_result.read),
}
