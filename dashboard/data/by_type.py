"""A person's connections by their type, however many there are of each."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select

from dashboard.data.connections import Connection, state_of
from dashboard.data.db import Id, UTCDateTime, rows


class OfType(NamedTuple):
    """Those of an owner's connections that have this type and state."""

    type: str
    state: str
    number: int
    oldest_id: int


def of_types(owner_id: int, *, now: datetime, retired: Collection[str]) -> list[OfType]:
    """An owner's connections by type and state. One query on ``ix_connections_user_id_type``."""
    return [OfType._make(row) for row in rows(_of_types(tuple(retired)), owner_id=owner_id, now=now)]


@cache
def _of_types(retired: tuple[str, ...]) -> Select[str, str, int, int]:
    state = state_of(now=bindparam("now", type_=UTCDateTime), retired=retired).label("state")
    owned = Connection.user_id == bindparam("owner_id", type_=Id)
    statement = select(Connection.type, state, func.count(), func.min(Connection.id))
    return statement.where(owned).group_by(Connection.type, state)
