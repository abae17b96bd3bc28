"""The migrations: up and down on both databases, and in step with the tables."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from dashboard import create_app
from dashboard.data import db
from tests.conftest import settings


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
