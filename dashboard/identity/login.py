"""Beginning and ending a login session."""

import secrets
from contextlib import suppress
from datetime import UTC, datetime

from flask import current_app, session
from werkzeug.local import LocalProxy

from dashboard.data import Unreadable, login_sessions, transaction, vault
from dashboard.events import Event, record
from dashboard.identity import oidc, people
from dashboard.identity.login_session import LoginSession, expiry, hash_id
from dashboard.who import Origin, Who


def sign_in(proof: oidc.Proof, *, origin: Origin) -> int:
    """Make a login session for the proved person; their id.

    The session id is a new one (against session fixation), and what an anonymous visitor kept is dropped.
    """
    config, now = current_app.config, datetime.now(UTC)
    cookie, current = secrets.token_urlsafe(32), _current()
    role = people.role_of(
        proof.claims,
        claim=config["OIDC_ROLES_CLAIM"],
        support=config["OIDC_SUPPORT_VALUE"],
        admin=config["OIDC_ADMIN_VALUE"],
    )
    with transaction():
        person = people.arrive(proof.claims, issuer=config["OIDC_ISSUER"], claimed_role=role)
        if current.id is not None:
            login_sessions.end_session(current.id)
        login_sessions.remove_expired(now=now)
        login_sessions.add_session(
            id_hash=hash_id(current_app, cookie),
            user_id=person.id,
            address=origin.address,
            user_agent=origin.user_agent[:400],
            oidc_sid=_text(proof.claims.get("sid")),
            id_token=vault.seal(proof.id_token),
            signed_in_at=now,
            proved_at=_moment(proof.claims.get("auth_time")),
            created_at=now,
            last_seen_at=now,
            expires_at=expiry(current_app, signed_in_at=now, now=now),
        )
        record(Event.LOGIN_STARTED, Who(person.id, person.id, origin))
    current.replaced_by(login_sessions.open_session(hash_id(current_app, cookie), now=now), cookie)
    return person.id


def sign_out(by: Who) -> str | None:
    """End the current login session; where to end the login at the provider too, if it can be done there.

    The provider is shown the ID token, and asks the person itself where we have none that can be read any more.
    """
    current = _current()
    id_token = None
    if current.id is not None:
        with suppress(Unreadable):
            id_token = vault.open(login_sessions.id_token_of(current.id))
        with transaction():
            if login_sessions.end_session(current.id):
                record(Event.LOGIN_ENDED, by)
    current.replaced_by(None, None)
    return oidc.logout_url(id_token)


def end_by_provider(*, issuer: str, subject: str | None, sid: str | None, origin: Origin) -> int:
    """End what a back-channel logout names (OIDC Back-Channel Logout §2.7); how many sessions."""
    with transaction():
        ended = login_sessions.end_sessions_of_provider(issuer=issuer, subject=subject, sid=sid)
        for _session_id, user_id in ended:
            record(Event.LOGIN_ENDED_BY_PROVIDER, Who(None, user_id, origin))
    return len(ended)


def forget_expired() -> int:
    """Delete the sessions of logins that have ended by themselves; how many."""
    with transaction():
        return login_sessions.remove_expired(now=datetime.now(UTC))


def overlay(access_id: int | None) -> bool:
    """Lay a support access over the current login session, or take it off. Inside the caller's transaction.

    The cookie gets a new id and what was kept is wiped, CSRF token and pending logins included: no form from before
    works after, and the back button finds no page that the browser may still show.

    :returns: False if a parallel request was first, whose cookie counts, or the session was ended meanwhile.
    """
    current, cookie, now = _current(), secrets.token_urlsafe(32), datetime.now(UTC)
    if current.row is None:
        return False
    id_hash, was = hash_id(current_app, cookie), current.row.access_id
    if not login_sessions.swap_access(current.row.id, was=was, becomes=access_id, id_hash=id_hash):
        return False
    current.replaced_by(login_sessions.open_session(id_hash, now=now), cookie)
    return True


def _current() -> LoginSession:
    found = session._get_current_object() if isinstance(session, LocalProxy) else session
    assert isinstance(found, LoginSession)
    return found


def _moment(seconds: object) -> datetime | None:
    """A NumericDate (RFC 7519 §2); None for what is none. Zero is what some providers say for "unknown"."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: object) -> str | None:
    return value[:255] if isinstance(value, str) else None
