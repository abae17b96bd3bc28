"""What the API can do: every operation with its address, its words and its answers.

The OpenAPI document is built from it. The words are English message ids, which ``/docs/`` translates.
"""

from dataclasses import dataclass, field
from typing import Any

from dashboard.api.paging import MOST_64_BIT, MOST_ITEMS
from dashboard.identity.api_tokens import READ, WRITE


def N_(text: str) -> str:  # noqa: N802  Babel looks for this name
    """Mark a message id for Babel, which knows this name. It is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one address."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    scope: str | None
    """What the token must allow. None: no token is asked for."""
    parameters: tuple[str, ...] = ()
    schema: str | None = None
    """The document of a 200. None: there is no document; the answer is 204."""
    refusals: tuple[int, ...] = field(default=())
    """What may go wrong besides what always may."""


CONNECTION = "Remote Connection"
TYPE = "Remote Connection Type"
USER = "User"

PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {
        "name": "limit",
        "in": "query",
        "description": N_("How many items a page has."),
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": 20},
    },
    "offset": {
        "name": "offset",
        "in": "query",
        "description": N_("How many items come before the page."),
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST_64_BIT, "default": 0},
    },
    "pk": {
        "name": "pk",
        "in": "path",
        "required": True,
        "description": N_("The id of the item, as its self link gives it."),
        "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"},
        "example": "555",
    },
    "user_id": {
        "name": "user_id",
        "in": "path",
        "required": True,
        "description": N_("The token’s person: their id, or the word self."),
        "schema": {"type": "string", "pattern": "^([1-9][0-9]*|self)$"},
        "example": "self",
    },
}

REFUSALS: dict[int, tuple[str, str]] = {
    400: (N_("A parameter makes no sense; it is named."), "limit must be a whole number from 1 to 100."),
    401: (N_("The token is missing, unknown, revoked or expired."), "The token is unknown, revoked or expired."),
    403: (N_("The token does not allow this."), f"This needs a token with the scope {WRITE}."),
    404: (
        N_("It is missing, or someone else’s. The two are never told apart."),
        "remote_user_id 555 could not be found.",
    ),
    406: (
        N_("The Accept header allows neither application/json nor application/hal+json."),
        "This is available as application/json and application/hal+json; the Accept header allows neither.",
    ),
    413: (
        N_("The request has a large body; none is needed."),
        "The request body is too large. No request here needs one.",
    ),
    429: (
        N_("Too many requests; Retry-After says how many seconds to wait."),
        "Too many requests: wait as many seconds as the header Retry-After says.",
    ),
    500: (
        N_("It did not work, and it is our fault."),
        "This did not work, and it is our fault. Quote ABCD-EFGH when you report it.",
    ),
    503: (
        N_("The identity provider does not answer, so a JWT can’t be checked. Try again soon."),
        "The identity provider does not answer, so this token can't be checked now. Try again soon.",
    ),
}
ALWAYS = (406, 413, 429, 500)
WITH_TOKEN = (401, 403, 503)

OPERATIONS = (
    Operation(
        id="listRemoteConnections",
        method="get",
        path="/v7.1/remoteconnection/",
        tag=CONNECTION,
        summary=N_("List your connections"),
        description=N_("Your own connections, oldest first. What is someone else’s is never among them."),
        scope=READ,
        parameters=("limit", "offset"),
        schema="RemoteConnectionCollection",
        refusals=(400,),
    ),
    Operation(
        id="getRemoteConnection",
        method="get",
        path="/v7.1/remoteconnection/{pk}/",
        tag=CONNECTION,
        summary=N_("Read one connection"),
        description=N_("One connection: since when it is there, and when it last synced. No sync yet is null."),
        scope=READ,
        parameters=("pk",),
        schema="RemoteConnection",
        refusals=(404,),
    ),
    Operation(
        id="endRemoteConnection",
        method="delete",
        path="/v7.1/remoteconnection/{pk}/",
        tag=CONNECTION,
        summary=N_("End one connection"),
        description=N_(
            "From the answer on nothing here uses its access, and its provider is to be told. Records that were "
            "imported stay, unless the provider’s terms forbid it. A second time it is a 404."
        ),
        scope=WRITE,
        parameters=("pk",),
        refusals=(404,),
    ),
    Operation(
        id="listRemoteConnectionTypes",
        method="get",
        path="/v7.1/remoteconnectiontype/",
        tag=TYPE,
        summary=N_("List the types"),
        description=N_("Every service that a connection can be with, in the words that the pages show."),
        scope=READ,
        parameters=("limit", "offset"),
        schema="RemoteConnectionTypeCollection",
        refusals=(400,),
    ),
    Operation(
        id="getRemoteConnectionType",
        method="get",
        path="/v7.1/remoteconnectiontype/{pk}/",
        tag=TYPE,
        summary=N_("Read one type"),
        description=N_("One service. A connection names it by its type."),
        scope=READ,
        parameters=("pk",),
        schema="RemoteConnectionType",
        refusals=(404,),
    ),
    Operation(
        id="getUser",
        method="get",
        path="/v7.1/user/{user_id}/",
        tag=USER,
        summary=N_("Read yourself"),
        description=N_("The person whose token it is. Nobody else is shown."),
        scope=READ,
        parameters=("user_id",),
        schema="User",
        refusals=(404,),
    ),
)
