"""Whose grant it is, and what it permits: read where the type's file says that the provider tells it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from dashboard.providers import dialects, paths, token_answer
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Account, Grant
from dashboard.providers.http import call
from dashboard.providers.judging import judge
from dashboard.providers.values import id_of, one_line

LONGEST_NAME = 320


def account_of(type: ConnectionType, grant: Grant, document: Any) -> Account:
    """The account of a new grant.

    :param document: the token answer.
    :raises Failure: the provider did not tell.
    """
    way = type.account
    if way is None:
        raise Unavailable("where the account stands is not known", code="odd_answer")
    if way.told == "call":
        document = _asked(type, grant, way.url or "")
    elif way.told == "claims":
        document = _claims(grant.access_token)
    found = paths.find(document, way.id)
    id = id_of(found)
    if id is None:
        raise Unavailable("no id of the account", code="odd_answer")
    parts = (paths.find(document, path) for path in way.name)
    name = " ".join(one_line(part) for part in parts if isinstance(part, str) and part.strip())
    return Account(id, name[:LONGEST_NAME] or None)


def granted(type: ConnectionType, grant: Grant, document: Any, query: Mapping[str, str]) -> tuple[str, ...] | None:
    """The permissions that were given. None: the provider does not tell.

    :param document: the token answer.
    :param query: the query of the way back here.
    :raises Failure: the provider was asked and did not answer as it should.
    """
    way = type.granted
    if way.told == "nowhere":
        return None
    if way.told == "call":
        document = _asked(type, grant, way.url or "")
    elif way.told == "callback":
        document = dict(query)
    found = paths.find(document, way.path)
    if found is None and way.told == "call":
        raise Unavailable("no permissions", code="odd_answer")
    return None if found is None else token_answer.scopes(found)


def _asked(type: ConnectionType, grant: Grant, url: str) -> Any:
    answer = call(type, "GET", url, access_token=grant.access_token)
    judge(type, "account", answer)
    return dialects.of(type).unwrap(answer)


def _claims(access_token: str) -> Any:
    """The claims of an access token that is a JWT. It came from the provider itself, so no signature is checked.

    :raises Unavailable: it is no JWT.
    """
    try:
        payload = access_token.split(".")[1]
        return orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError):
        raise Unavailable("the access token is no JWT", code="odd_answer") from None
