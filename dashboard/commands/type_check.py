"""What is right and wrong with one connection type: what its file says, what is set for it, what to register there."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import current_app

from config_values import ROOT
from dashboard import providers
from dashboard.commands import notices
from dashboard.commands.findings import Finding, hint, ok, trouble
from dashboard.providers import Client, ConnectionType, subscribing
from dashboard.web import webhooks


def findings(type: ConnectionType, *, wanted: bool) -> Iterator[Finding]:
    """How a type is.

    :param wanted: the operator asked for this type by name, so that missing credentials are wrong.
    """
    client, missing = providers.agreements.client(type.type), list(_missing_facts(type))
    if type.retired(datetime.now(UTC).date()):
        yield _retired(type, client)
    elif client is None:
        yield _without_client(type, missing, wanted=wanted)
    else:
        yield from _with_client(type, client, missing)
    yield from _lost_tiles(type)


def _retired(type: ConnectionType, client: Client | None) -> Finding:
    instead = f"; {providers.get(type.successor).name} replaces it" if type.successor else ""
    unset = " Its credentials are of no use any more." if client else ""
    return hint(type.type, f"closed by its provider on {type.retired_on}{instead}.{unset}")


def _lost_tiles(type: ConnectionType) -> Iterator[Finding]:
    """Drawings that pages show and that are not there."""
    static = ROOT / "static"
    for tile in (type.tile, type.tile_light):
        if not (static / tile).is_file():
            yield hint(type.type, f"its drawing is missing: add static/{tile}, or pages show a broken picture.")


def _missing_facts(type: ConnectionType) -> Iterator[str]:
    """What must be known of a provider before anybody can be connected there, as the tables of its file are called."""
    if type.oauth is None:
        yield "[oauth]"
    elif type.oauth.token_endpoint_auth_method is None:
        yield "oauth.token_endpoint_auth_method"
    if type.account is None:
        yield "[account]"
    if not type.sources:
        yield "[[sources]]"


def _without_client(type: ConnectionType, missing: list[str], *, wanted: bool) -> Finding:
    names = f"{type.type.upper()}_CLIENT_ID and {type.type.upper()}_CLIENT_SECRET"
    if missing:
        words = f"cannot be connected: nothing confirmed is known for {', '.join(missing)} of its file."
        return (trouble if wanted else hint)(type.type, words)
    return (trouble if wanted else hint)(type.type, f"not available: set {names} to offer it.")


def _with_client(type: ConnectionType, client: Client, missing: list[str]) -> Iterator[Finding]:
    upper = type.type.upper()
    wrong = []
    if missing:
        wrong.append(f"its file lacks {', '.join(missing)}, so nobody can connect it; add that, or unset {upper}_*.")
    if _lacks_key(type, client):
        wrong.append(f"set {upper}_SUBSCRIPTION_KEY, which it wants on each data call.")
    if _cannot_refresh(type):
        wrong.append(f"its file must ask for the scope {type.refreshing.scope!r} always; without it grants end soon.")
    for words in wrong:
        yield trouble(type.type, words)
    if not wrong:
        yield ok(type.type, "available")
    if _needs_webhook_secret(type) and not client.webhook_secret:
        yield hint(type.type, f"its notices are not believed until {upper}_WEBHOOK_SECRET is set.")
    elif notices.lacks_secret(type, client):
        yield hint(type.type, f"set {upper}_WEBHOOK_SECRET to a long random text before you ask for its notices.")
    if type.revocation is None:
        yield hint(type.type, "it knows no call to revoke, so people are told to remove the app there themselves.")


def _lacks_key(type: ConnectionType, client: Client) -> bool:
    wants = any("{subscription_key}" in value for _, value in type.data_headers)
    return wants and not client.subscription_key


def _cannot_refresh(type: ConnectionType) -> bool:
    """Whether the permission that yields a refresh token may be left out."""
    return any(scope.name == type.refreshing.scope and scope.optional for scope in type.scopes)


def _needs_webhook_secret(type: ConnectionType) -> bool:
    way = type.webhook
    if way is None:
        return False
    signed = way.signature is not None and way.signature.key == "webhook_secret"
    return signed or way.token is not None or way.secret_header is not None


def addresses(type: ConnectionType, *, public_url: str) -> Iterator[Finding]:
    """What the operator registers at the provider."""
    if not type.connectable or type.retired(datetime.now(UTC).date()):
        return
    path = current_app.url_map.bind("localhost").build("connect.callback", {"type": type.type})
    yield ok("redirect URI", f"register {public_url}{path} there")
    if type.webhook is not None:
        yield from _webhook(type)
    if not public_url.startswith("https:"):
        yield hint("addresses", "most providers take https only; PUBLIC_URL is not.")
    if type.terms.url:
        yield hint("terms", f"read {type.terms.url} before you offer it.")


def _webhook(type: ConnectionType) -> Iterator[Finding]:
    client, address = providers.agreements.client(type.type), webhooks.address(type.type)
    if subscribing.by(type) is None:
        yield ok("webhook", f"register {address} there; keep it to yourself")
        return
    yield ok("webhook", f"{address}; keep it to yourself")
    if client is not None:
        yield from notices.standing(type)
