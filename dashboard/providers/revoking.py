"""Give a grant back to the provider, in the way that it offers."""

from __future__ import annotations

from urllib.parse import quote

from dashboard.providers import dialects, oauth
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Client, Grant
from dashboard.providers.http import call
from dashboard.providers.judging import judge
from dashboard.providers.ways import Revocation


def can_revoke(type: ConnectionType) -> bool:
    """Whether we can give a grant back at the provider. If not, the person does it there."""
    return type.revocation is not None


def revokes_all(type: ConnectionType) -> bool:
    """Whether that ends every grant that the account gave our client, as far as it is known, and not only one."""
    return type.revocation is not None and type.revocation.ends == "account"


def revoke(type: ConnectionType, grant: Grant, *, account_id: str | None) -> None:
    """Give a grant back. It returns once the provider has confirmed it.

    :param account_id: the account at the provider; some want it.
    :raises GrantRefused: the grant was dead already, which is as good as confirmed.
    :raises AccessExpired: refresh the grant and try again; without a refresh token, it is dead.
    :raises Failure: it was not confirmed.
    """
    way, client = type.revocation, oauth.client_of(type)
    if way is None:
        raise Unavailable("there is no way to revoke", code="odd_answer")
    if way.way == "rfc7009":
        first = grant.refresh_token if way.token == "refresh_token" else None  # noqa: S105
        oauth.revoke(type, first or grant.access_token, hint="refresh_token" if first else "access_token")
    elif way.way == "call":
        _call(type, way, client, grant, account_id)
    else:
        dialects.of(type).revoke(type, client, grant, account_id=account_id)


def _call(type: ConnectionType, way: Revocation, client: Client, grant: Grant, account_id: str | None) -> None:
    url = way.url or ""
    if "{account_id}" in url and not account_id:
        raise Unavailable("the account is not known", code="odd_answer")
    url = url.format(account_id=quote(account_id or "", safe=""), client_id=quote(client.id, safe=""))
    in_query = way.bearer == "query"
    answer = call(
        type,
        way.method,
        url,
        access_token=None if in_query else grant.access_token,
        parameters={"access_token": grant.access_token} if in_query else None,
        secrets=[grant.access_token],
    )
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    if answer.status not in way.done or error:  # a status of success may carry one
        judge(type, "delete", answer)
        raise Unavailable(f"status {answer.status} confirms nothing", code="odd_answer")
