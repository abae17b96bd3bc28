"""Rows of login sessions, for tests that look into one or change what only time changes."""

from typing import Any

from sqlalchemy import select, update

from dashboard.data import db, transaction
from dashboard.data.login_sessions import LoginSession


def kept(session_id: int) -> str:
    """What Flask keeps in a session, as it is stored."""
    return str(db.session.execute(select(LoginSession.data).where(LoginSession.id == session_id)).scalar_one())


def change(session_id: int, **values: Any) -> None:
    """Change columns of a session behind the back of whoever uses it."""
    with transaction():
        db.session.execute(update(LoginSession).where(LoginSession.id == session_id).values(**values))
