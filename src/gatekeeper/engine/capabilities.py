"""The builtins that rules may use: a reviewed list for each OPA version. What is not on it does not compile.

A rule is a pure function of the facts it declares. So nothing that reaches the network, the clock, chance or the
machine is on the list, and nothing that reads a fact where OPA's type checker cannot see it. A builtin that a new
OPA brings is absent until somebody has looked at it: :func:`reviewed` refuses what it does not know.

The lists are turned into the file that OPA reads by ``scripts/make_capabilities.py``; a test proves that the file is
what the script makes from the OPA it is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from gatekeeper import _files, _json
from gatekeeper.errors import EngineError

OPA_VERSION: Final = "1.22.2"
"""The version the lists were reviewed for."""


class Refused(NamedTuple):
    """Builtins that rules may not use.

    Attributes:
        names: Their names.
        why: Why not, to be read after "because it".
        instead: What to do instead; empty when there is nothing to say.
    """

    names: tuple[str, ...]
    why: str
    instead: str = ""


ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "operators and what the compiler itself calls": (
        *("and", "assign", "div", "eq", "equal", "gt", "gte", "internal.member_2", "internal.member_3"),
        *("internal.template_string", "lt", "lte", "minus", "mul", "neq", "or", "plus", "rem"),
    ),
    "arithmetic that is exact, or rounds in a stated way": (
        *("abs", "ceil", "count", "floor", "format_int", "max", "min", "product", "round", "sort", "sum"),
    ),
    "text in, text or truth out": (
        *("concat", "contains", "endswith", "indexof", "indexof_n", "lower", "replace", "split", "sprintf"),
        *("startswith", "strings.any_prefix_match", "strings.any_suffix_match", "strings.count"),
        *("strings.replace_n", "strings.reverse", "strings.split_n", "substring", "trim", "trim_left"),
        *("trim_prefix", "trim_right", "trim_space", "trim_suffix", "upper"),
    ),
    "patterns in time linear in the text (RE2)": (
        *("glob.match", "glob.quote_meta", "regex.find_all_string_submatch_n", "regex.find_n", "regex.is_valid"),
        *("regex.match", "regex.replace", "regex.split"),
    ),
    "collections, kept whole": (
        *("array.concat", "array.flatten", "array.reverse", "array.slice", "intersection", "union"),
    ),
    "asking for a type": (
        *("is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "type_name"),
    ),
    "versions": ("semver.compare", "semver.is_valid"),
    "encodings of text": (
        *("base64.decode", "base64.encode", "base64.is_valid", "base64url.decode", "base64url.encode"),
        *("base64url.encode_no_pad", "hex.decode", "hex.encode", "urlquery.decode", "urlquery.encode"),
    ),
    "a digest": ("crypto.sha256",),
    "addresses, without asking a name server": ("net.cidr_contains", "net.cidr_intersects", "net.cidr_is_valid"),
    "times that name their zone": ("time.parse_duration_ns", "time.parse_rfc3339_ns"),
}
"""Why each group may be used, and its members."""

REFUSED: Final[tuple[Refused, ...]] = (
    Refused(
        names=("http.send", "net.lookup_ip_addr"),
        why="reaches the network",
        instead="a rule judges facts: attest what the service says, then declare the fact in needs",
    ),
    Refused(
        names=("time.now_ns",),
        why="reads the clock",
        instead="declare ages in METADATA: the library compares times before the rule runs",
    ),
    Refused(
        names=("time.add_date", "time.clock", "time.date", "time.diff", "time.format", "time.parse_ns", "time.weekday"),
        why="depends on the time zones of the machine",
        instead="time.parse_rfc3339_ns and plain arithmetic",
    ),
    Refused(names=("rand.intn", "uuid.rfc4122"), why="answers differently every time"),
    Refused(
        names=("opa.runtime",),
        why="reads the machine's environment",
        instead="declare a parameter and let the gate set it",
    ),
    Refused(
        names=("object.get", "object.keys", "object.subset", "walk", "rego.parse_module"),
        why="reads facts where the type checker cannot see it",
        instead="declare the fact in needs and read it as input.<kind>[_].<fact>",
    ),
    Refused(
        names=(
            *("json.filter", "json.patch", "json.remove", "object.filter", "object.remove", "object.union"),
            *("object.union_n",),
        ),
        why="makes a document that the type checker does not know, and can put evidence in a limit's place",
        instead="name the members one by one",
    ),
    Refused(
        names=(
            *("graphql.is_valid", "graphql.parse", "graphql.parse_and_verify", "graphql.parse_query"),
            *("graphql.parse_schema", "graphql.schema_is_valid", "json.is_valid", "json.marshal"),
            *("json.marshal_with_options", "json.unmarshal", "uri.is_valid", "uri.parse", "urlquery.decode_object"),
            *("urlquery.encode_object", "uuid.parse", "yaml.is_valid", "yaml.marshal", "yaml.unmarshal"),
        ),
        why="reads or writes a document inside a text, which no schema describes",
        instead="let the evidence carry it as facts",
    ),
    Refused(
        names=("json.match_schema", "json.verify_schema"),
        why="can fetch schemas from the network",
        instead="facts are checked against their schema before a rule runs",
    ),
    Refused(
        names=("numbers.range", "numbers.range_step", "net.cidr_expand", "net.cidr_merge", "net.cidr_contains_matches"),
        why="can make more items than there is memory for",
        instead="iterate over the facts themselves",
    ),
    Refused(
        names=("graph.reachable", "graph.reachable_paths"),
        why="walks a graph, which can take for ever, and no fact is a graph",
    ),
    Refused(
        names=("to_number", "units.parse", "units.parse_bytes"),
        why="takes texts that are no numbers, such as +1 or 1e999999999",
        instead="facts and parameters that are numbers have the type number",
    ),
    Refused(
        names=("bits.and", "bits.lsh", "bits.negate", "bits.or", "bits.rsh", "bits.xor"),
        why="has no use on facts, and a shift can fill the memory",
    ),
    Refused(
        names=("regex.globs_match", "regex.template_match", "strings.render_template"),
        why="runs a language of its own inside a text",
        instead="regex.match with anchors, or a template string",
    ),
    Refused(
        names=("print", "internal.print", "trace"),
        why="writes past the answer",
        instead="say it in the violation's message; take it out when the rule works",
    ),
    Refused(names=("internal.test_case",), why="is for tests"),
    Refused(names=("rego.metadata.chain", "rego.metadata.rule"), why="reads the rule's METADATA, which is no fact"),
    Refused(
        names=(
            *("crypto.hmac.equal", "crypto.hmac.md5", "crypto.hmac.sha1", "crypto.hmac.sha256", "crypto.hmac.sha512"),
            *("crypto.parse_private_keys", "crypto.x509.parse_and_verify_certificates"),
            *("crypto.x509.parse_and_verify_certificates_with_options", "crypto.x509.parse_certificate_request"),
            *("crypto.x509.parse_certificates", "crypto.x509.parse_keypair", "crypto.x509.parse_rsa_private_key"),
            *("io.jwt.decode", "io.jwt.decode_verify", "io.jwt.encode_sign", "io.jwt.encode_sign_raw"),
            *("io.jwt.verify_eddsa", "io.jwt.verify_es256", "io.jwt.verify_es384", "io.jwt.verify_es512"),
            *("io.jwt.verify_hs256", "io.jwt.verify_hs384", "io.jwt.verify_hs512", "io.jwt.verify_ps256"),
            *("io.jwt.verify_ps384", "io.jwt.verify_ps512", "io.jwt.verify_rs256", "io.jwt.verify_rs384"),
            *("io.jwt.verify_rs512", "providers.aws.sign_req"),
        ),
        why="handles keys and signatures",
        instead="who is believed is a matter of trust.toml; documents name their signers",
    ),
    Refused(names=("crypto.md5", "crypto.sha1"), why="is broken as a digest", instead="crypto.sha256"),
    Refused(
        names=(
            *("all", "any", "cast_array", "cast_boolean", "cast_null", "cast_object", "cast_set", "cast_string"),
            *("net.cidr_overlap", "re_match", "set_diff"),
        ),
        why="is deprecated by OPA",
        instead="every, some, net.cidr_contains, regex.match and the minus of sets",
    ),
)


def refusal(name: str) -> Refused | None:
    """Why a builtin may not be used; None when it may, or when OPA has no builtin of that name."""
    asked = "internal.print" if name == "print" else name
    return next((refused for refused in REFUSED if asked in refused.names), None)


def reviewed(current: bytes) -> bytes:
    """Cut the output of ``opa capabilities --current`` down to the allowed builtins, with no host allowed.

    Raises:
        EngineError: OPA has a builtin that is on neither list, or lacks an allowed one.
    """
    known = _json.parse_object(current, where="capabilities")
    there = {builtin["name"]: builtin for builtin in known["builtins"]}
    allowed = {name for names in ALLOWED.values() for name in names}
    refused = {name for group in REFUSED for name in group.names}
    if strange := sorted(there.keys() ^ (allowed | refused)):
        raise EngineError(f"builtins that were not reviewed, or are not there: {', '.join(strange)}")
    kept: dict[str, Any] = {
        # an absent allow_net means every host: the empty list has to be there
        "allow_net": [],
        "builtins": [_declaration(there[name]) for name in sorted(allowed)],
        "features": known["features"],
        "future_keywords": known["future_keywords"],
    }
    return _json.canonical(kept) + b"\n"


def _declaration(value: Any) -> Any:
    """A declaration without its prose."""
    if isinstance(value, list):
        return [_declaration(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _declaration(member) for name, member in value.items() if name not in {"description", "categories"}}


def path() -> Path:
    """The file that OPA is given as ``--capabilities``."""
    return Path(__file__).with_name(f"capabilities-{OPA_VERSION}.json")


def read() -> bytes:
    """The content of that file."""
    return _files.read_bytes(path())
