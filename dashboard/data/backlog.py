"""How much waits: counts that indexes answer, each of them bounded, however many rows there are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, union_all

from dashboard.data.chores import Chore
from dashboard.data.connections import Connection
from dashboard.data.db import db
from dashboard.data.leases import free
from dashboard.data.mails import Mail
from dashboard.data.revocations import Revocation

MOST = 10_000
"""So many rows of a kind are counted; more are as bad."""


class Waiting(NamedTuple):
    """What waits of one kind."""

    kind: str
    number: int
    """At most :data:`MOST`."""
    oldest: datetime | None
    """When that which waits longest was due. None: nothing waits."""


_DUE: tuple[tuple[str, Any, Any], ...] = (
    ("sync", Connection, Connection.next_sync_at),
    ("revocation", Revocation, Revocation.due_at),
    ("mail", Mail, Mail.due_at),
    ("chore", Chore, Chore.due_at),
)


def due(now: datetime) -> list[Waiting]:
    """What is due and held by nobody, of each kind. One query, on the indexes of the moments they are due."""
    parts = (select(at.label("at")).where(at <= now, free(model, now)).order_by(at) for _kind, model, at in _DUE)
    return _counted(zip((kind for kind, *_ in _DUE), parts, strict=True))


def unfinished() -> list[Waiting]:
    """Revocations and mails that are not over: due, or to be tried again later. One query, on the same indexes."""
    tried_again = [each for each in _DUE if each[0] in {"revocation", "mail"}]
    return _counted(
        (kind, select(at.label("at")).where(at.is_not(None)).order_by(at)) for kind, _model, at in tried_again
    )


def _counted(parts: Iterable[tuple[str, Select[datetime]]]) -> list[Waiting]:
    counts = []
    for kind, part in parts:
        some = part.limit(MOST).subquery()
        counts.append(select(literal(kind), func.count(), func.min(some.c.at)).select_from(some))
    return [Waiting(*row) for row in db.session.execute(union_all(*counts))]
