"""Waking the workers: a row that becomes due puts a job into procrastinate's queue, in the same unit of work.

The queue is in the same PostgreSQL database, in a schema of its own that Alembic does not look at. It holds wake-ups
only. One that is lost, because the queue was not there yet or was made anew, costs the seconds until the next sweep.
"""

import hashlib
import logging
from datetime import datetime
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.schema import SchemaManager
from psycopg.sql import SQL, Identifier

from dashboard.connections import due
from dashboard.errors import Refused
from dashboard.jobs.work import Piece, is_now

SCHEMA = "jobs"
OURS = "Remote Connections: wake-ups for its workers, safe to drop. "
"""How the comment on the schema begins; what follows says which version of procrastinate's tables it holds."""
LOCK = 0x52_43_6A_6F_62_73
"""The advisory lock under which the schema is made, so that of many workers one makes it."""
SOON, BY_CLOCK = 10, 20
"""Priorities. What a person waits for goes before what the sweep finds (0); the clock goes before all."""
ALIVE_SECONDS = 30
"""A worker that was silent for longer is dead."""
NOT_MADE = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedObject)
"""What PostgreSQL says where a part of the queue's schema is missing."""
FIND_TABLES = """
    SELECT set_config('search_path', path || ', ' || own, true)
    FROM (SELECT current_setting('search_path') AS path, %s AS own) AS now WHERE path NOT LIKE '%%, ' || own
"""
"""Adds the queue's schema to where this unit of work looks for tables, once."""
log = logging.getLogger(__name__)
# Never opened: it writes on the connections that it is given.
_queue = App(connector=SyncPsycopgConnector())


class NoQueue(Refused):
    """The queue can't be made or used; the message says what the operator can do."""

    status = 503


def lock_of(piece: Piece) -> str:
    """The name under which a piece waits in the queue once, however often it is put there."""
    return f"{piece.kind} {piece.id}"


def tell(piece: Piece, at: datetime) -> None:
    """Put a wake-up into the queue, on the connection of the unit of work that is open.

    What is due later is left to the sweep: a queue of a million jobs for tomorrow would be a slow one.
    """
    if not is_now(at):
        return
    connection: psycopg.Connection[Any] = due.driver_connection()
    prepares, connection.prepare_threshold = connection.prepare_threshold, None  # the tables may be made anew
    connection.execute(FIND_TABLES, [SCHEMA])
    try:
        with connection.transaction():  # a savepoint: nothing that goes wrong here undoes the act itself
            job = _queue.configure_task(piece.kind, queueing_lock=lock_of(piece), priority=SOON, connection=connection)
            job.defer(id=piece.id)
    except AlreadyEnqueued:
        return
    except ConnectorException as error:
        log.warning("No worker was woken for the %s %s: %s; the sweep will find it.", *piece, _why(error.__cause__))
    finally:
        connection.prepare_threshold = prepares


def _why(cause: BaseException | None) -> str:
    """Why nothing could be put into the queue, in a few words."""
    if isinstance(cause, NOT_MADE):
        return "no worker has run on this database yet (flask --app wsgi worker)"
    return str(cause).partition("\n")[0]


def make_schema(conninfo: str) -> None:
    """Make the queue's tables, or make them anew for another version of procrastinate; else nothing is done.

    Wake-ups are lost then; the next sweep finds their rows. Of several callers at once, one does it.

    :raises NoQueue: the role may not, or a schema of this name is somebody else's.
    """
    tables = SchemaManager.get_schema()
    comment = OURS + hashlib.sha256(tables.encode()).hexdigest()[:12]
    try:
        with psycopg.connect(conninfo) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            if (was := _comment(connection)) == comment:
                return
            if was is not None and not was.startswith(OURS):
                raise NoQueue(f"The database has a schema “{SCHEMA}” that is not ours: rename it.")
            schema = Identifier(SCHEMA)
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
            connection.execute(SQL("CREATE SCHEMA {}").format(schema))
            connection.execute(SQL("SET LOCAL search_path TO {}").format(schema))
            connection.execute(tables)
            connection.execute(SQL("COMMENT ON SCHEMA {} IS {}").format(schema, comment))
    except psycopg.errors.InsufficientPrivilege:
        raise NoQueue(
            "The database's role may not make the schema “jobs”: GRANT CREATE ON DATABASE … TO its role."
        ) from None
    except psycopg.OperationalError as error:
        raise NoQueue(f"The database can't be used: {str(error).splitlines()[0]}") from None


def _comment(connection: psycopg.Connection[Any]) -> str | None:
    """What the schema says of itself. None: there is none."""
    row = connection.execute(
        "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = %s", [SCHEMA]
    ).fetchone()
    return row[0] if row else None


def workers_alive(conninfo: str) -> int:
    """How many workers gave a sign of life just now.

    :raises NoQueue: the database can't be asked.
    """
    try:
        with psycopg.connect(conninfo, connect_timeout=5) as connection:
            if _comment(connection) is None:
                return 0
            query = SQL(
                "SELECT count(*) FROM {}.procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => {})"
            )
            row = connection.execute(query.format(Identifier(SCHEMA), ALIVE_SECONDS)).fetchone()
    except psycopg.Error as error:
        raise NoQueue(f"The queue can't be read: {str(error).splitlines()[0]}") from None
    return int(row[0]) if row else 0
