"""The migrations: up and down on both databases, and in step with the tables."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from dashboard import create_app
from dashboard.connections import strip
from dashboard.data import db
from dashboard.data.history import DayRow
from tests.conftest import settings

USER = """
    INSERT INTO users (id, issuer, subject, email, name, username, created_at)
    VALUES (1, 'x', 'x', 'x', 'x', 'x', '2026-11-25 00:00:00+00:00')
"""
CONNECTION = """
    INSERT INTO connections (id, user_id, type, created_at) VALUES (:id, 1, 'oura', '2026-01-01 00:00:00+00:00')
"""
DAY = """
    INSERT INTO sync_days (connection_id, day, record_count, failure_count)
    VALUES (:id, :day, :record_count, :failure_count)
"""


@pytest.fixture
def empty(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database without tables."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgresql").create(f"empty_{secrets.token_hex(6)}")
    app = create_app(settings(DATABASE_URL=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_upgrading_makes_just_the_tables_of_the_models(empty: Flask) -> None:
    flask_migrate.upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_downgrading_leaves_nothing_behind_and_can_be_repeated(empty: Flask) -> None:
    for _ in range(2):
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="base")

        assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_every_foreign_key_has_an_index(empty: Flask) -> None:
    flask_migrate.upgrade()
    inspector = inspect(db.engine)

    for table in inspector.get_table_names():
        leading = {index["column_names"][0] for index in inspector.get_indexes(table)}
        leading |= {unique["column_names"][0] for unique in inspector.get_unique_constraints(table)}
        leading |= set(inspector.get_pk_constraint(table)["constrained_columns"][:1])
        for key in inspector.get_foreign_keys(table):
            assert key["constrained_columns"][0] in leading, f"{table}.{key['constrained_columns'][0]} has no index"


def test_connections_keep_the_strip_of_what_they_did_before_it_was_kept(empty: Flask) -> None:
    flask_migrate.upgrade(revision="0006")
    told = {1: [DayRow(739_940, 7, 0), DayRow(739_900, 50, 0), DayRow(739_935, 0, 3), DayRow(739_938, 2, 1)], 3: []}
    with db.engine.begin() as connection:
        connection.execute(text(USER))
        for id, days in told.items():
            connection.execute(text(CONNECTION), {"id": id})
            for day in days:
                connection.execute(text(DAY), {"id": id, **day._asdict()})

    flask_migrate.upgrade()

    rows = {row.id: row for row in db.session.execute(text("SELECT id, strip, strip_day FROM connections"))}
    assert (rows[1].strip, rows[1].strip_day) == (strip.written(told[1], last=739_940), 739_940)
    assert (rows[3].strip, rows[3].strip_day) == (None, None)
