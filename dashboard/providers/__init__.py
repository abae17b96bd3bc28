"""What third parties are. One TOML file each in ``types/``; no database, no request."""

from dashboard.providers.catalogue import all_types, by_id, find, get, search
from dashboard.providers.connection_type import ConnectionType, OAuthEndpoints, Scope, Terms
from dashboard.providers.loading import load
from dashboard.providers.table import InvalidType

__all__ = [
    "ConnectionType",
    "InvalidType",
    "OAuthEndpoints",
    "Scope",
    "Terms",
    "all_types",
    "by_id",
    "find",
    "get",
    "load",
    "search",
]
