"""in-toto layouts and links: whether the steps of a layout were done, by whom, with which files.

Facts only: nothing is executed. A layout with inspections is unsupported, because an inspection is a command of the
layout's author that a verifier runs. Files are matched by in-toto's own rule engine; everything around it is stricter
here: a link is for the step that it names, whatever its file is called; a functionary is a key and not a key id; a
command that differs is a refusal; fields that nobody knows are refused.

Source: the in-toto specification 1.0 (in-toto/docs, in-toto-spec.md), sections 4.2 to 4.4 and 5.2; DSSE as in ITE-5;
OLPC canonical JSON, as securesystemslib writes it, for the older Metablock.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json, _time
from gatekeeper._limits import MAX_SIGNATURES
from gatekeeper.attestation import read_attestation
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError
from gatekeeper.trust import dsse
from gatekeeper.trust.keys import load_public_key
from gatekeeper.trust.public_key import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gatekeeper.trust.public_key import PublicKey

_LINK_FIELDS: Final = frozenset(("_type", "name", "materials", "products", "byproducts", "command", "environment"))
_LAYOUT_FIELDS: Final = frozenset(("_type", "expires", "readme", "keys", "steps", "inspect"))
_STEP_FIELDS: Final = frozenset(
    ("_type", "name", "expected_materials", "expected_products", "pubkeys", "expected_command", "threshold")
)
_NAME: Final = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,100}", re.ASCII)
"""Step names become file names in in-toto; ``../x`` read links outside their folder."""

_RULE_ENGINE: Final = threading.Lock()
"""The rule engine keeps its trace in a module, so one thread at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What somebody says they did in one step.

    Attributes:
        name: The step.
        materials, products: Digest sets by path, before and after.
        command: What was run.
        signers: Fingerprints of the keys, of those that were asked about, that signed it.
    """

    name: str
    materials: Mapping[str, Mapping[str, str]]
    products: Mapping[str, Mapping[str, str]]
    command: tuple[str, ...]
    signers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutVerdict:
    """Whether a layout was followed.

    Attributes:
        status: ``verified``; ``rejected``; ``unsupported`` for layouts with inspections.
        reason: Why not; empty when verified.
        steps: For each step, in the layout's order, what was done and by whom. Empty unless verified.
    """

    status: Literal["verified", "rejected", "unsupported"]
    reason: str = ""
    steps: Mapping[str, Link] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    name: str
    keys: tuple[PublicKey, ...]
    threshold: int
    command: tuple[str, ...]
    material_rules: list[list[str]]
    product_rules: list[list[str]]


def read_link(raw: bytes, keys: Iterable[PublicKey], *, where: str = "") -> Link:
    """Read a link, in a DSSE envelope or a Metablock, and say which of ``keys`` signed it.

    Raises:
        MalformedError: It is no link, or has fields, names or digests that are not accepted.
    """
    value, signers = _signed(raw, keys, where)
    if value.get("_type") != "link":
        raise MalformedError(f"_type is {value.get('_type')!r:.100}, not 'link'", where=where, code="in_toto.type")
    _only(value, _LINK_FIELDS, where)
    return Link(
        name=_name(value.get("name"), where),
        materials=_artifacts(value, "materials", where),
        products=_artifacts(value, "products", where),
        command=_words(value.get("command", []), f"{where}$.command"),
        signers=signers,
    )


def verify_links(layout: bytes, links: Iterable[bytes], *, keys: Iterable[PublicKey], at: datetime) -> LayoutVerdict:
    """Whether every step of a layout was done by enough of those who may do it, and the files fit together.

    Args:
        layout: The layout, in a DSSE envelope or a Metablock.
        links: Links; those that no step of the layout asks for are passed over.
        keys: The keys of the layout's owners; every one of them has to have signed it.
        at: The instant at which the layout must not have expired.
    """
    try:
        steps, expires, has_inspections = _read_layout(layout, tuple(keys))
        if has_inspections:
            return LayoutVerdict(status="unsupported", reason="a layout with inspections, which are commands to run")
        if at >= expires:
            raise MalformedError(f"the layout expired at {_time.format_instant(expires)}", code="in_toto.expired")
        done = _collect(steps, tuple(links))
        _match_artifacts(steps, done)
    except GatekeeperError as problem:
        return LayoutVerdict(status="rejected", reason=problem.message)
    return LayoutVerdict(status="verified", steps=done)


def _read_layout(raw: bytes, owners: tuple[PublicKey, ...]) -> tuple[list[_Step], datetime, bool]:
    value, signers = _signed(raw, owners, "")
    if not owners or signers != {key.fingerprint for key in owners}:
        raise MalformedError("the layout is not signed by all of its owners", code="in_toto.owners")
    if value.get("_type") != "layout":
        raise MalformedError(f"_type is {value.get('_type')!r:.100}, not 'layout'", code="in_toto.type")
    _only(value, _LAYOUT_FIELDS, "")
    keys, steps = value.get("keys"), value.get("steps")
    if not isinstance(keys, dict) or not isinstance(steps, list) or not steps:
        raise MalformedError("the layout has no keys or no steps", code="in_toto.layout")
    known = {name: load_public_key(json.dumps(item), where=f"$.keys.{name}") for name, item in keys.items()}
    read = [_step(item, known, f"$.steps[{index}]") for index, item in enumerate(steps)]
    if len({step.name for step in read}) != len(read):
        raise MalformedError("two steps of the layout have one name", code="in_toto.layout")
    return read, _time.parse_instant(value.get("expires"), where="$.expires"), bool(value.get("inspect"))


def _step(item: Any, known: Mapping[str, PublicKey], where: str) -> _Step:
    if not isinstance(item, dict) or item.get("_type") != "step":
        raise MalformedError("not a step", where=where, code="in_toto.layout")
    _only(item, _STEP_FIELDS, where)
    name, threshold = _name(item.get("name"), where), item.get("threshold")
    names = _words(item.get("pubkeys"), f"{where}.pubkeys")
    if not set(names) <= set(known):
        raise MalformedError(f"the step {name} names a key that the layout lacks", where=where, code="in_toto.layout")
    distinct = tuple({known[one].fingerprint: known[one] for one in names}.values())
    if not isinstance(threshold, int) or isinstance(threshold, bool) or not 1 <= threshold <= len(distinct):
        message = f"the threshold of the step {name} is not between 1 and its {len(distinct)} distinct keys"
        raise MalformedError(message, where=where, code="in_toto.threshold")
    return _Step(
        name=name,
        keys=distinct,
        threshold=threshold,
        command=_words(item.get("expected_command", []), where),
        material_rules=_rules(item.get("expected_materials", []), where),
        product_rules=_rules(item.get("expected_products", []), where),
    )


def _collect(steps: list[_Step], links: tuple[bytes, ...]) -> dict[str, Link]:
    return {step.name: _done(step, [read_link(raw, step.keys) for raw in links]) for step in steps}


def _done(step: _Step, links: list[Link]) -> Link:
    mine = [link for link in links if link.name == step.name and link.signers]
    signers = frozenset().union(*(link.signers for link in mine))
    if len(signers) < step.threshold:
        message = f"the step {step.name} was done by {len(signers)} of the {step.threshold} who are needed"
        raise MalformedError(message, code="in_toto.threshold")
    first = mine[0]
    if any((link.materials, link.products) != (first.materials, first.products) for link in mine):
        raise MalformedError(f"the links of the step {step.name} contradict each other", code="in_toto.links")
    if step.command and any(link.command != step.command for link in mine):
        raise MalformedError(f"another command was run in the step {step.name}", code="in_toto.command")
    return Link(
        name=step.name, materials=first.materials, products=first.products, command=first.command, signers=signers
    )


def _match_artifacts(steps: list[_Step], done: dict[str, Link]) -> None:
    from in_toto.exceptions import RuleVerificationError  # type: ignore[import-untyped]
    from in_toto.verifylib import verify_item_rules  # type: ignore[import-untyped]

    with _RULE_ENGINE:
        for step in steps:
            try:
                verify_item_rules(step.name, "materials", step.material_rules, done)
                verify_item_rules(step.name, "products", step.product_rules, done)
            except RuleVerificationError as cause:
                message = f"the files of the step {step.name} are not those that the layout allows"
                raise MalformedError(message, code="in_toto.rules") from cause
            except Exception as cause:
                raise MalformedError(f"a rule of the step {step.name} is malformed", code="in_toto.rules") from cause


def _signed(raw: bytes, keys: Iterable[PublicKey], where: str) -> tuple[dict[str, Any], frozenset[str]]:
    """What is signed, parsed from the bytes that were verified, and by which of ``keys``."""
    value = _json.parse_object(raw, where=where)
    if "signed" in value:
        return _metablock(value, keys, where)
    attestation = read_attestation(raw, name=where)
    if attestation is None or attestation.form != "dsse":
        raise MalformedError("neither a DSSE envelope nor a Metablock", where=where, code="in_toto.form")
    return _json.parse_object(attestation.payload, where=where), dsse.verify(attestation, keys)


def _metablock(value: dict[str, Any], keys: Iterable[PublicKey], where: str) -> tuple[dict[str, Any], frozenset[str]]:
    from securesystemslib.formats import encode_canonical

    signed, listed = value.get("signed"), value.get("signatures")
    if not isinstance(signed, dict) or not isinstance(listed, list):
        raise MalformedError("not a Metablock", where=where, code="in_toto.form")
    if len(listed) > MAX_SIGNATURES:
        raise LimitError(f"more than {MAX_SIGNATURES} signatures", where=where, code="envelope.signatures")
    try:
        message = str(encode_canonical(signed)).encode()
    except Exception as cause:  # it raises what it likes
        raise MalformedError("not writable as canonical JSON", where=where, code="in_toto.form") from cause
    signatures = [_hex(item.get("sig")) for item in listed if isinstance(item, dict)]
    return signed, frozenset(
        key.fingerprint for key in keys if any(holds(key, signature, message) for signature in signatures)
    )


def _hex(text: object) -> bytes:
    return bytes.fromhex(text) if isinstance(text, str) and re.fullmatch(r"(?:[0-9a-f]{2})+", text) else b""


def _only(value: dict[str, Any], known: frozenset[str], where: str) -> None:
    strange = sorted(set(value) - known)
    if strange:
        raise MalformedError(f"an unknown field {strange[0]!r:.100}", where=where, code="in_toto.field")


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise MalformedError("a step name that is not a plain word", where=where, code="in_toto.name")
    return value


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MalformedError("not a list of words", where=where, code="in_toto.field")
    return tuple(value)


def _rules(value: object, where: str) -> list[list[str]]:
    if not isinstance(value, list):
        raise MalformedError("not a list of rules", where=where, code="in_toto.rules")
    return [list(_words(rule, where)) for rule in value]


def _artifacts(value: dict[str, Any], name: str, where: str) -> dict[str, dict[str, str]]:
    found = value.get(name)
    if not isinstance(found, dict) or not all(_is_digest_set(digests) for digests in found.values()):
        raise MalformedError(f"{name} are not digests by path", where=where, code="in_toto.field")
    return found


def _is_digest_set(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(item, str) and item for item in value.values())
