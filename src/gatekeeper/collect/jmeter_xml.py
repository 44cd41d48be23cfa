"""JMeter's XML results; see :mod:`gatekeeper.collect.jmeter`."""

from __future__ import annotations

from typing import Final

from gatekeeper.collect.jmeter import JMeterXml

COLLECTOR: Final = JMeterXml()
