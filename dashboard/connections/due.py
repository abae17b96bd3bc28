"""What is due: the rows that wait for the engine, and the word that one more does.

The rows are the truth. The word is a wake-up only, and a lost one costs a minute: the sweep finds the row.
"""

from datetime import datetime
from typing import NamedTuple

from blinker import Signal

from dashboard.data import backlog, mails, syncs, untold
from dashboard.data.backlog import Waiting
from dashboard.data.clock import now
from dashboard.data.db import after_commit, driver_connection

__all__ = [
    "Due", "Waiting", "after_commit", "driver_connection", "due", "now", "say", "unfinished", "waiting", "work_due",
]  # fmt: skip

SYNC, REVOCATION, MAIL = "sync", "revocation", "mail"
work_due = Signal("Work is due. Sent inside the transaction that made it so: kind, and as keywords id and at.")
"""``driver_connection()`` is the database connection of that transaction, ``after_commit()`` waits for its end."""


class Due(NamedTuple):
    """One row that is due and that nobody holds."""

    kind: str
    id: int


def due(now: datetime, *, limit: int = 100) -> list[Due]:
    """What is due, of each kind what waits longest, at most ``limit`` of each. Three queries, each on its index.

    Who holds a lease and died is found here once the lease has run out.
    """
    return [
        *(Due(SYNC, id) for id in syncs.due(now=now, limit=limit)),
        *(Due(REVOCATION, id) for id in untold.due(now=now, limit=limit)),
        *(Due(MAIL, id) for id in mails.due(now=now, limit=limit)),
    ]


def waiting(now: datetime) -> list[Waiting]:
    """How much is due and held by nobody, of each kind, chores included, and since when. One query, on indexes."""
    return backlog.due(now)


def unfinished() -> list[Waiting]:
    """How many revocations and mails are not over, be they due or to be tried again later. One query, on indexes."""
    return backlog.unfinished()


def say(kind: str, id: int, *, at: datetime) -> None:
    """Say that a row is due, inside the transaction that made it so."""
    work_due.send(kind, id=id, at=at)
