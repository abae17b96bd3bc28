"""Telling people by mail: that a connection needs them, that somebody acted for them; and stopping it."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from dashboard import mail, providers
from dashboard.connections import due
from dashboard.data import clock, mails, transaction
from dashboard.errors import NoSuchConnection, Refused
from dashboard.events import Event, record
from dashboard.mail import stopping
from dashboard.providers import ConnectionType
from dashboard.who import Origin, Who

RECONNECT = "reconnect"
BY_SUPPORT = "disconnected_by_support"


class NoSuchLink(Refused):
    """The link that stops mails was cut short on its way, or is older than the key that signed it."""

    status = 404


@dataclass(frozen=True, slots=True)
class Mails:
    """Whether a connection may cause mails."""

    connection_id: int
    owner_id: int
    type: ConnectionType
    stopped_at: datetime | None
    """Since when its person wants none. None: they do."""
    wanted: bool
    """Whether they want mails about any connection; without that, none about this one comes."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail to a person. What it says, and the link that stops it, are not among it."""

    name: str
    """Which mail it is: :data:`RECONNECT` or :data:`BY_SUPPORT`."""
    connection_id: int | None
    """The connection that caused it; it may be gone."""
    type: str
    queued_at: datetime
    next_try_at: datetime | None
    """None: it was sent, or never will be."""
    sent_at: datetime | None
    failure_count: int
    failure_code: str | None
    """Why the last try failed, or why it was not sent. None: neither."""


def needs_you(connection_id: int, *, now: datetime) -> int | None:
    """Queue the mail that says that a connection needs its person, in the transaction in which that became so.

    Whether it still does, whether they still want mails, and that it is one a week is decided when it is sent.

    :returns: the mail's id, of one that waited already where there is one. None: the provider has closed for good, the
        person wants no mails at all, or the connection is gone.
    """
    about = mails.about(connection_id)
    if about is None or not about.mails_wanted or providers.get(about.type).retired(now.date()):
        return None
    type = providers.get(about.type)
    closes = type.retired_on.isoformat() if type.retired_on else None
    facts = {"type": type.type, "provider": type.name, "pointless_from": closes}
    mail_id = mail.queue(RECONNECT, user_id=about.user_id, connection_id=connection_id, now=now, **facts)
    due.say(due.MAIL, mail_id, at=now)
    return mail_id


def ended_by_support(connection: mails.About, *, by: Who, reason: str, now: datetime) -> int:
    """Queue the mail that says that support ended a connection, in the transaction in which it does; the mail's id.

    :param connection: as it was before, see :func:`before_the_end`.
    """
    type = providers.get(connection.type)
    facts = {
        "connection": connection.id,
        "type": type.type,
        "provider": type.name,
        "account": connection.account,
        "account_id": connection.remote_account_id,
        "at": now,
        "reason": reason,
        "staff_id": by.actor_id,
    }
    mail_id = mail.queue(BY_SUPPORT, user_id=connection.user_id, connection_id=None, now=now, **facts)
    due.say(due.MAIL, mail_id, at=now)
    return mail_id


def before_the_end(connection_id: int, *, owner_id: int) -> mails.About | None:
    """What a mail about its end needs of a connection, as long as it is there. None: the owner has no such one."""
    about = mails.about(connection_id)
    return about if about is not None and about.user_id == owner_id else None


def by_link(token: str) -> Mails | None:
    """The connection of a link that stops mails. None: it is gone, and no mail about it will come.

    :raises NoSuchLink: it is no link of ours.
    """
    connection_id = stopping.signer.connection_id(token)
    if connection_id is None:
        raise NoSuchLink("This link does not stop anything.")
    about = mails.about(connection_id)
    return None if about is None else _mails(about)


def of_connection(connection_id: int, *, owner_id: int) -> Mails:
    """Whether an owner's connection may cause mails.

    :raises NoSuchConnection: it is missing, or someone else's.
    """
    about = before_the_end(connection_id, owner_id=owner_id)
    if about is None:
        raise NoSuchConnection(connection_id)
    return _mails(about)


def latest(owner_id: int, *, limit: int) -> list[Fate]:
    """What became of the newest mails to a person, newest first. One query."""
    return [_fate(row) for row in mails.latest(owner_id, limit=limit)]


def stop(wanted: Mails, *, by: Who) -> bool:
    """No more mails about a connection. False: it was so before; nothing changed."""
    with transaction():
        stopped = mails.stop(wanted.connection_id, owner_id=wanted.owner_id, now=clock.now())
        if stopped:
            record(Event.MAILS_STOPPED, by, connection=wanted.connection_id, type=wanted.type.type)
    return stopped


def resume(wanted: Mails, *, by: Who) -> bool:
    """Mails about a connection again. False: it was so before; nothing changed."""
    with transaction():
        resumed = mails.resume(wanted.connection_id, owner_id=wanted.owner_id)
        if resumed:
            record(Event.MAILS_RESUMED, by, connection=wanted.connection_id, type=wanted.type.type)
    return resumed


def holder_of(wanted: Mails, *, origin: Origin) -> Who:
    """Whoever holds the link in a mail: nobody proved who that is, so the record names no actor."""
    return Who(None, wanted.owner_id, origin)


def _mails(about: mails.About) -> Mails:
    return Mails(about.id, about.user_id, providers.get(about.type), about.mail_stopped_at, about.mails_wanted)


def _fate(row: mails.Fate) -> Fate:
    """Of a mail about no connection that is there, its details say which connection it was."""
    details = orjson.loads(row.details)
    return Fate(
        name=row.name,
        connection_id=row.connection_id or details.get("connection"),
        type=details["type"],
        queued_at=row.queued_at,
        next_try_at=row.due_at,
        sent_at=row.sent_at,
        failure_count=row.failure_count,
        failure_code=row.failure_code,
    )
