"""Pauses: a provider refuses us and not the person, so that only the operator can mend it. They are told here."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from threading import Lock
from typing import NamedTuple

from dashboard import providers
from dashboard.connections.outcomes import UNREADABLE
from dashboard.data import clock, connections
from dashboard.data.connections import PausedRow
from dashboard.providers import ConnectionType

QUIET = timedelta(hours=1)
"""So long a process says no more of a type: where our client is refused, all of its connections pause."""
log = logging.getLogger(__name__)


class Paused(NamedTuple):
    """The paused connections of one type."""

    type: str
    number: int
    codes: Sequence[str]
    """Why they are, the most frequent first."""
    remedy: str
    """What the operator can do about the first of them."""


@dataclass
class Said:
    """What this process said last of each type."""

    _moments: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def is_news(self, type: str, now: datetime) -> bool:
        """Whether nothing was said of a type for :data:`QUIET`. It counts as said from now on."""
        with self._lock:
            last = self._moments.get(type)
            if last is not None and now - last < QUIET:
                return False
            self._moments[type] = now
            return True


said = Said()


def warn(type: str, code: str, *, now: datetime) -> None:
    """Tell the operator, by the log, that a connection was just paused. It names settings, never their values."""
    if said.is_news(type, now):
        log.warning("%s: connections are paused (%s). %s", type, code, remedy(providers.get(type), code))


def paused() -> list[Paused]:
    """What is paused, by type, of providers whose API is open still. One query, on an index of the paused ones."""
    found = []
    for key, rows in groupby(reasons(), key=lambda row: row.type):
        most_first = sorted(rows, key=lambda row: -row.number)
        codes = [row.code or "" for row in most_first]
        found.append(Paused(key, sum(row.number for row in most_first), codes, remedy(providers.get(key), codes[0])))
    return found


def reasons() -> list[PausedRow]:
    """The same, by type and reason, without words."""
    today = clock.now().date()
    types = {each.type for each in providers.all_types() if not each.retired(today)}
    return [row for row in connections.paused() if row.type in types]


def remedy(type: ConnectionType, code: str) -> str:
    """What the operator can do about a pause, in English: which settings to look at, or where else."""
    upper = type.type.upper()
    client = [f"{upper}_CLIENT_ID", f"{upper}_CLIENT_SECRET"]
    if code == UNREADABLE:
        return "No key opens their tokens: put the one that sealed them back into TOKEN_ENCRYPTION_KEYS."
    if code == "no_credentials" and not type.connectable:
        return (
            f"Too little is known of {type.name} to connect it: flask --app wsgi providers check {type.type} says what."
        )
    if code == "no_credentials":
        return f"Set {_and(client)}."
    if code == "not_approved":
        return f"{type.name} has not approved the app: see its developer portal; the app is {upper}_CLIENT_ID."
    if any("{subscription_key}" in value for _, value in type.data_headers):
        client.append(f"{upper}_SUBSCRIPTION_KEY")
    return f"{type.name} refuses the app: check {_and(client)}."


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
