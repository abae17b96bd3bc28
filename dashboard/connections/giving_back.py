"""A grant that has just come, and giving it back: its provider is to be told, unless that would end one in use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard import providers
from dashboard.connections import due
from dashboard.data import grants, revocations
from dashboard.providers import Account, ConnectionType


@dataclass(frozen=True, slots=True)
class Given:
    """A grant that has just come."""

    type: ConnectionType
    account: Account
    scopes: str
    """What was granted, separated by spaces."""
    sealed: dict[str, Any]
    """Its tokens, as columns."""
    asked_at: datetime
    """When we asked for it: what ended all grants of the account later may have ended it too."""
    missing: tuple[str, ...] = ()


def lives(type: ConnectionType, account_id: str) -> bool:
    """Whether to tell of an end would end a grant in use: the account is connected here, by whomever, and its provider
    ends all grants of an account together.
    """
    return providers.revokes_all(type) and grants.holder(type.type, account_id=account_id) is not None


def give_back(given: Given, *, owner_id: int | None, now: datetime, at: datetime | None = None) -> bool:
    """Queue the end of a grant that never became a connection, inside the caller's transaction.

    False: it is only forgotten, for its account is connected here.

    :param at: when to tell the provider. None: now.
    """
    if lives(given.type, given.account.id):
        return False
    id = revocations.queue_grant(
        now=now,
        due_at=at or now,
        user_id=owner_id,
        type=given.type.type,
        account=given.account.name,
        remote_account_id=given.account.id,
        scopes=given.scopes,
        **given.sealed,
    )
    due.say(due.REVOCATION, id, at=at or now)
    return True
