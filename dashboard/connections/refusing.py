"""A provider has ended a grant: the connection turns to *reconnect*, and its person is told."""

from datetime import datetime

from dashboard.connections import telling
from dashboard.data import grants
from dashboard.events import Event, record
from dashboard.who import Who


def refuse(connection_id: int, *, owner_id: int, type: str, code: str, now: datetime) -> bool:
    """Turn a connection to *reconnect* and tell its person, inside the caller's transaction.

    False: it was so before, or it is gone; nobody is told again.

    :param code: why, as a short code of ours.
    """
    if not grants.refuse(connection_id, now=now, code=code):
        return False
    tell(connection_id, owner_id=owner_id, type=type, code=code, now=now)
    return True


def tell(connection_id: int, *, owner_id: int, type: str, code: str, now: datetime) -> None:
    """Note that a grant was refused, and queue the mail that asks its person to reconnect."""
    record(Event.CONNECTION_REFUSED, Who(None, owner_id), connection=connection_id, type=type, code=code)
    telling.needs_you(connection_id, now=now)
