"""Names that a rule may not take."""

from __future__ import annotations

from typing import Final

BUILTINS: Final = frozenset(
    {
        *("abs", "all", "and", "any", "array", "assign", "base64", "base64url", "bits", "cast_array"),
        *("cast_boolean", "cast_null", "cast_object", "cast_set", "cast_string", "ceil", "concat", "contains"),
        *("count", "crypto", "div", "endswith", "eq", "equal", "floor", "format_int", "glob", "graph", "graphql"),
        *("gt", "gte", "hex", "http", "indexof", "indexof_n", "internal", "intersection", "io", "is_array"),
        *("is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "json", "lower", "lt", "lte"),
        *("max", "min", "minus", "mul", "neq", "net", "numbers", "object", "opa", "or", "plus", "print"),
        *("product", "providers", "rand", "re_match", "regex", "rego", "rem", "replace", "round", "semver"),
        *("set_diff", "sort", "split", "sprintf", "startswith", "strings", "substring", "sum", "time"),
        *("to_number", "trace", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix"),
        *("type_name", "union", "units", "upper", "uri", "urlquery", "uuid", "walk", "yaml"),
    }
)
"""First names of the builtins of OPA 1.22.2, allowed here or not; a definition of that name would replace them."""

RESERVED_PACKS: Final = frozenset(
    {
        "slot",
        "approval",
        "stage",
        "freeze",
        "trail",
        "subject",
        "lib",
        "emergency",
        "revert",
        "waiver",
        "evidence",
        "gatekeeper",
    }
)
"""Names of requirements, which share the id space with rules."""

IDENTITY_FACTS: Final = frozenset(
    {
        ("provenance", "builder"),
        ("provenance", "source_uri"),
        ("provenance", "materials", "uri"),
        ("review", "reviews", "reviewer"),
        ("change", "authors"),
        ("change", "committers"),
        ("change", "pusher"),
        ("change", "deployer"),
    }
)
"""Facts that say who or from where; half of one is somebody else's."""
