"""The OpenID Provider: asking it to log a person in or out, and believing only what it can prove.

Authlib does discovery, PKCE (RFC 7636), state, nonce and the ID token's signature. It does not compare the discovered
issuer with ours, nor the callback's ``iss`` (RFC 9207), nor the ID token's audience: that is done here.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Request, current_app, session
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError

CLIENT = "oidc"
TIMEOUT_SECONDS = 8
CLOCK_LEEWAY_SECONDS = 120


class Trouble(StrEnum):
    """Why a login did not happen. Each has its own page that says what to do."""

    PROVIDER_DOWN = "provider-down"
    REFUSED = "refused"
    EXPIRED = "expired"
    COOKIES = "cookies"
    CLOCK = "clock"
    MAIL = "mail"
    NOT_ANEW = "not-anew"
    INVALID = "invalid"


class LoginFailed(Exception):
    """A login that did not happen. ``detail`` is for the log; it holds no token and no code."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble.value}: {detail}")
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Proof:
    """What the provider proved: the claims about the person, the ID token itself, and where they wanted to go."""

    claims: dict[str, Any]
    id_token: str
    next_path: str


def init_app(app: Flask) -> None:
    """Make the client of OIDC_ISSUER. Discovery waits for the first login, so we start while the provider is down."""
    oauth: Any = OAuth(app)
    oauth.register(
        CLIENT,
        server_metadata_url=app.config["OIDC_ISSUER"].rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": app.config["OIDC_SCOPES"],
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def client() -> Any:
    """Authlib's client of the current app."""
    return current_app.extensions["authlib.integrations.flask_client"].create_client(CLIENT)


def metadata() -> dict[str, Any]:
    """The provider's discovery document (OpenID Connect Discovery §4).

    :raises LoginFailed: it can't be had, or it speaks for another issuer (§4.3).
    """
    try:
        found: dict[str, Any] = client().load_server_metadata()
    except (requests.RequestException, ValueError) as error:
        raise LoginFailed(Trouble.PROVIDER_DOWN, f"discovery: {type(error).__name__}") from error
    if found.get("issuer") != current_app.config["OIDC_ISSUER"]:
        client().server_metadata.pop("_loaded_at", None)
        raise LoginFailed(Trouble.INVALID, f"discovery names the issuer {found.get('issuer')!r}")
    return found


def authorization_url(next_path: str, *, language: str, max_age: int | None = None) -> str:
    """Where to send the browser for a login; state, nonce and verifier are kept in the session.

    :param max_age: how many seconds ago the person may have proved who they are; longer ago, the provider asks anew
        (OIDC Core §3.1.2.1). None: as the provider likes.
    """
    metadata()
    asked = {} if max_age is None else {"max_age": max_age}
    made = client().create_authorization_url(callback_url(), ui_locales=language, **asked)
    proved_after = None if max_age is None else int(time.time()) - max_age
    client().save_authorize_data(redirect_uri=callback_url(), next_path=next_path, proved_after=proved_after, **made)
    return str(made["url"])


def callback_url() -> str:
    """The redirect URI to register at the provider."""
    return str(current_app.config["PUBLIC_URL"]) + "/login/callback/"


def prove(request: Request, *, cookie_sent: bool) -> Proof:
    """Turn the provider's answer into proof of a person.

    :raises LoginFailed: for every way it can go wrong.
    """
    found = metadata()
    _check_issuer_of_answer(request, found)
    kept = client().framework.get_state_data(session, request.args.get("state"))
    if kept is None:
        raise LoginFailed(Trouble.EXPIRED if cookie_sent else Trouble.COOKIES, "unknown state")
    token = _exchange(found)
    subject = token["userinfo"]["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise LoginFailed(Trouble.INVALID, "sub is no printable text of at most 255 letters (OIDC Core §2)")
    if "act" in token["userinfo"]:
        raise LoginFailed(Trouble.INVALID, "the provider impersonates (claim act, RFC 8693 §4.1)")
    _check_proved_after(token["userinfo"].get("auth_time"), kept.get("proved_after"))
    claims = _complete(dict(token["userinfo"]), token, found)
    return Proof(claims, token["id_token"], str(kept.get("next_path") or "/"))


def _check_issuer_of_answer(request: Request, found: dict[str, Any]) -> None:
    """RFC 9207 §2.4: the answer must come from the provider that was asked."""
    issuer = request.args.get("iss")
    if issuer is None and not found.get("authorization_response_iss_parameter_supported"):
        return
    if issuer != found["issuer"]:
        raise LoginFailed(Trouble.INVALID, "the answer's iss is missing or another one")


def _check_proved_after(auth_time: object, wanted: int | None) -> None:
    """Who was asked to be sent on only after a new proof must say when it was (OIDC Core §2, ``auth_time``)."""
    if wanted is None:
        return
    known = isinstance(auth_time, int | float) and not isinstance(auth_time, bool)
    if not known or auth_time < wanted - CLOCK_LEEWAY_SECONDS:  # type: ignore[operator]
        raise LoginFailed(Trouble.NOT_ANEW, "auth_time is missing or too old")


def _exchange(found: dict[str, Any]) -> dict[str, Any]:
    config = current_app.config
    wanted = {"iss": {"values": [found["issuer"]]}, "aud": {"values": [config["OIDC_CLIENT_ID"]]}}
    try:
        token: dict[str, Any] = client().authorize_access_token(claims_options=wanted, leeway=CLOCK_LEEWAY_SECONDS)
    except MismatchingStateError as error:
        raise LoginFailed(Trouble.EXPIRED, "unknown state") from error
    except OAuthError as error:
        raise LoginFailed(_trouble_of(error), f"the provider answered {error.error!r}") from error
    except requests.RequestException as error:
        raise LoginFailed(Trouble.PROVIDER_DOWN, f"token endpoint: {type(error).__name__}") from error
    except ExpiredTokenError as error:
        raise LoginFailed(Trouble.CLOCK, "ID token: expired") from error
    except InvalidClaimError as error:
        trouble = Trouble.CLOCK if error.claim in {"iat", "nbf"} else Trouble.INVALID
        raise LoginFailed(trouble, f"ID token: claim {error.claim}") from error
    except (JoseError, ValueError) as error:
        raise LoginFailed(Trouble.INVALID, f"ID token: {type(error).__name__}") from error
    if not token.get("userinfo"):
        raise LoginFailed(Trouble.INVALID, "no ID token in the answer")
    return token


def _trouble_of(error: OAuthError) -> Trouble:
    if error.error == "access_denied":
        return Trouble.REFUSED
    if error.error in {"invalid_grant", "login_required", "interaction_required"}:
        return Trouble.EXPIRED
    if error.error in {"temporarily_unavailable", "server_error"}:
        return Trouble.PROVIDER_DOWN
    return Trouble.INVALID


def _complete(claims: dict[str, Any], token: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Ask the UserInfo endpoint for what the ID token lacks (OIDC Core §5.4); believe it for the same sub only."""
    wanted = {"email", current_app.config["OIDC_ROLES_CLAIM"] or "email"}
    if not wanted <= claims.keys() and found.get("userinfo_endpoint"):
        try:
            more = dict(client().userinfo(token=token))
        except (requests.RequestException, OAuthError, ValueError) as error:
            raise LoginFailed(Trouble.PROVIDER_DOWN, f"userinfo: {type(error).__name__}") from error
        if more.get("sub") != claims["sub"]:
            raise LoginFailed(Trouble.INVALID, "userinfo is about another subject")
        claims = more | claims
    if not claims.get("email"):
        raise LoginFailed(Trouble.MAIL, "no mail among the claims")
    return claims


def logout_url(id_token: str | None) -> str | None:
    """Where to send the browser to end its login at the provider too. None: the provider offers none, or is down."""
    try:
        endpoint = metadata().get("end_session_endpoint")
    except LoginFailed:
        return None
    if not endpoint or urlsplit(endpoint).scheme not in {"http", "https"}:
        return None
    after = current_app.config["PUBLIC_URL"] + "/signed-out/"
    client_id = current_app.config["OIDC_CLIENT_ID"]
    made = client().create_logout_url(post_logout_redirect_uri=after, id_token_hint=id_token, client_id=client_id)
    return str(made["url"])
