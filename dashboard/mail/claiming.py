"""Taking a mail to send it, if at this moment it still makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from typing import Any

import orjson

from dashboard.data import mails as data
from dashboard.data import transaction, users
from dashboard.data.leases import leases
from dashboard.data.mails import MailRow
from dashboard.mail.letters import LETTERS, Facts, Letter
from dashboard.mail.message import address
from dashboard.mail.office import Reader, office

BETWEEN_MAILS = timedelta(days=7)
"""A connection causes one mail in that time at most."""
LOOK_AGAIN = timedelta(days=1)
"""How long a mail waits while somebody else is at work on what it would ask of its person."""


@dataclass(frozen=True, slots=True)
class Held:
    """A mail that is ours to send."""

    row: MailRow
    key: str
    """Of our lease: the outcome is written only while the row still has it."""
    facts: Facts
    """What the mail is made of."""
    reader: Reader
    to: Address

    @property
    def number(self) -> str:
        """What tells it from all other mails of all times. An id alone may come again, once the newest mail is gone."""
        return f"{self.row.queued_at:%Y%m%d%H%M%S}-{self.row.id}"

    def letter(self) -> Letter:
        """What it says.

        :raises KeyError: this version knows no mail of that name.
        """
        return LETTERS[self.row.name](self.facts)


class _Taken(Exception):
    """Somebody else has it, it is not due, or gone; what was claimed for it is undone with this."""


def claim(mail_id: int, *, now: datetime) -> Held | None:
    """Take a mail. None: it is not due, somebody else has it, or it makes no sense now, which is noted in its row.

    The connection's row is written before the mail's, as everywhere: two that meet then wait for each other in turn.
    """
    try:
        with transaction():
            row = data.mail(mail_id)
            return None if row is None else _claim(row, now)
    except _Taken:
        return None


def _claim(row: MailRow, now: datetime) -> Held | None:
    person = users.person(row.user_id)
    if person is None:
        raise _Taken  # their account, and so the mail, went just now
    to = address(person.email, person.name)
    if to is None:
        _let_be(row, over(row, "no_address"), now)
        return None
    if (outcome := _not_now(row, now)) is not None:
        _let_be(row, outcome, now)
        return None
    reader = Reader(
        person.name, person.language or person.claimed_language, person.time_zone or person.claimed_time_zone
    )
    return Held(row, _take(row, now), _facts(row), reader, to)


def _let_be(row: MailRow, outcome: Mapping[str, Any], now: datetime) -> None:
    """Note what becomes of a mail that is not to be sent now."""
    data.end(row.id, key=_take(row, now), **outcome)


def _take(row: MailRow, now: datetime) -> str:
    """Take the lease of a mail; its key."""
    lease = leases.new(now)
    if not data.claim(row.id, lease, now=now):
        raise _Taken
    return lease.key


def _facts(row: MailRow) -> Facts:
    details = orjson.loads(row.details)
    about = None if row.connection_id is None else data.about(row.connection_id)
    staff = users.person(details["staff_id"]) if "staff_id" in details and office.rules.names_staff else None
    return Facts(details, about, staff.name if staff else "")


def _not_now(row: MailRow, now: datetime) -> Mapping[str, Any] | None:
    """Why a mail about a connection is not to be sent now, as what becomes of its row. None: it is."""
    if row.connection_id is None:
        return None
    until = orjson.loads(row.details).get("pointless_from")
    if until is not None and now.date() >= date.fromisoformat(until):
        return over(row, "not_needed")
    if data.claim_turn(row.connection_id, mail_queued_at=row.queued_at, since=now - BETWEEN_MAILS):
        return None
    about = data.about(row.connection_id)
    if about is None or about.refused_at is None:
        return over(row, "not_needed")
    if not about.mails_wanted:
        return over(row, "unwanted")
    if about.mail_stopped_at is not None:
        return over(row, "stopped")
    if about.paused_at is not None or about.mailed_at is None:
        return {"due_at": now + LOOK_AGAIN}
    return {"due_at": about.mailed_at + BETWEEN_MAILS}


def over(row: MailRow, code: str) -> Mapping[str, Any]:
    """What becomes of the row of a mail that will not be sent. If it had the connection's turn, others may have it."""
    if row.connection_id is not None:
        data.give_up_turn(row.connection_id, mail_queued_at=row.queued_at)
    return {"due_at": None, "failure_code": code}
