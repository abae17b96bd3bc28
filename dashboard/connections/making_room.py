"""Fetching a grant; and where a provider lets an account give only so many, the old one makes room for the new."""

import secrets
from collections.abc import Mapping

from dashboard import providers
from dashboard.connections import budget
from dashboard.connections.outcomes import UNREADABLE
from dashboard.connections.tokens import opened
from dashboard.connections.troubles import ProviderFailed
from dashboard.data import Unreadable, clock, grants, transaction, vault
from dashboard.data.authorization_requests import Spent
from dashboard.providers import ConnectionType, Grant
from dashboard.providers.failures import ClientRefused, Failure, Limited
from dashboard.who import Who

FULL = "too_many_grants"


def exchange(type: ConnectionType, spent: Spent, *, code: str, answer: Mapping[str, str], by: Who) -> Grant:
    """Exchange the code for a grant (RFC 6749 section 4.1.3). No transaction is open.

    :raises ProviderFailed: the provider failed, and nothing came of it.
    """
    try:
        try:
            return _exchange(type, spent, code, answer)
        except Failure as failure:
            if failure.code != FULL or not _make_room(type, spent, by):
                raise
            return _exchange(type, spent, code, answer)
    except Failure as failure:
        if isinstance(failure, Limited):
            budget.heed(type, failure, now=clock.now())
        raise ProviderFailed(type, failure, connection_id=spent.connection_id) from None
    except Unreadable:
        unreadable = ClientRefused(code=UNREADABLE)
        raise ProviderFailed(type, unreadable, connection_id=spent.connection_id) from None


def _exchange(type: ConnectionType, spent: Spent, code: str, answer: Mapping[str, str]) -> Grant:
    return providers.exchange(
        type,
        code=code,
        redirect_uri=spent.redirect_uri,
        code_verifier=vault.open(spent.code_verifier),
        answer=answer,
        member_id=secrets.token_hex(16),
    )


def _make_room(type: ConnectionType, spent: Spent, by: Who) -> bool:
    """End the grant that is to be renewed, as the provider demands. False: there is none, or it can't be ended.

    The connection needs its person from then on, until the new grant is there.
    """
    if spent.connection_id is None or not providers.can_revoke(type):
        return False
    old = grants.owned(spent.connection_id, owner_id=by.subject_id)
    tokens = grants.tokens(spent.connection_id)
    if old is None or tokens is None or tokens.access_token is None:
        return False
    try:
        providers.revoke(type, opened(tokens), account_id=old.remote_account_id)
    except Failure:
        return False
    with transaction():
        grants.refuse(old.id, now=clock.now(), code="refused")
    return True
