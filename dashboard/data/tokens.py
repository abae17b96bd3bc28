"""The tokens of a connection, or of one that was ended: read, and replaced if they are still those that were read."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from dashboard.data.connections import Connection
from dashboard.data.db import changed, db
from dashboard.data.revocations import Revocation


class Tokens(NamedTuple):
    """The tokens of a row, sealed, and where they stand."""

    id: int
    access_token: bytes | None
    refresh_token: bytes | None
    access_expires_at: datetime | None


def tokens_in(table: type[Connection | Revocation], **where: int) -> Tokens | None:
    """The tokens of a row. None: it is gone.

    :param where: the column that names the row, as ``id=7``.
    """
    columns = (getattr(table, name) for name in Tokens._fields)
    row = db.session.execute(select(*columns).filter_by(**where)).one_or_none()
    return Tokens(*row) if row else None


def replace_in(table: type[Connection | Revocation], old: Tokens, **values: Any) -> bool:
    """Put values in the place of the tokens that were read. False: they changed meanwhile, or are gone."""
    same = (getattr(table, name).is_not_distinct_from(getattr(old, name)) for name in ("access_token", "refresh_token"))
    return bool(changed(update(table).where(table.id == old.id, *same).values(values)))
