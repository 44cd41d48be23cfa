"""Where a parcel is, and where it can go from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """A place in a parcel's life."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in transit"
    OUT_FOR_DELIVERY = "out for delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"


NEXT = {
    Status.ACCEPTED: {Status.IN_TRANSIT},
    Status.IN_TRANSIT: {Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.RETURNED},
    Status.OUT_FOR_DELIVERY: {Status.DELIVERED, Status.IN_TRANSIT},
    Status.DELIVERED: set(),
    Status.RETURNED: set(),
}


class OutOfOrderError(ValueError):
    """A parcel cannot go there from where it is."""


@dataclass
class Parcel:
    """A parcel and the way it took."""

    number: str
    grams: int
    postage: int
    way: list[Status] = field(default_factory=lambda: [Status.ACCEPTED])

    @property
    def status(self) -> Status:
        """Where it is."""
        return self.way[-1]

    def move(self, status: Status) -> None:
        """Move it on."""
        if status not in NEXT[self.status]:
            raise OutOfOrderError(f"{self.status} -> {status}")
        self.way.append(status)
