"""``db upgrade``, which is Flask-Migrate's: what an operator got wrong ends in one sentence too."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests.jobs.test_command import running
from tests.servers.postgresql import PostgreSQL
from tests.test_start import environment


@pytest.fixture
def guest(postgresql: PostgreSQL) -> Iterator[str]:
    """The address of an empty database for a role that may come in and make nothing."""
    name = f"guest_{secrets.token_hex(6)}"
    database, server = make_url(postgresql.create(name)), make_url(postgresql.url())
    role, conninfo = sql.Identifier(name), database.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'guest'").format(role))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")  # as it is from PostgreSQL 15 on
    yield database.set(username=name, password="guest").render_as_string(hide_password=False)
    postgresql.drop(name)
    conninfo = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_role_that_may_make_no_tables_is_told_what_it_needs(guest: str, tmp_path: Path) -> None:
    with running(environment(DATABASE_URL=guest), tmp_path, "flask", "--app", "wsgi", "db", "upgrade") as process:
        assert process.wait(timeout=20) == 1

        last = process.log().splitlines()[-1]
        assert "The role of DATABASE_URL may not make tables there (permission denied for schema public)" in last
        assert last.endswith("it must own the database: ALTER DATABASE … OWNER TO …")
        assert "Traceback" not in process.log()
