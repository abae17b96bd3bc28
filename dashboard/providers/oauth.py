"""OAuth 2.0 with a third party, by Authlib: the way there, the exchange of the code, the refresh, the revocation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

from dashboard.providers import dialects
from dashboard.providers.clients import agreements
from dashboard.providers.connection_type import ConnectionType, OAuthEndpoints
from dashboard.providers.failures import ClientRefused
from dashboard.providers.grant import Client, Grant
from dashboard.providers.http import CarefulSession, answer
from dashboard.providers.judging import judge
from dashboard.providers.token_answer import read


class _Session(CarefulSession, OAuth2Session):
    """Authlib's client over our connections and limits."""


class _Good:
    """A token answer that was judged and read, in the shape that Authlib goes on with."""

    status_code = 200

    def __init__(self, document: Any) -> None:
        self._document = document

    def json(self) -> Any:
        return self._document


def client_of(type: ConnectionType) -> Client:
    """Our client at the type's provider.

    :raises ClientRefused: the operator set no credentials.
    """
    client = agreements.client(type.type)
    if client is None:
        raise ClientRefused("no client id and secret are set", code="no_credentials")
    return client


def endpoints_of(type: ConnectionType) -> OAuthEndpoints:
    """The type's endpoints.

    :raises ClientRefused: its file has none, so nobody can talk to it.
    """
    if type.oauth is None:
        raise ClientRefused("no way to talk to it is known", code="no_credentials")
    return type.oauth


def authorization_url(
    type: ConnectionType, *, redirect_uri: str, oauth_state: str, code_verifier: str | None, scopes: Collection[str]
) -> str:
    """The address that a person is sent to, to agree. See :func:`dashboard.providers.talking.authorization_url`."""
    endpoints = endpoints_of(type)
    url, _ = _session(type).create_authorization_url(
        agreements.address(endpoints.authorization_endpoint),
        state=oauth_state,
        code_verifier=code_verifier if uses_pkce(type) else None,
        redirect_uri=redirect_uri,
        scope=endpoints.scope_separator.join(scopes) if endpoints.sends_scopes and scopes else None,
        **dict(endpoints.authorization_parameters),
    )
    return str(url)


def uses_pkce(type: ConnectionType) -> bool:
    """Whether the provider is known to check a code challenge by S256 (RFC 7636)."""
    return type.oauth is not None and "S256" in type.oauth.code_challenge_methods_supported


def exchange(type: ConnectionType, *, code: str, redirect_uri: str, code_verifier: str | None) -> tuple[Grant, Any]:
    """Exchange an authorization code for a grant; and the token answer, which may tell more.

    :raises Failure: the provider refused, or did not answer as it should.
    """
    endpoints, session = endpoints_of(type), _session(type)
    judged = _Judged(type, "code", [code, code_verifier or ""])
    session.register_compliance_hook("access_token_response", judged)
    session.fetch_token(
        agreements.address(endpoints.token_endpoint),
        grant_type="authorization_code",
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=code_verifier if uses_pkce(type) else None,
        **dict(endpoints.token_parameters),
    )
    return judged.grant, judged.document


def refresh(type: ConnectionType, refresh_token: str) -> Grant:
    """Renew a grant.

    :raises Failure: the provider refused, or did not answer as it should.
    """
    endpoints, session = endpoints_of(type), _session(type)
    judged = _Judged(type, "refresh", [refresh_token])
    session.register_compliance_hook("refresh_token_response", judged)
    session.refresh_token(
        agreements.address(endpoints.token_endpoint),
        refresh_token=refresh_token,
        **dict(endpoints.token_parameters + type.refreshing.parameters),
    )
    return judged.grant


def revoke(type: ConnectionType, token: str, *, hint: str) -> None:
    """Revoke a token by RFC 7009. A token that the server does not know is a success by section 2.2.

    :raises Failure: it was not confirmed.
    """
    endpoints = endpoints_of(type)
    assert endpoints.revocation_endpoint
    session: Any = _session(type)  # Authlib's types leave this method out
    response = session.revoke_token(
        agreements.address(endpoints.revocation_endpoint), token=token, token_type_hint=hint
    )
    judge(type, "revoke", answer(response, secrets=[token, client_of(type).secret]))


class _Judged:
    """Authlib's compliance hook: judges a token answer, reads it, and keeps what it read."""

    def __init__(self, type: ConnectionType, on: str, secrets: Collection[str]) -> None:
        self._type, self._on, self._secrets = type, on, secrets
        self.grant: Grant
        self.document: Any = None

    def __call__(self, response: requests.Response) -> _Good:
        found = answer(response, secrets=[*self._secrets, client_of(self._type).secret])
        now = datetime.now(UTC)
        judge(self._type, self._on, found, now=now)
        self.document = dialects.of(self._type).unwrap(found)
        self.grant = read(self._type, self.document, now=now, strictly=self._on != "refresh")
        return _Good({"access_token": self.grant.access_token, "token_type": "Bearer"})


def _session(type: ConnectionType) -> _Session:
    client, endpoints = client_of(type), endpoints_of(type)
    method = endpoints.token_endpoint_auth_method
    if method is None:
        raise ClientRefused("how our client authenticates there is not known", code="no_credentials")
    session = _Session(
        client.id,
        client.secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=endpoints.revocation_endpoint_auth_method or method,
        code_challenge_method="S256" if uses_pkce(type) else None,
    )
    session.careful(type)
    return session
