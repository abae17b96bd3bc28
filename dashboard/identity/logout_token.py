"""Logout tokens: how the OpenID Provider says that a login is over (OpenID Connect Back-Channel Logout 1.0)."""

from dataclasses import dataclass

from flask import current_app

from dashboard.identity import issuer_keys
from dashboard.identity.issuer_keys import InvalidToken

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = frozenset({"logout+jwt", "jwt", ""})
"""The standard recommends the first (§2.4); older providers send one of the others."""


@dataclass(frozen=True, slots=True)
class Logout:
    """Whose logins are over: one session of the provider, or all of a subject. One of the two is there."""

    subject: str | None
    sid: str | None


def read(token: str) -> Logout:
    """What a logout token says, checked as §2.6 asks. Seen twice it does no harm, so no ``jti`` is kept.

    :raises InvalidToken: it proves no logout.
    :raises ProviderDown: the issuer's keys can't be had.
    """
    client_id = current_app.config["OIDC_CLIENT_ID"]
    claims = issuer_keys.claims_of(token, types=TYPES, aud={"essential": True, "value": client_id})
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise InvalidToken("The token tells of no logout: its events claim is missing or another one.")
    if "nonce" in claims:
        raise InvalidToken("A logout token has no nonce.")
    subject, sid = claims.get("sub"), claims.get("sid")
    if subject is None and sid is None:
        raise InvalidToken("The token must name a subject (sub) or a session (sid).")
    return Logout(subject, sid)
