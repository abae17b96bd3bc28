"""JWT access tokens of the OpenID Provider (RFC 9068): a second kind of bearer token beside our own."""

from flask import current_app

from dashboard.data import users
from dashboard.identity import issuer_keys
from dashboard.identity.api_tokens import SCOPES, Bearer
from dashboard.identity.issuer_keys import InvalidToken

TYPES = frozenset({"at+jwt"})


def bearer(token: str) -> Bearer:
    """Who is asking with this token, and what it may do: the scopes of ours that it names. One query.

    :raises InvalidToken: it is not from our issuer, not for us, out of date, or of a person who never came here.
    :raises ProviderDown: the issuer's keys can't be had.
    """
    issuer, audience = current_app.config["OIDC_ISSUER"], current_app.config["OIDC_API_AUDIENCE"]
    claims = issuer_keys.claims_of(
        token, types=TYPES, aud={"essential": True, "value": audience}, sub={"essential": True}
    )
    if "act" in claims:
        raise InvalidToken("A token in which one party acts for another (act) is not accepted here.")
    person = users.person_by_identity(issuer, claims["sub"])
    if person is None:
        raise InvalidToken("This person is not known here yet. They must sign in to the dashboard once.")
    scope = claims.get("scope")
    granted = scope.split() if isinstance(scope, str) else []
    scopes = frozenset(granted).intersection(SCOPES)
    return Bearer(person.id, scopes, f"person:{person.id}", person.language or person.claimed_language)
