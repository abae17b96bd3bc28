"""Many rows of all that the metrics count, and hardly one of them that counts."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text

from dashboard.data import clock, db, transaction
from dashboard.data.connections import Connection
from dashboard.data.events import EventEntry
from dashboard.data.login_sessions import LoginSession
from dashboard.data.mails import Mail
from dashboard.data.revocations import Revocation
from dashboard.data.support_accesses import SupportAccess
from dashboard.data.users import User
from dashboard.events import Event


def crowd(ids: range) -> None:
    """So many people, each with a connection, an ended one, a mail, a login and a look; and as many events, all old."""
    now = clock.now()
    with transaction():
        people = [{"id": each, "subject": str(each)} for each in ids]
        empty = {"issuer": "x", "email": "", "name": "", "username": "", "created_at": now}
        db.session.execute(insert(User).values(empty), people)
        own = [{"user_id": each} for each in ids]
        later = now + timedelta(hours=1)
        db.session.execute(insert(Connection).values(type="oura", created_at=now, next_sync_at=later), own)
        db.session.execute(insert(Revocation).values(type="oura", queued_at=now), own)
        db.session.execute(insert(Mail).values(name="reconnect", queued_at=now), own)
        seen = {"data": "{}", "created_at": now, "last_seen_at": now, "expires_at": now}
        db.session.execute(insert(LoginSession).values(seen), [{"id": each, "id_hash": b"%d" % each} for each in ids])
        over = {"reason": "", "started_at": now, "expires_at": now, "ended_at": now}
        looks = [{"actor_id": each, "subject_id": each, "login_session_id": each} for each in ids]
        db.session.execute(insert(SupportAccess).values(over), looks)
        db.session.execute(insert(EventEntry), [old_event(each) for each in ids])
    db.session.execute(text("ANALYZE"))


def old_event(seq: int) -> dict[str, Any]:
    """One of many kinds and people, of 1970."""
    kinds = [Event.LOGIN_STARTED, Event.ACCESS_STARTED, Event.ACCESS_VIEWED, Event.USER_SEARCHED]
    said = {"action": str(kinds[seq % 4]), "outcome": "success", "why": "", "act": str(seq % 9), "request": ""}
    return {"chain": 1, "seq": seq, "id": str(seq), "at": seq, "prev": b"%d" % seq, "hash": b"h", **said}
