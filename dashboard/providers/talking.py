"""Talk to a third party: what the rest of the house calls. Everything that differs lies in the type's file and dialect.

Nothing here knows a database, and nothing but a :class:`dashboard.providers.failures.Failure` comes out as an error.
Call it with no transaction open: a provider may take half a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import quote

from dashboard.providers import accounts, dialects, oauth, reading
from dashboard.providers.clients import agreements
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import AccessExpired, Failure, GrantRefused, NotShared
from dashboard.providers.grant import Grant, Page
from dashboard.providers.oauth import client_of, uses_pkce
from dashboard.providers.revoking import can_revoke, revoke, revokes_all

__all__ = [
    "authorization_url",
    "available",
    "can_revoke",
    "exchange",
    "keep_days",
    "may_ask",
    "may_keep_records",
    "page",
    "refresh",
    "removal_url",
    "revoke",
    "revokes_all",
    "sources",
    "uses_pkce",
]

log = logging.getLogger(__name__)


def authorization_url(
    type: ConnectionType, *, redirect_uri: str, oauth_state: str, code_verifier: str | None, scopes: Collection[str]
) -> str:
    """The address where a person agrees (RFC 6749 section 4.1.1).

    :param code_verifier: of PKCE (RFC 7636); left out where :func:`uses_pkce` says no.
    :param scopes: the permissions to ask for.
    :raises ClientRefused: there are no credentials, or no way to talk to it is known.
    """
    return oauth.authorization_url(
        type, redirect_uri=redirect_uri, oauth_state=oauth_state, code_verifier=code_verifier, scopes=scopes
    )


def exchange(
    type: ConnectionType,
    *,
    code: str,
    redirect_uri: str,
    code_verifier: str | None,
    answer: Mapping[str, str],
    member_id: str,
) -> Grant:
    """Make a grant of an authorization code, with its account, and do what else the provider wants at the start.

    A grant that was given and can't be used after all is given back where that cuts nothing else.

    :param answer: the query of the way back here; some providers tell there what was granted.
    :param member_id: an id of ours for the person, for providers that want one; it says nothing about them.
    :raises Failure: there is no grant; its ``grant_left`` says whether one may live on at the provider.
    """
    client = client_of(type)
    grant, document = oauth.exchange(type, code=code, redirect_uri=redirect_uri, code_verifier=code_verifier)
    try:
        scopes = accounts.granted(type, grant, document, answer)
        account = accounts.account_of(type, grant, document)
        grant = replace(grant, scopes=scopes, account=account)
        dialects.of(type).introduce(type, client, grant, member_id=member_id)
    except AccessExpired as refused:  # a new token is not too old: it may not read whose it is
        not_shared = NotShared(refused.seen, said=refused.said)
        not_shared.grant_left = not _give_back(type, grant)
        raise not_shared from None
    except Failure as failure:
        failure.grant_left = not _give_back(type, grant)
        raise
    return grant


def _give_back(type: ConnectionType, grant: Grant) -> bool:
    """Revoke a grant that nobody will use; whether that was confirmed. If not, the first failure is told."""
    if not can_revoke(type) or revokes_all(type):
        return False
    try:
        revoke(type, grant, account_id=None)
    except GrantRefused:
        return True
    except Failure as failure:
        log.warning("%s: an unused grant could not be given back: %s", type.type, failure)
        return False
    return True


def refresh(type: ConnectionType, grant: Grant) -> Grant:
    """Renew a grant. Where the answer has no refresh token, the old one stays.

    Store the result before its access token is used: some providers end the old tokens at that moment.

    :raises GrantRefused: it is dead, or there is no refresh token.
    :raises Failure: anything else; the old grant may still be good.
    """
    if not grant.refresh_token:
        raise GrantRefused("there is no refresh token")
    fresh = oauth.refresh(type, grant.refresh_token)
    return replace(
        fresh,
        refresh_token=fresh.refresh_token or grant.refresh_token,
        scopes=fresh.scopes or grant.scopes,
        account=grant.account,
    )


def sources(type: ConnectionType, scopes: Collection[str]) -> tuple[str, ...]:
    """The sources of records that these permissions open and that can be asked, in the order of the file.

    :param scopes: what was granted, or what was asked for where the provider does not tell.
    """
    asked = (one for one in type.sources if one.url)
    return tuple(one.name for one in asked if not one.scopes or not set(one.scopes).isdisjoint(scopes))


def page(type: ConnectionType, grant: Grant, *, source: str, cursor: str | None, now: datetime) -> Page:
    """One page of a source: from its beginning, or from where the cursor of an earlier page says.

    :param source: a name that :func:`sources` gave.
    :param cursor: of the page before, in this sync or the last one. None: the first sync.
    :raises AccessExpired: refresh the grant and ask again; without a refresh token, it is dead.
    :raises Failure: anything else.
    """
    found = next(one for one in type.sources if one.name == source)
    return reading.read_page(type, client_of(type), grant, found, cursor=cursor, now=now)


def removal_url(type: ConnectionType, *, account_id: str | None) -> str | None:
    """Where the person removes our client at the provider themselves. None: no such page is known."""
    template, client = type.removal_template, agreements.client(type.type)
    if template and account_id and client:
        return template.format(client_id=quote(client.id, safe=""), account_id=quote(account_id, safe=""))
    return type.removal_url


def available(type: ConnectionType, on: date) -> bool:
    """Whether a person can connect it here on that day: it is described and open, and the operator has credentials."""
    return type.connectable and not type.retired(on) and agreements.client(type.type) is not None


def may_ask(type: ConnectionType) -> bool:
    """Whether records can be asked for; some providers only send them."""
    return type.can_pull and any(one.url for one in type.sources)


def keep_days(type: ConnectionType) -> int | None:
    """How many days a record may stay, by the operator's own agreement or else by the terms. None: no limit."""
    own = agreements.of(type.type).keep_days
    return type.terms.keep_days if own is None else own or None


def may_keep_records(type: ConnectionType) -> bool:
    """Whether records may stay after a disconnect, by the operator's own agreement or else by the provider's terms."""
    own = agreements.of(type.type).may_keep_records
    return type.terms.may_keep_records if own is None else own
