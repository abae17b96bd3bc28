"""The doctor on the database: reachable, writable, migrated, and its secrets readable."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import URL, Connection, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from dashboard.commands.findings import Finding, ok, trouble
from dashboard.commands.plain import database_words
from dashboard.connections import keys
from dashboard.data import db

TIMEOUT_SECONDS = 5
UPGRADE = "Run: flask --app wsgi db upgrade"


def store() -> Iterator[Finding]:
    """The database, its migrations and its sealed values. What stands on something broken is not tried."""
    url = db.engine.url
    if missing := _file_trouble(url):
        yield trouble("database", missing)
        return
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=_patience(url))
    try:
        with engine.connect() as connection:
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
            yield ok("database", f"{engine.dialect.name} {version} answers")
            migrated = _migrations(connection)
        yield migrated
        if migrated.level == "ok":
            yield _sealed()
    except SQLAlchemyError as error:
        yield trouble("database", database_words(error))


def _file_trouble(url: URL) -> str | None:
    """What is wrong with SQLite's file: asking SQLite itself would create it."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    file = Path(url.database)
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}; make it, for the user that runs the app."
    if not file.exists():
        return f"there is no {file}. {UPGRADE}"
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return f"{file} or its folder can't be written; give both to the user that runs the app."
    return None


def _patience(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": TIMEOUT_SECONDS}
    return {"connect_timeout": TIMEOUT_SECONDS, "options": f"-c statement_timeout={TIMEOUT_SECONDS}s"}


def _migrations(connection: Connection) -> Finding:
    scripts = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    head = scripts.get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return ok("migrations", f"at {head}, the newest")
    if current is None:
        return trouble("migrations", f"the database has no tables of ours. {UPGRADE}")
    try:
        scripts.get_revision(current)
    except (CommandError, ResolutionError):
        return trouble("migrations", f"the database is at {current}, of a newer version of this app; run that version.")
    return trouble("migrations", f"the database is at {current}, this version needs {head}. {UPGRADE}")


def _sealed() -> Finding:
    closed, tried = keys.unreadable()
    if closed:
        return trouble(
            "keys",
            f"{len(closed)} of {tried} stored secrets can't be read, {closed[0]} first: put the key that sealed them "
            "back into TOKEN_ENCRYPTION_KEYS, after the newest.",
        )
    return ok("keys", f"{tried} stored secrets tried, all can be read" if tried else "nothing is sealed yet")
