"""CycloneDX JSON, 1.2 to 1.7; see :mod:`gatekeeper.facts.readers.cyclonedx`."""

from __future__ import annotations

from typing import Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.facts.readers import cyclonedx

COLLECTOR: Final = JsonFormat(
    format=cyclonedx.FORMAT, kind="sbom", recognise=cyclonedx.recognise, reader=cyclonedx.read
)
