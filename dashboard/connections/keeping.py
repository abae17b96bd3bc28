"""How long records may stay: by the provider's terms, or by an agreement of the operator's own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from dashboard import providers
from dashboard.data import clock, records, transaction
from dashboard.providers import ConnectionType

BATCH = 1000
AFTER_WITHDRAWAL = timedelta(days=30)
"""So long the records of a refused connection stay where the terms let none stay after a disconnect."""


def prune() -> int:
    """Delete the records that may not stay any longer; how many. A thousand in a transaction."""
    now = clock.now()
    return sum(_prune(type, now) for type in providers.all_types())


def _prune(type: ConnectionType, now: datetime) -> int:
    count, days = 0, providers.keep_days(type)
    if days:
        oldest = now - timedelta(days=days)
        count += _in_batches(lambda: records.remove_old(type.type, stored_before=oldest, limit=BATCH))
    if not providers.may_keep_records(type):
        count += _in_batches(lambda: records.remove_kept(type.type, limit=BATCH))
        since = now - AFTER_WITHDRAWAL
        count += _in_batches(lambda: records.remove_of_refused(type.type, refused_before=since, limit=BATCH))
    return count


def _in_batches(remove: Callable[[], int]) -> int:
    count = 0
    while True:
        with transaction():
            removed = remove()
        count += removed
        if removed < BATCH:
            return count
