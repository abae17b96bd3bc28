"""What there is to connect: every type, whether it can be connected now, and what of it is a person's already."""

from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard import providers
from dashboard.data import State, by_type
from dashboard.data.by_type import OfType
from dashboard.providers import ConnectionType


@dataclass(frozen=True, slots=True)
class Yours:
    """A person's connections of one type."""

    state: State
    """The most urgent state among them."""
    connection_id: int
    """One in that state."""
    count: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One type as a person finds it here."""

    type: ConnectionType
    available: bool
    """It can be connected now."""
    retired: bool
    successor: ConnectionType | None
    """What takes the place of a retired one, as far as there is such a thing."""
    yours: Yours | None


def offers(owner_id: int) -> list[Offer]:
    """Every type, by name. One query."""
    now = datetime.now(UTC)
    yours = _yours(owner_id, now)
    return [_offer(each, now, yours.get(each.type)) for each in providers.all_types()]


def offer(key: str, owner_id: int) -> Offer | None:
    """One type. None: there is none of that key."""
    return next((each for each in offers(owner_id) if each.type.type == key), None)


def _yours(owner_id: int, now: datetime) -> dict[str, Yours]:
    retired = [each.type for each in providers.all_types() if each.retired(now.date())]
    found: dict[str, list[OfType]] = {}
    for row in by_type.of_types(owner_id, now=now, retired=retired):
        found.setdefault(row.type, []).append(row)
    return {type: _most_urgent(rows) for type, rows in found.items()}


def _most_urgent(rows: list[OfType]) -> Yours:
    urgency = list(State)
    first = min(rows, key=lambda row: urgency.index(State(row.state)))
    return Yours(State(first.state), first.oldest_id, sum(row.number for row in rows))


def standing(type: ConnectionType) -> Offer:
    """Whether a type can be connected now, leaving aside what a person has of it. No query."""
    return _offer(type, datetime.now(UTC), None)


def _offer(type: ConnectionType, now: datetime, yours: Yours | None) -> Offer:
    return Offer(
        type=type,
        available=providers.available(type, now.date()),
        retired=type.retired(now.date()),
        successor=providers.find(type.successor) if type.successor else None,
        yours=yours,
    )
