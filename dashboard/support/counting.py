"""How much support looks, in numbers that name nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.data import auditing, support_accesses
from dashboard.events import Event
from dashboard.support.policy import Ground

HOUR = timedelta(hours=1)
COUNTED = (Event.ACCESS_STARTED, Event.ACCESS_REFUSED, Event.USER_SEARCHED)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many looks go on, and what support did in the last hour."""

    open: int
    begun: int
    most_begun: int
    """By one member of staff."""
    refused: int
    """Looks that somebody wanted to begin and might not, people who are no staff included."""
    searched: int


def last_hour(now: datetime) -> Counts:
    """The numbers of the hour before a moment. Two queries, on indexes, which read what is counted and no more."""
    rows = auditing.often(COUNTED, since=now - HOUR, but_why=Ground.CLOSED.value)
    numbers = {row.action: row.number for row in rows}
    most = {row.action: row.most for row in rows}
    return Counts(
        open=support_accesses.open_count(),
        begun=numbers.get(Event.ACCESS_STARTED, 0),
        most_begun=most.get(Event.ACCESS_STARTED, 0),
        refused=numbers.get(Event.ACCESS_REFUSED, 0),
        searched=numbers.get(Event.USER_SEARCHED, 0),
    )
