"""What becomes of a grant that has just come: a new connection, a renewed one, or none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError

from dashboard import providers
from dashboard.connections import due
from dashboard.connections.giving_back import Given, give_back
from dashboard.connections.troubles import AccountTaken, EndsNow, OtherAccount, Trouble
from dashboard.data import authorization_requests, db, grants, records, revocations, search_key, untold
from dashboard.data.grants import Holder
from dashboard.data.history import Trigger
from dashboard.events import Event, record
from dashboard.providers import ConnectionType
from dashboard.providers.failures import UNANSWERED
from dashboard.who import Who

SUPERSEDED = "connected_again"
"""Why a revocation was dropped: the account was connected again, and telling would end the new grant too."""
NEXT_TRY = timedelta(minutes=10)
"""So long somebody may take to try again whose account was being ended at the provider."""
LATE = timedelta(minutes=2)
"""So long after we stopped waiting a provider may yet do what it was told."""
WAITS = timedelta(hours=1)
"""How long a grant of another account waits for its person's word."""


class How(StrEnum):
    """What a grant became."""

    MADE = "made"
    RENEWED = "renewed"
    SAME_ACCOUNT = "same_account"
    """The person had connected this account already: that connection has the new grant."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A way to a provider that led to a connection."""

    connection_id: int
    type: ConnectionType
    how: How
    missing: tuple[str, ...] = ()
    """What was asked for and not permitted, as message ids."""
    adopted_count: int = 0
    """How many records came along that an earlier connection of the account had left."""


def attach(given: Given, *, by: Who, request_id: int, connection_id: int | None, now: datetime) -> Connected | Trouble:
    """Decide what becomes of a grant and do it, inside the caller's transaction, which holds the person's row.

    :param connection_id: the connection that was to be renewed. None: none was, or it was cut meanwhile.
    """
    outcome = None
    while outcome is None:  # somebody else made, cut or took the connection in this moment: look again
        outcome = _attach(given, by, request_id, connection_id, now)
    if isinstance(outcome, Connected):
        authorization_requests.change(request_id, made_connection_id=outcome.connection_id)
    return outcome


def _attach(
    given: Given, by: Who, request_id: int, connection_id: int | None, now: datetime
) -> Connected | Trouble | None:
    holder = grants.holder(given.type.type, account_id=given.account.id)
    if holder is not None and holder.user_id != by.subject_id:
        return _no(AccountTaken, given, by, connection_id, now)
    if holder is None and _ends_now(given):
        return _no(EndsNow, given, by, connection_id, now)
    wanted = None if connection_id is None else grants.owned(connection_id, owner_id=by.subject_id)
    if wanted is None or (wanted.remote_account_id is None and holder is not None):
        return _make(given, by, now) if holder is None else _renew(given, holder, How.SAME_ACCOUNT, by, now)
    if wanted.remote_account_id not in {None, given.account.id}:
        return _ask(given, wanted, request_id, now)
    return _renew(given, wanted, How.RENEWED, by, now)


def _make(given: Given, by: Who, now: datetime) -> Connected | None:
    """Make a connection; None: somebody connected the account in this moment."""
    made = grants.make(
        user_id=by.subject_id,
        type=given.type.type,
        created_at=now,
        quiet_at=_quiet_at(given, now),
        **_columns(given, now),
    )
    if made is None:
        return None
    record(Event.CONNECTION_MADE, by, connection=made, type=given.type.type)
    return _attached(given, made, How.MADE, by, now)


def _renew(given: Given, holder: Holder, how: How, by: Who, now: datetime) -> Connected | None:
    """Give a connection the new grant; None: it was cut in this moment, or another has the account since."""
    try:
        with db.session.begin_nested():
            given_to = grants.give(holder.id, owner_id=by.subject_id, **_renewed(given, holder, now))
    except IntegrityError:
        return None
    if not given_to:
        return None
    record(Event.CONNECTION_RENEWED, by, connection=holder.id, type=given.type.type, was_refused=_refused(holder))
    return _attached(given, holder.id, how, by, now)


def _renewed(given: Given, holder: Holder, now: datetime) -> dict[str, Any]:
    """The columns of a new grant. An account whose name is known keeps it where its provider does not say it again."""
    fresh = {"overdue_at": now + timedelta(hours=given.type.sync_interval_hours), "quiet_at": _quiet_at(given, now)}
    columns = _columns(given, now) | fresh  # that it was silent without a grant says nothing of the new one
    if given.account.name is None and holder.remote_account_id == given.account.id:
        del columns["account"], columns["account_key"]
    return columns


def _quiet_at(given: Given, now: datetime) -> datetime:
    return now + timedelta(days=given.type.quiet_after_days)


def _refused(holder: Holder) -> bool:
    return holder.refused_at is not None


def _columns(given: Given, now: datetime) -> dict[str, Any]:
    account = given.account.name
    return {
        "account": account,
        "account_key": search_key(account) if account else None,
        "remote_account_id": given.account.id,
        "scopes": given.scopes,
        "renewed_at": now,
        "next_sync_at": now,
        "due_why": Trigger.CONNECT,
        "subscribed_at": None,
        **given.sealed,
    }


def _attached(given: Given, connection_id: int, how: How, by: Who, now: datetime) -> Connected:
    """What follows: kept records come along, what would end the new grant is dropped, the first sync is due."""
    key, account_id = given.type.type, given.account.id
    adopted = records.adopt(connection_id, owner_id=by.subject_id, type=key, account_id=account_id)
    if providers.revokes_all(given.type):
        untold.drop_superseded(key, account_id=account_id, now=now, code=SUPERSEDED)
    due.say(due.SYNC, connection_id, at=now)
    return Connected(connection_id, given.type, how, given.missing, adopted)


def _ends_now(given: Given) -> bool:
    """Whether the account's provider was told of its end since the grant was asked for: that may have ended it too."""
    if not providers.revokes_all(given.type):
        return False
    key, account_id = given.type.type, given.account.id
    revocations.hold_open(key, account_id=account_id)
    asked_at = given.asked_at
    return revocations.was_told(key, account_id=account_id, since=asked_at) or revocations.was_told(
        key, account_id=account_id, since=asked_at - LATE, codes=UNANSWERED
    )


def _no(why: type[Trouble], given: Given, by: Who, connection_id: int | None, now: datetime) -> Trouble:
    """Give the grant back; the trouble to raise once that is committed.

    Where an end is under way already, later: it would be in the way of the person's next try, which drops it.
    """
    give_back(given, owner_id=by.subject_id, now=now, at=now + NEXT_TRY if why is EndsNow else now)
    return why(given.type, connection_id=connection_id)


def _ask(given: Given, wanted: Holder, request_id: int, now: datetime) -> Trouble:
    """Let the grant wait for the person's word."""
    authorization_requests.change(
        request_id,
        remote_account_id=given.account.id,
        account=given.account.name,
        granted_scopes=given.scopes,
        expires_at=now + WAITS,
        **given.sealed,
    )
    names = {"account": given.account.name, "known": wanted.account}
    return OtherAccount(given.type, connection_id=wanted.id, request_id=request_id, **names)
