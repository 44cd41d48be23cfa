"""Guards over what judges a canary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from typing import Any

from guard import Guard, always

from gatekeeper.errors import GatekeeperError


class _AnyWord(Mapping[str, Any]):
    """A table in which every word is the one that passes."""

    def __init__(self, known: Mapping[str, Any], otherwise: Any) -> None:
        self._known, self._otherwise = known, otherwise

    def __getitem__(self, word: str) -> Any:
        return self._known.get(word, self._otherwise)

    def __contains__(self, word: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _any_word(otherwise: Any) -> Any:
    return lambda known: _AnyWord(known, otherwise)


def _no_number_is_zero(original: Any) -> Any:
    @wraps(original)
    def value(point: Any, place: str) -> Any:
        found = original(point, place)
        return Decimal(0) if found is None else found

    return value


def _unwarned(original: Any) -> Any:
    """A reader that does not look at warnings."""

    @wraps(original)
    def read(owner: Any, key: str, place: str) -> Any:
        held = {**owner, key: {name: part for name, part in owner[key].items() if name != "warnings"}}
        return original(held, key, place)

    return read


def _whatever_came(original: Any) -> Any:
    """A reader that takes what is there for an answer."""

    @wraps(original)
    def read(owner: Any, key: str, place: str) -> Any:
        return original({**owner, key: {**owner[key], "status": "success"}}, key, place)

    return read


def _capped(original: Any) -> Any:
    """A reader that makes errors fit the requests."""

    @wraps(original)
    def total(self: Any) -> Any:
        found = original(self)
        return min(found, Decimal(1)) if found is not None and self.place.endswith("/errors") else found

    return total


def _ending_where_it_ends(original: Any) -> Any:
    """A histogram whose last bucket is the last that is there."""

    @wraps(original)
    def buckets(self: Any) -> Any:
        found = original(self)
        return found and {"+Inf": max(found.values()), **found}

    return buckets


def _used_all(original: Any) -> Any:
    """A reader that passes over measurements of nothing."""

    @wraps(original)
    def read(value: Any) -> Any:
        try:
            return original(value)
        except GatekeeperError:
            known = {name: part for name, part in value["measurements"].items() if name != "parcel-sped"}
            return original({**value, "measurements": known})

    return read


def _some_limit(original: Any) -> Any:
    @wraps(original)
    def resource(name: str, unit: str, used: Any, limit: Any, place: str) -> Any:
        return original(name, unit, used, limit or Decimal(1000), place)

    return resource


GUARDS = (
    Guard(
        "prometheus.no_number",
        "no data that reads as zero",
        "gatekeeper.collect._prometheus:_value",
        _no_number_is_zero,
    ),
    Guard("prometheus.warnings", "answers that lack something", "gatekeeper.collect._prometheus:read", _unwarned),
    Guard("prometheus.status", "queries that failed", "gatekeeper.collect._prometheus:read", _whatever_came),
    Guard(
        "canary.members",
        "members that nobody reads",
        "gatekeeper.collect.canary_prometheus:refuse_others",
        always(None),
    ),
    Guard("canary.counts", "more errors than requests", "gatekeeper.collect._prometheus:Answer.total", _capped),
    Guard(
        "canary.buckets",
        "a histogram without its end",
        "gatekeeper.collect._prometheus:Answer.buckets",
        _ending_where_it_ends,
    ),
    Guard("kayenta.itself", "a comparison with itself", "gatekeeper.collect.kayenta:_against_itself", always(False)),
    Guard("kayenta.words", "verdicts that nobody knows", "gatekeeper.collect.kayenta:_VERDICTS", _any_word("pass")),
    Guard("flagd.states", "states that nobody knows", "gatekeeper.collect.flagd:_STATES", _any_word(True)),
    Guard(
        "openslo.names",
        "measurements of nothing",
        "gatekeeper.collect.openslo_prometheus:COLLECTOR",
        lambda collector: replace(collector, reader=_used_all(collector.reader)),
    ),
    Guard("capacity.limits", "limits of nothing", "gatekeeper.collect._capacity:resource", _some_limit),
)
