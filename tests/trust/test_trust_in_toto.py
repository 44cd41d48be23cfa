"""in-toto: links and layouts written by in-toto's own library; each way around a layout is refused, nothing is run."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from in_toto.models.layout import Layout, Step  # type: ignore[import-untyped]
from in_toto.models.link import Link  # type: ignore[import-untyped]
from in_toto.models.metadata import Envelope, Metablock  # type: ignore[import-untyped]
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]

from gatekeeper.attestation import statement_bytes
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError
from gatekeeper.trust import dsse, in_toto
from gatekeeper.trust.private_keys import PrivateKey, load_private_key
from shared import fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
A, B = {"sha256": "aa"}, {"sha256": "bb"}


def private_key(material: Any) -> PrivateKey:
    return load_private_key(material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


OWNER, ADA, BOB, EVE = (
    private_key(material)
    for material in (
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
    )
)


def written(content: Any, *signers: PrivateKey, metablock: bool = False) -> bytes:
    """As in-toto writes and signs it."""
    metadata = Metablock(signed=content) if metablock else Envelope.from_signable(content)
    for signer in signers:
        metadata.create_signature(CryptoSigner(signer.material))
    raw: bytes = metadata.to_bytes() if hasattr(metadata, "to_bytes") else json.dumps(metadata.to_dict()).encode()
    return raw


def key_json(key: PrivateKey) -> dict[str, Any]:
    signer = CryptoSigner(key.material)
    return {"keyid": signer.public_key.keyid, **signer.public_key.to_dict()}


def link(name: str = "build", **fields: Any) -> Link:
    return Link(name=name, **{"materials": {"src": A}, "products": {"app": B}, "command": ["make"], **fields})


def layout_fields(**changes: Any) -> dict[str, Any]:
    keys = {item["keyid"]: item for item in map(key_json, (ADA, BOB))}
    return {
        "_type": "layout",
        "expires": "2026-04-01T00:00:00Z",
        "readme": "",
        "keys": keys,
        "inspect": [],
        "steps": [step("build", keys)],
        **changes,
    }


def step(name: str, keys: Any, **changes: Any) -> dict[str, Any]:
    return {
        "_type": "step",
        "name": name,
        "expected_materials": [["ALLOW", "src"], ["DISALLOW", "*"]],
        "expected_products": [["CREATE", "app"], ["DISALLOW", "*"]],
        "pubkeys": list(keys),
        "expected_command": ["make"],
        "threshold": 1,
        **changes,
    }


def sealed(value: dict[str, Any], *signers: PrivateKey) -> bytes:
    """Any fields at all in an envelope, also those that in-toto's own classes would not write."""
    raw = dsse.sign(json.dumps(value).encode(), "application/vnd.in-toto+json", signers[0])
    for signer in signers[1:]:
        raw = dsse.add_signature(raw, signer)
    return raw


def verify(layout: bytes, *links: bytes, at: datetime = NOW) -> in_toto.LayoutVerdict:
    return in_toto.verify_links(layout, links, keys=[OWNER.public], at=at)


GOOD = sealed(layout_fields(), OWNER)
BUILT = written(link(), ADA)


@pytest.mark.parametrize("metablock", [False, True], ids=["dsse", "metablock"])
@pytest.mark.parametrize("signer", [OWNER, ADA, BOB], ids=["ed25519", "ecdsa", "rsa"])
def test_a_link_that_in_toto_wrote_is_read_with_who_signed_it(signer: PrivateKey, *, metablock: bool) -> None:
    raw = written(link(), signer, metablock=metablock)
    found = in_toto.read_link(raw, [signer.public, EVE.public])
    assert found == in_toto.Link(
        name="build",
        materials={"src": A},
        products={"app": B},
        command=("make",),
        signers=frozenset({signer.public.fingerprint}),
    )
    assert in_toto.read_link(raw, [EVE.public]).signers == frozenset()


@pytest.mark.parametrize("metablock", [False, True], ids=["dsse", "metablock"])
def test_a_changed_link_is_signed_by_nobody(*, metablock: bool) -> None:
    raw = json.loads(written(link(), ADA, metablock=metablock))
    if metablock:
        raw["signed"]["products"] = {"app": A}
    else:
        payload = json.loads(base64.b64decode(raw["payload"]))
        payload["products"] = {"app": A}
        raw["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    assert in_toto.read_link(json.dumps(raw).encode(), [ADA.public]).signers == frozenset()


def test_a_layout_that_in_toto_wrote_is_followed() -> None:
    layout = Layout(expires="2026-04-01T00:00:00Z")
    layout.keys = {item["keyid"]: item for item in map(key_json, (ADA, BOB))}
    one = Step(name="build", expected_products=[["CREATE", "app"]], pubkeys=list(layout.keys), threshold=2)
    two = Step(
        name="ship",
        expected_materials=[["MATCH", "app", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]],
        pubkeys=list(layout.keys),
    )
    layout.steps = [one, two]
    links = [BUILT, written(link(), BOB), written(link("ship", materials={"app": B}, products={}), BOB)]
    for metablock in (False, True):
        verdict = verify(written(layout, OWNER, metablock=metablock), *links)
        assert (verdict.status, verdict.reason) == ("verified", "")
        assert verdict.steps["build"].signers == {ADA.public.fingerprint, BOB.public.fingerprint}
        assert verdict.steps["ship"].signers == {BOB.public.fingerprint}
    changed = written(link("ship", materials={"app": A}, products={}), BOB)
    assert verify(written(layout, OWNER), *links[:2], changed).reason == (
        "the files of the step ship are not those that the layout allows"
    )


def test_links_that_no_step_asks_for_are_passed_over() -> None:
    verdict = verify(GOOD, BUILT, written(link("other"), ADA), written(link(products={"evil": A}), EVE))
    assert verdict.status == "verified"


def twice(key: PrivateKey) -> dict[str, Any]:
    """One key under two key ids."""
    return {"one": key_json(key), "two": {**key_json(key), "keyid": "two"}}


REFUSED: dict[str, tuple[bytes, tuple[bytes, ...], str]] = {
    "no link": (GOOD, (), "the step build was done by 0 of the 1 who are needed"),
    "a link by a stranger": (GOOD, (written(link(), EVE),), "the step build was done by 0 of the 1 who are needed"),
    "a link of another step": (
        GOOD,
        (written(link("deploy"), ADA),),
        "the step build was done by 0 of the 1 who are needed",
    ),
    "one of two": (
        sealed(layout_fields(steps=[step("build", layout_fields()["keys"], threshold=2)]), OWNER),
        (BUILT, written(link(), ADA)),
        "the step build was done by 1 of the 2 who are needed",
    ),
    "one key under two key ids": (
        sealed(layout_fields(keys=twice(ADA), steps=[step("build", twice(ADA), threshold=2)]), OWNER),
        (BUILT,),
        "the threshold of the step build is not between 1 and its 1 distinct keys",
    ),
    **{
        f"a threshold of {threshold!r}": (
            sealed(layout_fields(steps=[step("build", layout_fields()["keys"], threshold=threshold)]), OWNER),
            (BUILT,),
            "the threshold of the step build is not between 1 and its 2 distinct keys",
        )
        for threshold in (0, -1, True, "1", None, 1.0, 3)
    },
    "links that contradict each other": (
        GOOD,
        (BUILT, written(link(products={"app": A}), BOB)),
        "the links of the step build contradict each other",
    ),
    "another command": (
        GOOD,
        (written(link(command=["curl"]), ADA),),
        "another command was run in the step build",
    ),
    "another file": (
        GOOD,
        (written(link(products={"app": B, "evil": A}), ADA),),
        "the files of the step build are not those that the layout allows",
    ),
    "a layout that nobody signed": (
        sealed(layout_fields(), EVE),
        (BUILT,),
        "the layout is not signed by all of its owners",
    ),
    "a link as layout": (sealed({"_type": "link"}, OWNER), (), "_type is 'link', not 'layout'"),
    "a layout as link": (GOOD, (GOOD,), "_type is 'layout', not 'link'"),
    "a statement as link": (
        GOOD,
        (
            dsse.sign(
                statement_bytes(subject={"digest": A}, predicate_type="x", predicate={}),
                "application/vnd.in-toto+json",
                ADA,
            ),
        ),
        "_type is 'https://in-toto.io/Statement/v1', not 'link'",
    ),
    "an unknown field of the layout": (sealed(layout_fields(more=1), OWNER), (BUILT,), "an unknown field 'more'"),
    "an unknown field of a step": (
        sealed(layout_fields(steps=[step("build", layout_fields()["keys"], more=1)]), OWNER),
        (BUILT,),
        "an unknown field 'more'",
    ),
    "no steps": (sealed(layout_fields(steps=[]), OWNER), (BUILT,), "the layout has no keys or no steps"),
    "two steps of one name": (
        sealed(layout_fields(steps=[step("build", layout_fields()["keys"])] * 2), OWNER),
        (BUILT,),
        "two steps of the layout have one name",
    ),
    "a step of a key that is not there": (
        sealed(layout_fields(steps=[step("build", ["unknown"])]), OWNER),
        (BUILT,),
        "the step build names a key that the layout lacks",
    ),
    "a rule that is none": (
        sealed(
            layout_fields(steps=[step("build", layout_fields()["keys"], expected_products=[["PERMIT", "*"]])]), OWNER
        ),
        (BUILT,),
        "a rule of the step build is malformed",
    ),
    "a step that is none": (
        sealed(layout_fields(steps=[{"_type": "stop"}]), OWNER),
        (BUILT,),
        "not a step",
    ),
    "rules that are no list": (
        sealed(layout_fields(steps=[step("build", layout_fields()["keys"], expected_products={})]), OWNER),
        (BUILT,),
        "not a list of rules",
    ),
    "rules that are no lists": (
        sealed(layout_fields(steps=[step("build", layout_fields()["keys"], expected_products=["ALLOW *"])]), OWNER),
        (BUILT,),
        "not a list of words",
    ),
    "no JSON": (b"x", (BUILT,), "not JSON: Expecting value"),
    "no envelope": (b"{}", (BUILT,), "neither a DSSE envelope nor a Metablock"),
    **{
        f"a step called {name!r}": (
            sealed(layout_fields(steps=[step(name, layout_fields()["keys"])]), OWNER),
            (written(link(), ADA),),
            "a step name that is not a plain word",
        )
        for name in ("../outside/b", "..", ".hidden", "a/b", "a b", "", "a\0", "a\n", "x" * 101)
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_layout_that_was_not_followed_is_rejected_with_its_reason(name: str) -> None:
    layout, links, reason = REFUSED[name]
    verdict = verify(layout, *links)
    assert verdict == in_toto.LayoutVerdict(status="rejected", reason=reason)
    assert verify(GOOD, BUILT).status == "verified"  # the twin


def test_a_layout_ends_when_it_says() -> None:
    end = datetime(2026, 4, 1, tzinfo=UTC)
    assert verify(GOOD, BUILT, at=end - timedelta(seconds=1)).status == "verified"
    assert verify(GOOD, BUILT, at=end).reason == "the layout expired at 2026-04-01T00:00:00Z"


def test_all_owners_have_to_sign_and_there_has_to_be_one() -> None:
    both = sealed(layout_fields(), OWNER, EVE)
    owners = [OWNER.public, EVE.public]
    assert in_toto.verify_links(both, [BUILT], keys=owners, at=NOW).status == "verified"
    for layout, keys in ((GOOD, owners), (GOOD, [])):
        verdict = in_toto.verify_links(layout, [BUILT], keys=keys, at=NOW)
        assert verdict.reason == "the layout is not signed by all of its owners"


def test_an_inspection_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inspection = {
        "_type": "inspection",
        "name": "look",
        "run": ["touch", "ran"],
        "expected_materials": [],
        "expected_products": [],
    }
    verdict = verify(sealed(layout_fields(inspect=[inspection]), OWNER), BUILT)
    assert verdict == in_toto.LayoutVerdict(
        status="unsupported", reason="a layout with inspections, which are commands to run"
    )
    assert list(tmp_path.iterdir()) == []


def test_verifying_writes_nothing_and_reads_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".in_totorc").write_text("[in-toto settings]\nARTIFACT_BASE_PATH=/etc\n", encoding="utf-8")
    assert verify(GOOD, BUILT).status == "verified"
    assert [path.name for path in tmp_path.iterdir()] == [".in_totorc"]


def spoilt(change: Callable[[dict[str, Any]], object]) -> bytes:
    value = {"_type": "link", "name": "build", "materials": {}, "products": {}, "byproducts": {}, "command": []}
    change(value)
    return sealed(value, ADA)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda value: value.update(_type="Link"), "in_toto.type"),
        (lambda value: value.pop("_type"), "in_toto.type"),
        (lambda value: value.update(name=None), "in_toto.name"),
        (lambda value: value.update(materials=[]), "in_toto.field"),
        (lambda value: value.update(products={"a": {}}), "in_toto.field"),
        (lambda value: value.update(products={"a": "aa"}), "in_toto.field"),
        (lambda value: value.update(products={"a": {"sha256": 1}}), "in_toto.field"),
        (lambda value: value.pop("products"), "in_toto.field"),
        (lambda value: value.update(command="make"), "in_toto.field"),
        (lambda value: value.update(more=1), "in_toto.field"),
    ],
)
def test_a_link_that_is_wrong_in_one_field_is_refused(change: Callable[[dict[str, Any]], object], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        in_toto.read_link(spoilt(change), [ADA.public], where="build.link")
    assert caught.value.code == code
    assert caught.value.where.startswith("build.link")


def test_endless_signatures_of_a_metablock_are_refused() -> None:
    value = json.loads(written(link(), ADA, metablock=True))
    value["signatures"] = value["signatures"] * 33
    with pytest.raises(LimitError, match="more than 32 signatures"):
        in_toto.read_link(json.dumps(value).encode(), [ADA.public])


@pytest.mark.parametrize(
    "raw",
    [
        b'{"signed":[],"signatures":[]}',
        b'{"signed":{},"signatures":{}}',
        b'{"signed":{"x":0.5},"signatures":[]}',
        b'{"signed":{},"signatures":["x"]}',
    ],
)
def test_a_metablock_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        in_toto.read_link(raw, [ADA.public])


@given(st.binary(max_size=100), st.data())
def test_whatever_is_read_only_a_typed_error_comes_out(junk: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BUILT)))
    for raw in (junk, BUILT[:place] + junk[:3] + BUILT[place + 1 :]):
        try:
            found = in_toto.read_link(raw, [ADA.public])
        except GatekeeperError:
            continue
        assert not found.signers or found.products == {"app": B}


@pytest.mark.parametrize("case", ["intoto-demo-write-code", "intoto-demo_dsse-write-code"])
def test_links_that_in_toto_tests_with_hold(case: str) -> None:
    from gatekeeper.trust.keys import load_public_key

    key = load_public_key(fixture(f"signatures/{case}/key.pem").read_bytes())
    found = in_toto.read_link(fixture(f"signatures/{case}/write-code.776a00e2.link").read_bytes(), [key])
    assert (found.name, found.signers) == ("write-code", frozenset({key.fingerprint}))
