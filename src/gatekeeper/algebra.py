"""Approval algebra: what ``all``, ``any``, ``count`` and roles come to, and how people are seated on it.

An ask is a tree. Each *way* of it is a list of seats: of ``any`` one branch, of ``all`` every branch. A stage is
approved when for some way of all its asks together distinct people fill every seat: nobody sits twice in one stage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

AUTHOR: Final = "author"
"""What ``not`` of an approval may name: every person who is author, committer or pusher of the change."""

DEPLOYER: Final = "deployer"
"""What else it may name: every person who pushed the change, or who evidence says deploys it."""

MAX_DEPTH: Final = 4
"""Levels of ``any`` and ``all``: what is deeper nobody reads right."""

MAX_WAYS: Final = 64
"""Ways in which one stage may be approved; each is tried, and a person has to see through them."""

MAX_SEATS: Final = 20
"""Seats in one way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsk:
    """What a stage asks of people: ``count`` distinct people of ``role``, or ``any`` or ``all`` of some asks.

    Attributes:
        role, count: Of a single ask; the role is empty where there are ``any`` or ``all``.
        exclude: Who does not count, here and below: ``author``, ``deployer``.
        veto: Roles whose no closes it, beside every role it names.
        any, all: The branches; of these two and ``role`` exactly one is there.
    """

    role: str = ""
    count: int = 1
    exclude: tuple[str, ...] = ()
    veto: tuple[str, ...] = ()
    any: tuple[ApprovalAsk, ...] = ()
    all: tuple[ApprovalAsk, ...] = ()

    @property
    def label(self) -> str:
        """What its result is called after ``approval.``, before it is numbered."""
        return self.role or ("any" if self.any else "all")

    @property
    def roles(self) -> frozenset[str]:
        """Every role that it names, vetoes among them: a no by one of these closes it."""
        below = (role for ask in (*self.any, *self.all) for role in ask.roles)
        return frozenset(filter(None, {self.role, *self.veto, *below}))

    @property
    def excluded(self) -> frozenset[str]:
        """Who does not count somewhere in it."""
        return frozenset({*self.exclude, *(name for ask in (*self.any, *self.all) for name in ask.excluded)})

    @property
    def ways(self) -> tuple[tuple[ApprovalAsk, ...], ...]:
        """Each way to meet it, as single asks with all that is excluded around them; in the order as written."""
        if self.role:
            return ((replace(self, veto=()),),)
        branches = [self._inherit(ask).ways for ask in self.any or self.all]
        if self.any:
            return tuple(dict.fromkeys(way for ways in branches for way in ways))
        return tuple(dict.fromkeys(tuple(seat for way in chosen for seat in way) for chosen in product(*branches)))

    def _inherit(self, ask: ApprovalAsk) -> ApprovalAsk:
        return replace(ask, exclude=tuple(sorted({*self.exclude, *ask.exclude})))

    @property
    def size(self) -> tuple[int, int, int]:
        """Levels, ways, and seats of the largest way, told without making the ways."""
        if self.role:
            return 0, 1, self.count
        levels, ways, seats = zip(*(ask.size for ask in self.any or self.all), strict=True)
        if self.any:
            return 1 + max(levels), sum(ways), max(seats)
        return 1 + max(levels), _product(ways), sum(seats)

    @property
    def words(self) -> str:
        """In words: ``2 of role a, or 1 of role b and 1 of role c``."""
        if self.role:
            return f"{self.count} of role {self.role}"
        parts = [f"({ask.words})" if self.all and ask.any else ask.words for ask in self.any or self.all]
        return (", or " if self.any else " and ").join(parts)

    def as_json(self) -> dict[str, Any]:
        """The ask in the gate's digest; what is not there is left out, but for what single asks always had."""
        branches = {"any": self.any, "all": self.all}
        return (
            ({"role": self.role, "count": self.count} if self.role else {})
            | {"not": list(self.exclude)}
            | {name: [ask.as_json() for ask in asks] for name, asks in branches.items() if asks}
            | ({"veto": list(self.veto)} if self.veto else {})
        )

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ApprovalAsk:
        """The inverse of :meth:`as_json`."""
        return cls(
            role=value.get("role", ""),
            count=value.get("count", 1),
            exclude=tuple(value["not"]),
            veto=tuple(value.get("veto", ())),
            any=tuple(map(cls.from_json, value.get("any", ()))),
            all=tuple(map(cls.from_json, value.get("all", ()))),
        )


def _product(numbers: Iterable[int]) -> int:
    total = 1
    for number in numbers:
        total *= number
    return total


def problem_of(asks: Sequence[ApprovalAsk]) -> str:
    """Why asks are too much to be tried and understood; empty when they are not."""
    if not asks:
        return ""
    levels, ways, seats = zip(*(ask.size for ask in asks), strict=True)
    checks = (
        (max(levels) > MAX_DEPTH, f"any and all are {max(levels)} deep, {MAX_DEPTH} are read"),
        (_product(ways) > MAX_WAYS, f"there are {_product(ways)} ways to approve the stage, {MAX_WAYS} are tried"),
        (sum(seats) > MAX_SEATS, f"it takes {sum(seats)} people, at most {MAX_SEATS} are seated"),
    )
    return next((message for wrong, message in checks if wrong), "")


def result_ids(asks: Sequence[ApprovalAsk]) -> list[str]:
    """What the results of asks are called: ``approval.manager``, ``approval.manager-2``, ``approval.any``."""
    labels = [ask.label for ask in asks]
    seen = [labels[:index].count(label) for index, label in enumerate(labels)]
    numbers = [f"-{before + 1}" if before else "" for before in seen]
    return [f"approval.{label}{number}" for label, number in zip(labels, numbers, strict=True)]


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of a way: the single ask that it serves, and for which of the stage's asks."""

    ask: int
    serves: ApprovalAsk


@dataclass(frozen=True, slots=True)
class Arrangement:
    """People on the seats of one way.

    Attributes:
        seats: All of them.
        seated: Who sits where, by position.
    """

    seats: tuple[Seat, ...]
    seated: dict[int, str]

    @property
    def missing(self) -> int:
        """Seats that stay empty."""
        return len(self.seats) - len(self.seated)

    def of(self, ask: int) -> tuple[int, list[str]]:
        """How many seats one of the asks has, and who sits there."""
        positions = [position for position, seat in enumerate(self.seats) if seat.ask == ask]
        return len(positions), sorted(self.seated[position] for position in positions if position in self.seated)


def arrange(asks: Sequence[ApprovalAsk], able: Callable[[ApprovalAsk], Sequence[str]]) -> Arrangement:
    """Seat people on the first way that they fill; where they fill none, on the first that lacks fewest.

    Args:
        asks: What the stage asks.
        able: Who may sit for a single ask.
    """
    best: Arrangement | None = None
    for seats in _ways(asks):
        found = Arrangement(seats, seat([able(one.serves) for one in seats]))
        if best is None or found.missing < best.missing:
            best = found
        if not found.missing:
            break
    return best or Arrangement((), {})


def _ways(asks: Sequence[ApprovalAsk]) -> Iterator[tuple[Seat, ...]]:
    for chosen in product(*(ask.ways for ask in asks)):
        yield tuple(
            Seat(index, single) for index, way in enumerate(chosen) for single in way for _ in range(single.count)
        )


def seat(candidates: Sequence[Iterable[str]]) -> dict[int, str]:
    """A largest assignment of distinct people to seats (augmenting paths), the same for the same candidates.

    Args:
        candidates: For each seat the people who may take it.

    Returns:
        The person by position of the seat; seats that stay empty are absent.
    """
    seat_of: dict[str, int] = {}

    def place(position: int, tried: set[str]) -> bool:
        for person in sorted(candidates[position]):
            if person in tried:
                continue
            tried.add(person)
            if person not in seat_of or place(seat_of[person], tried):
                seat_of[person] = position
                return True
        return False

    for position in range(len(candidates)):
        place(position, set())
    return {position: person for person, position in seat_of.items()}


def shortage(seats: Sequence[Seat], able: Callable[[ApprovalAsk], Sequence[str]]) -> tuple[list[Seat], list[str]]:
    """Seats for which there are too few people, and these people (Hall's theorem); empty where all can be filled."""
    candidates = [sorted(able(one.serves)) for one in seats]
    seated = seat(candidates)
    empty = next((position for position in range(len(seats)) if position not in seated), None)
    if empty is None:
        return [], []
    seat_of = {person: position for position, person in seated.items()}
    reached, people, waiting = {empty}, set(), [empty]
    while waiting:
        for person in candidates[waiting.pop()]:
            people.add(person)
            if seat_of[person] not in reached:  # nobody is left standing beside an empty seat that they may take
                reached.add(seat_of[person])
                waiting.append(seat_of[person])
    return [seats[position] for position in sorted(reached)], sorted(people)
