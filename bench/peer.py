"""The peer: a bare WSGI app with one psycopg query that formats a page of the same size. No login, no states, no words.

``BENCH_DSN`` names the database, ``BENCH_USER`` whose connections, ``BENCH_SIZE`` the bytes of a page.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

QUERY = (
    "SELECT id, type, account, created_at, last_sync_at FROM connections"
    " WHERE user_id = %s ORDER BY created_at, id LIMIT {}"
)
CARD = "<li class=card><h2><a href=/connections/{}/>{}</a></h2><p>{}</p><p>since {}</p><p>synced {}</p>{}</li>"
_local = threading.local()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The cards at ``/connections/``, the API's list anywhere else."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    page = environ["PATH_INFO"].startswith("/connections")
    rows = _local.connection.execute(QUERY.format(24 if page else 20), [int(os.environ["BENCH_USER"])]).fetchall()
    body = _page(rows) if page else _list(rows)
    kind = "text/html; charset=utf-8" if page else "application/json"
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _page(rows: list[Any]) -> bytes:
    padding = "x" * (int(os.environ["BENCH_SIZE"]) // max(1, len(rows)) - len(CARD) - 60)
    return "".join(CARD.format(*row[:3], row[3].isoformat(), row[4].isoformat(), padding) for row in rows).encode()


def _list(rows: list[Any]) -> bytes:
    items = [{"remote_id": str(row[0]), "type": row[1], "created_datetime": row[3].isoformat(),
              "last_sync_time": row[4].isoformat(), "_links": {"self": [{"href": f"/v7.1/remoteconnection/{row[0]}/"}]}}
             for row in rows]  # fmt: skip
    return json.dumps({"_embedded": {"remoteconnection": items}}).encode()
