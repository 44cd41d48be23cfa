"""SLSA provenance v0.2 and v1, the predicate itself.

https://slsa.dev/provenance/v0.2 and https://slsa.dev/provenance/v1. What the builder says of the completeness of its
lists is not this document's ``complete``: nearly every builder says that its materials are not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "slsa-provenance"
TYPE_V02: Final = "https://slsa.dev/provenance/v0.2"
TYPE_V1: Final = "https://slsa.dev/provenance/v1"
_COMMIT: Final = re.compile(r"sha1:([0-9a-f]{40})", re.ASCII)
_MEDIA_TYPE: Final = "application/vnd.in-toto+json"


def recognise_v1(value: Any) -> bool:
    """Whether this is a provenance v1 predicate."""
    return isinstance(value, dict) and "buildDefinition" in value and "runDetails" in value


def recognise_v02(value: Any) -> bool:
    """Whether this is a provenance v0.2 predicate."""
    return isinstance(value, dict) and "builder" in value and "buildType" in value


def read_v1(value: Any, place: str = "") -> Reading:
    """Read a v1 predicate that lies at ``place``.

    Raises:
        MalformedError: A required member is absent or a member is not what it should be.
    """
    predicate = fields.document(value, place)
    definition = fields.mapping(predicate, "buildDefinition", place)
    run = fields.mapping(predicate, "runDetails", place)
    metadata = fields.optional_mapping(run, "metadata", f"{place}/runDetails")
    parameters = fields.optional_mapping(definition, "externalParameters", f"{place}/buildDefinition")
    materials = list(_materials(definition, "resolvedDependencies", f"{place}/buildDefinition"))
    source = _source_v1(parameters, materials, f"{place}/buildDefinition/externalParameters")
    return _reading(
        builder=_builder(run, f"{place}/runDetails"),
        build_type=fields.text(definition, "buildType", f"{place}/buildDefinition"),
        source=source,
        materials=materials,
        parameters=_writable(parameters, f"{place}/buildDefinition/externalParameters")
        if "externalParameters" in definition
        else None,
        started_at=fields.instant(metadata, "startedOn", f"{place}/runDetails/metadata"),
        finished_at=fields.instant(metadata, "finishedOn", f"{place}/runDetails/metadata"),
    )


def read_v02(value: Any, place: str = "") -> Reading:
    """Read a v0.2 predicate that lies at ``place``.

    Raises:
        MalformedError: A required member is absent or a member is not what it should be.
    """
    predicate = fields.document(value, place)
    invocation = fields.optional_mapping(predicate, "invocation", place)
    metadata = fields.optional_mapping(predicate, "metadata", place)
    config = fields.optional_mapping(invocation, "configSource", f"{place}/invocation")
    parameters = fields.optional_mapping(invocation, "parameters", f"{place}/invocation")
    return _reading(
        builder=_builder(predicate, place),
        build_type=fields.text(predicate, "buildType", place),
        source=_resource(config, f"{place}/invocation/configSource") if config.get("uri") else {},
        materials=list(_materials(predicate, "materials", place)),
        parameters=_writable(parameters, f"{place}/invocation/parameters") if "parameters" in invocation else None,
        started_at=fields.instant(metadata, "buildStartedOn", f"{place}/metadata"),
        finished_at=fields.instant(metadata, "buildFinishedOn", f"{place}/metadata"),
    )


def _reading(*, builder: str, source: dict[str, str], materials: list[dict[str, str]], **others: Any) -> Reading:
    facts = {
        "builder": builder,
        "materials": materials,
        "complete": True,
        **fields.known(source_uri=source.get("uri"), source_digest=source.get("digest"), **others),
    }
    return Reading(kind="provenance", format=FORMAT, facts=facts, producer=builder, media_type=_MEDIA_TYPE)


def _builder(owner: dict[str, Any], place: str) -> str:
    return fields.text(fields.mapping(owner, "builder", place), "id", f"{place}/builder")


def _materials(owner: dict[str, Any], key: str, place: str) -> Iterator[dict[str, str]]:
    for item, here in fields.each_in(owner, key, place):
        yield _resource(item, here)


def _resource(item: dict[str, Any], place: str) -> dict[str, str]:
    """A ResourceDescriptor (in-toto attestation, spec/v1/resource_descriptor.md) as ``uri`` and ``digest``."""
    uri = next((found for key in ("uri", "downloadLocation", "name") if (found := item.get(key))), None)
    if not isinstance(uri, str):
        raise MalformedError("a resource without uri", where=f"{place}/uri", code="provenance.resource")
    digest = digests.chosen(fields.optional_mapping(item, "digest", place), f"{place}/digest")
    return {"uri": uri, **fields.known(digest=_commit(uri, digest))}


def _commit(uri: str, digest: str) -> str:
    # SLSA v0.2 builders call a commit's id sha1, v1 builders gitCommit (digest_set.md): one name, so that rules and
    # links from artifact to commit need not know which builder it was.
    match = _COMMIT.fullmatch(digest) if uri.startswith("git+") else None
    return f"gitCommit:{match[1]}" if match else digest


def _source_v1(parameters: dict[str, Any], materials: list[dict[str, str]], place: str) -> dict[str, str]:
    source = parameters.get("source")
    if isinstance(source, dict) and source.get("uri"):  # container-based builds
        return _resource(source, f"{place}/source")
    workflow = parameters.get("workflow")  # GitHub Actions: https://slsa-framework.github.io/github-actions-buildtypes
    if isinstance(workflow, dict) and workflow.get("repository"):
        repository = fields.text(workflow, "repository", f"{place}/workflow")
        ref = fields.optional_text(workflow, "ref", f"{place}/workflow")
        uri = f"git+{repository}@{ref}" if ref else f"git+{repository}"
        return next((item for item in materials if item["uri"] == uri), {"uri": uri})
    return {}


def _writable(parameters: dict[str, Any], place: str) -> dict[str, Any]:
    try:
        _json.canonical(parameters)
    except MalformedError as cause:
        raise MalformedError(cause.message, where=place, code=cause.code) from cause
    return parameters
