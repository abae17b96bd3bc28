"""What happened before there was a chain stays readable, and nobody pretends that it was hashed."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from dashboard import create_app
from dashboard.data import db, transaction
from dashboard.events import Event, activity, erase, record
from dashboard.events.proof import verify
from dashboard.events.retention import prune
from dashboard.who import Who
from tests.conftest import settings
from tests.events.conftest import scalar

COUNT = 1003
AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def history(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app whose log began without a chain: a thousand logins, something of the system's, and an account deleted."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / 'history.db'}"
    else:
        url = request.getfixturevalue("postgresql").create(f"history_{secrets.token_hex(6)}")
    app = create_app(settings(DATABASE_URL=url))
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        fill()
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def fill() -> None:
    person = "issuer, subject, email, name, username, created_at"
    event = "at, action, actor_id, subject_id, details, address, user_agent"
    with transaction():
        run(f"INSERT INTO users (id, {person}) VALUES (1, 'i', 's', 'm', 'Ada', 'u', :at)", at=AT)
        for number in range(COUNT - 3):
            values = ":at, 'login.started', 1, 1, '{}', '192.0.2.7', 'Firefox'"
            run(f"INSERT INTO events ({event}) VALUES ({values})", at=AT + timedelta(seconds=number))
        granted = """:at, 'role.granted', NULL, 1, '{"role": "süpport"}', '', ''"""
        run(f"INSERT INTO events ({event}) VALUES ({granted})", at=AT)
        for _number in range(2):
            run(f"INSERT INTO events ({event}) VALUES (:at, 'account.deleted', NULL, NULL, '{{}}', '', '')", at=AT)


def run(statement: str, at: datetime) -> None:
    value = at if db.engine.dialect.name == "postgresql" else at.strftime("%Y-%m-%d %H:%M:%S.%f")
    db.session.execute(text(statement), {"at": value})


def test_it_is_on_the_activity_page_as_before(history: Flask) -> None:
    told, total = activity(1, limit=COUNT)

    assert total == COUNT - 2
    assert (told[0].event, told[0].details, told[0].by_subject, told[0].by_staff) == (
        Event.ROLE_GRANTED, {"role": "süpport"}, False, False,
    )  # fmt: skip
    assert (told[-1].at, told[-1].address, told[-1].user_agent, told[-1].by_subject) == (
        AT, "192.0.2.7", "Firefox", True,
    )  # fmt: skip


def test_the_chain_starts_after_it_and_proves_only_itself(history: Flask) -> None:
    with transaction():
        record(Event.LOGIN_STARTED, Who(1, 1))

    proof = verify()
    assert (proof.broken, proof.count, proof.last_seq, proof.unhashed) == (None, 2, 2, COUNT)
    assert activity(1, limit=1)[1] == COUNT - 1
    assert scalar("SELECT count(*) FROM events WHERE seq <= 0 AND hash IS NOT NULL") == 0


def test_it_is_erased_with_the_person(history: Flask) -> None:
    erase(1, by=Who(1, 1))

    assert scalar("SELECT count(*) FROM event_personal WHERE text LIKE '%192.0.2.7%'") == 0
    assert (verify().broken, verify().erased) == (None, COUNT - 1)


def test_it_is_pruned_with_the_rest_and_before_it(history: Flask) -> None:
    with transaction():
        record(Event.LOGIN_STARTED, Who(1, 1))

    assert prune(days=30).count == COUNT
    assert (verify().broken, verify().base_seq, verify().count, verify().unhashed) == (None, 0, 3, 0)
    assert prune(days=0).count == 3
    assert (verify().broken, verify().base_seq) == (None, 3)


def test_going_back_brings_it_back_with_what_came_later(history: Flask) -> None:
    with transaction():
        record(Event.TOKEN_MADE, Who(1, 1), name="ä")

    flask_migrate.downgrade(revision="0001")

    newest = text("SELECT action, actor_id, subject_id, details FROM events ORDER BY id DESC LIMIT 1")
    assert tuple(db.session.execute(newest).one()) == ("token.made", 1, 1, '{"name": "ä"}')
    assert scalar("SELECT count(*) FROM events WHERE action = 'login.started' AND actor_id = 1") == COUNT - 3
