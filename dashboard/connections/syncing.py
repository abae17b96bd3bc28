"""Syncing: asked for by a person or due by the clock, and done once, whatever the number of workers.

Three steps: take the lease; talk to the provider with no transaction open; write what came of it if the lease is still
ours.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from dashboard import providers
from dashboard.connections import budget, due, importing, outcomes, pausing, refusing, strip, subscribing
from dashboard.connections.budget import Spent
from dashboard.connections.holding import hand_back_sync, holding
from dashboard.connections.importing import Work
from dashboard.connections.outcomes import UNREADABLE, Verdict
from dashboard.connections.refreshing import LeaseLost
from dashboard.data import Unreadable, clock, connections, history, leases, syncs, transaction
from dashboard.data.history import Outcome, Trigger
from dashboard.data.syncs import Held
from dashboard.errors import NoSuchConnection, Refused
from dashboard.events import Event, record
from dashboard.providers import ConnectionType
from dashboard.providers.failures import ClientRefused, Failure
from dashboard.who import Who

log = logging.getLogger(__name__)
HISTORY = timedelta(days=90)
"""So long what a sync did is kept."""


class NotAsked(Refused):
    """The provider can't be asked for records: it only sends them, or it has closed its API."""

    status = 409

    def __init__(self, type: ConnectionType) -> None:
        self.type = type
        super().__init__("This provider can't be asked for records.")


class MustWait(Refused):
    """The provider can't be asked before ``opens_at``; the next sync comes by itself."""

    status = 409

    def __init__(self, type: ConnectionType, opens_at: datetime) -> None:
        self.type, self.opens_at = type, opens_at
        super().__init__(f"This provider can be asked again at {opens_at:%H:%M} UTC.")


def sync_now(connection_id: int, *, by: Who) -> bool:
    """Make a connection's sync due at once. False: it already is, or one is under way; nothing changed then.

    :raises NoSuchConnection: the subject has no such connection, or its grant is refused or gone.
    :raises NotAsked: its provider can't be asked for records.
    :raises MustWait: it can't be asked yet.
    """
    why = Trigger.PERSON if by.actor_id == by.subject_id else Trigger.SUPPORT
    with transaction():
        key = connections.hold(connection_id, owner_id=by.subject_id)
        if key is None:
            raise NoSuchConnection(connection_id)
        type, now = providers.get(key), clock.now()
        if not providers.may_ask(type) or type.retired(now.date()):
            raise NotAsked(type)
        if not connections.syncable(connection_id, owner_id=by.subject_id):
            raise NoSuchConnection(connection_id)
        if opens_at := budget.opens_at(type, now=now):
            raise MustWait(type, opens_at)
        asked = connections.make_due(connection_id, owner_id=by.subject_id, now=now, why=why)
        if asked:
            record(Event.SYNC_REQUESTED, by, connection=connection_id)
            due.say(due.SYNC, connection_id, at=now)
    return asked


def sync(connection_id: int) -> None:
    """Sync a connection, if it is due and nobody else is at it. Twice, or too late, is harmless: the lease decides.

    A provider that fails is no error here: the run and the connection say so.
    """
    held = _take(connection_id)
    if held is None:
        return
    with holding(due.SYNC, held.id, held.lease_key):
        _do(Work(held, providers.get(held.type), held.progress_count))


def _take(connection_id: int) -> Held | None:
    now = clock.now()
    with transaction():
        return syncs.take(connection_id, lease=leases.new(now), now=now)


def _do(work: Work) -> None:
    held = work.held
    try:
        _write(work, _talk(work))
    except LeaseLost:
        with transaction():
            hand_back_sync(held.id, key=held.lease_key)
    except Exception:
        _write(work, outcomes.broken(held, work.type, now=clock.now()))
        raise


def _talk(work: Work) -> Verdict:
    """Ask the provider for what is new; what that comes to."""
    held, type = work.held, work.type
    if type.retired(held.sync_started_at.date()):
        return outcomes.retired()
    try:
        importing.read_new(work)
        subscribing.keep(work)
    except Unreadable:
        return outcomes.failed(held, type, ClientRefused(code=UNREADABLE), now=clock.now())
    except Spent as spent:
        count = work.record_count
        return outcomes.postponed(held, type, record_count=count, until=spent.until, now=clock.now())
    except Failure as failure:
        if failure.seen:
            log.info("connection %d (%s) was not synced: %s", held.id, held.type, failure)
        return outcomes.failed(held, type, failure, now=clock.now(), renewed=work.refreshed)
    return outcomes.succeeded(held, type, record_count=work.record_count, more=work.more, now=clock.now())


def _write(work: Work, verdict: Verdict) -> None:
    """Write the outcome, if the lease is still ours: the connection, its run and its day, and whom it is to be told."""
    held, now = work.held, clock.now()
    columns = ({"last_record_at": now} if work.record_count else {}) | verdict.columns
    with transaction():
        if not syncs.finish(held, next_sync_at=verdict.next_sync_at, asked_at=verdict.asked_at(now), **columns):
            hand_back_sync(held.id, key=held.lease_key)
            return
        if verdict.outcome is not None:
            _write_run(work, verdict, verdict.outcome, now)
        if verdict.blocked_until is not None:
            budget.block(held.type, until=verdict.blocked_until, now=now)
        if held.paused_at is None and verdict.columns.get("paused_at") is not None:
            due.after_commit(partial(pausing.warn, held.type, verdict.code or "", now=now))
        if verdict.refused:
            refusing.tell(held.id, owner_id=held.user_id, type=held.type, code=verdict.code or "", now=now)
        elif verdict.next_sync_at is not None and verdict.next_sync_at <= now:
            due.say(due.SYNC, held.id, at=verdict.next_sync_at)


def _write_run(work: Work, verdict: Verdict, outcome: Outcome, now: datetime) -> None:
    write_run(
        work.held.id,
        outcome,
        why=work.held.due_why or Trigger.SCHEDULE,
        started_at=work.held.sync_started_at,
        finished_at=now,
        record_count=work.record_count,
        failure_code=verdict.code,
        failure_said=verdict.said,
    )


def write_run(
    connection_id: int,
    outcome: Outcome,
    *,
    why: str,
    started_at: datetime,
    finished_at: datetime,
    record_count: int,
    failure_code: str | None = None,
    failure_said: str | None = None,
) -> None:
    """Write a finished run, and count it in its day; the first of a day lets go of what is older than is kept."""
    history.add_runs(
        [
            {
                "connection_id": connection_id,
                "outcome": outcome,
                "why": why,
                "started_at": started_at,
                "finished_at": finished_at,
                "record_count": record_count,
                "failure_code": failure_code,
                "failure_said": failure_said,
            }
        ]
    )
    day, failed = finished_at.toordinal(), outcome in {Outcome.FAILED, Outcome.REFUSED}
    if history.count_day(connection_id, day=day, record_count=record_count, failed=failed):
        history.forget(connection_id, before=finished_at - HISTORY)
    strip.keep(connection_id, day=day)
