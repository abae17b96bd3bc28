"""Taking over very many connections: little memory, and still all or nothing."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashboard.connections.staging import Problem
from dashboard.connections.taking_over import BadRecords
from dashboard.data import cards
from dashboard.events import activity
from tests import factories
from tests.connections.original import item, take_over

MEGABYTE = 1024 * 1024


@pytest.fixture
def ada(app: Flask) -> Any:
    """Ada, who moves here from the original service."""
    return factories.User()


def many(folder: Path, count: int, last: dict[str, Any]) -> Path:
    """A file of so many connections and a last one."""
    path = folder / "many.json"
    with path.open("w") as file:
        file.write('{"_embedded": {"remoteconnection": [')
        file.writelines(json.dumps(item(str(each))) + ",\n" for each in range(1, count + 1))
        file.write(json.dumps(last) + "]}}")
    return path


def test_twenty_thousand_connections_need_little_memory(ada: Any, tmp_path: Path) -> None:
    with many(tmp_path, 20_000, item("20001")).open("rb") as file:
        tracemalloc.start()
        try:
            assert take_over(file, ada).imported == 20_001
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 8 * MEGABYTE


def test_a_bad_record_at_the_very_end_leaves_nothing_behind(ada: Any, tmp_path: Path) -> None:
    path = many(tmp_path, 20_000, item("20001", type="nobodys"))

    with path.open("rb") as file, pytest.raises(BadRecords) as refused:
        take_over(file, ada)

    assert refused.value.args[0] == "1 bad record; nothing was imported."
    assert refused.value.args[1] == [Problem(20_001, "unknown type 'nobodys'")]
    assert (cards.count(ada.id), activity(ada.id, limit=1)[1]) == (0, 0)


def test_a_taken_id_at_the_very_end_leaves_nothing_behind(ada: Any, tmp_path: Path) -> None:
    factories.Connection(user=factories.User(), id=20_001)

    with many(tmp_path, 20_000, item("20001")).open("rb") as file, pytest.raises(BadRecords):
        take_over(file, ada)

    assert (cards.count(ada.id), activity(ada.id, limit=1)[1]) == (0, 0)
