"""How often all workers together may ask a provider, and when it wants to be left alone."""

from datetime import datetime, timedelta

from dashboard.data import clock, provider_windows, transaction
from dashboard.providers import ConnectionType


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
                start = provider_windows.window_start(now, limit.seconds)
                raise Spent(start + timedelta(seconds=limit.seconds))


def block(type: str, *, until: datetime, now: datetime) -> None:
    """Let nobody ask a provider until then, inside the caller's transaction."""
    provider_windows.block(type, until=until, now=now)
