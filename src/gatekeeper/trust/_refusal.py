"""Why a Sigstore bundle is not believed, on its way up to becoming a verdict."""

from __future__ import annotations

from typing import Literal

Refused = Literal["rejected", "unsupported"]


class RefusalError(Exception):
    """Not believed: ``rejected`` for good, or ``unsupported`` because nothing here can check this shape."""

    def __init__(self, reason: str, status: Refused = "rejected") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
