"""A connection as a Remote Connection of the API: one shape for what the API answers and what an export holds."""

from datetime import UTC, datetime
from typing import Any

import orjson

from dashboard.data.cards import ApiRow

ROOT = "/v7.1"
COLLECTION = f"{ROOT}/remoteconnection/"


def item(row: ApiRow, *, owner_id: int, top_level: bool = False, documentation: str | None = None) -> dict[str, Any]:
    """One Remote Connection, its keys in the API's order, its moments for :func:`as_json`.

    :param top_level: it is the whole document, not one of an ``_embedded`` list; only then it links its documentation.
    :param documentation: where the API's documentation is. Needed for a top-level item.
    """
    remote_id = str(row.id)
    links: dict[str, list[dict[str, str]]] = {"self": [{"href": f"{COLLECTION}{remote_id}/", "id": remote_id}]}
    if top_level:
        assert documentation is not None
        links["documentation"] = [{"href": documentation}]
    links["user"] = [{"href": f"{ROOT}/user/{owner_id}/", "id": str(owner_id)}]
    return {
        "created_datetime": row.created_at,
        "last_sync_time": row.last_sync_at,
        "remote_id": remote_id,
        "_links": links,
        "type": row.type,
    }


def as_json(document: Any) -> bytes:
    """A document as the API writes it, its moments, which are UTC, like :func:`moment`.

    To format them one by one in Python took longer than all the rest of a document (measured for 20 items).
    """
    return orjson.dumps(document, option=orjson.OPT_OMIT_MICROSECONDS)


def moment(at: datetime | None) -> str | None:
    """A moment as the API writes it: UTC, whole seconds, ``2014-04-20T03:12:00+00:00``. None: there is none yet."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
