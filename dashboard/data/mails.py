"""Mails that are to be sent, and those that were."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    RowMapping,
    String,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, changed, db
from dashboard.data.leases import NOBODY, Lease, free
from dashboard.data.users import User


class Mail(Model):
    """One mail, queued in the transaction of what it tells."""

    __tablename__ = "mails"
    __table_args__ = (Index(None, "due_at"), Index(None, "user_id", "queued_at"), Index(None, "connection_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    """Whom it goes to, at the address they have when it is sent."""
    connection_id: Mapped[int | None] = mapped_column(Id, ForeignKey(Connection.id, ondelete="CASCADE"))
    """The connection it is about. NULL: about none."""
    name: Mapped[str] = mapped_column(String(40))
    """Which mail it is: the function in ``dashboard/mail/`` that writes it."""
    details: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """What that function needs, as JSON."""
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When to try next. NULL: it is over."""
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """NULL: it was not, or is not needed any more."""
    failure_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_code: Mapped[str | None] = mapped_column(String(60))
    """Why the last try failed, or why it was not sent, as a short code of ours. NULL: neither."""
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_key: Mapped[str | None] = mapped_column(String(32))


class MailRow(NamedTuple):
    """A mail as whoever sends it needs it."""

    id: int
    user_id: int
    connection_id: int | None
    name: str
    details: str
    queued_at: datetime
    failure_count: int


class About(NamedTuple):
    """The connection that a mail is about, as far as the mail depends on it."""

    id: int
    user_id: int
    type: str
    account: str | None
    remote_account_id: str | None
    last_sync_at: datetime | None
    failure_code: str | None
    refusal_seen_at: datetime | None
    refused_at: datetime | None
    paused_at: datetime | None
    mailed_at: datetime | None
    mail_stopped_at: datetime | None
    mails_wanted: bool
    """Whether its person wants mails about any of their connections."""


class Fate(NamedTuple):
    """What became of a mail, without a word of what it says."""

    name: str
    connection_id: int | None
    details: str
    queued_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    failure_count: int
    failure_code: str | None


_ROW = tuple(getattr(Mail, name) for name in MailRow._fields)
_FATE = tuple(getattr(Mail, name) for name in Fate._fields)
_ABOUT = tuple(getattr(User if name == "mails_wanted" else Connection, name) for name in About._fields)


def add(**values: Any) -> int:
    """Queue a mail; its id."""
    return int(db.session.execute(insert(Mail).values(**values).returning(Mail.id)).scalar_one())


def waiting(connection_id: int, *, name: str) -> int | None:
    """The mail of this name about a connection that is still to be sent. None: there is none."""
    statement = select(Mail.id).where(Mail.connection_id == connection_id, Mail.name == name, Mail.due_at.is_not(None))
    return db.session.execute(statement.limit(1)).scalar_one_or_none()


def due(*, now: datetime, limit: int) -> list[int]:
    """Mails that are to be sent now and that nobody holds, those that wait longest first. On ``ix_mails_due_at``."""
    statement = select(Mail.id).where(Mail.due_at <= now, free(Mail, now)).order_by(Mail.due_at, Mail.id)
    return list(db.session.execute(statement.limit(limit)).scalars())


def mail(mail_id: int) -> MailRow | None:
    """One mail. None: it is gone, as with its connection."""
    row = db.session.execute(select(*_ROW).where(Mail.id == mail_id)).one_or_none()
    return MailRow(*row) if row else None


def claim(mail_id: int, lease: Lease, *, now: datetime) -> bool:
    """Take a due mail. Of two callers at once one gets it; the other False, as when it is not due or gone."""
    statement = update(Mail).where(Mail.id == mail_id, Mail.due_at <= now, free(Mail, now))
    return bool(changed(statement.values(lease_until=lease.until, lease_key=lease.key)))


def end(mail_id: int, *, key: str, **outcome: Any) -> bool:
    """Write how a try went, and let go of the mail. False: the lease had run out, and somebody else took it."""
    statement = update(Mail).where(Mail.id == mail_id, Mail.lease_key == key)
    return bool(changed(statement.values(**NOBODY, **outcome)))


def about(connection_id: int) -> About | None:
    """The connection that a mail is about. None: it is gone."""
    statement = select(*_ABOUT).join(User, User.id == Connection.user_id).where(Connection.id == connection_id)
    row = db.session.execute(statement).one_or_none()
    return About(*row) if row else None


def claim_turn(connection_id: int, *, mail_queued_at: datetime, since: datetime) -> bool:
    """Claim the one mail that a connection may cause in a while, if it needs its person and they want mails.

    The claim is ``mailed_at``: of two mails about a connection one gets it, and the same one gets it again.

    :param mail_queued_at: when the claiming mail was queued, by which its claim is known again.
    :param since: a mail since then is one too many.
    """
    statement = update(Connection).where(
        Connection.id == connection_id,
        Connection.refused_at.is_not(None),
        Connection.paused_at.is_(None),
        Connection.mail_stopped_at.is_(None),
        exists().where(User.id == Connection.user_id, User.mails_wanted),
        or_(Connection.mailed_at.is_(None), Connection.mailed_at <= since, Connection.mailed_at == mail_queued_at),
    )
    return bool(changed(statement.values(mailed_at=mail_queued_at)))


def use_turn(connection_id: int, *, mail_queued_at: datetime, now: datetime) -> None:
    """The mail that had the turn was sent now."""
    db.session.execute(update(Connection).where(_has_turn(connection_id, mail_queued_at)).values(mailed_at=now))


def give_up_turn(connection_id: int, *, mail_queued_at: datetime) -> None:
    """The mail that had the turn will not be sent: the last one that was counts again."""
    last = select(func.max(Mail.sent_at)).where(Mail.connection_id == connection_id).scalar_subquery()
    db.session.execute(update(Connection).where(_has_turn(connection_id, mail_queued_at)).values(mailed_at=last))


def _has_turn(connection_id: int, mail_queued_at: datetime) -> ColumnElement[bool]:
    return and_(Connection.id == connection_id, Connection.mailed_at == mail_queued_at)


def stop(connection_id: int, *, owner_id: int, now: datetime) -> bool:
    """No more mails about an owner's connection. False: it was so before, or it is gone."""
    statement = update(Connection).where(Connection.id == connection_id, Connection.user_id == owner_id)
    return bool(changed(statement.where(Connection.mail_stopped_at.is_(None)).values(mail_stopped_at=now)))


def resume(connection_id: int, *, owner_id: int) -> bool:
    """Mails about an owner's connection again. False: it was so before, or it is gone."""
    statement = update(Connection).where(Connection.id == connection_id, Connection.user_id == owner_id)
    return bool(changed(statement.where(Connection.mail_stopped_at.is_not(None)).values(mail_stopped_at=None)))


def latest(owner_id: int, *, limit: int) -> list[Fate]:
    """The newest mails to a person, sent or not. One query, on ``ix_mails_user_id_queued_at``."""
    statement = select(*_FATE).where(Mail.user_id == owner_id).order_by(Mail.queued_at.desc(), Mail.id.desc())
    return [Fate(*row) for row in db.session.execute(statement.limit(limit))]


def failing() -> dict[str, int]:
    """How many of the mails that are to be tried again failed the last time, by code. Those alone are read, by index
    ``ix_mails_due_at``."""
    statement = select(Mail.failure_code, func.count()).where(Mail.due_at.is_not(None), Mail.failure_code.is_not(None))
    return {str(code): int(count) for code, count in db.session.execute(statement.group_by(Mail.failure_code))}


def prune(*, before: datetime) -> int:
    """Delete mails that are over and were queued before; how many."""
    return changed(delete(Mail).where(Mail.queued_at < before, Mail.due_at.is_(None)))


def everything_on(owner_id: int) -> list[RowMapping]:
    """All mails to a person, sent or not, for their download. Who of the staff they name is not among it."""
    columns = (Mail.name, Mail.connection_id, Mail.queued_at, Mail.due_at, Mail.sent_at, Mail.failure_code)
    statement = select(*columns).where(Mail.user_id == owner_id).order_by(Mail.queued_at, Mail.id)
    return list(db.session.execute(statement).mappings())
