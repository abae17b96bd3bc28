"""What providers tell by themselves (webhooks): new records, withdrawn permissions, records that are gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dashboard import providers
from dashboard.connections import due, refusing, storing
from dashboard.connections.syncing import write_run
from dashboard.data import clock, grants, records, revocations, syncs, transaction
from dashboard.data.grants import GOOD, Holder
from dashboard.data.history import Outcome, Trigger
from dashboard.providers import Answered, ConnectionType, Fact, Notice
from dashboard.providers.failures import Limited, NotShared

WITHDRAWN = "withdrawn"
"""Why a connection needs its person: they withdrew their permission at the provider."""
BETWEEN_SYNCS = timedelta(minutes=1)
"""A provider that tells of each record as it comes causes one sync in that time at most."""
BETWEEN_HINTS = timedelta(minutes=10)
"""And who tells without proof, one in that time: anybody may."""
LATE = timedelta(days=1)
"""So long the news of an end may be of one that we asked for, before the account was connected again."""


def notice(type_key: str, answered: Answered) -> None:
    """Apply what a provider told of accounts that are connected here. Of others it changes nothing.

    What is not proved to come from the provider is a hint: it causes a sync, and that finds the truth.
    """
    type, now = providers.get(type_key), clock.now()
    for each in answered.notices:
        with transaction():
            holder = grants.holder(type.type, account_id=each.account_id)
            if holder is not None:
                _apply(type, holder, each, now)


def _apply(type: ConnectionType, holder: Holder, told: Notice, now: datetime) -> None:
    if not told.proved:
        _ask(holder, now, apart=BETWEEN_HINTS)
        return
    if told.ended and not revocations.was_told(type.type, account_id=told.account_id, since=now - LATE):
        refusing.refuse(holder.id, owner_id=holder.user_id, type=type.type, code=WITHDRAWN, now=now)
        return
    if told.permissions is not None:
        _share(holder, told.permissions, now)
    if told.facts:
        _receive(type, holder, told.facts, now)
    if told.gone:
        _forget(holder, told.gone)
    if not (told.facts or told.gone or told.permissions is not None):
        _ask(holder, now, apart=BETWEEN_SYNCS)


def _ask(holder: Holder, now: datetime, *, apart: timedelta) -> None:
    """Make a sync due, at once if the last one is long enough ago, failed or not. No news end a rate limit."""
    earlier = [at + apart for at in (holder.last_sync_at, holder.failed_at) if at is not None]
    if holder.failure_code == Limited.code and holder.next_sync_at is not None:
        earlier.append(holder.next_sync_at)
    at = max([now, *earlier])
    if syncs.make_due(holder.id, at=at, now=now, why=Trigger.WEBHOOK):
        due.say(due.SYNC, holder.id, at=at)


def _forget(holder: Holder, gone: Sequence[tuple[str, str]]) -> None:
    """Delete what was deleted there. A sync that runs now may have read it before, so that stores nothing more."""
    syncs.interrupt(holder.id)
    records.remove_some(holder.id, [(kind, storing.provider_id(id)) for kind, id in gone])


def _share(holder: Holder, permissions: Sequence[str], now: datetime) -> None:
    """The person changed at the provider what it may send; if that is nothing, the connection says so."""
    columns: dict[str, Any] = {"scopes": " ".join(permissions)}
    if not permissions:
        columns |= {"failure_count": 1, "failed_at": now, "failure_code": NotShared.code, "failure_said": None}
    elif holder.failure_code == NotShared.code:
        columns |= GOOD
    syncs.note(holder.id, **columns)


def _receive(type: ConnectionType, holder: Holder, facts: Sequence[Fact], now: datetime) -> None:
    """Store records that came by themselves; that is a sync too."""
    interval = timedelta(hours=type.sync_interval_hours)
    if not syncs.note(holder.id, **GOOD, last_sync_at=now, overdue_at=now + interval):
        return
    count = storing.store(holder.id, owner_id=holder.user_id, type=type.type, facts=facts, now=now)
    if count:
        syncs.note(holder.id, last_record_at=now, quiet_at=now + timedelta(days=type.quiet_after_days))
    outcome = Outcome.RECORDS if count else Outcome.NOTHING
    write_run(holder.id, outcome, why=Trigger.WEBHOOK, started_at=now, finished_at=now, record_count=count)
