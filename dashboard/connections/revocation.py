"""Ending a connection here, and queueing what its provider is to be told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard import providers
from dashboard.connections import due
from dashboard.data import clock, connections, records, revocations, transaction
from dashboard.errors import NoSuchConnection
from dashboard.events import Event, record
from dashboard.providers import ConnectionType
from dashboard.who import Who


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending a connection came to."""

    type: ConnectionType
    at: datetime
    already: bool
    """It had been ended before; this changed nothing."""
    to_be_told: bool
    """The provider has yet to be told. False: there is nothing to tell, or it was told."""
    deleted_records: int = 0


def disconnect(connection_id: int, *, by: Who, keep_records: bool, reason: str = "") -> Ended:
    """End a connection. From the commit on, nothing of ours uses its grant.

    Telling the provider (RFC 7009 §2.1) is queued as a row in the same transaction. Safe to repeat.

    :param keep_records: keep what was imported, no longer tied to a connection; as far as the provider's terms let us.
    :param reason: why somebody else does it for the subject; it goes into the log, and the subject reads it.
    :raises NoSuchConnection: the subject has and had no such connection.
    """
    with transaction():
        now = clock.now()
        key = connections.hold(connection_id, owner_id=by.subject_id)
        kept = keep_records and (key is None or _may_keep(key))
        keep_or_remove = records.keep if kept else records.remove
        count = keep_or_remove(connection_id, owner_id=by.subject_id)
        gone = revocations.take(connection_id, owner_id=by.subject_id, now=now)
        if gone is None:
            return _ended_before(connection_id, by)
        deleted = 0 if kept else count
        _record(gone, by, now, kept=kept if kept or deleted else None, reason=reason)
    return Ended(providers.get(gone.type), now, already=False, to_be_told=gone.had_grant, deleted_records=deleted)


def disconnect_all(by: Who) -> int:
    """End every connection of a person, and delete all their records; how many connections there were."""
    with transaction():
        now = clock.now()
        connections.hold_all(by.subject_id)
        records.remove_all(by.subject_id)
        taken = revocations.take_all(by.subject_id, now=now)
        for gone in taken:
            _record(gone, by, now, kept=False)
    return len(taken)


def would_delete(connection_id: int, *, owner_id: int) -> int:
    """How many records ending a connection deletes though they were to be kept: the provider's terms ask for it."""
    key = connections.type_of(connection_id, owner_id=owner_id)
    return 0 if key is None or _may_keep(key) else records.count(connection_id, owner_id=owner_id)


def _may_keep(key: str) -> bool:
    """Whether the provider's terms, or an agreement of the operator's own, let us keep what it sent."""
    return providers.may_keep_records(providers.get(key))


def _record(gone: revocations.Gone, by: Who, now: datetime, *, kept: bool | None, reason: str = "") -> None:
    """What is to follow: the event, and the word that the provider is to be told.

    :param kept: whether the records stay. None: there were none to delete, and the event says nothing of any.
    """
    details: dict[str, Any] = {"connection": gone.id, "type": gone.type, "had_grant": gone.had_grant}
    if kept is not None:
        details["kept"] = kept
    if reason:
        details["reason"] = reason
    record(Event.CONNECTION_ENDED, by, **details)
    if gone.had_grant:
        due.say(due.REVOCATION, gone.revocation_id, at=now)


def _ended_before(connection_id: int, by: Who) -> Ended:
    before = revocations.revocation(connection_id, owner_id=by.subject_id)
    if before is None:
        raise NoSuchConnection(connection_id)
    open_still = before.due_at is not None and before.done_at is None
    return Ended(providers.get(before.type), before.queued_at, already=True, to_be_told=open_still)
