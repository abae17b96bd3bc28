"""Looking at the OpenID Provider as the doctor does: once, with short patience, and without a login."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from dashboard.errors import Refused

TIMEOUT_SECONDS = 5
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderTrouble(Refused):
    """The provider can't be used for logins as it answers now. The sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a provider says of itself (OpenID Connect Discovery §3)."""

    issuer: str
    pkce: bool | None
    """Whether it supports S256 (RFC 7636, named as in RFC 8414 §2). None: it does not say."""
    ends_sessions: bool
    """Whether a person can be signed out there too (RP-Initiated Logout §2.1)."""
    missing_scopes: tuple[str, ...]
    """What is asked of it that it does not list among its scopes."""
    clock_seconds: float | None
    """How far its clock is ahead of ours, exact to a second or two. None: it told no time."""


def discover(issuer: str, *, scopes: str) -> Discovered:
    """Ask a provider for its discovery document and its keys.

    :raises ProviderTrouble: it does not answer, not as this issuer, or lacks what a login needs.
    """
    response = _get(issuer.rstrip("/") + WELL_KNOWN)
    now = datetime.now(UTC)
    document = _object(response)
    _check(document, issuer)
    if not _object(_get(document["jwks_uri"])).get("keys"):
        raise ProviderTrouble(f"{document['jwks_uri']} holds no key, so no ID token can be proved; ask its operator.")
    methods, known = document.get("code_challenge_methods_supported"), document.get("scopes_supported")
    listed = known if isinstance(known, list) else scopes.split()
    return Discovered(
        issuer=issuer,
        pkce="S256" in methods if isinstance(methods, list) else None,
        ends_sessions=bool(document.get("end_session_endpoint")),
        missing_scopes=tuple(scope for scope in scopes.split() if scope not in listed),
        clock_seconds=_ahead(response.headers.get("Date"), now),
    )


def _get(url: str) -> requests.Response:
    try:
        response = requests.get(url, timeout=TIMEOUT_SECONDS, headers={"Accept": "application/json"})
    except requests.exceptions.SSLError:
        raise ProviderTrouble(f"{url} has no certificate that is trusted here; check it and the clock.") from None
    except requests.Timeout:
        raise ProviderTrouble(
            f"{url} does not answer within {TIMEOUT_SECONDS} seconds; is it reachable from here?"
        ) from None
    except (requests.RequestException, ValueError):
        raise ProviderTrouble(f"{url} can't be reached; does the provider run, and is OIDC_ISSUER right?") from None
    if response.status_code != 200:
        raise ProviderTrouble(f"{url} answers with status {response.status_code}; check OIDC_ISSUER.")
    return response


def _object(response: requests.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProviderTrouble(f"{response.url} answers with something that is no JSON object; check OIDC_ISSUER.")
    return document


def _check(document: dict[str, Any], issuer: str) -> None:
    if document.get("issuer") != issuer:
        raise ProviderTrouble(f"it calls itself {document.get('issuer')!r}; set OIDC_ISSUER to exactly that.")
    missing = [name for name in NEEDED if not isinstance(document.get(name), str)]
    if missing:
        raise ProviderTrouble(f"its discovery document lacks {', '.join(missing)}; ask its operator.")
    flows = document.get("response_types_supported")
    if isinstance(flows, list) and "code" not in flows:
        raise ProviderTrouble("it does not offer the authorization code flow (response type code); turn it on there.")


def _ahead(date: str | None, now: datetime) -> float | None:
    try:
        return (parsedate_to_datetime(date or "") - now).total_seconds()
    except (TypeError, ValueError):
        return None
