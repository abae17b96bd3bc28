"""What third parties are, one TOML file each in ``types/``, and how to talk to them. It knows no database."""

from typing import Any

from dashboard.providers.catalogue import all_types, by_id, find, get, search
from dashboard.providers.clients import Agreement, agreements
from dashboard.providers.connection_type import ConnectionType, OAuthEndpoints, Scope, Terms
from dashboard.providers.failures import (
    AccessExpired,
    ClientRefused,
    Failure,
    GrantRefused,
    Limited,
    NotGenuine,
    NotShared,
    Unavailable,
)
from dashboard.providers.grant import Account, Answered, Client, Fact, Grant, Notice, Page
from dashboard.providers.loading import load
from dashboard.providers.notices import read_notice
from dashboard.providers.table import InvalidType
from dashboard.providers.talking import (
    authorization_url,
    available,
    can_revoke,
    exchange,
    keep_days,
    may_ask,
    may_keep_records,
    page,
    refresh,
    removal_url,
    revoke,
    revokes_all,
    sources,
    uses_pkce,
)
from dashboard.providers.ways import RateLimit

__all__ = [
    "AccessExpired",
    "Account",
    "Agreement",
    "Answered",
    "Client",
    "ClientRefused",
    "ConnectionType",
    "Fact",
    "Failure",
    "Grant",
    "GrantRefused",
    "InvalidType",
    "Limited",
    "NotGenuine",
    "NotShared",
    "Notice",
    "OAuthEndpoints",
    "Page",
    "RateLimit",
    "Scope",
    "Terms",
    "Unavailable",
    "agreements",
    "all_types",
    "authorization_url",
    "available",
    "by_id",
    "can_revoke",
    "exchange",
    "find",
    "get",
    "init_app",
    "keep_days",
    "load",
    "may_ask",
    "may_keep_records",
    "page",
    "read_notice",
    "refresh",
    "removal_url",
    "revoke",
    "revokes_all",
    "search",
    "sources",
    "uses_pkce",
]


def init_app(app: Any) -> None:
    """Take the operator's agreements into use: credentials, and terms of their own."""
    by_type = {type: _agreement(values) for type, values in app.config["PROVIDERS"].items()}
    agreements.use(by_type, simulated=app.config["SIMULATED_PROVIDERS"])


def _agreement(values: dict[str, Any]) -> Agreement:
    client = None
    if "CLIENT_ID" in values:
        client = Client(
            values["CLIENT_ID"],
            values["CLIENT_SECRET"],
            webhook_secret=values.get("WEBHOOK_SECRET", ""),
            subscription_key=values.get("SUBSCRIPTION_KEY", ""),
        )
    return Agreement(client, keep_days=values.get("KEEP_DAYS"), may_keep_records=values.get("KEEP_RECORDS"))
