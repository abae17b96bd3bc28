"""Reading connections: cards, one card, and what its syncs did. Every function asks for the owner."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from dashboard import providers
from dashboard.connections import budget
from dashboard.connections import strip as strips
from dashboard.connections.strip import Strip
from dashboard.data import State, cards, history, records, revocations
from dashboard.data.cards import ApiRow, Order
from dashboard.data.history import RunRow
from dashboard.data.revocations import RevocationRow as Ending
from dashboard.errors import NoSuchConnection
from dashboard.providers import ConnectionType
from dashboard.providers.failures import Limited

__all__ = [
    "ApiRow", "Card", "CardPage", "Ending", "Order", "RunPage", "State", "Wanted",
    "api_item", "api_page", "card", "card_page", "ended", "of_type", "others", "record_count", "runs",
]  # fmt: skip
PAGE_SIZE = 24
STATES = {state.value: state for state in State}
RUNS_PAGE_SIZE = 20


class Card(NamedTuple):
    """A connection as a person sees it: its row, its type's words, its state and its thirty days."""

    row: cards.CardRow
    type: ConnectionType
    state: State
    strip: Strip
    opens_at: datetime | None = None
    """From when on its provider can be asked again, so that a sync before would be in vain. None: now."""

    @property
    def id(self) -> int:
        """The connection's id."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards a person asked to see, and in which order."""

    text: str = ""
    type: str | None = None
    state: State | None = None
    order: Order = Order.URGENT
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether a filter is set."""
        return bool(self.text or self.type or self.state)


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page of cards, and what is true of all of them."""

    cards: list[Card]
    found: int
    """How many the filter found, on all pages."""
    total: int
    states: dict[State, int] = field(default_factory=dict)
    types: tuple[ConnectionType, ...] = ()
    repeated: frozenset[str] = frozenset()
    """The types of which there are several, by key."""
    needing: tuple[ConnectionType, ...] = ()
    """The types of up to three connections that need the person."""

    @property
    def any_day_off(self) -> bool:
        """Whether a strip of these cards has a day without a sync."""
        return any(strips.OFF in card.strip.letters for card in self.cards)


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of a connection's syncs."""

    runs: list[RunRow]
    total: int
    records: int
    """How many records all of them brought."""


def card_page(owner_id: int, wanted: Wanted) -> CardPage:
    """The cards that were asked for. One query if they are all there are, else two, whatever their number."""
    now = datetime.now(UTC)
    first, retired = strips.first_day(now), _retired(now)
    rows, found = cards.cards(
        owner_id,
        now=now,
        retired=retired,
        text=wanted.text,
        text_types=providers.search(wanted.text) if wanted.text else (),
        type=wanted.type,
        state=wanted.state,
        order=wanted.order,
        limit=PAGE_SIZE,
        offset=(wanted.page - 1) * PAGE_SIZE,
    )
    everything = found == len(rows) and not wanted.narrowed
    tallies = _tallies(rows) if everything else cards.tally(owner_id, now=now, retired=retired)
    states, types = _totals(tallies)
    return CardPage(
        cards=[_card(row, first, now) for row in rows],
        found=found,
        total=sum(states.values()),
        states=states,
        types=_types(types),
        repeated=frozenset(type for type, number in types.items() if number > 1),
        needing=_types(type for type, state, _ in tallies if state == State.RECONNECT)[:3],
    )


def card(connection_id: int, *, owner_id: int) -> Card:
    """One card. Three queries at most.

    :raises NoSuchConnection: it is missing, or someone else's.
    """
    now = datetime.now(UTC)
    row = cards.card(connection_id, owner_id=owner_id, now=now, retired=_retired(now))
    if row is None:
        raise NoSuchConnection(connection_id)
    found = _card(row, strips.first_day(now), now)
    return found._replace(opens_at=budget.opens_at(found.type, now=now) or found.opens_at)


def api_page(owner_id: int, *, limit: int, offset: int) -> tuple[list[ApiRow], int]:
    """One page of an owner's connections in the API's order, and how many there are on all. One query."""
    return cards.api_page(owner_id, limit=limit, offset=offset)


def api_item(connection_id: int, *, owner_id: int) -> ApiRow:
    """One connection as the API shows it. One query.

    :raises NoSuchConnection: it is missing, or someone else's.
    """
    row = cards.api_item(connection_id, owner_id=owner_id)
    if row is None:
        raise NoSuchConnection(connection_id)
    return row


def runs(connection_id: int, *, page: int) -> RunPage:
    """One page of the syncs of the last thirty days, newest first. Its caller has read the card for the owner."""
    now = datetime.now(UTC)
    since, first = now - timedelta(days=strips.LENGTH), strips.first_day(now)
    found, total = history.runs(connection_id, since=since, limit=RUNS_PAGE_SIZE, offset=(page - 1) * RUNS_PAGE_SIZE)
    return RunPage(found, total, history.record_count(connection_id, since=first.toordinal()))


def record_count(connection_id: int, *, owner_id: int) -> int:
    """How many imported records a connection has."""
    return records.count(connection_id, owner_id=owner_id)


def others(owner_id: int) -> int:
    """How many connections would stay after one was cut."""
    return max(0, cards.count(owner_id) - 1)


def of_type(owner_id: int, type: str) -> int:
    """How many connections of a type there are. Of several, each is called by its account."""
    return cards.count(owner_id, type=type)


def ended(connection_id: int, *, owner_id: int) -> Ending | None:
    """How far the end of a connection is. None: the owner never had it, or still has it."""
    return revocations.revocation(connection_id, owner_id=owner_id)


def _retired(now: datetime) -> list[str]:
    return [each.type for each in providers.all_types() if each.retired(now.date())]


def _types(keys: Iterable[str]) -> tuple[ConnectionType, ...]:
    found = {key: providers.get(key) for key in keys}
    return tuple(sorted(found.values(), key=lambda each: each.name.casefold()))


def _tallies(rows: Iterable[cards.CardRow]) -> list[tuple[str, str, int]]:
    """What :func:`cards.tally` would say, if these are all."""
    return [(row.type, row.state, 1) for row in rows]


def _totals(tallies: Iterable[tuple[str, str, int]]) -> tuple[dict[State, int], dict[str, int]]:
    """How many there are by state, and by type."""
    states: dict[str, int] = {}
    types: dict[str, int] = {}
    for type, state, number in tallies:
        states[state] = states.get(state, 0) + number
        types[type] = types.get(type, 0) + number
    return {STATES[state]: number for state, number in states.items()}, types


def _card(row: cards.CardRow, first_day: date, now: datetime) -> Card:
    strip = strips.read(row.strip, row.strip_day, first=first_day)
    waits = _turned_away_until(row, now) if row.failure_code == Limited.code else None
    return Card(row, providers.get(row.type), STATES[row.state], strip, waits)


def _turned_away_until(row: cards.CardRow, now: datetime) -> datetime | None:
    """Until when a connection waits that its provider turned away last: what a list knows without asking further."""
    at = row.next_sync_at
    return at if at is not None and at > now + budget.MOMENT else None
