"""What is read from CycloneDX and SPDX, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

import pytest
import small_reports as small
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect.reading import Reading


def read(report: Any) -> Reading:
    return registry.read(Report(small.encoded(report), "bom.json"))


def read_xml(data: bytes) -> Reading:
    return registry.read(Report(data, "bom.xml"))


def as_xml(bom: Mapping[str, Any]) -> bytes:
    """The same document as CycloneDX XML."""
    root = Element("bom", xmlns=f"http://cyclonedx.org/schema/bom/{bom['specVersion']}")
    metadata = SubElement(root, "metadata")
    if "timestamp" in bom.get("metadata", {}):
        SubElement(metadata, "timestamp").text = f"\n  {bom['metadata']['timestamp']} "
    tools = SubElement(SubElement(metadata, "tools"), "components")
    for tool in bom.get("metadata", {}).get("tools", {}).get("components", ()):
        _component(tools, tool)
    if "component" in bom.get("metadata", {}):
        _component(metadata, bom["metadata"]["component"])
    _components(root, bom)
    if "dependencies" in bom:
        dependencies = SubElement(root, "dependencies")
        for item in bom["dependencies"]:
            dependency = SubElement(dependencies, "dependency", ref=item["ref"])
            for other in item.get("dependsOn", ()):
                SubElement(dependency, "dependency", ref=other)
    compositions = SubElement(root, "compositions")
    for item in bom.get("compositions", ()):
        SubElement(SubElement(compositions, "composition"), "aggregate").text = item["aggregate"]
    return tostring(root)


def _components(parent: Element, owner: Mapping[str, Any]) -> None:
    if "components" in owner:
        components = SubElement(parent, "components")
        for item in owner["components"]:
            _component(components, item)


def _component(parent: Element, item: Mapping[str, Any]) -> None:
    component = SubElement(parent, "component", {"type": item["type"]} if "type" in item else {})
    for name in ("group", "name", "version", "purl"):
        if name in item:
            SubElement(component, name).text = item[name]
    if "hashes" in item:
        hashes = SubElement(component, "hashes")
        for entry in item["hashes"]:
            SubElement(hashes, "hash", alg=entry["alg"]).text = entry["content"]
    if "licenses" in item:
        licenses = SubElement(component, "licenses")
        for choice in item["licenses"]:
            if "expression" in choice:
                SubElement(licenses, "expression").text = choice["expression"]
            else:
                licence = SubElement(licenses, "license")
                for name, text in choice["license"].items():
                    SubElement(licence, name).text = text
    _components(component, item)


def without_places(facts: Mapping[str, Any]) -> dict[str, Any]:
    components = [{name: value for name, value in item.items() if name != "locator"} for item in facts["components"]]
    return {**facts, "components": components}


def test_cyclonedx_json_says_exactly_this() -> None:
    reading = read(small.CYCLONEDX)

    assert reading.facts == {
        "format": "cyclonedx",
        "spec_version": "1.6",
        "created_at": "2026-11-24T01:14:00Z",
        "components": [
            {
                "name": "org.acme/core",
                "version": "1.0",
                "purl": "pkg:maven/org.acme/core@1.0",
                "type": "library",
                "licenses": ["MIT", "House licence"],
                "hashes": [f"sha256:{'ab' * 32}", f"sha3256:{'cd' * 32}"],
                "locator": "/components/0",
            },
            {
                "name": "nested",
                "licenses": ["MIT OR Apache-2.0"],
                "hashes": [],
                "locator": "/components/0/components/0",
            },
            {"name": "bare", "licenses": [], "hashes": [], "locator": "/components/1"},
            {
                "name": "inside-root",
                "type": "library",
                "licenses": [],
                "hashes": [],
                "locator": "/metadata/component/components/0",
            },
        ],
        "component_count": 4,
        "dependency_count": 2,
        "complete": True,
    }
    assert reading.producer == "maker 1"
    assert reading.targets == ({"sha256": "ab" * 32},)


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_xml_and_json_of_one_document_say_the_same(version: str) -> None:
    bom = {**small.CYCLONEDX, "specVersion": version}
    json_reading, xml_reading = read(bom), read_xml(as_xml(bom))

    assert without_places(xml_reading.facts) == without_places(json_reading.facts)
    assert (xml_reading.producer, xml_reading.targets) == (json_reading.producer, json_reading.targets)
    assert [item["locator"] for item in xml_reading.facts["components"]] == [
        "/bom/components/component[1]",
        "/bom/components/component[1]/components/component[1]",
        "/bom/components/component[2]",
        "/bom/metadata/component/components/component[1]",
    ]


NAMES = st.text(alphabet="abcÄ/@-", min_size=1, max_size=5)
COMPONENTS = st.recursive(
    st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "group": NAMES,
            "version": NAMES,
            "purl": NAMES,
            "type": st.sampled_from(["library", "application"]),
            "hashes": st.lists(st.just({"alg": "SHA-1", "content": "Ab" * 20}), max_size=2),
            "licenses": st.lists(
                st.sampled_from([{"expression": "MIT"}, {"license": {"id": "MIT"}}, {"license": {"name": "X"}}]),
                max_size=2,
            ),
        },
    ),
    lambda inner: st.fixed_dictionaries({"name": NAMES, "components": st.lists(inner, max_size=3)}),
    max_leaves=8,
)


@given(st.lists(COMPONENTS, max_size=4))
def test_any_tree_of_components_is_read_alike_from_xml_and_json(components: list[Any]) -> None:
    def number(values: list[Any]) -> int:
        return sum(1 + number(item.get("components", [])) for item in values)

    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}
    json_facts, xml_facts = read(bom).facts, read_xml(as_xml(bom)).facts

    assert json_facts["component_count"] == number(components)
    assert without_places(xml_facts) == without_places(json_facts)


@pytest.mark.parametrize(
    "word", ["incomplete", "incomplete_first_party_only", "incomplete_third_party_proprietary_only"]
)
def test_a_document_that_says_it_is_incomplete_is(word: str) -> None:
    bom = {**small.CYCLONEDX, "compositions": [{"aggregate": "complete"}, {"aggregate": word}]}

    assert read(bom).facts["complete"] is False
    assert read_xml(as_xml(bom)).facts["complete"] is False


@pytest.mark.parametrize("dependencies", [None, []])
def test_a_document_that_states_no_dependencies_has_no_count_of_them(dependencies: Any) -> None:
    bom = {**small.CYCLONEDX, "dependencies": dependencies}

    assert "dependency_count" not in read(bom).facts


def test_a_document_without_components_is_one_with_none() -> None:
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}

    assert read(bom).facts["component_count"] == 0


def test_a_list_of_vulnerabilities_in_cyclonedx_is_no_bill_of_materials() -> None:
    vex = {"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "CVE-1"}]}

    with pytest.raises(UsageError) as caught:
        read(vex)

    assert caught.value.code == "collect.unrecognised"


IMAGE = "f" * 64
ROOTS: list[tuple[dict[str, Any], list[dict[str, str]]]] = [
    ({}, []),
    ({"version": f"sha256:{IMAGE}"}, [{"sha256": IMAGE}]),
    ({"version": "1.0"}, []),
    ({"purl": f"pkg:oci/parcel@sha256%3A{IMAGE}?arch=amd64"}, [{"sha256": IMAGE}]),
    ({"purl": f"pkg:oci/parcel@sha256:{IMAGE}"}, [{"sha256": IMAGE}]),
    ({"purl": f"pkg:generic/parcel@sha256:{IMAGE}"}, []),
    ({"hashes": [{"alg": "MD5", "content": "ab" * 16}]}, []),
    (
        {"hashes": [{"alg": "SHA-256", "content": "AB" * 32}, {"alg": "SHA-512", "content": "cd" * 64}]},
        [{"sha256": "ab" * 32, "sha512": "cd" * 64}],
    ),
    (
        {
            "properties": [
                {"name": "aquasecurity:trivy:ImageID", "value": f"sha256:{'1' * 64}"},
                {"name": "aquasecurity:trivy:RepoDigest", "value": f"acme/parcel@sha256:{IMAGE}"},
            ]
        },
        [{"sha256": IMAGE}, {"sha256": "1" * 64}],
    ),
    ({"properties": [{"name": "aquasecurity:trivy:ImageID", "value": f"sha256:{'1' * 64}"}]}, []),
]


@pytest.mark.parametrize(("root", "targets"), ROOTS)
def test_what_a_document_is_about_is_known_by_the_digests_of_its_root(root: dict[str, Any], targets: list[Any]) -> None:
    bom = {**small.CYCLONEDX, "metadata": {"component": {"name": "parcel", **root}}}

    assert list(read(bom).targets) == targets


def test_spdx_says_exactly_this() -> None:
    reading = read(small.SPDX)

    assert reading.facts == {
        "format": "spdx",
        "spec_version": "2.3",
        "created_at": "2026-11-24T02:14:00.500000Z",
        "components": [
            {
                "name": "parcel",
                "version": "2",
                "purl": "pkg:pypi/p@2",
                "type": "operating-system",
                "licenses": ["MIT", "MIT AND BSD-3-Clause"],
                "hashes": [f"sha256:{'ab' * 32}"],
                "locator": "/packages/0",
            },
            {"name": "b", "licenses": [], "hashes": [], "locator": "/packages/1"},
        ],
        "component_count": 2,
        "dependency_count": 2,
        "complete": True,
    }
    assert reading.producer == "maker-1"
    assert reading.targets == ({"sha256": "ab" * 32},)


@pytest.mark.parametrize(
    "relation",
    [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-root"), ("SPDXRef-root", "DESCRIBED_BY", "SPDXRef-DOCUMENT")],
)
def test_what_spdx_describes_may_be_said_by_a_relationship(relation: tuple[str, str, str]) -> None:
    first, kind, second = relation
    document = {key: value for key, value in small.SPDX.items() if key != "documentDescribes"}
    document["relationships"] = [{"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}]

    assert read(document).targets == ({"sha256": "ab" * 32},)


@pytest.mark.parametrize(
    ("xml", "where", "code"),
    [
        (b"<component/>", "/bom/components/component[1]/name", "shape"),
        (b"<component><name> </name></component>", "/bom/components/component[1]/name", "shape"),
        (
            b'<component><name>a</name><hashes><hash alg="SHA-256">x</hash></hashes></component>',
            "/bom/components/component[1]/hashes/hash[1]",
            "report.hash",
        ),
        (
            b"<component><name>a</name><licenses><license/></licenses></component>",
            "/bom/components/component[1]/licenses/license[1]",
            "shape",
        ),
        (
            b"<component><name>a</name><licenses><licence>GPL-3.0</licence></licenses></component>",
            "/bom/components/component[1]/licenses/licence[1]",
            "shape",
        ),
        (b"<component><name>a</name><name>b</name></component>", "/bom/components/component[1]/name", "shape"),
        (
            b"<component><name>a</name><components/><components/></component>",
            "/bom/components/component[1]/components",
            "shape",
        ),
    ],
)
def test_xml_that_cannot_be_is_refused_where_it_stands(xml: bytes, where: str, code: str) -> None:
    data = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>' + xml + b"</components></bom>"

    with pytest.raises(MalformedError) as caught:
        read_xml(data)

    assert (caught.value.where, caught.value.code) == (f"bom.xml: {where}", code)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.8", "2.0", ""])
def test_another_version_in_xml_is_refused(version: str) -> None:
    data = f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}"/>'.encode()

    with pytest.raises(MalformedError) as caught:
        read_xml(data)

    assert caught.value.code == "cyclonedx.version"


def test_components_of_another_namespace_are_extensions() -> None:
    data = (
        b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6" xmlns:x="urn:x"><components><component>'
        b"<x:name>no</x:name><name>a</name></component><x:component/></components></bom>"
    )

    assert [item["name"] for item in read_xml(data).facts["components"]] == ["a"]
