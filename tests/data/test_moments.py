"""A moment is UTC in Python, whatever zone it was given in, and whatever zone the database lives in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask

from dashboard import create_app
from dashboard.data import db, users
from tests import factories
from tests.conftest import settings

TOKYO = timezone(timedelta(hours=9))


@pytest.fixture
def in_tokyo(app: Flask, database: str) -> Iterator[Flask]:
    """An app on the same database whose server, if it is one, answers in Tokyo's time unless told otherwise."""
    url = app.config["DATABASE_URL"]
    if database == "postgresql":
        url += "&options=-c%20timezone%3DAsia/Tokyo"
    other = create_app(settings(DATABASE_URL=url))
    with other.app_context():
        yield other
        db.session.remove()
        db.engine.dispose()


def test_a_moment_comes_back_as_utc(in_tokyo: Flask) -> None:
    given = datetime(2026, 3, 2, 7, 30, 59, 123456, tzinfo=TOKYO)

    made = factories.User(created_at=given)

    person = users.person(made.id)
    assert person is not None
    assert person.created_at == given
    assert person.created_at.isoformat() == "2026-03-01T22:30:59.123456+00:00"


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        factories.User(created_at=datetime.now(UTC).replace(tzinfo=None))
