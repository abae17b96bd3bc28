"""What a look through a person's eyes may touch: one table for all routes. What is not in it is closed."""

from enum import StrEnum


class Ground(StrEnum):
    """What a route is under a support access."""

    LOOK = "look"
    """A page of the person: shown to support, never changed."""
    ACT = "act"
    """Troubleshooting that support may do for the person."""
    OWN = "own"
    """The actor's own ground: never overlaid, open as ever."""
    NEUTRAL = "neutral"
    """About nobody: documentation, health, metrics, the way out."""
    CLOSED = "closed"
    """Closed to support: logins, tokens, sessions, account, connecting."""


POLICY = {
    "connections.index": Ground.LOOK,
    "connections.detail": Ground.LOOK,
    "connections.disconnect": Ground.ACT,
    "connections.sync": Ground.ACT,
    "connections.reconnect": Ground.CLOSED,
    "connect.index": Ground.LOOK,
    "connect.detail": Ground.LOOK,
    "connect.callback": Ground.CLOSED,
    "connect.waiting": Ground.CLOSED,
    "records.index": Ground.LOOK,
    "records.kind": Ground.LOOK,
    "records.day": Ground.LOOK,
    "records.download": Ground.CLOSED,
    "records.download_kind": Ground.CLOSED,
    "activity.index": Ground.LOOK,
    "login.index": Ground.NEUTRAL,
    "login.signed_out": Ground.NEUTRAL,
    "login.logout": Ground.NEUTRAL,
    "login.start": Ground.CLOSED,
    "login.callback": Ground.CLOSED,
    "account.deleted": Ground.NEUTRAL,
    "docs.index": Ground.NEUTRAL,
    "health.live": Ground.NEUTRAL,
    "health.ready": Ground.NEUTRAL,
    "metrics.index": Ground.NEUTRAL,
}
"""By endpoint. A test walks the map of routes: each is named here, or belongs to a family below."""

WAYS_OUT = frozenset({"support.end", "login.logout"})
"""What works from everywhere and needs no right: ending, and logging out."""

FAMILIES = {
    "support": Ground.OWN,
    "account": Ground.CLOSED,
    "mails": Ground.CLOSED,
    "api_openapi": Ground.NEUTRAL,
    "api_remote_connections": Ground.NEUTRAL,
    "api_remote_connection_types": Ground.NEUTRAL,
    "api_users": Ground.NEUTRAL,
    "backchannel_logout": Ground.NEUTRAL,
    "webhooks": Ground.NEUTRAL,
}
"""By blueprint, for what is alike throughout. No session reaches the API: cookies never authenticate it."""


def ground(endpoint: str | None) -> Ground:
    """What a route is under a support access. Unknown is closed; an address without a route is neutral."""
    if endpoint is None:
        return Ground.NEUTRAL
    return POLICY.get(endpoint) or FAMILIES.get(endpoint.partition(".")[0], Ground.CLOSED)
