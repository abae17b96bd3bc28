"""People: who the identity provider says they are, and what they chose here."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, RowMapping, String, UniqueConstraint, case, delete, insert, or_, select, true, update
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, UTCDateTime, changed, db


class User(Model):
    """A person. ``(issuer, subject)`` is the identity (OIDC Core §2); a mail address never is."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "email"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    """The readable name, from the claims ``name`` or ``preferred_username``, else the mail address."""
    username: Mapped[str] = mapped_column(String(200))
    claimed_language: Mapped[str | None] = mapped_column(String(35))
    """The claim ``locale`` of the last login, as sent. NULL: none."""
    claimed_time_zone: Mapped[str | None] = mapped_column(String(64))
    """The claim ``zoneinfo`` of the last login, if it names a zone. NULL: none."""
    language: Mapped[str | None] = mapped_column(String(35))
    """What the person chose here. NULL: nothing, the claim counts."""
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """What the person chose here. NULL: nothing, the claim counts."""
    theme: Mapped[str | None] = mapped_column(String(5))
    """``light`` or ``dark``. NULL: as the device says."""
    mails_wanted: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether a connection that needs the person may cause a mail to them."""
    claimed_role: Mapped[int] = mapped_column(default=0, server_default="0")
    """The role by the claim of the last login (``Role``)."""
    granted_role: Mapped[int] = mapped_column(default=0, server_default="0")
    """The role given by the operator's command (``Role``). The higher of the two counts."""
    support_setting: Mapped[str | None] = mapped_column(String(10))
    """Whether support may look: ``always``, ``ask`` or ``never``. NULL: not chosen, the operator's default counts."""
    support_pass_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """With ``ask``: until when the person lets support look. NULL: no pass was given."""
    support_acted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When support last did something for the person that they have not read of yet. NULL: there is nothing new."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PersonRow(NamedTuple):
    """A person as pages and commands read them."""

    id: int
    issuer: str
    subject: str
    email: str
    name: str
    username: str
    claimed_language: str | None
    claimed_time_zone: str | None
    language: str | None
    time_zone: str | None
    theme: str | None
    claimed_role: int
    granted_role: int
    created_at: datetime
    last_login_at: datetime | None
    support_setting: str | None = None
    support_pass_until: datetime | None = None
    mails_wanted: bool = True


PERSON = tuple(getattr(User, name) for name in PersonRow._fields)


def person(user_id: int) -> PersonRow | None:
    """One person by id."""
    row = db.session.execute(select(*PERSON).where(User.id == user_id)).one_or_none()
    return PersonRow(*row) if row else None


def person_by_identity(issuer: str, subject: str) -> PersonRow | None:
    """One person by the identity provider's name for them."""
    row = db.session.execute(select(*PERSON).where(User.issuer == issuer, User.subject == subject)).one_or_none()
    return PersonRow(*row) if row else None


def people_by_email(email: str) -> list[PersonRow]:
    """Everybody with this address, oldest first: none, mostly one, or more when providers share it."""
    rows = db.session.execute(select(*PERSON).where(User.email == email).order_by(User.id))
    return [PersonRow(*row) for row in rows]


def people(*, role: int | None = None, after_id: int = 0, limit: int = 100) -> list[PersonRow]:
    """One page of all people, oldest first, after the last id of the page before.

    :param role: only those whose role this is, the higher of the claimed and the granted one. None: all.
    """
    statement = select(*PERSON).where(User.id > after_id)
    if role is not None:
        higher = case((User.claimed_role > User.granted_role, User.claimed_role), else_=User.granted_role)
        statement = statement.where(higher == role)
    return [PersonRow(*row) for row in db.session.execute(statement.order_by(User.id).limit(limit))]


def grant_role(user_id: int, role: int) -> bool:
    """Give a person this role by command. False: they have it by command already, or are gone."""
    statement = update(User).where(User.id == user_id, User.granted_role != role)
    return bool(changed(statement.values(granted_role=role)))


def take_roles(user_id: int) -> bool:
    """Take from a person every role, whoever gave it. False: they have none, or are gone."""
    had = or_(User.granted_role > 0, User.claimed_role > 0)
    return bool(changed(update(User).where(User.id == user_id, had).values(granted_role=0, claimed_role=0)))


def everything_on(user_id: int) -> RowMapping:
    """All columns of one person, for their download."""
    return db.session.execute(select(*User.__table__.columns).where(User.id == user_id)).mappings().one()


def add_person(**values: Any) -> int:
    """Store a new person; their id. IntegrityError if ``(issuer, subject)`` is there already."""
    return int(db.session.execute(insert(User).values(**values).returning(User.id)).scalar_one())


def change_person(user_id: int, **values: Any) -> bool:
    """Change columns of one person. False: there is no such person (any more)."""
    return bool(changed(update(User).where(User.id == user_id).values(**values)))


def has_read_of_support(user_id: int, *, acted_at: datetime) -> bool:
    """Note that a person has read of what support did then. False: something newer waits, or it was noted before."""
    statement = update(User).where(User.id == user_id, User.support_acted_at == acted_at)
    return bool(changed(statement.values(support_acted_at=None)))


def hold_person(user_id: int) -> bool:
    """Hold one person's row until the transaction ends: of two units of work on it, the second waits. False: gone.

    Who only writes a row that names the person, as a sync does, does not wait: it may hold what we want next.
    On SQLite :func:`transaction` lets one writer in at a time already; there the clause is left out.
    """
    statement = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    return db.session.execute(statement).one_or_none() is not None


def hold_people(user_ids: Collection[int]) -> set[int]:
    """Let nobody of these leave until the transaction ends; who of them is there. One query.

    Somebody who is leaving at this moment is waited for, and is not there then.
    """
    statement = select(User.id).where(User.id.in_(user_ids)).order_by(User.id).with_for_update(read=True)
    return set(db.session.execute(statement).scalars()) if user_ids else set()


def remove_person(user_id: int) -> bool:
    """Delete one person with all that hangs on them; revocations stay, for the provider must still be told."""
    return bool(changed(delete(User).where(User.id == user_id)))
