"""Giving back a grant that is not used: its provider is to be told, unless that would end one that is."""

from datetime import datetime
from typing import Any

from dashboard import providers
from dashboard.connections import due
from dashboard.data import grants, revocations
from dashboard.data.authorization_requests import Waiting
from dashboard.providers import ConnectionType


def give_back(
    type: ConnectionType,
    *,
    owner_id: int | None,
    account_id: str | None,
    account: str | None,
    scopes: str,
    sealed: dict[str, Any],
    now: datetime,
) -> bool:
    """Queue the end of a grant that never became a connection, inside the caller's transaction.

    False: it is only forgotten. Its account is connected here, by whomever, and the provider could but end all grants
    of the account together.
    """
    if account_id is not None and providers.revokes_all(type) and grants.holder(type.type, account_id=account_id):
        return False
    id = revocations.queue_grant(
        now=now,
        user_id=owner_id,
        type=type.type,
        account=account,
        remote_account_id=account_id,
        scopes=scopes,
        **sealed,
    )
    due.say(due.REVOCATION, id, at=now)
    return True


def give_back_waiting(waiting: Waiting, *, now: datetime) -> bool:
    """Queue the end of a grant that waited for its person's word. The caller has claimed it."""
    return give_back(
        providers.get(waiting.type),
        owner_id=waiting.user_id,
        account_id=waiting.remote_account_id,
        account=waiting.account,
        scopes=waiting.granted_scopes,
        sealed={
            "access_token": waiting.access_token,
            "refresh_token": waiting.refresh_token,
            "access_expires_at": waiting.access_expires_at,
        },
        now=now,
    )
