"""Support accesses: one row for each time a member of staff looked through a person's eyes."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, String, Text, case, exists, func, insert, literal, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data import clock
from dashboard.data.clock import database_now
from dashboard.data.db import Id, Model, UTCDateTime, changed, db
from dashboard.data.login_sessions import LoginSession
from dashboard.data.users import User


class SupportAccess(Model):
    """A look, from its start to its end. It goes with the person it is about: the log keeps what must be proved."""

    __tablename__ = "support_accesses"
    __table_args__ = (
        Index(None, "subject_id", "id"),
        Index(None, "actor_id", "started_at"),
        Index(
            "uq_support_accesses_running",
            "actor_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    actor_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    """The member of staff. One who has not ended is unique: nobody looks through two people's eyes."""
    subject_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    login_session_id: Mapped[int] = mapped_column(Id)
    """The actor's login session that carries the access. No foreign key: it may end first."""
    reason: Mapped[str] = mapped_column(Text)
    """As typed. The person reads it."""
    ticket: Mapped[str | None] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """Absolute: what the actor does never prolongs it."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """NULL: nobody has noticed an end yet; whether it is open is computed from the times."""
    end_why: Mapped[str | None] = mapped_column(String(20))
    """A word of ``dashboard.support.access.Why``."""


class AccessRow(NamedTuple):
    """What one request needs to know of its access: whether it is open, and whose eyes these are."""

    id: int
    actor_id: int
    subject_id: int
    login_session_id: int
    reason: str
    ticket: str | None
    started_at: datetime
    expires_at: datetime
    end_why: str | None
    ran_out: bool
    name: str
    email: str
    claimed_role: int
    granted_role: int
    claimed_language: str | None
    language: str | None
    claimed_time_zone: str | None
    time_zone: str | None
    theme: str | None
    support_setting: str | None
    support_pass_until: datetime | None
    pass_ran_out: bool | None
    now: datetime
    """By the database's clock, which decides all of this."""


_ACCESS = tuple(getattr(SupportAccess, name) for name in AccessRow._fields[:9])
_SUBJECT = tuple(getattr(User, name) for name in AccessRow._fields[10:21])
_ONE = select(
    *_ACCESS,
    (SupportAccess.expires_at <= database_now()).label("ran_out"),
    *_SUBJECT,
    (User.support_pass_until <= database_now()).label("pass_ran_out"),
    database_now().label("now"),
).join(User, User.id == SupportAccess.subject_id)


def access(access_id: int) -> AccessRow | None:
    """One access with its subject, judged by the database's clock. None: the subject's account is gone."""
    row = db.session.execute(_ONE.where(SupportAccess.id == access_id)).one_or_none()
    return AccessRow._make(row) if row else None


def start(
    *, actor_id: int, subject_id: int, login_session_id: int, reason: str, ticket: str | None, minutes: int
) -> tuple[int, datetime] | None:
    """Store a new access; its id and when it runs out. None: one of this actor is running."""
    now = clock.now()
    until = now + timedelta(minutes=minutes)
    statement = insert(SupportAccess).values(
        actor_id=actor_id, subject_id=subject_id, login_session_id=login_session_id, reason=reason, ticket=ticket,
        started_at=now, expires_at=until,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            return int(db.session.execute(statement.returning(SupportAccess.id)).scalar_one()), until
    except IntegrityError:
        return None


def end(access_id: int, *, why: str) -> bool:
    """Note that an access is over. Of two callers at once, one gets True."""
    statement = update(SupportAccess).where(SupportAccess.id == access_id, SupportAccess.ended_at.is_(None))
    now = literal(clock.now(), UTCDateTime())
    ended_at = case((SupportAccess.expires_at < now, SupportAccess.expires_at), else_=now)
    return bool(changed(statement.values(ended_at=ended_at, end_why=why)))


def is_open(access_id: int) -> bool:
    """Whether an access goes on, asked anew inside the transaction of an act; nobody ends it before the commit."""
    statement = select(SupportAccess.id).where(SupportAccess.id == access_id, SupportAccess.ended_at.is_(None))
    statement = statement.where(SupportAccess.expires_at > database_now()).with_for_update()
    return db.session.execute(statement).one_or_none() is not None


class DeadRow(NamedTuple):
    """An access that was found to be over."""

    id: int
    subject_id: int
    ran_out: bool
    """False: the login session that carried it is gone."""


_LOGIN_LIVES = exists().where(
    LoginSession.id == SupportAccess.login_session_id, LoginSession.expires_at > database_now()
)


def dead(actor_id: int | None = None) -> list[DeadRow]:
    """The accesses that nobody ended though they ran out, or their login session is gone.

    :param actor_id: of this actor only. None: of everybody.
    """
    ran_out = SupportAccess.expires_at <= database_now()
    statement = select(SupportAccess.id, SupportAccess.subject_id, ran_out.label("ran_out")).where(
        SupportAccess.ended_at.is_(None), or_(ran_out, ~_LOGIN_LIVES)
    )
    if actor_id is not None:
        statement = statement.where(SupportAccess.actor_id == actor_id)
    return [DeadRow(row.id, row.subject_id, bool(row.ran_out)) for row in db.session.execute(statement)]


class RunningRow(NamedTuple):
    """A look that goes on."""

    id: int
    subject_id: int
    name: str
    expires_at: datetime


def running_by(actor_id: int) -> RunningRow | None:
    """The look of an actor that goes on, in whichever of their login sessions. One query."""
    columns = (SupportAccess.id, SupportAccess.subject_id, User.name, SupportAccess.expires_at)
    statement = select(*columns).join(User, User.id == SupportAccess.subject_id)
    statement = statement.where(
        SupportAccess.actor_id == actor_id,
        SupportAccess.ended_at.is_(None),
        SupportAccess.expires_at > database_now(),
        _LOGIN_LIVES,
    )
    row = db.session.execute(statement).one_or_none()
    return RunningRow._make(row) if row else None


def running_on(subject_id: int) -> list[tuple[int, int]]:
    """The open accesses to a person: (access, actor) ids."""
    statement = select(SupportAccess.id, SupportAccess.actor_id).where(
        SupportAccess.subject_id == subject_id, SupportAccess.ended_at.is_(None)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def started_since(actor_id: int, *, since: datetime) -> int:
    """How many accesses an actor has started since a moment."""
    statement = select(func.count()).select_from(SupportAccess)
    statement = statement.where(SupportAccess.actor_id == actor_id, SupportAccess.started_at >= since)
    return int(db.session.execute(statement).scalar_one())


def open_count() -> int:
    """How many accesses go on. One query, on the index of those that nobody ended."""
    statement = select(func.count()).where(
        SupportAccess.ended_at.is_(None), SupportAccess.expires_at > database_now(), _LOGIN_LIVES
    )
    return int(db.session.execute(statement).scalar_one())


class OwnRow(NamedTuple):
    """An access as the member of staff who made it finds it again."""

    subject_id: int
    name: str
    reason: str
    ticket: str | None
    started_at: datetime


def own(actor_id: int, *, limit: int) -> list[OwnRow]:
    """The accesses of an actor, the newest first. One query, on ``ix_support_accesses_actor_id_started_at``."""
    columns = (SupportAccess.subject_id, User.name, *(getattr(SupportAccess, name) for name in OwnRow._fields[2:]))
    statement = select(*columns).join(User, User.id == SupportAccess.subject_id)
    statement = statement.where(SupportAccess.actor_id == actor_id).order_by(SupportAccess.started_at.desc())
    return [OwnRow._make(row) for row in db.session.execute(statement.limit(limit))]


class PastRow(NamedTuple):
    """An access as the person it was about, and staff, read it afterwards."""

    id: int
    actor_id: int
    actor_name: str
    reason: str
    ticket: str | None
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_why: str | None
    login_lives: bool
    """Whether the login session that carried it is there still."""
    ran_out: bool
    """Whether its time is over, by the database's clock."""
    now: datetime
    """What that clock says."""

    @property
    def runs(self) -> bool:
        """Whether it goes on."""
        return self.end_why is None and self.login_lives and not self.ran_out


_PAST = select(
    SupportAccess.id,
    SupportAccess.actor_id,
    User.name,
    *(getattr(SupportAccess, name) for name in PastRow._fields[3:-3]),
    _LOGIN_LIVES.label("login_lives"),
    (SupportAccess.expires_at <= database_now()).label("ran_out"),
    database_now().label("now"),
).join(User, User.id == SupportAccess.actor_id)


def past(subject_id: int, *, limit: int) -> list[PastRow]:
    """The accesses to a person, the newest first. One query."""
    statement = _PAST.where(SupportAccess.subject_id == subject_id).order_by(SupportAccess.id.desc()).limit(limit)
    return [PastRow._make(row) for row in db.session.execute(statement)]


def past_ones(access_ids: Collection[int], *, subject_id: int) -> dict[int, PastRow]:
    """These accesses to a person, by id. One query. Those of staff whose account is gone are gone with it."""
    statement = _PAST.where(SupportAccess.id.in_(access_ids), SupportAccess.subject_id == subject_id)
    return {row[0]: PastRow._make(row) for row in db.session.execute(statement)}


def everything_on(subject_id: int, *, names: bool) -> Iterator[dict[str, Any]]:
    """All accesses to a person, for their download, the oldest first.

    :param names: say who of support it was.
    """
    statement = _PAST.where(SupportAccess.subject_id == subject_id).order_by(SupportAccess.id)
    for row in map(PastRow._make, db.session.execute(statement)):
        told = row._asdict()
        del told["actor_id"], told["login_lives"], told["ran_out"], told["now"]
        yield {**told, "actor_name": row.actor_name if names else "Support"}
