"""Leases: who works on a row, and until when. Taken by one conditional write, whatever the number of machines.

A row with a lease has ``lease_until`` and ``lease_key``. Who works on it writes only while the row still has the key;
who died loses the row once the time is over.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_


class Lease(NamedTuple):
    """A lease that is to be taken or prolonged."""

    key: str
    until: datetime


class Leases:
    """How long a lease holds, as the operator set it."""

    def __init__(self) -> None:
        self._length = timedelta(minutes=5)

    def use(self, seconds: int) -> None:
        """Take the length of LEASE_SECONDS into use."""
        self._length = timedelta(seconds=seconds)

    def new(self, now: datetime) -> Lease:
        """A lease that begins now."""
        return Lease(secrets.token_hex(16), now + self._length)

    def until(self, now: datetime) -> datetime:
        """Until when a lease holds that is taken or prolonged now."""
        return now + self._length


leases = Leases()
NOBODY: dict[str, None] = {"lease_until": None, "lease_key": None}
"""What a row says that nobody works on."""


INTERRUPTED = "-"
"""Stands in place of a key's first letter once its holder may write nothing more, and only let go."""


def interrupted(model: Any) -> ColumnElement[str]:
    """The key of a row, whoever has it, when they are interrupted."""
    return INTERRUPTED + func.substr(model.lease_key, 2)


def held_or_interrupted(model: Any, key: str) -> ColumnElement[bool]:
    """Whether a row's lease is the one of a key, though it may have been interrupted."""
    return or_(model.lease_key == key, model.lease_key == INTERRUPTED + key[1:])


def free(model: Any, now: datetime) -> ColumnElement[bool]:
    """Whether nobody works on a row of a table with leases."""
    return or_(model.lease_until.is_(None), model.lease_until <= now)
