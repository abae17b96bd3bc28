"""Taking over the connections of another service: all that a file holds, or nothing.

:func:`read` checks what the file says and keeps it on disk, :func:`take_over` compares it with what is here and stores
it. Each keeps its id, so that the addresses that old clients know go on working.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from sqlalchemy.exc import IntegrityError

from dashboard.connections.checking import check
from dashboard.connections.incoming import Found, Incoming, NotJson
from dashboard.connections.staging import Record, Staging
from dashboard.data import takeover, transaction
from dashboard.errors import Refused
from dashboard.events import Event, record
from dashboard.who import Who

BATCH = 1000


class BadRecords(Refused):
    """Some records can't be taken over, so none was. The staging has each with its line and the reason."""

    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} bad record{'' if count == 1 else 's'}; nothing was imported.")


class IdsTaken(Refused):
    """While the import ran, somebody made a connection that got one of its ids."""

    status = 409

    def __init__(self) -> None:
        super().__init__("A connection made meanwhile got one of these ids; nothing was imported. Import again.")


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What an import came to."""

    imported: int
    already_here: int
    """Imported before: the same person, id and type are here."""
    ended_here: int
    """Imported before and disconnected here since; it stays so."""


def read(source: BinaryIO, *, into: Staging, now: datetime, progress: Callable[[int], object]) -> int | None:
    """Check every record of a file, keep the good ones and note the others.

    :param progress: told how many more bytes were read.
    :return: how many connections the file says there are in all (``total_count``); None: it does not say.
    """
    incoming = Incoming(source, progress)
    try:
        for found in incoming:
            _stage(found, into, now)
    except NotJson as error:
        into.add_problem(error.line, str(error))
    return incoming.total


def _stage(found: Found, into: Staging, now: datetime) -> None:
    try:
        checked = check(found, now=now)
    except ValueError as error:
        into.add_problem(found.line, str(error))
        return
    first = into.add(checked)
    if first is not None:
        into.add_problem(found.line, f"remote_id {checked.id} stands on line {first} already")


def take_over(staged: Staging, *, by: Who, progress: Callable[[int], object]) -> TakenOver:
    """Store what was read, in one transaction. Safe to repeat: what is here already is left alone.

    The imported connections have no grant, which never is in such a file: their owner must reconnect each.

    :param progress: told how many more records were stored.
    :raises BadRecords: the file has bad records, or ids that belong to others here; nothing changed.
    :raises IdsTaken: nothing changed; another try goes through.
    """
    if staged.problem_count:
        raise BadRecords(staged.problem_count)
    now = datetime.now(UTC)
    try:
        with transaction():
            already_here, ended_here = _compare(staged, by.subject_id)
            count = staged.record_count
            if count:
                takeover.reserve_ids(staged.largest_id)
                _store(staged, by.subject_id, now, progress)
                record(Event.CONNECTION_IMPORTED, by, count=count)
    except IntegrityError:
        raise IdsTaken from None
    return TakenOver(count, already_here, ended_here)


def _compare(staged: Staging, owner_id: int) -> tuple[int, int]:
    """Discard what is here already or was ended here; how many of each."""
    here = ended = 0
    for batch in staged.batches(BATCH):
        holders = takeover.holders([each.id for each in batch])
        for each in batch:
            holder = holders.get(each.id)
            if holder is None:
                continue
            if (holder.user_id, holder.type) != (owner_id, each.type):
                staged.add_problem(each.line, f"remote_id {each.id} belongs to another connection here")
                continue
            staged.discard(each)
            here, ended = here + (not holder.ended), ended + holder.ended
    if staged.problem_count:
        raise BadRecords(staged.problem_count)
    return here, ended


def _store(staged: Staging, owner_id: int, now: datetime, progress: Callable[[int], object]) -> None:
    for batch in staged.batches(BATCH):
        takeover.add(_rows(batch), owner_id=owner_id, now=now)
        progress(len(batch))


def _rows(batch: Collection[Record]) -> list[dict[str, object]]:
    return [
        {"id": each.id, "type": each.type, "created_at": each.created_at, "last_sync_at": each.last_sync_at}
        for each in batch
    ]
