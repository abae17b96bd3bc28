"""A log with a few events in it, and a hand that gets past its triggers."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.data import db, transaction
from dashboard.events import Event, record
from dashboard.who import Origin, Who
from tests import factories

Tamper = Callable[..., None]
ORIGIN = Origin("AAAA-BBBB", "192.0.2.7", "Firefox")


def do(user: Any, event: Event = Event.LOGIN_STARTED, *, count: int = 1, **details: Any) -> None:
    """A person does something, each time in a transaction of its own."""
    for _number in range(count):
        with transaction():
            record(event, Who(user.id, user.id, ORIGIN), **details)


def scalar(sql: str, **parameters: Any) -> Any:
    """One value from the database."""
    return db.session.execute(text(sql), parameters).scalar_one()


@pytest.fixture
def user(app: Flask) -> Any:
    """The person who does things."""
    return factories.User(name="Ada Brandt")


@pytest.fixture
def five(user: Any) -> Any:
    """A log of six events: its beginning, and five of one person."""
    do(user, count=5)
    return user


@pytest.fixture
def tamper(app: Flask) -> Tamper:
    """Run SQL as the owner of the database can: past triggers and foreign keys."""

    def run(*statements: str, **parameters: Any) -> None:
        sqlite = db.engine.dialect.name == "sqlite"
        with transaction():
            triggers = _lift() if sqlite else []
            if not sqlite:
                db.session.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                db.session.execute(text(statement), parameters)
            for trigger in triggers:
                db.session.connection().exec_driver_sql(trigger)

    return run


def _lift() -> list[str]:
    """Drop SQLite's triggers; how to make them again."""
    db.session.execute(text("PRAGMA defer_foreign_keys = ON"))
    found = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _sql in found:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    return [sql for _name, sql in found]
