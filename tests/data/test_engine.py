"""What holds of every connection to the database and of every error that it reports."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dashboard.data import db, transaction

DATABASES = ["postgresql"]
OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"


def test_what_a_statement_was_given_stands_in_no_error(app: Flask) -> None:
    with pytest.raises(DBAPIError) as told, transaction():
        db.session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "the-code-verifier"})

    assert "nowhere" in str(told.value)
    assert "the-code-verifier" not in str(told.value)


def test_connections_that_the_server_has_closed_are_replaced_before_anybody_uses_them(
    app: Flask, database: str
) -> None:
    def ask() -> Any:
        try:
            return db.session.execute(text("SELECT 1")).scalar_one()
        finally:
            db.session.remove()

    assert ask() == 1
    other = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {OTHERS}"))
    other.dispose()
    assert ask() == 1
