"""What every resource of the API has: its address, and who may ask.

Addresses are matched with and without the trailing slash and never redirected: old clients follow no 308.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.api import answer, limit
from dashboard.errors import Refused
from dashboard.identity import access_token, api_tokens
from dashboard.identity.api_tokens import Bearer
from dashboard.identity.issuer_keys import InvalidToken
from dashboard.web import csrf
from dashboard.web.request import origin, public
from dashboard.who import Who

View = TypeVar("View", bound=Callable[..., Any])
ROOT = "/v7.1"


class NoToken(Refused):
    """The request carries no bearer token."""

    status = 401

    def __init__(self) -> None:
        super().__init__("This needs a token, sent in the header Authorization: Bearer TOKEN.")


class InsufficientScope(Refused):
    """The token is good, but not for this."""

    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a token with the scope {scope}.")
        self.scope = scope


def on(bp: Blueprint, path: str, *, method: str = "GET", scope: str | None) -> Callable[[View], View]:
    """Put a view at a path below ``/v7.1``, given without the trailing slash.

    :param scope: what the bearer token must allow; None: anybody may ask.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(**values: str) -> Any:
            _admit(scope)
            return view(**values)

        bp.add_url_rule(
            ROOT + path,
            endpoint=f"{method.lower()}_{view.__name__}",
            view_func=csrf.exempt(public(asked)),
            methods=[method],
            strict_slashes=False,
            merge_slashes=False,
            provide_automatic_options=False,
        )
        return view

    return decorate


def caller() -> Who:
    """Actor and subject of this request: the token's person is both."""
    return Who(g.bearer.user_id, g.bearer.user_id, origin())


def _admit(scope: str | None) -> None:
    if scope is None:
        limit.count()
    else:
        try:
            bearer = g.bearer = _bearer(request.headers.get("Authorization", ""))
        finally:
            limit.count()
        if scope not in bearer.scopes:
            raise InsufficientScope(scope)
    if (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    g.media_type = answer.media_type(request.headers.get("Accept", ""))


def _bearer(header: str) -> Bearer:
    """Whose token the header carries (RFC 6750 §2.1). A token with dots is a JWT; ours have none.

    :raises NoToken: none at all.
    :raises InvalidToken: one that is good for nothing.
    """
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NoToken
    if "." in token:
        return access_token.bearer(token)
    found = api_tokens.bearer(token)
    if found is None:
        raise InvalidToken("The token is unknown, revoked or expired.")
    return found


def challenge(error: Exception) -> str | None:
    """``WWW-Authenticate`` for a refused token (RFC 6750 §3). None: the error is about something else."""
    realm = 'Bearer realm="Remote Connections"'
    if isinstance(error, NoToken):
        return realm
    if isinstance(error, InvalidToken):
        return f'{realm}, error="invalid_token", error_description="{error}"'
    if isinstance(error, InsufficientScope):
        return f'{realm}, error="insufficient_scope", scope="{error.scope}"'
    return None
