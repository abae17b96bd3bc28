"""Connections that are taken over from another service: who holds an id already, and storing many at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, literal, select, text

from dashboard.data.connections import Connection
from dashboard.data.db import db
from dashboard.data.revocations import Revocation

SLACK = 1000
_TABLE = db.metadata.tables[Connection.__tablename__]
"""Rows go into the table itself: what the model adds for each object would more than double the time."""


class Holder(NamedTuple):
    """Who has an id: a connection, or one that was ended here and whose id therefore never comes back."""

    id: int
    user_id: int | None
    type: str
    ended: bool


def holders(ids: Collection[int]) -> dict[int, Holder]:
    """Which of these ids are held, each by whom. One query, by primary key and by the unique ``connection_id``."""
    here = select(Connection.id, Connection.user_id, Connection.type, literal(False)).where(Connection.id.in_(ids))
    gone = select(Revocation.connection_id, Revocation.user_id, Revocation.type, literal(True))
    rows = db.session.execute(here.union_all(gone.where(Revocation.connection_id.in_(ids))))
    return {row[0]: Holder(row[0], row[1], row[2], bool(row[3])) for row in rows}


def reserve_ids(up_to: int) -> None:
    """Let no new connection get an id up to this one. SQLite counts on from the largest id by itself.

    The gap of a thousand covers the ids that others take between reading the sequence and setting it: it never goes
    back. A sequence is no part of a transaction, so call this only when storing will follow.
    """
    if db.engine.dialect.name == "postgresql":
        statement = "SELECT setval('connections_id_seq', :last) FROM connections_id_seq WHERE last_value < :up_to"
        db.session.execute(text(statement), {"last": up_to + SLACK, "up_to": up_to})


def add(rows: Sequence[Mapping[str, object]], *, owner_id: int, now: datetime) -> None:
    """Store connections under their old ids, without a grant: their owner must reconnect each.

    IntegrityError if an id was taken meanwhile.

    :param rows: ``id``, ``type``, ``created_at`` and ``last_sync_at`` of each.
    """
    without_grant = {"user_id": owner_id, "refused_at": now, "failure_code": "not_imported"}
    db.session.execute(insert(_TABLE), [{**row, **without_grant} for row in rows])
