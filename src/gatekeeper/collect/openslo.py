"""OpenSLO definitions alone (see :mod:`gatekeeper.collect.openslo_prometheus`): objectives that nobody has measured."""

from __future__ import annotations

from typing import Final

from gatekeeper.collect.openslo_prometheus import DEFINITIONS

COLLECTOR: Final = DEFINITIONS
