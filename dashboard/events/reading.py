"""Reading the log as an auditor does: filtered, page by page, or all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

import orjson

from dashboard.data import chain
from dashboard.data import happened as data
from dashboard.data.events import moment
from dashboard.data.happened import Filters, LoggedRow
from dashboard.events.log import Detail
from dashboard.events.names import Event
from dashboard.events.sealing import SYSTEM

BATCH = 500

__all__ = ["Filters", "Logged", "Party", "search", "stream"]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody of whom the log speaks. Without an account there is only the reference, and the name of former staff."""

    ref: str
    user_id: int | None = None
    name: str | None = None
    issuer: str | None = None
    subject: str | None = None

    @property
    def is_system(self) -> bool:
        """Nobody at a keyboard: a command of the operator, or a job."""
        return self.ref == SYSTEM


@dataclass(frozen=True, slots=True)
class Logged:
    """One event with everything on it. ``event`` is None for a name that this version does not know."""

    seq: int
    id: str
    at: datetime
    action: str
    event: Event | None
    outcome: str
    why: str
    sub: Party | None
    """Whose account it is about. None: nobody's."""
    act: Party | None
    """Who did it; the same as ``sub`` where a person acted alone. None: it names nobody."""
    access: int | None
    on: tuple[str, str] | None
    request: str
    session: int | None
    address: str
    user_agent: str
    details: dict[str, Detail]
    erased: bool
    """Address, browser and details were erased with the person."""
    prev: str | None
    hash: str | None
    """In hex. None: older than the chain."""
    payload: str | None
    """What was hashed after ``prev``."""


def search(*, limit: int = 50, before_seq: int | None = None, **filters: Unpack[Filters]) -> list[Logged]:
    """One page of the log, newest first. One query, which reads no more rows than it must.

    :param before_seq: the ``seq`` that the page before ended with.
    :param filters: ``staff`` who did it and ``subject`` whom it is about, each a user id, or the reference of somebody
        whose account is gone; ``action``, ``access``; ``since`` (included) and ``until`` (not included).
    """
    return [_logged(row) for row in data.newest(filters, limit=limit, before_seq=before_seq)]


def stream(**filters: Unpack[Filters]) -> Iterator[Logged]:
    """All that pass, oldest first, as far as the log went when it began; a few hundred in memory at a time.

    Each batch is a query of its own, so that a slow reader holds nothing. Filters as in :func:`search`.
    """
    up_to, last = chain.head().seq, None
    while rows := data.next_ones(filters, after_seq=last, up_to_seq=up_to, limit=BATCH):
        yield from map(_logged, rows)
        last = rows[-1].seq


def _logged(row: LoggedRow) -> Logged:
    personal = orjson.loads(row.text) if row.text else {}
    known = row.action in Event.__members__.values()
    return Logged(
        seq=row.seq,
        id=row.id,
        at=moment(row.at),
        action=row.action,
        event=Event(row.action) if known else None,
        outcome=row.outcome,
        why=row.why,
        sub=Party(row.sub, row.sub_id, row.sub_name, row.sub_issuer, row.sub_subject) if row.sub else None,
        act=Party(row.act, row.act_id, row.act_name, row.act_issuer, row.act_subject) if row.act else None,
        access=row.access,
        on=(row.object_kind, row.object_id) if row.object_kind and row.object_id else None,
        request=row.request,
        session=row.session,
        address=personal.get("address", ""),
        user_agent=personal.get("user_agent", ""),
        details=personal.get("details", {}),
        erased=row.text is None,
        prev=row.prev.hex() if row.prev else None,
        hash=row.hash.hex() if row.hash else None,
        payload=row.payload.decode() if row.payload else None,
    )
