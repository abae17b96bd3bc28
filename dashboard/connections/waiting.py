"""Grants of another account than the one a reconnect was for: they wait for their person's word, an hour at most."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard import providers
from dashboard.connections.attaching import Connected, attach
from dashboard.connections.giving_back import Given, give_back
from dashboard.data import authorization_requests, clock, grants, transaction, users
from dashboard.data.authorization_requests import Waiting
from dashboard.errors import NoSuchThing
from dashboard.providers import Account, ConnectionType
from dashboard.who import Who

KEPT = timedelta(days=1)
"""How long a request is kept after its time, so that a page that is loaded again finds what came of it."""
BATCH = 100


class NothingWaits(NoSuchThing):
    """The grant was kept, dropped or given back before, or is somebody else's."""

    def __init__(self) -> None:
        super().__init__("No grant waits here any more.")


@dataclass(frozen=True, slots=True)
class Waits:
    """A grant that waits, as its person is asked about it."""

    request_id: int
    type: ConnectionType
    account: str | None
    """The account that came, in the person's words. None: it has no name."""
    account_id: str | None
    known_account: str | None
    """The account of the connection that was to be renewed. None: it has no name, or is gone."""
    known_account_id: str | None
    connection_id: int | None
    """That connection. None: it was cut meanwhile."""
    is_theirs: bool
    """Whether the person has connected the other account, too."""


def waiting(request_id: int, *, by: Who) -> Waits:
    """What a person is asked about.

    :raises NothingWaits: nothing does any more.
    """
    return _waits(_found(request_id, by), by)


def keep_other(request_id: int, *, by: Who) -> Connected:
    """Make the other account a connection of its own; if it is one of the person's already, renew that.

    :raises NothingWaits: it was decided before.
    :raises AccountTaken: another person here connected the account meanwhile.
    :raises EndsNow: it was disconnected here, and its provider was being told meanwhile.
    """
    now = clock.now()
    with transaction():
        users.hold_person(by.subject_id)
        given = _given(_claim(request_id, by))
        outcome = attach(given, by=by, request_id=request_id, connection_id=None, now=now)
    if isinstance(outcome, Connected):
        return outcome
    raise outcome


def drop_other(request_id: int, *, by: Who) -> Waits:
    """Give the other account's grant back: its provider is to be told.

    :raises NothingWaits: it was decided before.
    """
    with transaction():
        users.hold_person(by.subject_id)
        waits = _claim(request_id, by)
        give_back(_given(waits), owner_id=waits.user_id, now=clock.now())
    return _waits(waits, by)


def give_back_all(by: Who, *, now: datetime) -> int:
    """Give back all grants that wait for a person's word, inside the caller's transaction; how many."""
    return sum(_give_back(each, now) for each in authorization_requests.all_waiting(by.subject_id))


def sweep() -> int:
    """Give back the grants for which no word came in time, and forget old requests; how many were given back."""
    now, count = clock.now(), 0
    while found := authorization_requests.abandoned(now=now, limit=BATCH):
        with transaction():
            count += sum(_give_back(each, now) for each in found)
    with transaction():
        authorization_requests.remove_old(before=now - KEPT)
    return count


def _give_back(waits: Waiting, now: datetime) -> bool:
    """Of two callers at once, one gives it back."""
    return authorization_requests.claim_waiting(waits.id) and give_back(_given(waits), owner_id=waits.user_id, now=now)


def _found(request_id: int, by: Who) -> Waiting:
    found = authorization_requests.waiting(request_id, owner_id=by.subject_id)
    if found is None:
        raise NothingWaits
    return found


def _claim(request_id: int, by: Who) -> Waiting:
    found = _found(request_id, by)
    if not authorization_requests.claim_waiting(request_id):
        raise NothingWaits
    return found


def _waits(found: Waiting, by: Who) -> Waits:
    known = None if found.connection_id is None else grants.owned(found.connection_id, owner_id=by.subject_id)
    return Waits(
        found.id,
        providers.get(found.type),
        found.account,
        found.remote_account_id,
        known.account if known else None,
        known.remote_account_id if known else None,
        known.id if known else None,
        _is_theirs(found, by),
    )


def _is_theirs(found: Waiting, by: Who) -> bool:
    if found.remote_account_id is None:
        return False
    holder = grants.holder(found.type, account_id=found.remote_account_id)
    return holder is not None and holder.user_id == by.subject_id


def _given(waits: Waiting) -> Given:
    tokens = {name: getattr(waits, name) for name in ("access_token", "refresh_token", "access_expires_at")}
    account = Account(waits.remote_account_id or "", waits.account)
    return Given(providers.get(waits.type), account, waits.granted_scopes, tokens, waits.spent_at)
