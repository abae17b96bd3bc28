"""How often all workers together may ask a provider, and when it wants to be left alone."""

from datetime import datetime, timedelta

from dashboard import providers
from dashboard.data import clock, provider_windows, transaction
from dashboard.providers import ConnectionType
from dashboard.providers.failures import Limited

MOMENT = timedelta(minutes=1)
"""A wait that nobody has to be told of."""


class Spent(Exception):
    """The provider is not to be asked before ``until``: its rate limit is used up, or it said so."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"wait until {until.isoformat()}")
        self.until = until


def spend(type: ConnectionType) -> None:
    """Use one request of a type's rate limits, right before it is made.

    :raises Spent: there is none left; nothing was used.
    """
    now = clock.now()
    if until := provider_windows.blocked_until(type.type, now=now):
        raise Spent(until)
    if not type.rate_limits:
        return
    with transaction():
        for limit in type.rate_limits:
            if not provider_windows.spend(type.type, seconds=limit.seconds, requests=limit.requests, now=now):
                raise Spent(provider_windows.window_end(now, limit.seconds))


def opens_at(type: ConnectionType, *, now: datetime) -> datetime | None:
    """From when on a provider can be asked again. None: it can be now, or in a :data:`MOMENT`. Two queries at most."""
    ends = [until] if (until := provider_windows.blocked_until(type.type, now=now)) else []
    if limits := {limit.seconds: limit.requests for limit in type.rate_limits}:
        spent = provider_windows.spent(type.type, limits=limits, now=now)
        ends += [provider_windows.window_end(now, seconds) for seconds in spent]
    latest = max(ends, default=now)
    return latest if latest > now + MOMENT else None


def blocked(*, now: datetime) -> dict[str, timedelta]:
    """The providers that asked all of us to wait, and for how long yet. One query, by primary keys."""
    found = provider_windows.blocked([each.type for each in providers.all_types()], now=now)
    return {type: until - now for type, until in found.items()}


def heed(type: ConnectionType, failure: Limited, *, now: datetime) -> None:
    """Let nobody ask a provider for as long as it said, if it said it to this site as a whole. Opens a transaction."""
    if failure.wait is not None and type.limit_answer.about == "app":
        with transaction():
            block(type.type, until=now + failure.wait, now=now)


def block(type: str, *, until: datetime, now: datetime) -> None:
    """Let nobody ask a provider until then, inside the caller's transaction."""
    provider_windows.block(type, until=until, now=now)
