"""Facts: the normalised shape of each kind of evidence, checked whenever it is read."""

from __future__ import annotations

from gatekeeper.facts.document import FACTS_TYPE, Document, Shard, Source, parse_shard
from gatekeeper.facts.kinds import Kind, kind, kinds
from gatekeeper.facts.schema import Check, compile_schema, validate

__all__ = [
    "FACTS_TYPE",
    "Check",
    "Document",
    "Kind",
    "Shard",
    "Source",
    "compile_schema",
    "kind",
    "kinds",
    "parse_shard",
    "validate",
]
