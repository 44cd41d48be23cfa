"""SPDX 2.2 and 2.3 JSON; see :mod:`gatekeeper.facts.readers.spdx`."""

from __future__ import annotations

from typing import Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.facts.readers import spdx

COLLECTOR: Final = JsonFormat(format=spdx.FORMAT, kind="sbom", recognise=spdx.recognise, reader=spdx.read)
