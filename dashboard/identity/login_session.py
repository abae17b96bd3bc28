"""Flask's session as a row: a random id in the cookie, its hash in the table, one query a request.

What Flask, Authlib and the forms keep in ``session`` lives in that row, so a person can list their sessions, end one,
and nothing of a login can be read from a cookie. An anonymous visitor gets a row only when something is to be kept.
"""

import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError

from dashboard.data import login_sessions as data
from dashboard.data import transaction

TOUCH_EVERY = timedelta(minutes=1)
ANONYMOUS_FOR = timedelta(hours=1)
WITHOUT_SESSION = ("/v7.1/", "/webhooks/", "/health/", "/metrics/", "/static/")
log = logging.getLogger("dashboard.identity")
_json = TaggedJSONSerializer()


class LoginSession(SessionMixin):
    """What one request sees of its session. Only changed keys are written back, so parallel requests don't collide."""

    def __init__(self, row: data.OpenSession | None = None, *, cookie: str | None = None) -> None:
        self.row = row
        self.cookie = cookie
        """As it was sent, whether it opened a session or not."""
        self.unreadable = False
        """The database did not answer, so nobody knows whose session this is. The cookie stays as it is."""
        self.new_id: str | None = None
        self.is_left = False
        """It was ended by this request, so its cookie goes. One that is merely unknown stays: a parallel request may
        have put another in its place just now."""
        self._values: dict[str, Any] = _read(row.data) if row else {}
        self._changed: set[str] = set()
        self.accessed = False

    def __getitem__(self, key: str) -> Any:
        self.accessed = True
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.accessed = True
        self._values[key] = value
        self._changed.add(key)

    def __delitem__(self, key: str) -> None:
        self.accessed = True
        del self._values[key]
        self._changed.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def modified(self) -> bool:
        """Whether there is something to write."""
        return bool(self._changed)

    @modified.setter
    def modified(self, value: bool) -> None:
        if value:
            self._changed.update(self._values)

    @property
    def id(self) -> int | None:
        """The key of the row; None while there is none."""
        return self.row.id if self.row else None

    def merged(self, stored: str) -> str:
        """The stored values with this request's changes on top."""
        values = _read(stored)
        for key in self._changed:
            if key in self._values:
                values[key] = self._values[key]
            else:
                values.pop(key, None)
        return _json.dumps(values)

    def replaced_by(self, row: data.OpenSession | None, cookie: str | None) -> None:
        """Go on as another row (after a login) or as none (after a logout). What was kept for the old one is gone."""
        self.row = row
        self.new_id = cookie
        self.is_left = row is None
        self._values = _read(row.data) if row else {}
        self._changed = set()


class RowSessionInterface(SessionInterface):
    """Opens and saves :class:`LoginSession`. Installed as ``app.session_interface``."""

    def cookie_name(self, app: Flask) -> str:
        """``__Host-`` binds the cookie to this very host over https (RFC 6265bis §4.1.3.2)."""
        return "__Host-session" if app.config["SECURE"] else "session"

    def open_session(self, app: Flask, request: Request) -> LoginSession:
        """The session of the cookie, if it has not ended; else an empty one. One query, and none without a cookie."""
        if request.path.startswith(WITHOUT_SESSION):
            return LoginSession()
        cookie = request.cookies.get(self.cookie_name(app))
        if not cookie:
            return LoginSession()
        try:
            return LoginSession(data.open_session(hash_id(app, cookie), now=datetime.now(UTC)), cookie=cookie)
        except OperationalError:
            log.exception("the database does not answer")
            session = LoginSession()
            session.unreadable = True
            return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed. A session that was ended meanwhile stays ended, and one that went over to another cookie
        gets nothing of it: what support kept for themselves must not show on the person's pages, or the reverse."""
        assert isinstance(session, LoginSession)
        if session.accessed:
            vary = response.headers.get("Vary")
            response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"
        if session.row is None and session.modified and len(session):
            self._begin_anonymous(app, session)
        elif session.row is not None:
            self._store(app, session)
        if session.new_id is not None or session.is_left:
            self._set_cookie(app, session, response)

    def _begin_anonymous(self, app: Flask, session: LoginSession) -> None:
        now = datetime.now(UTC)
        session.new_id = secrets.token_urlsafe(32)
        with transaction():
            data.add_session(
                id_hash=hash_id(app, session.new_id),
                data=session.merged("{}"),
                created_at=now,
                last_seen_at=now,
                expires_at=now + ANONYMOUS_FOR,
            )

    def _store(self, app: Flask, session: LoginSession) -> None:
        now, row, cookie = datetime.now(UTC), session.row, session.new_id or session.cookie
        assert row is not None
        assert cookie is not None
        values: dict[str, Any] = {}
        if row.user_id is not None and now - row.last_seen_at > TOUCH_EVERY:
            values = {"last_seen_at": now, "expires_at": expiry(app, signed_in_at=row.created_at, now=now)}
        if not session.modified and not values:
            return
        id_hash = hash_id(app, cookie)
        with transaction():
            if session.modified:
                values["data"] = session.merged(data.stored_data(row.id, id_hash=id_hash) or "{}")
            data.change_session(row.id, id_hash=id_hash, **values)

    def _set_cookie(self, app: Flask, session: LoginSession, response: Response) -> None:
        name = self.cookie_name(app)
        flags: dict[str, Any] = {"secure": app.config["SECURE"], "httponly": True, "samesite": "Lax", "path": "/"}
        if session.new_id is not None:
            keep = timedelta(days=app.config["SESSION_MAX_DAYS"])
            response.set_cookie(name, session.new_id, max_age=keep, **flags)
        elif session.cookie:
            response.delete_cookie(name, **flags)


def _read(stored: str) -> dict[str, Any]:
    """The stored values. Only what JSON has no type for (it stands below a key that begins with a blank) is tagged."""
    values: dict[str, Any] = _json.loads(stored) if '{" ' in stored else orjson.loads(stored)
    return values


def hash_id(app: Flask, cookie: str) -> bytes:
    """What the table holds of a cookie's id: keyed BLAKE2b (RFC 7693 §2.9) under SECRET_KEY.

    Every request needs one. HMAC-SHA256 serves as well, but a single one through OpenSSL costs four times as much.
    """
    return blake2b(cookie.encode(), key=_key(app.config["SECRET_KEY"]), digest_size=32).digest()


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    """BLAKE2b takes a key of 64 bytes at most; a secret may be longer."""
    return blake2b(secret.encode()).digest()


def expiry(app: Flask, *, signed_in_at: datetime, now: datetime) -> datetime:
    """When a login ends: after idling, or at its absolute limit, whichever comes first."""
    idle = now + timedelta(hours=app.config["SESSION_IDLE_HOURS"])
    return min(idle, signed_in_at + timedelta(days=app.config["SESSION_MAX_DAYS"]))
