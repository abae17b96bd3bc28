"""Login sessions: one row per browser, found by the hash of the id in its cookie."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, UTCDateTime, changed, db
from dashboard.data.prepared import Prepared
from dashboard.data.users import User


class LoginSession(Model):
    """A browser that is signed in, or about to be."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "expires_at"),
        Index(None, "oidc_sid"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Keyed hash of the cookie's id under SECRET_KEY: who reads the table can't sign in with it."""
    user_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    """NULL: an anonymous visitor who began a login."""
    data: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """Flask's session as JSON: CSRF token, messages, Authlib's state, nonce and verifier."""
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    user_agent: Mapped[str] = mapped_column(String(400), default="", server_default="")
    oidc_sid: Mapped[str | None] = mapped_column(String(255))
    """The provider's own session id (OIDC Back-Channel Logout §2.1). NULL: it gave none."""
    id_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed; the hint for logging out at the provider (RP-Initiated Logout §2)."""
    signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person last proved at the provider who they are (the claim ``auth_time``, OIDC Core §2)."""
    access_id: Mapped[int | None] = mapped_column(Id)
    """The support access that lies over this session. NULL: none. No foreign key: that it is gone must be noticed."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The idle limit or the absolute one, whichever comes first."""


class OpenSession(NamedTuple):
    """What one request needs to know: the session, and of its person what every page shows."""

    id: int
    data: str
    last_seen_at: datetime
    created_at: datetime
    proved_at: datetime | None
    access_id: int | None
    user_id: int | None
    email: str | None
    name: str | None
    claimed_role: int | None
    granted_role: int | None
    claimed_language: str | None
    language: str | None
    claimed_time_zone: str | None
    time_zone: str | None
    theme: str | None
    support_acted_at: datetime | None


_OPEN = Prepared(
    select(
        LoginSession.id,
        LoginSession.data,
        LoginSession.last_seen_at,
        LoginSession.created_at,
        LoginSession.proved_at,
        LoginSession.access_id,
        *(getattr(User, "id" if name == "user_id" else name) for name in OpenSession._fields[6:]),
    )
    .select_from(LoginSession)
    .outerjoin(User, User.id == LoginSession.user_id)
    .where(LoginSession.id_hash == bindparam("id_hash"), LoginSession.expires_at > bindparam("now"))
)


def open_session(id_hash: bytes, *, now: datetime) -> OpenSession | None:
    """The session of this cookie with its person, if it has not ended. One query, by the unique hash."""
    found = _OPEN.rows(id_hash=id_hash, now=now)
    return OpenSession._make(found[0]) if found else None


def stored_data(session_id: int, *, id_hash: bytes) -> str | None:
    """Flask's session of a row as it is stored now. None: it was ended meanwhile, or is another cookie's by now."""
    statement = select(LoginSession.data).where(LoginSession.id == session_id, LoginSession.id_hash == id_hash)
    return db.session.execute(statement).scalar_one_or_none()


def add_session(**values: Any) -> int:
    """Store a new session; its id."""
    return int(db.session.execute(insert(LoginSession).values(**values).returning(LoginSession.id)).scalar_one())


def change_session(session_id: int, *, id_hash: bytes, **values: Any) -> bool:
    """Change columns of one session. False: it was ended meanwhile, or is another cookie's by now."""
    statement = update(LoginSession).where(LoginSession.id == session_id, LoginSession.id_hash == id_hash)
    return bool(changed(statement.values(**values)))


def swap_access(session_id: int, *, was: int | None, becomes: int | None, id_hash: bytes) -> bool:
    """Lay a support access over a session, or take it off, under a new id and with nothing kept.

    False: a parallel request was first, or the session was ended meanwhile; nothing changed then.
    """
    statement = update(LoginSession).where(
        LoginSession.id == session_id, LoginSession.access_id.is_not_distinct_from(was)
    )
    return bool(changed(statement.values(access_id=becomes, id_hash=id_hash, data="{}")))


def end_session(session_id: int, *, owner_id: int | None = None) -> bool:
    """Delete one session, if it is the owner's when one is named. Of two callers at once, one gets True."""
    statement = delete(LoginSession).where(LoginSession.id == session_id)
    if owner_id is not None:
        statement = statement.where(LoginSession.user_id == owner_id)
    return bool(changed(statement))


def end_sessions(owner_id: int, *, but: int | None = None) -> int:
    """Delete a person's sessions, all or all but one; how many."""
    statement = delete(LoginSession).where(LoginSession.user_id == owner_id)
    if but is not None:
        statement = statement.where(LoginSession.id != but)
    return changed(statement)


def end_sessions_of_provider(*, issuer: str, subject: str | None, sid: str | None) -> list[tuple[int, int]]:
    """Delete what a back-channel logout names: one provider session, or all of a subject. (session, user) ids."""
    owners = select(User.id).where(User.issuer == issuer)
    if subject is not None:
        owners = owners.where(User.subject == subject)
    statement = delete(LoginSession).where(LoginSession.user_id.in_(owners))
    if sid is not None:
        statement = statement.where(LoginSession.oidc_sid == sid)
    rows = db.session.execute(statement.returning(LoginSession.id, LoginSession.user_id))
    return [(session_id, user_id) for session_id, user_id in rows if user_id is not None]


def remove_expired(*, now: datetime) -> int:
    """Delete what has ended by itself; how many."""
    return changed(delete(LoginSession).where(LoginSession.expires_at <= now))


class SessionRow(NamedTuple):
    """A login session as its person sees it."""

    id: int
    address: str
    user_agent: str
    signed_in_at: datetime | None
    last_seen_at: datetime
    expires_at: datetime


def sessions(owner_id: int, *, now: datetime) -> list[SessionRow]:
    """A person's open sessions, last used first."""
    columns = (getattr(LoginSession, name) for name in SessionRow._fields)
    statement = select(*columns).where(LoginSession.user_id == owner_id, LoginSession.expires_at > now)
    return [SessionRow(*row) for row in db.session.execute(statement.order_by(LoginSession.last_seen_at.desc()))]


def id_token_of(session_id: int) -> bytes | None:
    """The sealed ID token of a session, for logging out at the provider."""
    return db.session.execute(select(LoginSession.id_token).where(LoginSession.id == session_id)).scalar_one_or_none()


def everything_on(owner_id: int) -> list[RowMapping]:
    """All a person may read about their sessions, for their download."""
    columns = [getattr(LoginSession, name) for name in SessionRow._fields]
    return list(db.session.execute(select(*columns).where(LoginSession.user_id == owner_id)).mappings())
