"""The shapes of the API's documents as JSON Schema (OpenAPI 3.1), and an example of each by the API's own code."""

from datetime import UTC, datetime
from typing import Any

import orjson

from dashboard import providers
from dashboard.api import hal
from dashboard.api.hal import FIRST_PAGE, Page
from dashboard.connections.document import COLLECTION, as_json
from dashboard.connections.reading import ApiRow
from dashboard.identity.people import PersonRow

Schema = dict[str, Any]
ID = {"type": "string", "pattern": "^[1-9][0-9]*$"}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$",
}


def _object(properties: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    """An object that has these keys and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _links(*names: str, optional: tuple[str, ...] = ()) -> Schema:
    """``_links``: under each name a list of one link."""
    return _object({name: {"type": "array", "minItems": 1, "items": _ref("Link")} for name in names}, optional=optional)


def _collection(name: str, item: str) -> Schema:
    links = _links("self", "documentation", "next", "prev", optional=("next", "prev"))
    items = {"type": "array", "items": _ref(item)}
    total = {"type": "integer", "minimum": 0}
    return _object({"_links": links, "_embedded": _object({name: items}), "total_count": total})


def _optional(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


_TEXT = {"type": "string"}
_WORDS = (
    "type", "name", "recorder_type_key", "intro_copy_heading", "intro_copy_body", "disconnect_copy",
    "disconnect_confirm", "disconnect_cancel", "oauth_connect_link", "logo_link", "logo_link_light",
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Link": _object({"href": {"type": "string", "format": "uri-reference"}, "id": ID}, optional=("id",)),
    "RemoteConnection": _object({
        "created_datetime": MOMENT,
        "last_sync_time": _optional(MOMENT),
        "remote_id": ID,
        "_links": _links("self", "documentation", "user", optional=("documentation",)),
        "type": _TEXT,
    }),
    "RemoteConnectionCollection": _collection("remoteconnection", "RemoteConnection"),
    "RemoteConnectionType": _object({
        **dict.fromkeys(_WORDS, _TEXT),
        "_links": _links("self", "documentation", optional=("documentation",)),
    }),
    "RemoteConnectionTypeCollection": _collection("remoteconnectiontypes", "RemoteConnectionType"),
    "User": _object({
        "id": ID,
        "username": _TEXT,
        "display_name": _TEXT,
        "email": _TEXT,
        "date_joined": MOMENT,
        "preferred_language": _optional(_TEXT),
        "time_zone": _optional(_TEXT),
        "_links": _links("self", "documentation", "remoteconnection"),
    }),
    "Errors": _object({
        "errors": {"type": "array", "minItems": 1, "items": _TEXT},
        "_links": _links("self", "documentation"),
    }),
}  # fmt: skip


_USER_ID = 42
_ROWS = (
    ApiRow(555, "withings", datetime(2014, 4, 20, 3, 12, tzinfo=UTC), datetime(2014, 5, 4, 17, 31, 6, tzinfo=UTC)),
    ApiRow(666, "jawboneup", datetime(2014, 4, 22, 22, 24, tzinfo=UTC), datetime(2014, 5, 7, 14, 41, 5, tzinfo=UTC)),
)
_PERSON = PersonRow(
    id=_USER_ID, issuer="", subject="", email="ada@example.org", name="Ada Brandt", username="ada",
    claimed_language="de", claimed_time_zone="Europe/Berlin", language=None, time_zone=None, theme=None,
    claimed_role=0, granted_role=0, created_at=_ROWS[0].created_at, last_login_at=None,
)  # fmt: skip


def examples(documentation: str, static: str) -> dict[str, Any]:
    """One example for each schema that is a whole document, as it is answered."""
    withings = providers.get("withings")
    listed = [hal.remote_connection(row, owner_id=_USER_ID) for row in _ROWS]
    types = [hal.connection_type(withings, say=str, static=static)]
    one, first = Page(limit=1, offset=0), FIRST_PAGE
    documents = {
        "RemoteConnection": hal.remote_connection(
            _ROWS[0], owner_id=_USER_ID, top_level=True, documentation=documentation
        ),
        "RemoteConnectionCollection": hal.collection(
            COLLECTION, "remoteconnection", listed, page=first, total=2, documentation=documentation
        ),
        "RemoteConnectionType": hal.connection_type(withings, say=str, static=static, documentation=documentation),
        "RemoteConnectionTypeCollection": hal.collection(
            hal.TYPES, "remoteconnectiontypes", types, page=one, total=15, documentation=documentation
        ),
        "User": hal.user(_PERSON, documentation=documentation),
    }
    return dict(orjson.loads(as_json(documents)))
