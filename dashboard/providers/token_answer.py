"""Read a token answer (RFC 6749 section 5.1) strictly: what is not as it should be is no grant, but for a refresh's."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Grant

LONGEST_TOKEN = 8192
LONGEST_SECONDS = 100 * 366 * 86_400
"""A hundred years. Polar's tokens last ten; what says more is no answer."""
log = logging.getLogger(__name__)
SEPARATORS = re.compile(r"[\s,]+")


def read(type: ConnectionType, document: Any, *, now: datetime, strictly: bool = True) -> Grant:
    """The grant in a token answer.

    :param strictly: False, of a refresh: the tokens are good whatever is odd beside them, for the old ones are spent.
    :raises Unavailable: ``odd_answer``, if a field is missing or of another kind.
    """
    if not isinstance(document, dict):
        raise _odd("no object")
    access_token = _token(document.get("access_token"))
    if access_token is None:
        raise _odd("no access_token")
    try:
        seconds = _lifetime(document)
    except Unavailable as odd:
        if strictly:
            raise
        log.warning("%s: %s", type.type, odd.seen)
        seconds = None
    if seconds is None and type.oauth:
        seconds = type.oauth.access_token_seconds
    return Grant(
        access_token,
        _token(document.get("refresh_token")),
        None if seconds is None else now + timedelta(seconds=seconds),
    )


def scopes(value: Any) -> tuple[str, ...]:
    """Permissions as providers list them: one text with blanks or commas, or an array.

    What can't be printed is the name of none, and left out.

    :raises Unavailable: ``odd_answer``, if it is neither.
    """
    if isinstance(value, str) and len(value) <= LONGEST_TOKEN:
        value = SEPARATORS.split(value)
    elif not isinstance(value, list) or not all(isinstance(each, str) and 0 < len(each) <= 200 for each in value):
        raise _odd("scope")
    return tuple(each for each in value if each and each.isprintable())


def _lifetime(document: Mapping[str, Any]) -> int | None:
    """For how many seconds the access token is good as a bearer token. None: it does not say.

    :raises Unavailable: ``odd_answer``, if nobody can read it, or it is no bearer token.
    """
    if str(document.get("token_type") or "bearer").lower() != "bearer":
        raise _odd("token_type")
    return _seconds(document.get("expires_in"))


def _token(value: Any) -> str | None:
    if value in (None, ""):
        return None
    if isinstance(value, str) and len(value) <= LONGEST_TOKEN and re.fullmatch(r"[!-~]+", value):
        return value
    raise _odd("a token that is none")


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_SECONDS:
        return int(value)
    raise _odd("expires_in")


def _odd(what: str) -> Unavailable:
    return Unavailable(f"token answer: {what}", code="odd_answer")
