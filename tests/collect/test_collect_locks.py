"""Lock files: what is pinned, what binds it, and where it comes from; whatever the file does not say is not known."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError

A, B = "a" * 64, "b" * 64
COMMIT = "0123456789" * 4
SECONDS = 5
"""Far more than any of these takes, far less than what runs away."""


def facts(text: str | bytes | dict[str, Any], form: str = "") -> dict[str, Any]:
    data = json.dumps(text).encode() if isinstance(text, dict) else text.encode() if isinstance(text, str) else text
    reading = registry.read(Report(data, "lock"))
    assert reading.kind == "dependencies"
    assert form in {"", reading.format}
    return dict(reading.facts)


def packages(text: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = facts(text)["packages"]
    return found


def refusal(text: str | bytes | dict[str, Any]) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as caught:
        facts(text)
    return caught.value


def picked(package: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(package.get(name) for name in names)


class TestRequirements:
    @pytest.mark.parametrize(
        ("line", "name", "version", "pinned", "origin", "hashes", "unhashed"),
        [
            (f"a==1.0 --hash=sha256:{A}", "a", "1.0", True, "registry", 1, 0),
            (f"a==1.0 --hash=sha256:{A} --hash sha512:{B}", "a", "1.0", True, "registry", 2, 0),
            (f"a==1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}", "a", "1.0", True, "registry", 2, 0),
            (
                "Some_Name.X[b, c] === 1.0+local ; python_version > '3'  # why",
                "some-name-x",
                "1.0+local",
                True,
                "registry",
                0,
                1,
            ),
            ("a (==1.0)", "a", "1.0", True, "registry", 0, 1),
            ("a==1.*", "a", None, False, "registry", 0, 1),
            ("a==1.0,!=1.1", "a", None, False, "registry", 0, 1),
            ("a>=1.0", "a", None, False, "registry", 0, 1),
            ("a~=1.0", "a", None, False, "registry", 0, 1),
            (f"a @ https://x.example/a.whl#sha256={A}", "a", None, True, "url", 1, 0),
            ("a @ https://x.example/a.whl", "a", None, False, "url", 0, 1),
            (f"a @ git+https://x.example/a@{COMMIT}", "a", None, True, "git", 1, 0),
            (f"a @ git+https://x.example/a@{COMMIT}#egg=a", "a", None, True, "git", 1, 0),
            ("a @ git+https://x.example/a@v1.0", "a", None, False, "git", 0, 1),
            ("a @ hg+https://x.example/a@v1.0", "a", None, False, "url", 0, 1),
            ("a @ ./vendor/a", "a", None, True, "path", 0, 1),
            ("a @ ../a", "a", None, False, "path", 0, 1),
            ("a @ vendor/../../a", "a", None, False, "path", 0, 1),
            ("a @ file:///srv/a", "a", None, False, "path", 0, 1),
        ],
    )
    def test_a_line_says_what_can_be_installed(
        self, line: str, name: str, version: str | None, pinned: bool, origin: str, hashes: int, unhashed: int
    ) -> None:
        (package,) = packages(f"{line}\n")

        assert picked(package, "name", "version", "pinned", "origin", "hash_count", "unhashed_count") == (
            name,
            version,
            pinned,
            origin,
            hashes,
            unhashed,
        )
        assert package["locator"] == "line 1"
        assert package["registry"] is (origin == "registry")

    def test_paths_and_editable_ones_are_packages_too(self) -> None:
        read = packages("a==1\n-e .\n--editable ../other\n./vendor/b.whl\ngit+https://x.example/c@main\n")

        assert [picked(item, "name", "origin", "pinned", "locator") for item in read] == [
            ("a", "registry", True, "line 1"),
            (".", "path", True, "line 2"),
            ("../other", "path", False, "line 3"),
            ("./vendor/b.whl", "path", True, "line 4"),
            ("git+https://x.example/c@main", "git", False, "line 5"),
        ]

    @pytest.mark.parametrize(
        ("options", "index"),
        [
            ("", None),
            ("--index-url https://a.example/simple\n", "https://a.example/simple"),
            ("--index-url=https://a.example/simple\n", "https://a.example/simple"),
            ("-i https://a.example/simple\n", "https://a.example/simple"),
            ("-i https://a.example\n--extra-index-url https://b.example\n", None),
            ("-i https://a.example\n--index-url https://b.example\n", None),
            ("-i https://a.example\n-f https://b.example\n", None),
            ("-i https://a.example\n--find-links wheels\n", None),
            ("--extra-index-url https://b.example\n", None),
            ("-i https://a.example\n--trusted-host a.example\n--no-binary :all:\n--pre\n", "https://a.example"),
        ],
    )
    def test_the_index_is_known_where_there_is_one_place_to_look(self, options: str, index: str | None) -> None:
        (package,) = packages(f"{options}a==1.0\n")
        (last,) = packages(f"a==1.0\n{options}")

        assert package.get("index") == last.get("index") == index

    def test_passwords_of_indexes_are_not_kept(self) -> None:
        (package,) = packages("--index-url https://ci:hunter2@a.example/simple\na==1.0\n")

        assert package["index"] == "https://[redacted]@a.example/simple"

    @pytest.mark.parametrize("option", ["-r other.txt", "--requirement=other.txt", "-c limits.txt", "-cother.txt"])
    def test_a_file_that_includes_others_is_not_whole(self, option: str) -> None:
        assert facts(f"a==1.0\n{option}\n")["complete"] is False

    @pytest.mark.parametrize(
        "line", ["a" + " " * 200_000 + "!", "a==1" + " " * 200_000 + "\0(", "a[" * 100_000, "--" + "a-" * 100_000]
    )
    def test_a_hostile_line_takes_no_longer_than_another(self, line: str) -> None:
        started = time.monotonic()
        refusal(f"b==1.0\n{line}\n")

        assert time.monotonic() - started < SECONDS

    def test_an_option_that_nobody_knows_is_refused(self) -> None:
        error = refusal("a==1.0\n--proxy-everything x\n")

        assert (error.code, error.where) == ("requirements.option", "lock: line 2")

    @pytest.mark.parametrize(
        "text", ["hello\n", "a==1.0\nnot a requirement\n", "# only a comment\n", "Dear all, x==y\n"]
    )
    def test_other_text_is_not_taken_for_requirements(self, text: str) -> None:
        assert refusal(text).code == "collect.unrecognised"


UV = """\
version = 1
requires-python = ">=3.11"

[manifest]
members = ["app", "part"]

[[package]]
name = "app"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "a" }, { name = "part" }]
[package.optional-dependencies]
fast = [{ name = "b" }]
[package.dev-dependencies]
dev = [{ name = "gone" }]

[[package]]
name = "part"
version = "1"
source = { editable = "packages/part" }
dependencies = [{ name = "missing" }]

[[package]]
"""


class TestUv:
    def test_what_the_project_asks_for_is_compared_with_what_is_locked(self) -> None:
        read = facts(
            UV
            + f'name = "a"\nversion = "1"\nsource = {{ registry = "https://a.example" }}\nwheels = [{{ hash = "sha256:{A}" }}, {{ url = "x" }}]\n',
            "uv-lock",
        )

        assert (read["ecosystem"], read["package_count"], read["direct_count"]) == ("pypi", 1, 5)
        assert [item["name"] for item in read["unlocked"]] == ["b", "gone", "missing"]
        assert read["unlocked"][0]["locator"] == "/package/0/optional-dependencies/fast/0"
        assert picked(read["packages"][0], "name", "direct", "index", "hash_count", "unhashed_count") == (
            "a",
            True,
            "https://a.example",
            1,
            1,
        )

    @pytest.mark.parametrize(
        ("source", "more", "origin", "pinned", "algorithms", "unhashed"),
        [
            ('registry = "https://a.example"', "", "registry", True, [], 1),
            (
                'registry = "https://a.example"',
                f'sdist = {{ hash = "sha512:{A}{B}" }}',
                "registry",
                True,
                ["sha512"],
                0,
            ),
            (f'git = "https://a.example/x?rev=v1#{COMMIT}"', "", "git", True, ["gitcommit"], 0),
            ('git = "https://a.example/x?rev=v1"', "", "git", False, [], 1),
            ('url = "https://a.example/x.whl"', f'wheels = [{{ hash = "sha256:{A}" }}]', "url", True, ["sha256"], 0),
            ('path = "vendor/x.whl"', "", "path", True, [], 1),
            ('path = "../x.whl"', "", "path", False, [], 1),
            ('path = "../x.whl"', f'wheels = [{{ hash = "sha256:{A}" }}]', "path", True, ["sha256"], 0),
            ('directory = "vendor/x"', "", "path", True, [], 1),
            ('editable = "../x"', "", "path", False, [], 1),
            ('editable = "vendor/x"', "", "path", True, [], 1),
        ],
    )
    def test_sources(
        self, source: str, more: str, origin: str, pinned: bool, algorithms: list[str], unhashed: int
    ) -> None:
        (package,) = packages(UV + f'name = "x"\nversion = "1"\nsource = {{ {source} }}\n{more}\n')

        assert picked(package, "origin", "pinned", "algorithms", "unhashed_count") == (
            origin,
            pinned,
            algorithms,
            unhashed,
        )

    def test_a_member_by_name_only_is_not_the_projects_own_outside_of_it(self) -> None:
        text = UV.replace("packages/part", "../part").removesuffix("\n[[package]]\n")

        assert [picked(item, "name", "pinned") for item in packages(text)] == [("part", False)]

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("version = 1", "version = 2", "lock.version"),
            ('{ virtual = "." }', '{ elsewhere = "." }', "lock.source"),
            ('{ virtual = "." }', '"."', "shape"),
            ('members = ["app", "part"]', "members = [1]", "shape"),
            ("[manifest]", "[manifest", "toml.syntax"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, old: str, new: str, code: str) -> None:
        assert refusal(UV.replace(old, new, 1) + 'name = "x"\nsource = { registry = "r" }\n').code == code


PYLOCK = 'lock-version = "1.0"\ncreated-by = "tool"\n[[packages]]\nname = "Some.Name"\n'


class TestPylock:
    @pytest.mark.parametrize(
        ("more", "origin", "pinned", "index", "algorithms", "unhashed"),
        [
            ('version = "1"', "registry", True, None, [], 1),
            (
                f'version = "1"\nindex = "https://a.example"\nwheels = [{{ hashes = {{ sha256 = "{A}" }} }}]',
                "registry",
                True,
                "https://a.example",
                ["sha256"],
                0,
            ),
            (
                f'version = "1"\nwheels = [{{ hashes = {{ md5 = "00", sha512 = "{A}", sha256 = "{A}" }} }}, {{ hashes = {{ md5 = "00" }} }}]',
                "registry",
                True,
                None,
                ["md5", "sha512"],
                0,
            ),
            ("wheels = [{ hashes = { } }]", "registry", False, None, [], 1),
            (f'vcs = {{ type = "git", commit-id = "{COMMIT}" }}', "git", True, None, ["gitcommit"], 0),
            ('vcs = { type = "git", commit-id = "main" }', "git", False, None, [], 1),
            ('directory = { path = "vendor/x" }', "path", True, None, [], 1),
            ('directory = { path = "/srv/x" }', "path", False, None, [], 1),
            (
                f'archive = {{ url = "https://a.example/x.zip", hashes = {{ sha256 = "{A}" }} }}',
                "url",
                True,
                None,
                ["sha256"],
                0,
            ),
            ('archive = { path = "x.zip" }', "path", True, None, [], 1),
        ],
    )
    def test_packages(
        self, more: str, origin: str, pinned: bool, index: str | None, algorithms: list[str], unhashed: int
    ) -> None:
        (package,) = packages(PYLOCK + more)

        assert picked(package, "name", "origin", "pinned", "index", "algorithms", "unhashed_count") == (
            "some-name",
            origin,
            pinned,
            index,
            algorithms,
            unhashed,
        )

    def test_it_does_not_say_what_was_asked_for(self) -> None:
        read = facts(PYLOCK + 'version = "1"', "pylock")

        assert "direct_count" not in read
        assert read["unlocked"] == []
        assert "direct" not in read["packages"][0]

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('"1.0"', '"2.0"', "lock.version"),
            ('name = "Some.Name"', "name = 1", "shape"),
            ("[[packages]]", "[[packages]", "toml.syntax"),
            ('name = "Some.Name"', 'name = "x"\nat = 2026-01-01', "toml.time"),
            ('name = "Some.Name"', 'name = "x"\nsize = nan', "toml.number"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, old: str, new: str, code: str) -> None:
        assert refusal((PYLOCK + 'version = "1"').replace(old, new, 1)).code == code


CARGO = """\
# This file is automatically @generated by Cargo.
version = 4

[[package]]
name = "app"
version = "1.0.0"
dependencies = ["a", "b 2.0.0", "gone 1.0.0 (registry+https://a.example)"]

[[package]]
name = "b"
version = "2.0.0"
dependencies = ["of-b"]

[[package]]
name = "a"
version = "1.0.0"
"""


class TestCargo:
    def test_crates_of_the_workspace_ask_and_others_answer(self) -> None:
        read = facts(f'{CARGO}source = "registry+https://a.example"\nchecksum = "{A}"\n', "cargo-lock")

        assert (read["ecosystem"], read["package_count"], read["direct_count"]) == ("cargo", 1, 4)
        assert [item["name"] for item in read["unlocked"]] == ["gone", "of-b"]
        assert picked(read["packages"][0], "name", "index", "algorithms", "direct") == (
            "a",
            "https://a.example",
            ["sha256"],
            True,
        )

    @pytest.mark.parametrize(
        ("source", "origin", "pinned", "unhashed"),
        [
            ("registry+https://a.example", "registry", True, 1),
            ("sparse+https://a.example/", "registry", True, 1),
            (f"git+https://a.example?branch=main#{COMMIT}", "git", True, 0),
            ("git+https://a.example?branch=main", "git", False, 1),
        ],
    )
    def test_sources(self, source: str, origin: str, pinned: bool, unhashed: int) -> None:
        (package,) = packages(f'{CARGO}source = "{source}"\n')

        assert picked(package, "origin", "pinned", "unhashed_count") == (origin, pinned, unhashed)

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("version = 4", "version = 5", "lock.version"),
            ('source = "registry+', 'source = "directory+', "lock.source"),
            ('source = "registry+', 'source = "', "lock.source"),
            ('"b 2.0.0"', "2", "shape"),
            ('"2.0.0"', "[", "toml.syntax"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, old: str, new: str, code: str) -> None:
        text = f'{CARGO}source = "registry+https://a.example"\n'

        assert refusal(text.replace(old, new, 1)).code == code

    def test_a_lock_of_another_tool_is_not_taken_for_one(self) -> None:
        poetry = '# by Poetry\n[[package]]\nname = "a"\nversion = "1"\nfiles = []\n\n[metadata]\nlock-version = "2.1"\n'

        assert refusal(poetry).code == "collect.unrecognised"


SUM = "h1:" + "A" * 43 + "="


class TestGoSum:
    def test_modules_whose_contents_are_hashed_are_packages(self) -> None:
        read = facts(
            f"example.org/a v1.0.0 {SUM}\nexample.org/a v1.0.0/go.mod {SUM}\nexample.org/b v1.0.0/go.mod {SUM}\n",
            "go-sum",
        )

        assert (read["ecosystem"], read["package_count"], read["unlocked"]) == ("golang", 1, [])
        assert read["packages"] == [
            {
                "name": "example.org/a",
                "version": "v1.0.0",
                "pinned": True,
                "origin": "unknown",
                "algorithms": ["h1"],
                "hash_count": 1,
                "unhashed_count": 0,
                "locator": "line 1",
            }
        ]

    @pytest.mark.parametrize(
        "text",
        [
            f"example.org/a v1.0.0 {SUM}\nexample.org/a v1.0.0 {SUM.replace('A=', 'B=')}\n",
            f"example.org/a v1.0.0 {SUM}\nexample.org/b v1.0.0\n",
            f"example.org/a v1.0.0 {SUM}\nexample.org/b v1.0.0 h1:short=\n",
            f"example.org/a v1.0.0 {SUM}\nexample.org/b v1.0.0 {SUM.replace('h1', 'h2')}\n",
        ],
    )
    def test_what_pins_nothing_is_refused(self, text: str) -> None:
        error = refusal(text)

        assert (error.code, error.where) == ("go.sum", "lock: line 2")

    def test_bytes_that_are_no_text(self) -> None:
        assert refusal(f"example.org/a v1.0.0 {SUM}\n".encode() + b"\xff").code == "go.sum"


def npm(**entries: Any) -> dict[str, Any]:
    root = {"name": "app", "dependencies": {"a": "1"}}
    return {"name": "app", "lockfileVersion": 3, "packages": {"": root, **entries}}


def node(**members: Any) -> dict[str, Any]:
    return npm(**{"node_modules/a": {"version": "1.0.0", **members}})


class TestNpm:
    @pytest.mark.parametrize(
        ("members", "name", "origin", "index", "pinned", "algorithms", "unhashed"),
        [
            ({}, "a", "registry", None, True, [], 1),
            ({"integrity": "sha512-AAAA"}, "a", "registry", None, True, ["sha512"], 0),
            ({"integrity": "sha1-AAAA sha512-AAAA"}, "a", "registry", None, True, ["sha512"], 0),
            ({"integrity": "sha1-AAAA md5-AAAA"}, "a", "registry", None, True, ["md5"], 0),
            ({"resolved": "https://r.example/a/-/a-1.0.0.tgz"}, "a", "registry", "https://r.example", True, [], 1),
            (
                {"resolved": "https://r.example/npm/a/-/a-1.0.0.tgz"},
                "a",
                "registry",
                "https://r.example/npm",
                True,
                [],
                1,
            ),
            ({"resolved": "https://r.example/b/-/b-1.0.0.tgz"}, "a", "url", None, False, [], 1),
            (
                {"resolved": "https://r.example/a/-/a-1.0.1.tgz", "integrity": "sha512-A"},
                "a",
                "url",
                None,
                True,
                ["sha512"],
                0,
            ),
            (
                {"name": "b", "resolved": "https://r.example/b/-/b-1.0.0.tgz"},
                "b",
                "registry",
                "https://r.example",
                True,
                [],
                1,
            ),
            ({"resolved": f"git+ssh://git@x.example/a.git#{COMMIT}"}, "a", "git", None, True, ["gitcommit"], 0),
            ({"resolved": "git+ssh://git@x.example/a.git#main"}, "a", "git", None, False, [], 1),
            ({"resolved": "file:a.tgz", "integrity": "sha512-A"}, "a", "path", None, True, ["sha512"], 0),
            ({"resolved": "file:a.tgz"}, "a", "path", None, False, [], 1),
            ({"resolved": "../a", "link": True}, "a", "path", None, False, [], 1),
            ({"inBundle": True}, "a", "unknown", None, True, [], 0),
            ({"version": None}, "a", "registry", None, False, [], 1),
        ],
    )
    def test_packages(
        self,
        members: dict[str, Any],
        name: str,
        origin: str,
        index: str | None,
        pinned: bool,
        algorithms: list[str],
        unhashed: int,
    ) -> None:
        (package,) = packages(node(**members))

        assert picked(package, "name", "origin", "index", "pinned", "algorithms", "unhashed_count", "direct") == (
            name,
            origin,
            index,
            pinned,
            algorithms,
            unhashed,
            True,
        )
        assert package["locator"] == "/packages/node_modules~1a"

    def test_scoped_and_nested_packages_have_the_name_at_the_end_of_their_place(self) -> None:
        read = packages(
            npm(
                **{
                    "node_modules/a/node_modules/@acme/b": {
                        "version": "1.0.0",
                        "resolved": "https://r.example/@acme/b/-/b-1.0.0.tgz",
                    }
                }
            )
        )

        assert [picked(item, "name", "index", "direct") for item in read] == [("@acme/b", "https://r.example", False)]

    def test_workspaces_are_the_projects_own_and_ask_for_packages_too(self) -> None:
        lock = npm(
            **{
                "parts/p": {"devDependencies": {"b": "1"}, "optionalDependencies": {"c": "1"}},
                "parts/p/node_modules/b": {"version": "1.0.0"},
                "node_modules/p": {"resolved": "parts/p", "link": True},
                "node_modules/c": {"version": "1.0.0"},
            }
        )
        read = facts(lock, "package-lock")

        assert [picked(item, "name", "direct") for item in read["packages"]] == [("b", True), ("c", True)]
        assert (read["direct_count"], [item["name"] for item in read["unlocked"]]) == (3, ["a"])

    @pytest.mark.parametrize("key", ["../p", "/srv/p"])
    def test_what_lies_outside_is_not_the_projects_own(self, key: str) -> None:
        lock = npm(**{key: {"version": "1.0.0"}, "node_modules/a": {"resolved": key, "link": True}})

        assert [picked(item, "origin", "pinned") for item in packages(lock)] == [("path", False), ("path", False)]

    @pytest.mark.parametrize("version", [1, 4, "3", None])
    def test_another_version_is_refused(self, version: Any) -> None:
        assert refusal(npm() | {"lockfileVersion": version}).code == "lock.version"

    @pytest.mark.parametrize(
        "lock", [npm(**{"node_modules/a": []}), npm(**{"node_modules/a": {"integrity": 5}}), {"lockfileVersion": 3}]
    )
    def test_other_shapes_are_refused(self, lock: dict[str, Any]) -> None:
        assert refusal(lock).code == "shape"


def installed(**members: Any) -> dict[str, Any]:
    download = {"url": "https://files.example/a.whl", "archive_info": {"hashes": {"sha256": A}}}
    item = {
        "download_info": download,
        "is_direct": False,
        "requested": True,
        "metadata": {"name": "A_b", "version": "1"},
    }
    return {"version": "1", "pip_version": "26.0", "install": [item | members]}


class TestPipReport:
    @pytest.mark.parametrize(
        ("members", "origin", "pinned", "unhashed"),
        [
            ({}, "registry", True, 0),
            ({"is_direct": True}, "url", True, 0),
            ({"is_direct": True, "download_info": {"url": "file:///x/a.whl", "archive_info": {}}}, "path", True, 1),
            ({"download_info": {"url": "u", "archive_info": {}}}, "registry", True, 1),
            ({"download_info": {"url": "u", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}}, "git", True, 0),
            ({"download_info": {"url": "u", "dir_info": {}}}, "path", True, 1),
        ],
    )
    def test_origins(self, members: dict[str, Any], origin: str, pinned: bool, unhashed: int) -> None:
        (package,) = packages(installed(**members))

        assert picked(package, "name", "origin", "pinned", "unhashed_count") == ("a-b", origin, pinned, unhashed)
        assert "index" not in package

    @pytest.mark.parametrize(
        ("member", "fact"), [({"is_yanked": True}, True), ({"is_yanked": False}, False), ({}, None)]
    )
    def test_what_was_withdrawn_is_known_where_pip_says(self, member: dict[str, Any], fact: bool | None) -> None:
        (package,) = packages(installed(**member))

        assert package.get("yanked") is fact

    def test_what_was_asked_for_is_counted(self) -> None:
        assert facts(installed(requested=True), "pip-report")["direct_count"] == 1
        assert facts(installed(requested=False))["direct_count"] == 0

    @pytest.mark.parametrize(
        ("report", "code"),
        [
            (installed() | {"version": "2"}, "lock.version"),
            (installed(is_yanked="no"), "shape"),
            (installed(requested=None), "shape"),
            (installed(download_info={"url": "u"}), "shape"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, report: dict[str, Any], code: str) -> None:
        assert refusal(report).code == code


@pytest.mark.parametrize("text", ["x = 1" + "[" * 400, "lock-version = 1\ncreated-by = " + "9" * 5000])
def test_hostile_toml_is_an_error_and_nothing_else(text: str) -> None:
    with pytest.raises(GatekeeperError):
        _ = Report(text.encode(), "lock").toml


def test_toml_that_is_not_utf_8() -> None:
    with pytest.raises(MalformedError) as caught:
        _ = Report(b"x = '\xff'", "lock").toml

    assert (caught.value.code, caught.value.where) == ("toml.encoding", "lock")
