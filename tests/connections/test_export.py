"""Writing connections out: the API's own document, which an import reads back."""

import json
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import export
from dashboard.data import db, transaction
from dashboard.data.connections import Connection
from tests import factories
from tests.connections.original import collection, item, take_over


@pytest.fixture
def ada(app: Flask) -> Any:
    """Ada, who moves here from the original service."""
    return factories.User()


def test_an_export_is_read_back_as_it_was(ada: Any) -> None:
    ids = [str(each) for each in range(1, 2502)]
    days = (f"20{10 + each % 9}-03-{1 + each % 28:02}T01:02:03+00:00" for each in range(2501))
    take_over(json.dumps(collection(*(item(id, created_datetime=day) for id, day in zip(ids, days, strict=True)))), ada)
    written = b"".join(export.collection(ada.id, documentation="/docs/"))
    told = json.loads(written)

    assert told["total_count"] == 2501
    order = [(each["created_datetime"], int(each["remote_id"])) for each in told["_embedded"]["remoteconnection"]]
    assert order == sorted(order)
    assert len(set(order)) == 2501
    with transaction():
        db.session.execute(db.delete(Connection))
    assert take_over(written, ada).imported == 2501
    assert b"".join(export.collection(ada.id, documentation="/docs/")) == written


def test_an_export_of_nothing_is_a_collection_too(ada: Any) -> None:
    written = b"".join(export.collection(ada.id, documentation="/docs/"))

    assert json.loads(written)["_embedded"] == {"remoteconnection": []}
    assert take_over(written, ada).imported == 0
