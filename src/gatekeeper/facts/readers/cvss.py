"""The base score of a CVSS v3 vector.

CVSS v3.1 Specification Document, sections 7.1 (base equations), 7.4 (metric values) and appendix A (rounding up).
Version 3.0 differs in the prose only: both give the same base score for every vector.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIXES: Final = frozenset({"CVSS:3.0", "CVSS:3.1"})
_IMPACT: Final = {"H": 0.56, "L": 0.22, "N": 0.0}
_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": _IMPACT,
    "I": _IMPACT,
    "A": _IMPACT,
}
_CHANGED_PRIVILEGES: Final[Mapping[str, float]] = {"N": 0.85, "L": 0.68, "H": 0.5}


def base_score(vector: str, *, where: str = "") -> float:
    """The base score, 0.0 to 10.0 with one decimal, of ``CVSS:3.x/AV:N/AC:L/...``.

    Temporal and environmental metrics are passed over.

    Raises:
        MalformedError: No CVSS v3 vector, or a base metric that is absent, there twice or has another value.
    """
    prefix, *parts = vector.split("/")
    pairs = [part.partition(":")[::2] for part in parts]
    metrics = dict(pairs)
    if prefix not in _PREFIXES or len(metrics) != len(pairs):
        raise MalformedError("not a CVSS v3 vector", where=where, code="cvss.vector")
    try:
        weight = {name: values[metrics[name]] for name, values in _WEIGHTS.items()}
    except KeyError as cause:
        raise MalformedError(f"not a CVSS v3 vector: {cause}", where=where, code="cvss.vector") from cause
    changed = metrics["S"] == "C"
    if changed:
        weight["PR"] = _CHANGED_PRIVILEGES[metrics["PR"]]
    return _base(weight, changed=changed)


def _base(weight: Mapping[str, float], *, changed: bool) -> float:
    iss = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02) ** 15 if changed else 6.42 * iss
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weight["AV"] * weight["AC"] * weight["PR"] * weight["UI"]
    total = impact + exploitability
    return _round_up(min(1.08 * total if changed else total, 10))


def _round_up(value: float) -> float:
    # Appendix A: in whole hundred-thousandths, so that binary fractions do not push a score up a step.
    hundred_thousandths = round(value * 100_000)
    if hundred_thousandths % 10_000 == 0:
        return hundred_thousandths / 100_000
    return (math.floor(hundred_thousandths / 10_000) + 1) / 10
