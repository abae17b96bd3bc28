"""The chores: what is done by the clock, how often, and by which function."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app

from dashboard import mail
from dashboard.connections import chores, due, keeping, subscribing, waiting
from dashboard.connections.chores import Rhythm
from dashboard.events import checking
from dashboard.events import checkpoint as checkpoints
from dashboard.identity import login
from dashboard.support import ending


class Chore(NamedTuple):
    """One chore."""

    rhythm: Rhythm
    do: Callable[[], object]


def _checkpoint() -> None:
    """End the looks that are over though nobody noticed, and tell the outside how far the log is."""
    ending.sweep()
    checkpoints.checkpoint(webhook=current_app.config["AUDIT_WEBHOOK"])


def _mails() -> None:
    mail.prune(now=due.now())


def _notices() -> None:
    subscribing.renew(now=due.now())


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CHORES = {
    "checkpoint": Chore(Rhythm(HOUR), _checkpoint),
    "proof": Chore(Rhythm(HOUR, 10 * MINUTE), checking.check),
    "requests": Chore(Rhythm(10 * MINUTE, 5 * MINUTE), waiting.sweep),
    "records": Chore(Rhythm(HOUR, 20 * MINUTE), keeping.prune),
    "sessions": Chore(Rhythm(HOUR, 40 * MINUTE), login.forget_expired),
    "notices": Chore(Rhythm(24 * HOUR, 4 * HOUR + 10 * MINUTE), _notices),
    "mails": Chore(Rhythm(24 * HOUR, 3 * HOUR + 50 * MINUTE), _mails),
}
"""By the name of their row. They stand some minutes apart, so that they don't wait for each other."""


def plan() -> None:
    """Make sure that all of them are due some time. Safe to repeat."""
    chores.plan({name: chore.rhythm for name, chore in CHORES.items()}, now=due.now())


def due_now(now: datetime) -> list[str]:
    """The chores that are due. One that an older version planned, and this one does not know, never is."""
    return [name for name in chores.due(now=now) if name in CHORES]


def do(name: str) -> None:
    """Do a chore, if it is due and no other process is at it."""
    chore = CHORES[name]
    chores.turn(name, chore.rhythm, chore.do)
