"""Alembic's environment: the app's tables, on the app's database."""

from alembic import context
from alembic.util import CommandError
from flask import current_app
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.data.db import UTCDateTime

database = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def render(kind: str, item: object, _context: object) -> str | bool:
    """Write our own types as what they are in the database, so that a migration imports nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def migrate(connection: Connection) -> None:
    """Run the migrations, all in one transaction where the database has transactional DDL (PostgreSQL)."""
    context.configure(connection=connection, target_metadata=database.metadata, render_item=render, **options)
    with context.begin_transaction():
        context.run_migrations()


try:
    with database.engine.connect() as opened:
        if opened.dialect.name != "sqlite":
            opened = opened.execution_options(isolation_level="READ COMMITTED")
        migrate(opened)
except OperationalError as error:
    raise CommandError(f"The database of DATABASE_URL can't be used: {error.orig}") from error
except ProgrammingError as error:
    if not isinstance(error.orig, InsufficientPrivilege):
        raise
    raise CommandError(
        f"The role of DATABASE_URL may not make tables there ({error.orig.diag.message_primary}); "
        "it must own the database: ALTER DATABASE … OWNER TO …"
    ) from error
