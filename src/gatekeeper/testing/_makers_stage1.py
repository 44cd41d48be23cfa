"""Makers of evidence on builds: what was compiled, from what, where, and what belongs together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.testing._made import BEFORE, COMMIT, SHA256, Items, MadeDocument, entry, make, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEMBERS: Final[tuple[Mapping[str, Any], ...]] = (
    {"name": "app", "role": "source", "digest": {"alg": "gitCommit", "value": COMMIT}},
    {"name": "app.whl", "role": "artifact"},
    {"name": "registry.example.org/app", "role": "image"},
    {"name": "production", "role": "configuration"},
)
"""A release of one of each."""


def build(
    *,
    units: Items = 2,
    errors: Items = 0,
    warnings: Items = 0,
    notes: Items = 0,
    tool: str = "compiler",
    **more: Any,
) -> MadeDocument:
    """What a compiler made of the source; it succeeded unless there are errors.

    Args:
        units: What was compiled, by name.
        errors: Diagnostics by message, or as mappings (``{"message": "no such name", "path": "src/app.rs"}``).
        warnings: Likewise.
        notes: Likewise.
        tool: The build tool.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    diagnostics = [
        entry(item, "message", level=level)
        for level, items in (("error", errors), ("warning", warnings), ("note", notes))
        for item in named(items, level)
    ]
    for line, diagnostic in enumerate(diagnostics, start=1):
        diagnostic.setdefault("locator", f"line {line}")
    counts = Counter(diagnostic["level"] for diagnostic in diagnostics)
    compiled = named(units, "unit")
    facts = {
        "tool": tool,
        "toolchain": f"{tool} 1.0.0",
        "succeeded": not counts["error"],
        "units": compiled,
        "unit_count": len(compiled),
        "diagnostics": diagnostics,
        "error_count": counts["error"],
        "warning_count": counts["warning"],
        "finished_at": BEFORE,
    }
    return make("build", facts, **more)


def dependencies(*, packages: Items = 2, unlocked: Items = (), ecosystem: str = "pypi", **more: Any) -> MadeDocument:
    """Locked packages, each of one version, from one index, with a strong hash, not yanked.

    Args:
        packages: By name (``requests`` or ``requests@2.32.0``) or as mappings that say otherwise.
        unlocked: Requirements without a package, by name.
        ecosystem: ``pypi``, ``npm``, ``cargo`` or ``golang``.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = [_package(item, at) for at, item in enumerate(named(packages, "package"))]
    missing = [entry(item, "name", locator=f"/unlocked/{at}") for at, item in enumerate(named(unlocked, "missing"))]
    facts = {
        "ecosystem": ecosystem,
        "packages": held,
        "package_count": len(held),
        "direct_count": len(held) + len(missing),
        "unlocked": missing,
        "resolved_at": BEFORE,
    }
    return make("dependencies", facts, **more)


def _package(item: Any, at: int) -> dict[str, Any]:
    own = entry(item, "name")
    name, _, version = own["name"].partition("@")
    return entry(
        {"version": version or "1.0.0", **own, "name": name or own["name"]},
        "name",
        pinned=True,
        origin="registry",
        registry=True,
        index="https://index.example.org/simple",
        algorithms=["sha256"],
        hash_count=1,
        unhashed_count=0,
        yanked=False,
        direct=True,
        locator=f"/packages/{at}",
    )


def environment(
    *,
    name: str = "ci",
    tools: Mapping[str, str] | None = None,
    images: Mapping[str, str] | None = None,
    **more: Any,
) -> MadeDocument:
    """Tools and base images of an environment.

    Args:
        name: What it is called.
        tools: Versions by name.
        images: Digests by name.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    versions = {"compiler": "1.0.0"} if tools is None else tools
    digests = {"registry.example.org/base": f"sha256:{SHA256}"} if images is None else images
    facts = {
        "name": name,
        "platform": "linux/amd64",
        "tools": [
            {"name": tool, "version": version, "locator": f"/tools/{at}"}
            for at, (tool, version) in enumerate(versions.items())
        ],
        "tool_count": len(versions),
        "images": [
            {"name": image, "digest": digest, "locator": f"/images/{at}"}
            for at, (image, digest) in enumerate(digests.items())
        ],
        "image_count": len(digests),
        "observed_at": BEFORE,
    }
    return make("environment", facts, **more)


def release_manifest(
    *, name: str = "app", version: str = "1.0.0", members: Iterable[Mapping[str, Any]] = MEMBERS, **more: Any
) -> MadeDocument:
    """What belongs to a release: a source, an artifact, an image and a configuration.

    Args:
        name: Of what is released.
        version: Of the release, and of each member that does not say.
        members: As mappings; each has a SHA-256 digest unless it says otherwise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = [
        {"version": version, "digest": {"alg": "sha256", "value": SHA256}, "locator": f"/members/{at}", **member}
        for at, member in enumerate(members)
    ]
    facts = {"name": name, "version": version, "members": held, "member_count": len(held), "created_at": BEFORE}
    return make("release_manifest", facts, **more)


def reproducibility(*, builders: Items = ("ci", "rebuilder"), differences: Items = (), **more: Any) -> MadeDocument:
    """Builds of one source, compared; equal unless there are differences.

    Args:
        builders: By name, or as mappings that say the digest of what was built.
        differences: By path, or as mappings.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    found = [
        entry(item, "path", kind="content", locator=f"/differences/{at}")
        for at, item in enumerate(named(differences, "file"))
    ]
    builds = [
        entry(item, "builder", digest=_built(at if found else 0), built_at=BEFORE, locator=f"/builds/{at}")
        for at, item in enumerate(named(builders, "builder"))
    ]
    facts = {
        "builds": builds,
        "compared_count": len(builds),
        "differences": found,
        "difference_count": len(found),
        "compared_at": BEFORE,
    }
    return make("reproducibility", facts, **more)


def _built(at: int) -> str:
    return f"sha256:{SHA256[at:] + SHA256[:at]}"
