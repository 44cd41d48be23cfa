"""The release predicate of in-toto, and releases and environments as people state them."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.attestation import Statement
from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind
from gatekeeper.facts.standard import read_standard

V01, V02 = (f"https://in-toto.io/attestation/release/v0.{minor}" for minor in (1, 2))
FILES = (("urllib3-2.1.0.tar.gz", {"sha256": "ab" * 32}), ("urllib3-2.1.0-py3-none-any.whl", {"sha512": "CD" * 64}))


def statement(purl: Any, *subjects: tuple[str, dict[str, str]], type_: str = V01) -> Statement:
    predicate = {} if purl is None else {"purl": purl, "packageId": "1"}
    return Statement(subjects=subjects, predicate_type=type_, predicate=predicate)


@pytest.mark.parametrize("type_", [V01, V02])
def test_subjects_are_the_members(type_: str) -> None:
    found = read_standard(statement("pkg:pypi/urllib3@2.1.0", *FILES, type_=type_))

    assert found is not None
    name, facts, form = found
    kind(name).validate(facts)
    assert (name, form) == ("release_manifest", "in-toto-release")
    assert (facts["name"], facts["version"], facts["member_count"]) == ("urllib3", "2.1.0", 2)
    assert facts["members"] == [
        {
            "name": "urllib3-2.1.0.tar.gz",
            "role": "artifact",
            "version": "2.1.0",
            "digest": {"alg": "sha256", "value": "ab" * 32},
            "locator": "/subject/0",
        },
        {
            "name": "urllib3-2.1.0-py3-none-any.whl",
            "role": "artifact",
            "version": "2.1.0",
            "digest": {"alg": "sha512", "value": "cd" * 64},
            "locator": "/subject/1",
        },
    ]


@pytest.mark.parametrize(
    ("purl", "role", "name", "version"),
    [
        ("pkg:npm/%40angular/http@7.2.16", "artifact", "@angular/http", "7.2.16"),
        ("pkg:npm/@angular/http@7.2.16", "artifact", "@angular/http", "7.2.16"),
        (
            "pkg:oci/image@sha256%3Afedc?repository_url=registry.example.com/image&tag=v1",
            "image",
            "image",
            "sha256:fedc",
        ),
        ("pkg:docker/acme/image@v1#etc", "image", "acme/image", "v1"),
    ],
)
def test_a_package_url_says_what_is_released(purl: str, role: str, name: str, version: str) -> None:
    found = read_standard(statement(purl, FILES[0]))

    assert found is not None
    facts = found[1]
    assert (facts["name"], facts["version"], facts["members"][0]["role"]) == (name, version, role)


@pytest.mark.parametrize(
    ("purl", "subject", "where", "code"),
    [
        (None, FILES[0], "/predicate/purl", "shape"),
        (7, FILES[0], "/predicate/purl", "shape"),
        ("pkg:pypi/urllib3", FILES[0], "/predicate/purl", "release.purl"),
        ("pkg:pypi/urllib3@", FILES[0], "/predicate/purl", "release.purl"),
        ("pkg:pypi/@2.1.0", FILES[0], "/predicate/purl", "release.purl"),
        ("pkg:/urllib3@2.1.0", FILES[0], "/predicate/purl", "release.purl"),
        ("https://example.org/urllib3@2.1.0", FILES[0], "/predicate/purl", "release.purl"),
        ("pkg:pypi/urllib3@2.1.0", ("", {"sha256": "ab" * 32}), "/subject/0", "release.subject"),
        ("pkg:pypi/urllib3@2.1.0", ("a", {"sha1": "ab" * 20}), "/subject/0", "release.subject"),
        ("pkg:pypi/urllib3@2.1.0", ("a", {"sha256": "ab" * 31}), "/subject/0", "release.subject"),
    ],
)
def test_what_binds_nothing_is_refused(purl: Any, subject: tuple[str, dict[str, str]], where: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_standard(statement(purl, subject))

    assert (caught.value.where, caught.value.code) == (where, code)


MANIFEST = b"""\
statement = "release_manifest"
name = "app"
version = "1.0.0"

[[members]]
name = "app"
role = "source"
version = "1.0.0"
digest = {alg = "gitCommit", value = "0123456789012345678901234567890123456789"}

[[members]]
name = "production"
role = "configuration"
version = "7"
digest = {alg = "sha256", value = "abababababababababababababababababababababababababababababababab"}
"""


def test_a_release_can_be_stated() -> None:
    facts = registry.read(Report(MANIFEST, "release.toml")).facts

    assert (facts["member_count"], facts["complete"]) == (2, True)
    assert [member["locator"] for member in facts["members"]] == ["/members/0", "/members/1"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'"configuration"', b'"config"', "$.members[1].role"),
        (b'"gitCommit"', b'"sha1"', "$.members[0].digest.alg"),
        (b'name = "app"\nversion', b'nmae = "app"\nversion', "$.name"),
        (b"[[members]]", b"member_count = 3\n[[members]]", "$.member_count"),
    ],
)
def test_a_stated_release_is_held_to_its_schema(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(MalformedError) as caught:
        registry.read(Report(MANIFEST.replace(old, new, 1), "release.toml"))

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"succeeded": True, "error_count": 1, "diagnostics": ["error"]}, "succeeded"),
        ({"succeeded": False, "error_count": 0, "diagnostics": ["error"]}, "error_count"),
        (
            {"succeeded": False, "error_count": 1, "warning_count": 0, "diagnostics": ["error", "warning"]},
            "warning_count",
        ),
    ],
)
def test_a_build_is_counted_and_does_not_succeed_with_errors(said: dict[str, Any], place: str) -> None:
    diagnostics = [{"level": level, "message": "m", "locator": "line 1"} for level in said["diagnostics"]]
    facts = {"tool": "t", "units": ["u"], "unit_count": 1, "warning_count": 0, "complete": True, **said}

    with pytest.raises(MalformedError) as caught:
        kind("build").validate(facts | {"diagnostics": diagnostics})

    assert (caught.value.where, caught.value.code) == (f"$.{place}", "facts.count")


@pytest.mark.parametrize(("compared", "fits"), [(1, False), (2, True), (3, False)])
def test_as_many_are_compared_as_builds_are_listed(compared: int, fits: bool) -> None:
    builds = [{"builder": name, "digest": "sha256:00", "locator": name} for name in ("a", "b")]
    facts = {"compared_count": compared, "differences": [], "difference_count": 0, "complete": True}
    kind("reproducibility").validate(facts | {"builds": []})

    if fits:
        kind("reproducibility").validate(facts | {"builds": builds})
        return
    with pytest.raises(MalformedError) as caught:
        kind("reproducibility").validate(facts | {"builds": builds})
    assert caught.value.where == "$.compared_count"
