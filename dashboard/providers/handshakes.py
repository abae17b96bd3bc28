"""How a provider makes sure that a webhook address is ours: each way under the name that type files give it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping

import orjson

from dashboard.providers.failures import NotGenuine
from dashboard.providers.grant import Answered, Client

JSON = "application/json"


def shaken(name: str, client: Client, *, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """The answer to a handshake. None: the call is none.

    Where the provider sends back a word that we chose, it is our ``webhook_secret``; without one set, any word is
    answered, since whoever knows the address can learn nothing from the echo.

    :raises NotGenuine: it is one with the wrong word.
    """
    way = _WAYS.get(name)
    return way(client, method, query, body) if way else None


def _hub(client: Client, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """Strava: echo ``hub.challenge``."""
    if method != "GET" or query.get("hub.mode") != "subscribe":
        return None
    _same_word(client, query.get("hub.verify_token", ""))
    return Answered(200, orjson.dumps({"hub.challenge": _challenge(query.get("hub.challenge", ""))}), JSON)


def _challenge_way(client: Client, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """Oura: echo ``challenge``."""
    if method != "GET":
        return None
    _same_word(client, query.get("verification_token", ""))
    return Answered(200, orjson.dumps({"challenge": _challenge(query.get("challenge", ""))}), JSON)


def _verify(client: Client, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """Fitbit: 204 to the right code, 404 to a wrong one, which it tries on purpose."""
    if method != "GET":
        return None
    return Answered(204 if client.webhook_secret and _same(client.webhook_secret, query.get("verify", "")) else 404)


def _head(client: Client, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """Withings: an answer to HEAD is enough."""
    return Answered(200) if method == "HEAD" else None


def _ping(client: Client, method: str, query: Mapping[str, str], body: bytes) -> Answered | None:
    """Polar: a POST of ``PING``, sent before anybody knows the secret that signs."""
    try:
        document = orjson.loads(body) if method == "POST" and len(body) < 1000 else None
    except ValueError:
        return None
    return Answered(200) if isinstance(document, dict) and document.get("event") == "PING" else None


_WAYS: dict[str, Callable[[Client, str, Mapping[str, str], bytes], Answered | None]] = {
    "hub": _hub,
    "challenge": _challenge_way,
    "verify": _verify,
    "head": _head,
    "ping": _ping,
}
NAMES = (*_WAYS, "verification")


def is_verification(document: object) -> bool:
    """Whether a call that is proved is Google's trial, which is sent once more without the proof."""
    return isinstance(document, dict) and document.get("type") == "verification"


def _challenge(value: str) -> str:
    if not re.fullmatch(r"[!-~]{1,500}", value):
        raise NotGenuine("no challenge to echo")
    return value


def _same_word(client: Client, word: str) -> None:
    if client.webhook_secret and not _same(client.webhook_secret, word):
        raise NotGenuine("the verification token is not ours")


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())
