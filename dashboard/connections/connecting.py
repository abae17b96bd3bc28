"""Connecting: off to a provider, and back with a grant (RFC 6749 section 4.1)."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard import providers
from dashboard.connections.attaching import Connected, How, attach
from dashboard.connections.giving_back import Given, give_back
from dashboard.connections.making_room import exchange
from dashboard.connections.tokens import sealed
from dashboard.connections.troubles import (
    AccountTaken,
    Declined,
    EndsNow,
    Expired,
    NoPermission,
    NotAvailable,
    OtherAccount,
    OtherPerson,
    OtherSession,
    ProviderFailed,
    ProviderSaid,
    Replayed,
    Trouble,
    UnknownState,
)
from dashboard.connections.waiting import Waits, drop_other, keep_other, waiting
from dashboard.data import authorization_requests, clock, connections, transaction, users, vault
from dashboard.data.authorization_requests import Spent
from dashboard.errors import NoSuchConnection
from dashboard.providers import Account, ConnectionType, Grant
from dashboard.who import Who

__all__ = [
    "AccountTaken", "Connected", "Declined", "EndsNow", "Expired", "How", "NoPermission", "NotAvailable",
    "OtherAccount", "OtherPerson", "OtherSession", "ProviderFailed", "ProviderSaid", "Replayed", "Trouble",
    "UnknownState", "Waits", "begin", "drop_other", "finish", "keep_other", "waiting",
]  # fmt: skip
LIFETIME = timedelta(minutes=20)
"""How long a person may take at the provider."""
SAID_LENGTH = 200


def begin(
    type_key: str,
    *,
    by: Who,
    session_id: int | None,
    redirect_uri: str,
    scopes: Collection[str],
    connection_id: int | None = None,
) -> str:
    """Begin a way to a provider; the address there that the person's browser is to open.

    :param session_id: the login session that may end it.
    :param scopes: the optional permissions that the person wants; what the type can't do without is asked for anyway.
    :param connection_id: the connection that is to be renewed. None: a new one is to be made.
    :raises NotAvailable: the type can't be connected here.
    :raises NoSuchConnection: the subject has no such connection of this type.
    """
    type, now = providers.get(type_key), clock.now()
    if not providers.available(type, now.date()):
        raise NotAvailable(type, connection_id=connection_id)
    if connection_id is not None and connections.type_of(connection_id, owner_id=by.subject_id) != type.type:
        raise NoSuchConnection(connection_id)
    asked = [each.name for each in type.scopes if not each.optional or each.name in scopes]
    oauth_state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(48) if providers.uses_pkce(type) else None
    with transaction():
        authorization_requests.add(
            state_hash=_hash(oauth_state),
            user_id=by.subject_id,
            login_session_id=session_id,
            type=type.type,
            connection_id=connection_id,
            reconnects=connection_id is not None,
            scopes=" ".join(asked),
            redirect_uri=redirect_uri,
            code_verifier=vault.seal(verifier),
            created_at=now,
            expires_at=now + LIFETIME,
        )
    return providers.authorization_url(
        type, redirect_uri=redirect_uri, oauth_state=oauth_state, code_verifier=verifier, scopes=asked
    )


def finish(
    oauth_state: str, *, by: Who, session_id: int | None, redirect_uri: str, answer: Mapping[str, str]
) -> Connected:
    """End a way to a provider: fetch the grant and make of it a connection, or renew one.

    The state is spent by the first answer, however that ends.

    :param redirect_uri: where the answer came.
    :param answer: the query that the provider sent along.
    :raises Trouble: one for each way in which no connection comes of it; nothing was changed then.
    """
    spent = _spend(oauth_state, by, session_id, redirect_uri)
    type = providers.get(spent.type)
    _refuse_errors(answer, type, spent)
    grant = exchange(type, spent, code=answer["code"], answer=answer, by=by)
    outcome = _keep(type, grant, spent, by)
    if isinstance(outcome, Trouble):
        raise outcome
    return outcome


def _spend(oauth_state: str, by: Who, session_id: int | None, redirect_uri: str) -> Spent:
    state_hash, now = _hash(oauth_state), clock.now()
    with transaction():
        spent = authorization_requests.spend(
            state_hash, owner_id=by.subject_id, session_id=session_id, redirect_uri=redirect_uri, now=now
        )
        if spent is not None:
            authorization_requests.change(spent.id, code_verifier=None)
            return spent
    raise _why_not(state_hash, by, session_id, redirect_uri, now)


def _why_not(state_hash: bytes, by: Who, session_id: int | None, redirect_uri: str, now: datetime) -> Trouble:
    """Why an answer is not taken."""
    begun = authorization_requests.begun(state_hash)
    if begun is None or begun.redirect_uri != redirect_uri:
        return UnknownState()
    type = providers.get(begun.type)
    if begun.user_id != by.subject_id:
        return OtherPerson(type)
    if begun.login_session_id != session_id:
        return OtherSession(type, connection_id=begun.connection_id)
    if begun.spent_at is None and begun.expires_at <= now:
        return Expired(type, connection_id=begun.connection_id)
    made = begun.made_connection_id
    if made is not None and connections.type_of(made, owner_id=by.subject_id) is None:
        made = None
    return Replayed(type, connection_id=begun.connection_id, made_connection_id=made)


def _refuse_errors(answer: Mapping[str, str], type: ConnectionType, spent: Spent) -> None:
    """An answer with an error, or without a code (RFC 6749 section 4.1.2.1)."""
    error = answer.get("error", "")
    if error == "access_denied":
        raise Declined(type, connection_id=spent.connection_id)
    if error or not answer.get("code"):
        said = " ".join(f"{error} {answer.get('error_description', '')}".split())[:SAID_LENGTH]
        raise ProviderSaid(type, said, connection_id=spent.connection_id)


def _keep(type: ConnectionType, grant: Grant, spent: Spent, by: Who) -> Connected | Trouble:
    """Make of a grant what it was meant for, in one transaction."""
    asked = tuple(spent.scopes.split())
    granted = asked if grant.scopes is None else grant.scopes
    assert grant.account is not None, "an exchange says whose grant it is"
    missing = tuple(type.scope_label(name) for name in asked if name not in granted)
    given = Given(type, grant.account, " ".join(granted), sealed(grant), spent.spent_at, missing)
    now = clock.now()
    with transaction():
        gone = not users.hold_person(by.subject_id)
        if not gone and _opens_something(type, granted):
            return attach(given, by=by, request_id=spent.id, connection_id=spent.connection_id, now=now)
        if gone:
            give_back(replace(given, account=Account(given.account.id)), owner_id=None, now=now)
        else:
            give_back(given, owner_id=by.subject_id, now=now)
    return UnknownState() if gone else NoPermission(type, connection_id=spent.connection_id)


def _opens_something(type: ConnectionType, granted: Collection[str]) -> bool:
    """Whether a record could ever come by these permissions."""
    if providers.may_ask(type):
        return bool(providers.sources(type, granted))
    return not type.scopes or any(scope.name in granted for scope in type.scopes)


def _hash(oauth_state: str) -> bytes:
    return hashlib.sha256(oauth_state.encode(errors="replace")).digest()
