"""Files as the original service wrote them, and taking them over."""

import io
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest

from dashboard.connections import taking_over
from dashboard.connections.staging import Problem, Staging
from dashboard.connections.taking_over import BadRecords, TakenOver
from dashboard.data import cards
from dashboard.who import Who


def item(remote_id: object = "555", **changed: object) -> dict[str, Any]:
    """A connection as the original service wrote it."""
    links = {"self": [{"href": f"/v7.1/remoteconnection/{remote_id}/", "id": str(remote_id)}]}
    times = {"created_datetime": "2014-04-20T03:12:00+00:00", "last_sync_time": "2014-05-04T17:31:06+00:00"}
    return {**times, "remote_id": remote_id, "_links": links, "type": "withings", **changed}


def collection(*items: object) -> dict[str, Any]:
    """A page of connections."""
    return {"_links": {"self": []}, "_embedded": {"remoteconnection": list(items)}, "total_count": len(items)}


def take_over(source: str | bytes | BinaryIO, owner: Any) -> TakenOver:
    """Read and store it all. :raises BadRecords: with the problems as its second argument."""
    if isinstance(source, str | bytes):
        source = io.BytesIO(source.encode() if isinstance(source, str) else source)
    with Staging() as staged:
        taking_over.read(source, into=staged, now=datetime.now(UTC), progress=lambda _: None)
        try:
            return taking_over.take_over(staged, by=Who(None, owner.id), progress=lambda _: None)
        except BadRecords as error:
            error.args = (*error.args, list(staged.problems()))
            raise


def problems(source: str | bytes, owner: Any) -> list[Problem]:
    """What is wrong with it; nothing of it is here then."""
    before = cards.count(owner.id)
    with pytest.raises(BadRecords) as refused:
        take_over(source, owner)
    assert cards.count(owner.id) == before
    return list(refused.value.args[1])
