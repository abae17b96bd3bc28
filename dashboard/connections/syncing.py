"""Asking for a sync: the row becomes due, and the engine finds it."""

from datetime import UTC, datetime

from dashboard.data import connections, transaction
from dashboard.errors import NoSuchConnection
from dashboard.events import Event, record
from dashboard.who import Who


def sync_now(connection_id: int, *, by: Who) -> bool:
    """Make a connection's sync due at once. False: it already is, or one is under way; nothing changed then.

    :raises NoSuchConnection: the subject has no such connection, or its grant is refused or gone.
    """
    now = datetime.now(UTC)
    with transaction():
        if connections.make_due(connection_id, owner_id=by.subject_id, now=now):
            record(Event.SYNC_REQUESTED, by, connection=connection_id)
            return True
        if connections.syncable(connection_id, owner_id=by.subject_id):
            return False
    raise NoSuchConnection(connection_id)
