"""What wheels, source distributions and images say of themselves, and archives that are traps."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import small_reports as small
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import _limits
from gatekeeper.collect import _archive, registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

WHEEL = "parcel_app-2.0-py3-none-any.whl"
SDIST = "parcel_app-2.0.tar.gz"
FOLDER = "parcel_app-2.0.dist-info"


def read(data: bytes, name: str) -> Reading:
    return registry.read(Report(data, name))


def refused(data: bytes, name: str) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read(data, name)
    assert caught.value.code != "collect.broken"
    return caught.value


def expected(data: bytes, name: str, form: str) -> dict[str, Any]:
    return {
        "file_name": name,
        "format": form,
        "name": "Parcel_App",
        "version": "2.0",
        "licenses": ["MIT", "MIT License"],
        "contributors": ["Ada <ada@acme.example>"],
        "urls": ["https://github.com/acme/parcel"],
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "complete": True,
    }


def test_a_wheel_says_exactly_this() -> None:
    data = small.wheel()
    reading = read(data, f"dist/{WHEEL}")

    assert reading.facts == expected(data, WHEEL, "wheel") | {"builder": "hatchling 1.27"}
    assert reading.targets == ({"sha256": hashlib.sha256(data).hexdigest()},)


def test_a_source_distribution_says_exactly_this() -> None:
    data = small.sdist()

    assert read(data, SDIST).facts == expected(data, SDIST, "sdist")


def test_an_image_says_exactly_this() -> None:
    data = small.encoded(small.IMAGE)
    reading = read(data, "config.json")

    assert reading.facts == {
        "file_name": "config.json",
        "format": "image",
        "name": "parcel",
        "version": "2",
        "licenses": ["MIT"],
        "contributors": ["Ada <ada@acme.example>", "Bob"],
        "urls": ["https://github.com/acme/parcel"],
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "built_at": "2026-11-24T02:14:00Z",
        "revision": "1" * 40,
        "user": "",
        "complete": True,
    }
    assert reading.targets == ()


@pytest.mark.parametrize(
    "name", ["parcel_app-2.1-py3-none-any.whl", "other-2.0-py3-none-any.whl", "parcel.zip", "parcel_app-2.0.tar.gz.whl"]
)
def test_a_file_name_that_says_something_else_is_claimed(name: str) -> None:
    facts = read(small.wheel(), name).facts

    assert facts["complete"] is False
    assert facts["claimed"] == {"file_name": name}


def test_a_wheel_without_its_file_name_is_refused() -> None:
    assert refused(small.wheel(), "").code == "artifact.file_name"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({f"{FOLDER}/METADATA": "Name: a\n"}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": "Version: 1\n"}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": "Name: a\nName: b\nVersion: 1\n"}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": "Name: a\nVersion: 1\nVersion: 2\n"}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": "Name: a\nVersion: 1\nno field\n"}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": ""}, "artifact.metadata"),
        ({"a.dist-info/METADATA": small.METADATA, "b.dist-info/METADATA": small.METADATA}, "artifact.metadata"),
        ({"deeper/a.dist-info/METADATA": small.METADATA}, "artifact.metadata"),
        ({f"{FOLDER}/METADATA": small.METADATA, "../evil.py": ""}, "archive.unsafe"),
        ({f"{FOLDER}/METADATA": small.METADATA, "/etc/passwd": ""}, "archive.unsafe"),
        ({f"{FOLDER}/METADATA": small.METADATA, "a\\b": ""}, "archive.unsafe"),
        ({f"{FOLDER}/METADATA": small.METADATA, "C:/x": ""}, "archive.unsafe"),
        ({f"{FOLDER}/METADATA": small.METADATA, f"./{FOLDER}/METADATA": small.METADATA}, "archive.duplicate"),
    ],
)
def test_a_wheel_that_two_tools_would_read_differently_is_refused(files: dict[str, str], code: str) -> None:
    assert refused(small.wheel(files), WHEEL).code == code


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for text in (small.METADATA, small.METADATA.replace("MIT", "GPL-3.0-only")):
            archive.writestr(f"{FOLDER}/METADATA", text)

    assert refused(buffer.getvalue(), WHEEL).code == "archive.duplicate"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_of_packing_than_deflate_is_refused(method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(f"{FOLDER}/METADATA", small.METADATA)

    assert refused(buffer.getvalue(), WHEEL).code == "archive.zip"


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(small.wheel())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            data[start + at] |= 1
            start += 1

    assert refused(bytes(data), WHEEL).code == "archive.zip"


def test_metadata_that_unpacks_to_too_much_is_refused_in_time() -> None:
    started = time.process_time()
    bomb = small.wheel({f"{FOLDER}/METADATA": small.METADATA + "x" * 60_000_000})

    problem = refused(bomb, WHEEL)

    assert isinstance(problem, LimitError)
    assert problem.code == "archive.size"
    assert time.process_time() - started < 5


def test_metadata_of_many_continued_lines_is_read_in_time() -> None:
    lines = small.METADATA.replace("Author-email", "License: a\n" + " x\n" * 500_000 + "Author-email")

    started = time.process_time()
    facts = read(small.wheel({f"{FOLDER}/METADATA": lines}), WHEEL).facts

    assert facts["name"] == "Parcel_App"
    assert time.process_time() - started < 5


def test_an_archive_of_too_many_members_is_refused_before_they_are_looked_at() -> None:
    entry = b"PK\x01\x02" + bytes(42)
    data = b"PK\x03\x04 .dist-info/METADATA" + entry * (_limits.MAX_FILES + 1)

    problem = refused(data, WHEEL)

    assert (type(problem), problem.code) == (LimitError, "archive.members")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("parcel_app-2.0/p.py", b"")], "artifact.metadata"),
        ([("PKG-INFO", small.METADATA.encode())], "artifact.metadata"),
        ([("a/PKG-INFO", small.METADATA.encode()), ("b/PKG-INFO", small.METADATA.encode())], "artifact.metadata"),
        ([("a/PKG-INFO", small.METADATA.encode()), ("a/PKG-INFO", b"Name: b\nVersion: 1\n")], "archive.duplicate"),
        ([("a/PKG-INFO", small.METADATA.encode()), ("../x", b"")], "archive.unsafe"),
        ([("a/PKG-INFO", small.METADATA.encode()), ("/x", b"")], "archive.unsafe"),
        ([("a/PKG-INFO", b"Name: \xff\nVersion: 1\n")], "artifact.metadata"),
        ([("a/PKG-INFO", bytes(_archive.MAX_MEMBER_BYTES + 1))], "archive.size"),
    ],
)
def test_a_source_distribution_that_cannot_be_is_refused(files: list[tuple[str, bytes]], code: str) -> None:
    assert refused(small.sdist(*files), SDIST).code == code


def test_a_link_is_never_followed() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("a/PKG-INFO")
        member.type = tarfile.SYMTYPE
        member.linkname = "/etc/passwd"
        archive.addfile(member)

    assert refused(buffer.getvalue(), SDIST).code == "artifact.metadata"


def test_a_gzip_bomb_is_refused_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archive, "MAX_UNPACKED_BYTES", 20_000_000)
    packed = small.sdist(("a/zeros", bytes(50_000_000)), ("a/PKG-INFO", small.METADATA.encode()))
    assert len(packed) < 100_000

    problem = refused(packed, SDIST)

    assert (type(problem), problem.code) == (LimitError, "archive.size")


@pytest.mark.parametrize("end", [-1, -9, -30, -100])
def test_an_archive_that_is_cut_off_is_refused(end: int) -> None:
    for data, name in ((small.sdist(), SDIST), (small.wheel(), WHEEL)):
        with pytest.raises(GatekeeperError):
            read(data[:end], name)


def test_a_second_gzip_stream_behind_the_first_is_refused() -> None:
    second = gzip.compress(gzip.decompress(small.sdist(("a/PKG-INFO", b"Name: b\nVersion: 1\n"))))

    assert refused(small.sdist() + second, SDIST).code == "archive.tar"


def test_a_size_that_a_header_only_claims_is_not_believed() -> None:
    plain = bytearray(gzip.decompress(small.sdist()))
    plain[124:136] = b"77777777777\0"  # the size of the first member: 8 GB
    checksum = sum(plain[:148]) + 8 * 32 + sum(plain[156:512])
    plain[148:156] = b"%06o\0 " % checksum

    assert refused(gzip.compress(bytes(plain)), SDIST).code == "archive.tar"


@given(st.data())
def test_of_a_damaged_archive_only_typed_errors_come(data: st.DataObject) -> None:
    name, original = data.draw(st.sampled_from([(WHEEL, small.wheel()), (SDIST, small.sdist())]))
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(2, len(damaged) - 1))
        damaged[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))

    try:
        read(bytes(damaged), name)
    except GatekeeperError as problem:
        code = problem.code
    else:
        code = ""
    assert code != "collect.broken"


@given(st.data())
def test_of_a_damaged_tar_only_typed_errors_come(data: st.DataObject) -> None:
    plain = bytearray(gzip.decompress(small.sdist()))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, 1_535))
        plain[start : start + 8] = data.draw(st.binary(min_size=8, max_size=8))
    if data.draw(st.booleans()):  # with a checksum that fits, so that the damage is looked at
        plain[148:156] = b"%06o\0 " % (sum(plain[:148]) + 8 * 32 + sum(plain[156:512]))

    try:
        read(gzip.compress(bytes(plain)), SDIST)
    except GatekeeperError as problem:
        code = problem.code
    else:
        code = ""
    assert code != "collect.broken"


def test_a_zip_with_a_central_directory_of_nonsense_is_refused() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 2**31, 2**31, 0)

    assert refused(b"PK\x03\x04 a.dist-info/METADATA" + end, WHEEL).code == "archive.zip"
