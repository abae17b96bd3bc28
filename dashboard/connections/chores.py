"""Chores: what is done again and again by the clock, once for all processes that keep it.

A chore is a row with the moment it is due. Whoever finds it takes it by one conditional write, so that any number of
processes may look. What a chore does, and how often, says the caller.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.data import chores as data
from dashboard.data import clock, transaction
from dashboard.data.chores import ChoreRow
from dashboard.data.leases import leases

__all__ = ["ChoreRow", "Rhythm", "due", "plan", "standing", "turn"]

RETRY = timedelta(minutes=5)
"""After how long a chore that failed is tried again, unless its next turn comes before."""
START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so often, counted from midnight UTC: ``Rhythm(timedelta(hours=1), timedelta(minutes=20))`` is 0:20, 1:20 …

    ``every`` divides a day.
    """

    every: timedelta
    past: timedelta = timedelta(0)

    def after(self, now: datetime) -> datetime:
        """The first turn that is later than a moment."""
        turns = (now - START - self.past) // self.every
        return START + self.past + (turns + 1) * self.every


def plan(rhythms: Mapping[str, Rhythm], *, now: datetime) -> None:
    """Make sure that these chores are due some time. A new one is due at its next turn; known ones stay."""
    with transaction():
        data.add({name: rhythm.after(now) for name, rhythm in rhythms.items()})


def due(*, now: datetime) -> list[str]:
    """The chores that are due and that nobody is at, the oldest first."""
    return data.due(now=now)


def standing() -> list[ChoreRow]:
    """How all chores stand that were ever planned."""
    return data.all_chores()


def turn(name: str, rhythm: Rhythm, do: Callable[[], object], *, now: datetime | None = None) -> bool:
    """Do a chore, if it is due and nobody else is at it. False: it is not due, or somebody is.

    However many turns were missed, they are made up once; the next one is on time again. One that fails is due again
    after :data:`RETRY`. Who died halfway loses it when the lease runs out; then it is done anew. One that takes longer
    than a lease is done by two at once, which must do no harm.

    :param now: the moment it is; by default the database's.
    :raises Exception: what the chore raised, after its failure was written down.
    """
    began = now or clock.now()
    lease = leases.new(began)
    with transaction():
        if not data.take(name, lease=lease, now=began):
            return False
    try:
        do()
    except Exception:
        failed = now or clock.now()
        with transaction():
            data.finish(name, key=lease.key, failed_at=failed, due_at=min(failed + RETRY, rhythm.after(failed)))
        raise
    with transaction():
        data.finish(name, key=lease.key, done_at=now or clock.now(), due_at=rhythm.after(began))
    return True
