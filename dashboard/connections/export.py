"""Writing a person's connections out as the API writes them, all pages in one document."""

from collections.abc import Iterator

import orjson

from dashboard.connections.document import COLLECTION, as_json, item
from dashboard.data import cards

PAGE_SIZE = 1000


def collection(owner_id: int, *, documentation: str) -> Iterator[bytes]:
    """The collection in pieces of at most a thousand connections, in the API's order; an import reads it back.

    Each page is a query of its own: what is made or cut meanwhile may be in it or not, but nothing stands twice.
    """
    links = {"self": [{"href": f"{COLLECTION}?limit=20&offset=0"}], "documentation": [{"href": documentation}]}
    yield b'{"_links":' + orjson.dumps(links) + b',"_embedded":{"remoteconnection":['
    count, last = 0, None
    while rows := cards.api_rows_after(owner_id, last, limit=PAGE_SIZE):
        items = b",".join(as_json(item(row, owner_id=owner_id)) for row in rows)
        yield b"," + items if count else items
        count, last = count + len(rows), rows[-1]
    yield b']},"total_count":' + str(count).encode() + b"}\n"


def count(owner_id: int) -> int:
    """How many connections there are to write."""
    return cards.count(owner_id)
