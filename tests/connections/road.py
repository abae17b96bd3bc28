"""The way to a simulated third party and back, as the browser of a person would go it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from dashboard.connections import connecting
from dashboard.connections.connecting import Connected
from dashboard.data import clock, db, transaction
from dashboard.data.connections import Connection
from dashboard.data.history import SyncRun
from dashboard.data.records import Record
from dashboard.data.revocations import Revocation
from dashboard.events import Event, activity
from dashboard.who import Origin, Who
from demo.providers import life
from demo.providers.accounts import account_of
from tests.servers.third_parties import ThirdParties

BACK = "http://localhost:8000/connect/{}/callback/"
SESSION = 7
"""The number of the login session of everybody here."""


def who(user: Any) -> Who:
    """A person at their own keyboard."""
    return Who(user.id, user.id, Origin("AAAA-BBBB", "192.0.2.7", "Firefox", SESSION))


def workouts(days: int = 7) -> int:
    """How many workouts the simulated third parties know by now of Ada's last days. It changes with the hour."""
    now = clock.now()
    known = life.events(account_of("ada"), life.What.WORKOUT, now=now)
    return sum(each.start > now - timedelta(days=days) for each in known)


def begin(type: str, user: Any, *, scopes: Collection[str] = (), connection_id: int | None = None) -> str:
    """The address at the provider."""
    return connecting.begin(
        type, by=who(user), session_id=SESSION, redirect_uri=BACK.format(type), scopes=scopes,
        connection_id=connection_id,
    )  # fmt: skip


def finish(type: str, user: Any, answer: dict[str, str], *, session_id: int | None = SESSION) -> Connected:
    """Back with the provider's answer."""
    return connecting.finish(
        answer.get("state", ""), by=who(user), session_id=session_id, redirect_uri=BACK.format(type), answer=answer
    )


def connect(
    simulated: ThirdParties, type: str, user: Any, *, connection_id: int | None = None, **chosen: Any
) -> Connected:
    """There and back. ``chosen`` as for :meth:`ThirdParties.consent`."""
    address = begin(type, user, connection_id=connection_id)
    return finish(type, user, simulated.answer(address, **chosen))


def row(connection_id: int) -> Any:
    """A connection as it is now. None: it is gone."""
    return _row(Connection, Connection.id == connection_id)


def end(connection_id: int) -> Any:
    """The end of a connection as it is now."""
    return _row(Revocation, Revocation.connection_id == connection_id)


def _row(model: Any, which: Any) -> Any:
    return db.session.execute(select(*model.__table__.columns).where(which)).one_or_none()


def change(connection_id: int, **values: Any) -> None:
    """Change a connection behind everybody's back."""
    with transaction():
        db.session.execute(db.update(Connection).where(Connection.id == connection_id).values(**values))


def change_records(connection_id: int, **values: Any) -> None:
    """Change a connection's records behind everybody's back."""
    with transaction():
        db.session.execute(db.update(Record).where(Record.connection_id == connection_id).values(**values))


def due_now(connection_id: int, **values: Any) -> None:
    """Make a connection due, as if its time had come."""
    change(connection_id, next_sync_at=clock.now(), **values)


def runs(connection_id: int) -> list[Any]:
    """What its syncs came to, the oldest first."""
    columns = (SyncRun.outcome, SyncRun.record_count, SyncRun.failure_code, SyncRun.why, SyncRun.failure_said)
    statement = select(*columns).where(SyncRun.connection_id == connection_id).order_by(SyncRun.id)
    return list(db.session.execute(statement))


def records_of(connection_id: int) -> int:
    """How many records it has."""
    return count(Record, Record.connection_id == connection_id)


def count(model: Any, *which: Any) -> int:
    """How many rows there are."""
    return int(db.session.execute(select(func.count()).select_from(model).where(*which)).scalar_one())


def events(user: Any) -> list[Event | None]:
    """What the log says of a person, the oldest first."""
    return [each.event for each in reversed(activity(user.id, limit=50)[0])]
