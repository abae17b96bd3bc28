"""What third parties are, one TOML file each in ``types/``, and how to talk to them. It knows no database."""

from typing import Any

from dashboard.providers.catalogue import all_types, by_id, find, get, search
from dashboard.providers.clients import Agreement, agreements
from dashboard.providers.connection_type import ConnectionType, OAuthEndpoints, Scope, Terms
from dashboard.providers.grant import Account, Client, Fact, Grant, Notice, Page
from dashboard.providers.loading import load
from dashboard.providers.table import InvalidType

__all__ = [
    "Account",
    "Agreement",
    "Client",
    "ConnectionType",
    "Fact",
    "Grant",
    "InvalidType",
    "Notice",
    "OAuthEndpoints",
    "Page",
    "Scope",
    "Terms",
    "agreements",
    "all_types",
    "by_id",
    "find",
    "get",
    "init_app",
    "load",
    "search",
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
