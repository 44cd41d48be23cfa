"""Whatever one field of a real or made bundle is changed to, it never verifies as another statement or signer."""

from __future__ import annotations

import copy
import csv
import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from fake_sigstore import FakeSigstore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.trust import sigstore
from gatekeeper.trust.sigstore import SigstoreVerdict
from shared import SHARED

Path = tuple[str | int, ...]
Sample = tuple[bytes, bytes]
"""A bundle and the trusted root under which it is good."""


@cache
def samples() -> dict[str, Sample]:
    """Two bundles of a Sigstore in memory, and every real one with a statement that is good."""
    found: dict[str, Sample] = {}
    for rekor in (1, 2):
        fake = FakeSigstore(rekor=1 if rekor == 1 else 2)
        bundle = json.dumps(fake.sign(b'{"_type":"https://in-toto.io/Statement/v1"}')).encode()
        found[f"made, Rekor {rekor}"] = (bundle, fake.trusted_root())
    if SHARED is None:
        return found
    folder = SHARED / "fixtures/signatures"
    with (folder / "SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["expected"] == "ACCEPT"]
    for row in rows:
        if row["kind"] != "bundle" or not row["trust"].endswith(".json"):
            continue
        sample = ((folder / row["file"]).read_bytes(), (folder / row["trust"]).read_bytes())
        if good(sample).status == "verified":
            found[row["file"]] = sample
    return found


@cache
def good(sample: Sample) -> SigstoreVerdict:
    return sigstore.verify(sample[0], trusted_root=sample[1])


def same(verdict: SigstoreVerdict, other: SigstoreVerdict) -> bool:
    """Equal but for the time: of two proven times one may be taken away."""
    return replace(verdict, verified_at=other.verified_at) == other and verdict.verified_at is not None


def leaves(value: Any, path: Path = ()) -> list[Path]:
    if isinstance(value, dict):
        return [path, *(leaf for key, item in value.items() for leaf in leaves(item, (*path, key)))]
    if isinstance(value, list):
        return [path, *(leaf for index, item in enumerate(value) for leaf in leaves(item, (*path, index)))]
    return [path]


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(max_size=8),
    st.sampled_from([[], {}, "0", "1", "-1", "MAA=", "YQ==", "application/vnd.in-toto+json", "A" * 2000]),
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str, Any]:
    """One sample, one of its places, and what is put there: junk, another value, a changed character, nothing."""
    name = draw(st.sampled_from(sorted(samples())))
    bundle = json.loads(samples()[name][0])
    path = draw(st.sampled_from(leaves(bundle)[1:]))
    holder, last = at(bundle, path[:-1]), path[-1]
    old = holder[last]
    match draw(st.sampled_from(["junk", "elsewhere", "character", "gone", "twice"])):
        case "junk":
            holder[last] = draw(JUNK)
        case "elsewhere":
            other = json.loads(samples()[draw(st.sampled_from(sorted(samples())))][0])
            holder[last] = copy.deepcopy(at(other, draw(st.sampled_from(leaves(other)))))
        case "character" if isinstance(old, str) and old:
            place = draw(st.integers(0, len(old) - 1))
            holder[last] = old[:place] + draw(st.sampled_from("AZaz09+/=-_ \n.")) + old[place + 1 :]
        case "twice" if isinstance(holder, list):
            holder.append(copy.deepcopy(old))
        case _:
            del holder[last]
    return name, "/".join(map(str, path)), bundle


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutations())
def test_one_changed_field_never_makes_another_verdict_of_verified(mutation: tuple[str, str, Any]) -> None:
    name, _, bundle = mutation
    raw, root = samples()[name]
    verdict = sigstore.verify(json.dumps(bundle).encode(), trusted_root=root)
    assert verdict.status in {"verified", "rejected", "unsupported"}
    if verdict.status == "verified":
        assert same(verdict, good((raw, root)))
    else:
        assert verdict == SigstoreVerdict(status=verdict.status, reason=verdict.reason)
        assert verdict.reason


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_changed_byte_never_makes_another_verdict_of_verified(data: st.DataObject) -> None:
    raw, root = samples()[data.draw(st.sampled_from(sorted(samples())))]
    place = data.draw(st.integers(0, len(raw) - 1))
    spoilt = raw[:place] + data.draw(st.binary(max_size=3)) + raw[place + data.draw(st.integers(0, 2)) :]
    verdict = sigstore.verify(spoilt, trusted_root=root)
    assert verdict.status != "verified" or same(verdict, good((raw, root)))


def test_the_samples_are_good_before_they_are_changed() -> None:
    assert len(samples()) == (2 if SHARED is None else 9)
    assert {good(sample).status for sample in samples().values()} == {"verified"}


@pytest.mark.parametrize("raw", [b"null", b"1", b'"x"', b"[[]]", b'{"mediaType":1}', b'{"mediaType":{}}', b"\0"])
def test_any_document_gets_a_verdict(raw: bytes) -> None:
    verdict = sigstore.verify(raw, trusted_root=FakeSigstore().trusted_root())
    assert verdict.status in {"rejected", "unsupported"}
