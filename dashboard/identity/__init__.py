"""Who is asking: the OIDC login, login sessions and API tokens. It proves the actor, and knows no other person."""

from flask import Flask, session
from flask_login import LoginManager, current_user

from dashboard.identity import issuer_keys, oidc
from dashboard.identity.actor import Actor
from dashboard.identity.login_session import LoginSession, RowSessionInterface
from dashboard.who import Role

__all__ = ["Actor", "actor", "init_app"]


def init_app(app: Flask) -> None:
    """Install the session of rows, Flask-Login on top of it, and the OpenID Provider's client."""
    app.session_interface = RowSessionInterface()
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(lambda _request: _actor_of_session())
    oidc.init_app(app)
    issuer_keys.init_app(app)


def actor() -> Actor | None:
    """Who is signed in. None: nobody."""
    user = current_user._get_current_object()
    return user if user.is_authenticated else None


def _actor_of_session() -> Actor | None:
    row = session.row if isinstance(session, LoginSession) else None
    if row is None or row.user_id is None:
        return None
    return Actor(
        id=row.user_id,
        name=row.name or "",
        email=row.email or "",
        role=Role(max(row.claimed_role or 0, row.granted_role or 0)),
        session_id=row.id,
        language=row.language or row.claimed_language,
        time_zone=row.time_zone or row.claimed_time_zone,
        theme=row.theme,
        proved_at=row.proved_at,
        access_id=row.access_id,
        support_acted_at=row.support_acted_at,
    )
