"""API tokens: made by a person, shown once, stored as a hash."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, UTCDateTime, db
from dashboard.data.prepared import Prepared
from dashboard.data.users import User


class ApiToken(Model):
    """A bearer token (RFC 6750) of one person. The token has 256 random bits, so a plain SHA-256 can't be reversed."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    """The token's first letters, to tell tokens apart; far too few to guess it."""
    scopes: Mapped[str] = mapped_column(String(200))
    """Separated by spaces (RFC 6749 §3.3)."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """NULL: never."""
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Exact to a minute. NULL: never used."""


class TokenRow(NamedTuple):
    """An API token as its person sees it."""

    id: int
    name: str
    hint: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenBearer(NamedTuple):
    """What one API request needs to know: the token, and of its person what answers show."""

    id: int
    scopes: str
    last_used_at: datetime | None
    user_id: int
    claimed_language: str | None
    language: str | None


_BEARER = Prepared(
    select(ApiToken.id, ApiToken.scopes, ApiToken.last_used_at, User.id, User.claimed_language, User.language)
    .join(User, User.id == ApiToken.user_id)
    .where(ApiToken.token_hash == bindparam("token_hash"))
    .where(or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")))
)


def bearer(token_hash: bytes, *, now: datetime) -> TokenBearer | None:
    """Whose token this is, if it has not expired. One query, by the unique hash."""
    found = _BEARER.rows(token_hash=token_hash, now=now)
    return TokenBearer._make(found[0]) if found else None


def tokens(owner_id: int) -> list[TokenRow]:
    """A person's tokens, newest first; the expired too, so that they see what they were."""
    columns = (getattr(ApiToken, name) for name in TokenRow._fields)
    statement = select(*columns).where(ApiToken.user_id == owner_id).order_by(ApiToken.id.desc())
    return [TokenRow(*row) for row in db.session.execute(statement)]


def add_token(**values: Any) -> int:
    """Store a new token; its id."""
    return int(db.session.execute(insert(ApiToken).values(**values).returning(ApiToken.id)).scalar_one())


def touch_token(token_id: int, *, now: datetime) -> None:
    """Note that a token was used."""
    db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def take_token(token_id: int, *, owner_id: int) -> str | None:
    """Delete an owner's token; its name. Of two callers at once, one gets it, the other None."""
    statement = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == owner_id)
    return db.session.execute(statement.returning(ApiToken.name)).scalar_one_or_none()


def everything_on(owner_id: int) -> list[RowMapping]:
    """All of a person's tokens, for their download; the hash is no business of a file."""
    columns = [getattr(ApiToken, name) for name in TokenRow._fields]
    return list(
        db.session.execute(select(*columns).where(ApiToken.user_id == owner_id).order_by(ApiToken.id)).mappings()
    )
