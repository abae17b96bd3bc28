"""Queueing mails and sending those that are due: once each, whatever the number of workers."""

import logging
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson

from dashboard.data import clock, transaction
from dashboard.data import mails as data
from dashboard.events import Event, record
from dashboard.mail.claiming import Held, claim, over
from dashboard.mail.letters import LETTERS, Letter
from dashboard.mail.office import office
from dashboard.mail.transport import Undelivered
from dashboard.who import Who

KEPT_DAYS = 90
BACK_OFF = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 120, 240, *[480] * 5))
"""After each failed try so long until the next: two days in all, then it is given up."""
SPREAD = 0.1
"""By this share a wait is made longer or shorter, so that mails that failed together don't come back together."""
log = logging.getLogger("dashboard.mail")
_random = secrets.SystemRandom()


class _Lost(Exception):
    """The lease had run out and somebody else took it; what was written meanwhile is undone with this."""


def queue(name: str, *, user_id: int, connection_id: int | None, now: datetime, **details: Any) -> int:
    """Queue a mail in the transaction of what it tells; its id. Who calls says that work is due.

    Of those about one connection that would say the same, one waits at a time: it is the one that comes back then.

    :param name: one of :data:`LETTERS`.
    :param connection_id: the connection it is about, with which it would go. None: about none that is there.
    :param details: what its function needs, as JSON can hold it.
    """
    if name not in LETTERS:
        raise ValueError(f"there is no mail {name!r}")
    if connection_id is not None and (waiting := data.waiting(connection_id, name=name)):
        return waiting
    written = orjson.dumps(details).decode()
    return data.add(user_id=user_id, connection_id=connection_id, name=name, details=written, queued_at=now, due_at=now)


def due(*, now: datetime, limit: int) -> list[int]:
    """The mails that are to be sent now, those that wait longest first."""
    return data.due(now=now, limit=limit)


def send(mail_id: int, *, now: datetime | None = None) -> bool:
    """Send a mail, if it is due and still makes sense. To call it twice, or too late, is harmless: the lease decides.

    No transaction is open while it travels. It leaves twice only if a worker dies between the server's yes and our
    note of it; its Message-ID is the same then.

    :param now: the moment to go by. None: the database's clock.
    :returns: whether it left.
    """
    held = claim(mail_id, now=now or clock.now())
    if held is None:
        return False
    try:
        letter = held.letter()
        office.hand_over(letter, held.reader, to=held.to, number=held.number, at=now or clock.now())
    except Undelivered as failure:
        log.warning("mail %s was not sent: %s", mail_id, failure)
        _failed(held, failure.code, for_good=failure.for_good, now=now or clock.now())
        return False
    except Exception:
        _failed(held, "broken", for_good=False, now=now or clock.now())
        raise
    _sent(held, letter, now=now or clock.now())
    return True


def failing() -> dict[str, int]:
    """How many mails failed at their last try and wait for the next, by code."""
    return data.failing()


def prune(*, now: datetime) -> int:
    """Delete what was sent or given up long ago; how many."""
    with transaction():
        return data.prune(before=now - timedelta(days=KEPT_DAYS))


def _sent(held: Held, letter: Letter, *, now: datetime) -> None:
    row = held.row
    with transaction():
        if row.connection_id is not None:
            data.use_turn(row.connection_id, mail_queued_at=row.queued_at, now=now)
        if data.end(row.id, key=held.key, due_at=None, sent_at=now, failure_code=None):
            record(Event.MAIL_SENT, Who(None, row.user_id), mail=row.name, **letter.about)


def _failed(held: Held, code: str, *, for_good: bool, now: datetime) -> None:
    """Note it, unless the lease was lost: then the mail is another's, and so is the connection's turn."""
    row = held.row
    tries = row.failure_count + 1
    with suppress(_Lost), transaction():
        if for_good or tries > len(BACK_OFF):
            outcome = over(row, code)
        else:
            wait = BACK_OFF[tries - 1] * _random.uniform(1 - SPREAD, 1 + SPREAD)
            outcome = {"due_at": now + wait, "failure_code": code}
        if not data.end(row.id, key=held.key, failure_count=tries, **outcome):
            raise _Lost
