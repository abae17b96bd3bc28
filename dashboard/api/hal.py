"""Documents of the API (HAL). Pure functions: rows and words in, dictionaries out, their keys in the contract's order.

Every value of ``_links`` is a list, also for one link, and every href is a relative reference.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from dashboard.connections import document
from dashboard.connections.document import COLLECTION, ROOT, moment
from dashboard.identity.people import PersonRow
from dashboard.providers import ConnectionType

TYPES = f"{ROOT}/remoteconnectiontype/"
USERS = f"{ROOT}/user/"
Links = dict[str, list[dict[str, str]]]


class Page(NamedTuple):
    """A part of a collection."""

    limit: int
    offset: int


FIRST_PAGE = Page(limit=20, offset=0)


def collection(
    path: str, name: str, items: Sequence[dict[str, Any]], *, page: Page, total: int, documentation: str
) -> dict[str, Any]:
    """One page of a collection.

    :param name: under which the items are embedded.
    :param total: how many there are on all pages.
    """
    return {
        "_links": page_links(path, page, total, documentation),
        "_embedded": {name: items},
        "total_count": total,
    }


def page_links(path: str, page: Page, total: int, documentation: str) -> Links:
    """The links of a page. ``next`` and ``prev`` are there only where that page has something on it."""
    links = {"self": [{"href": page_href(path, page)}], "documentation": [{"href": documentation}]}
    if page.offset + page.limit < total:
        links["next"] = [{"href": page_href(path, page._replace(offset=page.offset + page.limit))}]
    if page.offset and total:
        before = max(0, min(page.offset, total) - page.limit)
        links["prev"] = [{"href": page_href(path, page._replace(offset=before))}]
    return links


def page_href(path: str, page: Page) -> str:
    """The address of a page, always with both numbers."""
    return f"{path}?limit={page.limit}&offset={page.offset}"


def connection_type(
    found: ConnectionType, *, say: Callable[[str], str], static: str, documentation: str | None = None
) -> dict[str, Any]:
    """One Remote Connection Type in its own words.

    :param say: puts the words into the caller's language.
    :param static: where static files are served.
    :param documentation: given for a top-level document only.
    """
    links: Links = {"self": [{"href": f"{TYPES}{found.id}/", "id": str(found.id)}]}
    if documentation is not None:
        links["documentation"] = [{"href": documentation}]
    return {
        "type": found.type,
        "name": found.name,
        "recorder_type_key": found.recorder_type_key,
        "intro_copy_heading": say(found.intro_copy_heading),
        "intro_copy_body": say(found.intro_copy_body),
        "disconnect_copy": say(found.disconnect_copy),
        "disconnect_confirm": say(found.disconnect_confirm),
        "disconnect_cancel": say(found.disconnect_cancel),
        "oauth_connect_link": f"/connect/{found.type}/",
        "logo_link": static + found.tile,
        "logo_link_light": static + found.tile_light,
        "_links": links,
    }


def user(person: PersonRow, *, documentation: str) -> dict[str, Any]:
    """One User."""
    user_id = str(person.id)
    return {
        "id": user_id,
        "username": person.username,
        "display_name": person.name,
        "email": person.email,
        "date_joined": moment(person.created_at),
        "preferred_language": person.language or person.claimed_language,
        "time_zone": person.time_zone or person.claimed_time_zone,
        "_links": {
            "self": [{"href": f"{USERS}{user_id}/", "id": user_id}],
            "documentation": [{"href": documentation}],
            "remoteconnection": [{"href": COLLECTION}],
        },
    }


def errors(sentences: Iterable[str], *, self_href: str, documentation: str) -> dict[str, Any]:
    """What went wrong, a sentence each."""
    links = {"self": [{"href": self_href}], "documentation": [{"href": documentation}]}
    return {"errors": list(sentences), "_links": links}


remote_connection = document.item
"""One Remote Connection, as an export holds it too."""
