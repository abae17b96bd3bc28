"""SELECTs that run on the driver itself: they answer as SQLAlchemy does, and survive what it survives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError

from dashboard.data import db, transaction
from dashboard.data.connections import Connection
from dashboard.data.db import Id, UTCDateTime, rows
from dashboard.data.prepared import Prepared
from tests import factories

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
MADE_BEFORE = Prepared(
    select(Connection.id, Connection.account, Connection.created_at, Connection.last_sync_at)
    .where(Connection.user_id == bindparam("owner_id", type_=Id))
    .where(Connection.created_at < bindparam("now", type_=UTCDateTime))
    .where(Connection.created_at != bindparam("now", type_=UTCDateTime), Connection.failure_count == 0)
    .order_by(Connection.id)
)


@pytest.fixture
def owner(app: Flask) -> Any:
    """Somebody with a connection that never synced, and one of tomorrow."""
    owner = factories.User()
    factories.Connection(user=owner, account="a%s", created_at=NOW - timedelta(days=1), last_sync_at=None)
    factories.Connection(user=owner, created_at=NOW + timedelta(days=1))
    db.session.remove()
    return owner


def asked(owner: Any, now: datetime = NOW) -> list[list[Any]]:
    """What the statement answers for an owner."""
    return [list(row) for row in MADE_BEFORE.rows(owner_id=owner.id, now=now)]


def test_it_answers_as_sqlalchemy_does(owner: Any) -> None:
    [[_id, account, created_at, last_sync_at]] = asked(owner)

    assert (account, created_at, last_sync_at) == ("a%s", NOW - timedelta(days=1), None)
    assert created_at.tzinfo == UTC
    assert asked(owner) == [list(row) for row in rows(MADE_BEFORE.statement, owner_id=owner.id, now=NOW)]


def test_a_moment_without_a_time_zone_is_refused_here_too(owner: Any) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        asked(owner, NOW.replace(tzinfo=None))


def test_a_read_by_itself_leaves_no_connection_taken(owner: Any) -> None:
    asked(owner)

    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_in_a_unit_of_work_it_sees_what_that_has_written(owner: Any) -> None:
    with transaction():
        factories.Connection(user=owner, created_at=NOW - timedelta(days=2))
        assert len(asked(owner)) == 2
        db.session.rollback()

    assert len(asked(owner)) == 1


def test_a_connection_that_was_lost_meanwhile_is_replaced(owner: Any) -> None:
    db.engine.dispose()  # so that the next connection is the only one, and the one that is asked for again
    lent = db.engine.raw_connection()
    lost = lent.dbapi_connection
    lent.close()
    assert lost is not None
    lost.close()

    assert len(asked(owner)) == 1
    assert len(asked(owner)) == 1


def test_what_goes_wrong_is_said_in_sqlalchemys_words(owner: Any) -> None:
    with pytest.raises(DBAPIError):
        Prepared(select(db.text("no_such_column")).select_from(Connection)).rows()


def test_who_listens_to_the_engine_hears_of_it(owner: Any, queries: list[str]) -> None:
    with queries:  # type: ignore[attr-defined]
        asked(owner)

    assert len(queries) == 1
