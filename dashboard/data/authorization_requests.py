"""Authorization requests (RFC 6749 §4.1.1) that are under way: who went to which provider, and what came back."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, changed, db
from dashboard.data.users import User


class AuthorizationRequest(Model):
    """One way to a provider and back. Its ``state`` is spent once, by one conditional write."""

    __tablename__ = "authorization_requests"
    __table_args__ = (
        Index(None, "state_hash", unique=True),
        Index(None, "expires_at"),
        Index(None, "user_id"),
        Index(None, "connection_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of the ``state`` parameter."""
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    login_session_id: Mapped[int | None] = mapped_column(Id)
    """The login session that began it: no other may end it."""
    type: Mapped[str] = mapped_column(String(40))
    connection_id: Mapped[int | None] = mapped_column(Id, ForeignKey(Connection.id, ondelete="SET NULL"))
    """The connection that is to be renewed. NULL: a new one is to be made, or it was cut meanwhile."""
    reconnects: Mapped[bool] = mapped_column(default=False)
    """Whether a connection was to be renewed, also when it is gone."""
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was asked for, as the provider spells it, separated by spaces."""
    redirect_uri: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the provider was to send the person back: an answer that came elsewhere is none (RFC 9700 section 4.4)."""
    code_verifier: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed (RFC 7636). NULL: the provider is not known to support PKCE."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its answer came. NULL: it has not."""
    made_connection_id: Mapped[int | None] = mapped_column(Id)
    """The connection that came of it: a page that is loaded again leads there. NULL: none did."""
    remote_account_id: Mapped[str | None] = mapped_column(String(200))
    """Of a grant that waits for the person's word, because its account is another: that account. NULL: none waits."""
    account: Mapped[str | None] = mapped_column(String(320))
    granted_scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed, of the grant that waits."""
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Spent(NamedTuple):
    """An authorization request whose answer came, as it was begun."""

    id: int
    type: str
    connection_id: int | None
    reconnects: bool
    scopes: str
    redirect_uri: str
    code_verifier: bytes | None
    spent_at: datetime


class Begun(NamedTuple):
    """An authorization request as it stands, to say why an answer to it is not taken."""

    user_id: int
    login_session_id: int | None
    type: str
    connection_id: int | None
    redirect_uri: str
    expires_at: datetime
    spent_at: datetime | None
    made_connection_id: int | None


class Waiting(NamedTuple):
    """A grant that waits for its person's word. The tokens are sealed."""

    id: int
    user_id: int
    type: str
    connection_id: int | None
    spent_at: datetime
    account: str | None
    remote_account_id: str | None
    granted_scopes: str
    access_token: bytes
    refresh_token: bytes | None
    access_expires_at: datetime | None


_SPENT = tuple(getattr(AuthorizationRequest, name) for name in Spent._fields)
_BEGUN = tuple(getattr(AuthorizationRequest, name) for name in Begun._fields)
_WAITING = tuple(getattr(AuthorizationRequest, name) for name in Waiting._fields)
NO_GRANT: dict[str, Any] = {
    "access_token": None,
    "refresh_token": None,
    "access_expires_at": None,
    "remote_account_id": None,
    "account": None,
}


def add(**values: Any) -> int:
    """Store a request that is about to be sent; its id."""
    statement = insert(AuthorizationRequest).values(**values).returning(AuthorizationRequest.id)
    return int(db.session.execute(statement).scalar_one())


def spend(
    state_hash: bytes, *, owner_id: int, session_id: int | None, redirect_uri: str, now: datetime
) -> Spent | None:
    """Spend a state, once: of two answers at once, one gets it.

    None: it is unknown, spent, expired, came to another address, or is not of this person in this login session; it
    stays as it is then.
    """
    statement = update(AuthorizationRequest).where(
        AuthorizationRequest.state_hash == state_hash,
        AuthorizationRequest.user_id == owner_id,
        AuthorizationRequest.login_session_id.is_not_distinct_from(session_id),
        AuthorizationRequest.redirect_uri == redirect_uri,
        AuthorizationRequest.spent_at.is_(None),
        AuthorizationRequest.expires_at > now,
    )
    row = db.session.execute(statement.values(spent_at=now).returning(*_SPENT)).one_or_none()
    return Spent(*row) if row else None


def begun(state_hash: bytes) -> Begun | None:
    """A request by its state. None: there is none, or no longer."""
    statement = select(*_BEGUN).where(AuthorizationRequest.state_hash == state_hash)
    row = db.session.execute(statement).one_or_none()
    return Begun(*row) if row else None


def change(request_id: int, **values: Any) -> bool:
    """Write what came of a request. False: it is gone, with its person."""
    statement = update(AuthorizationRequest).where(AuthorizationRequest.id == request_id)
    return bool(changed(statement.values(**values)))


def waiting(request_id: int, *, owner_id: int) -> Waiting | None:
    """A grant that waits for its owner's word. None: it does not, or no longer."""
    found = _waiting(AuthorizationRequest.id == request_id, AuthorizationRequest.user_id == owner_id)
    return found[0] if found else None


def all_waiting(owner_id: int) -> list[Waiting]:
    """All grants that wait for an owner's word."""
    return _waiting(AuthorizationRequest.user_id == owner_id)


def abandoned(*, now: datetime, limit: int) -> list[Waiting]:
    """Grants that waited for a word until their time was over. On ``ix_authorization_requests_expires_at``."""
    return _waiting(AuthorizationRequest.expires_at <= now, limit=limit)


def _waiting(*which: ColumnElement[bool], limit: int | None = None) -> list[Waiting]:
    statement = select(*_WAITING).where(AuthorizationRequest.access_token.is_not(None), *which).limit(limit)
    return [Waiting(*row) for row in db.session.execute(statement.order_by(AuthorizationRequest.expires_at))]


def claim_waiting(request_id: int, **outcome: Any) -> bool:
    """Take the grant that waits away from its request. Of two callers at once, one gets True."""
    statement = update(AuthorizationRequest).where(
        AuthorizationRequest.id == request_id, AuthorizationRequest.access_token.is_not(None)
    )
    return bool(changed(statement.values(**NO_GRANT, **outcome)))


def remove_old(*, before: datetime) -> int:
    """Delete requests whose time was over before a moment and of which no grant waits; how many."""
    statement = delete(AuthorizationRequest).where(
        AuthorizationRequest.expires_at < before, AuthorizationRequest.access_token.is_(None)
    )
    return changed(statement)


def everything_on(owner_id: int) -> list[RowMapping]:
    """All ways to a provider that a person went lately, without state and tokens, for their download."""
    names = ("type", "connection_id", "reconnects", "scopes", "created_at", "spent_at", "made_connection_id", "account")
    columns = (getattr(AuthorizationRequest, name) for name in names)
    statement = select(*columns).where(AuthorizationRequest.user_id == owner_id)
    return list(db.session.execute(statement.order_by(AuthorizationRequest.id)).mappings())
