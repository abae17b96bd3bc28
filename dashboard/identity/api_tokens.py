"""API tokens of our own: made by a person, shown once, stored hashed."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.data import api_tokens as data
from dashboard.data import transaction
from dashboard.errors import NoSuchThing
from dashboard.events import Event, record
from dashboard.who import Who

PREFIX = "rc_"
"""Every token begins so: secret scanners and people recognize it."""
READ = "remoteconnection:read"
WRITE = "remoteconnection:write"
SCOPES = (READ, WRITE)
DEMO_TOKEN = PREFIX + "demo_everybody_knows_this_token"
"""Ada's token in the local demo, so that the documentation's example works as it stands. Nowhere else is it stored."""
HINT_LENGTH = 9
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token a request carries, and what it may do."""

    user_id: int
    scopes: frozenset[str]
    key: str
    """Names the token in rate limits; not the token."""
    language: str | None


def make(by: Who, *, name: str, scopes: Collection[str], days: int | None) -> str:
    """Make a token; the token itself, which nobody can read again.

    :param days: how long it works. None: until it is revoked.
    """
    token, now = PREFIX + secrets.token_urlsafe(32), datetime.now(UTC)
    ordered = [scope for scope in SCOPES if scope in scopes]
    if not ordered:
        raise ValueError(f"a token needs a scope: {' or '.join(SCOPES)}")
    with transaction():
        data.add_token(
            user_id=by.subject_id,
            name=name,
            token_hash=hash_token(token),
            hint=token[:HINT_LENGTH],
            scopes=" ".join(ordered),
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        record(Event.TOKEN_MADE, by, name=name, scopes=" ".join(ordered))
    return token


def revoke(token_id: int, *, by: Who) -> str:
    """Revoke a token; its name. From now on it opens nothing.

    :raises NoSuchThing: it is gone already, or someone else's.
    """
    with transaction():
        name = data.take_token(token_id, owner_id=by.subject_id)
        if name is None:
            raise NoSuchThing(f"There is no API token {token_id} in your account.")
        record(Event.TOKEN_REVOKED, by, name=name)
    return name


def tokens(owner_id: int) -> list[data.TokenRow]:
    """A person's tokens, newest first, without the tokens themselves."""
    return data.tokens(owner_id)


def bearer(token: str) -> Bearer | None:
    """Who is asking with this token. None: it is unknown, revoked or expired. One query."""
    now = datetime.now(UTC)
    row = data.bearer(hash_token(token), now=now)
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at > TOUCH_EVERY:
        with transaction():
            data.touch_token(row.id, now=now)
    language = row.language or row.claimed_language
    return Bearer(row.user_id, frozenset(row.scopes.split()), f"token:{row.id}", language)


def hash_token(token: str) -> bytes:
    """What the table holds of a token."""
    return hashlib.sha256(token.encode()).digest()
