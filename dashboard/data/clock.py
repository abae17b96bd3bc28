"""The database's clock: the one that all processes on all machines share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from dashboard.data.db import UTCDateTime, db


class database_now(FunctionElement[datetime]):  # noqa: N801 - an SQL function, named as one
    """This moment by the database's clock; it goes on within a transaction, as PostgreSQL's ``now()`` does not."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgresql(_element: Any, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')"


def now() -> datetime:
    """This moment by the database's clock, time-zone aware."""
    found: datetime = db.session.execute(select(database_now())).scalar_one()
    return found if found.tzinfo else found.replace(tzinfo=UTC)
