"""OpenVEX; see :mod:`gatekeeper.facts.readers.openvex`."""

from __future__ import annotations

from typing import Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.facts.readers import openvex

COLLECTOR: Final = JsonFormat(format=openvex.FORMAT, kind="vex", recognise=openvex.recognise, reader=openvex.read)
