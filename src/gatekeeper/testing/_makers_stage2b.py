"""Makers of evidence about what is vulnerable, misconfigured or private; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.testing._made import BEFORE, SHA256, Items, MadeDocument, entry, make, named

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEVERITIES: Final = ("critical", "high", "medium", "low", "negligible", "unknown")


def vex(*, not_affected: Items = 1, affected: Items = (), fixed: Items = (), **more: Any) -> MadeDocument:
    """Statements about vulnerabilities in a product.

    Args:
        not_affected: By vulnerability, or as mappings (``{"vulnerability": "CVE-2026-1", "products": ["pkg:..."]}``);
            each has a justification and is about the made subject unless it says otherwise. ``products`` are package
            URLs or mappings.
        affected: Likewise, without justification.
        fixed: Likewise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    groups = {"not_affected": not_affected, "affected": affected, "fixed": fixed}
    statements = [_statement(item, status) for status, items in groups.items() for item in named(items, status)]
    for at, statement in enumerate(statements):
        statement.setdefault("locator", f"/statements/{at}")
    facts = {"statements": statements, "statement_count": len(statements), "issued_at": BEFORE}
    return make("vex", facts, **more)


def _statement(given: Any, status: str) -> dict[str, Any]:
    why = "vulnerable_code_not_present" if status == "not_affected" else None
    own = {"name": "app", "digests": [f"sha256:{SHA256}"], "subcomponents": []}
    made = entry(given, "vulnerability", aliases=[], products=[own], status=status, justification=why, timestamp=BEFORE)
    made["products"] = [_product(item) for item in made["products"]]
    return made


def _product(given: Any) -> dict[str, Any]:
    said = {"name": given, "purl": given} if isinstance(given, str) else given
    made = entry(said, "name", digests=[], subcomponents=[])
    made["subcomponents"] = [
        entry({"name": item, "purl": item} if isinstance(item, str) else item, "name", digests=[])
        for item in made["subcomponents"]
    ]
    return made


def misconfiguration(
    *,
    critical: Items = 0,
    high: Items = 0,
    medium: Items = 0,
    low: Items = 0,
    negligible: Items = 0,
    unknown: Items = 0,
    tools: Sequence[str] = ("scanner",),
    checks_examined: int = 10,
    **more: Any,
) -> MadeDocument:
    """Findings of a scanner of configuration.

    Args:
        critical: Findings by check, or as mappings (``{"id": "DL3002", "path": "Dockerfile", "suppressed": True}``).
        high: Likewise.
        medium: Likewise.
        low: Likewise.
        negligible: Likewise.
        unknown: Likewise.
        tools: What scanned.
        checks_examined: How many checks were made.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    groups = (critical, high, medium, low, negligible, unknown)
    findings = [
        entry(item, "id", severity=severity, message=f"{severity} found", path="Dockerfile", line=1, suppressed=False)
        for severity, items in zip(_SEVERITIES, groups, strict=True)
        for item in named(items, severity)
    ]
    for at, finding in enumerate(findings):
        finding.setdefault("locator", f"/findings/{at}")
    counts = Counter(finding["severity"] for finding in findings if not finding["suppressed"])
    facts = {
        "tools": list(tools),
        "findings": findings,
        "counts": {severity: counts[severity] for severity in _SEVERITIES},
        "checks_examined": checks_examined,
        "scanned_at": BEFORE,
    }
    return make("misconfiguration", facts, **more)


def secrets(*, found: Items = 0, tool: str = "scanner", examined: int = 10, **more: Any) -> MadeDocument:
    """Findings of a scanner for secrets.

    Args:
        found: By kind of secret, or as mappings (``{"rule": "aws-access-token", "path": "app.py"}``).
        tool: The scanner.
        examined: How many commits, chunks or files it looked at.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    findings = [
        entry(item, "rule", path="src/app.py", line=1, fingerprint=f"src/app.py:{at}", locator=f"/{at}")
        for at, item in enumerate(named(found, "token"))
    ]
    facts = {"tool": tool, "findings": findings, "finding_count": len(findings), "examined": examined}
    return make("secrets", {**facts, "scanned_at": BEFORE}, **more)


def data_handling(*, stores: Items = 1, reviewer: str = "github:grace", **more: Any) -> MadeDocument:
    """How data is handled.

    Args:
        stores: By name, or as mappings (``{"name": "accounts", "classification": "restricted"}``).
        reviewer: Who last looked at access.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = [
        entry(
            item,
            "name",
            classification="internal",
            contents=["name"],
            owner="github:ada",
            retention_policy="https://example.org/retention",
            retention_days=30,
            locator=f"/stores/{at}",
        )
        for at, item in enumerate(named(stores, "store"))
    ]
    facts = {"stores": held, "store_count": len(held), "access_reviewed_at": BEFORE, "access_reviewer": reviewer}
    return make("data_handling", facts, **more)
