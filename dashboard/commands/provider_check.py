"""The doctor on the identity provider and the clock."""

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.commands.findings import Finding, hint, ok, trouble
from dashboard.identity.discovery import Discovered, ProviderTrouble, discover
from dashboard.identity.oidc import callback_url

CLOCK_SECONDS = 60


def provider(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether people can log in, as far as it shows without a login."""
    issuer = config["OIDC_ISSUER"]
    try:
        found = discover(issuer, scopes=config["OIDC_SCOPES"])
    except ProviderTrouble as error:
        yield trouble("identity provider", str(error))
        return
    yield ok("identity provider", f"{issuer} answers; the redirect URI to register there is {callback_url()}")
    yield _pkce(found)
    if found.missing_scopes:
        yield hint("scopes", f"the provider does not list {', '.join(found.missing_scopes)} of OIDC_SCOPES.")
    if found.ends_sessions:
        yield ok("logout", "signing out here signs out at the provider too")
    else:
        yield hint("logout", "the provider offers no logout, so signing out here leaves people signed in there.")
    yield _clock(found)


def _pkce(found: Discovered) -> Finding:
    if found.pkce is None:
        return ok("PKCE", "the provider does not say whether it supports S256; it is sent in any case")
    if found.pkce:
        return ok("PKCE", "S256 is supported")
    return trouble("PKCE", "the provider supports PKCE, but not S256, which this app sends; turn S256 on there.")


def _clock(found: Discovered) -> Finding:
    ahead = found.clock_seconds
    if ahead is None:
        return hint("clock", "the provider told no time to compare with; keep the clock right by NTP.")
    if abs(ahead) > CLOCK_SECONDS:
        way = "behind" if ahead > 0 else "ahead of"
        return trouble("clock", f"{abs(ahead):.0f} seconds {way} the provider's; set it by NTP, or logins fail.")
    return ok("clock", "agrees with the provider's")
