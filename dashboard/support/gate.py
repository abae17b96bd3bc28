"""The one place where a look is held to what it may touch."""

from dashboard.data import support_accesses as data
from dashboard.data import transaction
from dashboard.errors import Refused
from dashboard.events import Event, Outcome, record
from dashboard.support.policy import Ground
from dashboard.support.why import Why
from dashboard.who import Who

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ClosedToSupport(Refused):
    """This is closed while support looks through a person's eyes."""

    status = 403


class NotPrefetched(Refused):
    """What is on the record as read must have been read, not fetched in case it would be."""

    status = 403


def check(ground: Ground, method: str, *, by: Who, route: str, prefetch: bool) -> None:
    """Let a request under a support access pass, or refuse it and write that down.

    A prefetch is refused without a word: "looked at" must mean looked at.

    :raises ClosedToSupport: the route is closed, or reads only.
    """
    if ground in {Ground.OWN, Ground.NEUTRAL}:
        return
    if prefetch:
        raise ClosedToSupport("A page of a person is not prefetched.")
    if ground is Ground.ACT or (ground is Ground.LOOK and method in READING):
        return
    with transaction():
        record(Event.ACCESS_REFUSED, by, outcome=Outcome.REFUSED, route=route, method=method, why=Ground.CLOSED.value)
    raise ClosedToSupport("This is closed to support.")


def note_look(by: Who, *, route: str, key: object) -> None:
    """Write down that a page was looked at: the name of its route, and the key of what it showed."""
    with transaction():
        record(Event.ACCESS_VIEWED, by, route=route, key=str(key))


def confirm_open(by: Who) -> None:
    """Inside the transaction of an act: the look still goes on.

    :raises ClosedToSupport: it ended meanwhile; the act is rolled back with this.
    """
    if by.access_id is not None and not data.is_open(by.access_id):
        raise ClosedToSupport(f"The support access is over: {Why.EXPIRED.value}.")
