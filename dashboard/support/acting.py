"""What support may do for a person while it looks through their eyes; the person is told."""

from datetime import datetime

from dashboard.connections import revocation, syncing, telling
from dashboard.connections.revocation import Ended
from dashboard.data import clock, transaction, users
from dashboard.errors import Refused
from dashboard.support import gate, starting
from dashboard.who import Who


class WouldDelete(Refused):
    """The provider's terms have its records deleted with the connection, and support deletes nothing of a person's."""

    status = 409


def sync(connection_id: int, *, by: Who) -> bool:
    """Ask for a sync, which the person finds in their activity. False: one is in line already.

    :raises ClosedToSupport: the look ended meanwhile; nothing was done.
    :raises NoSuchConnection: the subject has no such connection, or its grant is refused or gone.
    :raises MustWait: its provider can't be asked yet.
    """
    with transaction():
        gate.confirm_open(by)
        return syncing.sync_now(connection_id, by=by)


def disconnect(connection_id: int, *, by: Who, reason: str) -> Ended:
    """End a connection for the person; all that was imported stays.

    They get a mail, and their pages tell them until they have read of it.

    :param reason: why this is done. The person reads it.
    :raises ReasonTooShort: it says nothing.
    :raises WouldDelete: the records could not stay; only the person may do that.
    :raises ClosedToSupport: the look ended meanwhile; nothing was done.
    :raises NoSuchConnection: the subject has and had no such connection.
    """
    reason = starting.cleaned(reason)
    with transaction():
        gate.confirm_open(by)
        if revocation.would_delete(connection_id, owner_id=by.subject_id):
            raise WouldDelete("This would delete what was imported. Only the person may do that.")
        before = telling.before_the_end(connection_id, owner_id=by.subject_id)
        ended = revocation.disconnect(connection_id, by=by, keep_records=True, reason=reason)
        if before is not None and not ended.already:
            now = clock.now()
            users.change_person(by.subject_id, support_acted_at=now)
            telling.ended_by_support(before, by=by, reason=reason, now=now)
    return ended


def has_been_read(by: Who, acted_at: datetime | None) -> None:
    """Stop telling a person what support did: they have opened their activity, themselves.

    :param acted_at: what they were told of; of anything newer they are told still.
    """
    if acted_at is None or by.actor_id != by.subject_id:
        return
    with transaction():
        users.has_read_of_support(by.subject_id, acted_at=acted_at)
