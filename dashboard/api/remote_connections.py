"""Remote Connection: a person's own connections, to list, to read and to end."""

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from dashboard.api import hal, paging
from dashboard.api.answer import answer, no_content
from dashboard.api.resource import caller, on
from dashboard.connections import reading, revocation
from dashboard.connections.document import COLLECTION
from dashboard.errors import NoSuchConnection
from dashboard.identity.api_tokens import READ, WRITE

bp = Blueprint("api_remote_connections", __name__)


@on(bp, "/remoteconnection", scope=READ)
def collection() -> ResponseReturnValue:
    """One page of the caller's connections, oldest first."""
    page, owner_id = paging.wanted_page(), g.bearer.user_id
    rows, total = reading.api_page(owner_id, limit=page.limit, offset=page.offset)
    items = [hal.remote_connection(row, owner_id=owner_id) for row in rows]
    documentation = current_app.config["DOCUMENTATION_URL"]
    return answer(
        hal.collection(COLLECTION, "remoteconnection", items, page=page, total=total, documentation=documentation)
    )


@on(bp, "/remoteconnection/<pk>", scope=READ)
def item(pk: str) -> ResponseReturnValue:
    """One of the caller's connections."""
    owner_id = g.bearer.user_id
    row = reading.api_item(_id(pk), owner_id=owner_id)
    documentation = current_app.config["DOCUMENTATION_URL"]
    return answer(hal.remote_connection(row, owner_id=owner_id, top_level=True, documentation=documentation))


@on(bp, "/remoteconnection/<pk>", method="DELETE", scope=WRITE)
def end(pk: str) -> ResponseReturnValue:
    """Revoke one of the caller's connections. What was imported stays, unless its provider's terms forbid it."""
    ended = revocation.disconnect(_id(pk), by=caller(), keep_records=True)
    if ended.already:
        raise NoSuchConnection(pk)
    return no_content()


def _id(pk: str) -> int:
    connection_id = paging.read_id(pk)
    if connection_id is None:
        raise NoSuchConnection(pk)
    return connection_id
