"""The OpenID Provider's public keys, and the JWTs that it signs for us besides the ID token.

Only asymmetric algorithms are believed: our client secret never becomes a key, and ``none`` never a signature
(RFC 8725 §3.1).
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from flask import Flask, current_app
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from dashboard.errors import Refused
from dashboard.identity import oidc

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
NAMES = ("sub", "sid")
"""Claims by which a person or a login is looked up, if a token has them."""
LEEWAY_SECONDS = 60
KEEP_SECONDS = 3600
"""After so long the keys are fetched anew, so that one that was withdrawn opens nothing any more."""
MISS_SECONDS = 60
"""An unknown key id makes us ask the provider at most so often, whoever sends it."""
FAILURE_SECONDS = 5
WAIT_SECONDS = 1
"""So long a token that can't be checked without it waits for a fetch that is under way."""
EXTENSION = "dashboard.issuer_keys"

log = logging.getLogger("dashboard.identity")
_registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


class InvalidToken(Refused):
    """A token that proves nothing here. The sentence says why, and quotes nothing of the token."""

    status = 401


class ProviderDown(Refused):
    """The provider's keys can't be had, so nothing can be said about a token that it signed."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The identity provider does not answer, so this token can't be checked now. Try again soon.")


class IssuerKeys:
    """The keys of one provider, fetched when first needed and kept in this process.

    :param fetch: asks the provider; :class:`ProviderDown` if it can't be had.
    :param clock: monotonic, in seconds.
    """

    def __init__(self, fetch: Callable[[], list[Key]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: list[Key] = []
        self._stale_at = self._next_try_at = float("-inf")
        self._failed = False
        self._lock = threading.Lock()

    def with_id(self, kid: str | None) -> KeySet:
        """The keys that a token may be signed with. Without a ``kid`` the provider must have one key only.

        :raises InvalidToken: the provider has no such key.
        :raises ProviderDown: it can't be asked, and the key is not known from before.
        """
        found = self._pick(kid)
        if not found or self._clock() >= self._stale_at:
            asked = self._refresh(wait_seconds=0 if found or self._failed else WAIT_SECONDS)
            found = self._pick(kid)
            if not found and (self._failed or not asked):
                raise ProviderDown
        if found:
            return KeySet(found)
        raise InvalidToken("The token is signed with a key that the identity provider does not have.")

    def _pick(self, kid: str | None) -> list[Key]:
        if kid is None:
            return self._keys if len(self._keys) == 1 else []
        return [key for key in self._keys if key.kid == kid]

    def _refresh(self, *, wait_seconds: float) -> bool:
        """Fetch the keys if it is time. False: another is at it, and was not done within the time.

        Who has a key already does not wait for another's fetch, and nobody does for long: a provider that hangs must
        not hold all our threads, which any stranger's token could make it do.
        """
        if not self._lock.acquire(timeout=wait_seconds):
            return False
        try:
            if self._clock() >= self._next_try_at:
                self._fetch_now()
        finally:
            self._lock.release()
        return True

    def _fetch_now(self) -> None:
        known_before = bool(self._keys)
        try:
            self._keys = self._fetch()
        except ProviderDown:
            self._failed, self._next_try_at = True, self._clock() + FAILURE_SECONDS
            return
        now = self._clock()
        self._failed, self._stale_at = False, now + KEEP_SECONDS
        self._next_try_at = now + MISS_SECONDS if known_before else now


def init_app(app: Flask) -> None:
    """Give the app its provider's keys. Nothing is fetched before the first token."""
    app.extensions[EXTENSION] = IssuerKeys(_fetch)


def claims_of(token: str, *, types: frozenset[str], **wanted: jwt.ClaimsOption) -> dict[str, Any]:
    """The claims of a JWT that the provider signed. ``iss``, ``iat`` and ``exp`` are checked always.

    :param types: what its header may give as ``typ``, lower case, without ``application/`` (RFC 8725 §3.11).
    :param wanted: further claims, as joserfc's claims registry takes them.
    :raises InvalidToken: with the reason.
    :raises ProviderDown: it can't be checked.
    """
    keys: IssuerKeys = current_app.extensions[EXTENSION]
    issuer = current_app.config["OIDC_ISSUER"]
    must: dict[str, jwt.ClaimsOption] = {
        "iss": {"essential": True, "value": issuer}, "iat": {"essential": True}, "exp": {"essential": True},
    }  # fmt: skip
    try:
        decoded = jwt.decode(token, lambda found: keys.with_id(found.headers().get("kid")), registry=_registry)
        JWTClaimsRegistry(None, LEEWAY_SECONDS, **must, **wanted).validate(decoded.claims)
    except ExpiredTokenError as error:
        raise InvalidToken("The token has expired.") from error
    except MissingClaimError as error:
        raise InvalidToken("The token lacks a claim that it must have.") from error
    except InvalidClaimError as error:
        raise InvalidToken(f"The token's claim {error.claim} is not what it must be here.") from error
    except (JoseError, ValueError) as error:
        raise InvalidToken("The token is malformed, or its signature does not fit.") from error
    if str(decoded.header.get("typ", "")).lower().removeprefix("application/") not in types:
        raise InvalidToken("The token is of another type (typ) than is asked for here.")
    for name in NAMES:
        given = decoded.claims.get(name)
        if given is not None and not (isinstance(given, str) and given.isprintable()):
            raise InvalidToken(f"The token's claim {name} is no printable text.")
    return decoded.claims


def _fetch() -> list[Key]:
    try:
        answer = requests.get(oidc.metadata()["jwks_uri"], timeout=oidc.TIMEOUT_SECONDS)
        answer.raise_for_status()
        return [key for key in map(_import, answer.json()["keys"]) if key is not None]
    except (oidc.LoginFailed, requests.RequestException, ValueError, TypeError, KeyError) as error:
        log.warning("the identity provider's keys can't be had: %s", error)
        raise ProviderDown from error


def _import(key: dict[str, Any]) -> Key | None:
    """A key for signatures. None: it is for something else, or of a kind that we can't use (RFC 7517 §5)."""
    if key.get("use", "sig") != "sig" or key.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(key)
    except (JoseError, ValueError):
        return None
