"""What ``/metrics/`` costs in steps, which SQLite counts: the same for ten times as many rows."""

from collections.abc import Callable

import pytest
from flask import Flask

from dashboard.data import db
from dashboard.web import metrics
from tests.web.crowd import crowd


@pytest.fixture
def steps(app: Flask) -> Callable[[], int]:
    """``steps()`` reads all numbers; how many steps SQLite took for them."""

    def count() -> int:
        counted = [0]

        def tick() -> None:
            counted[0] += 1

        driver = db.session.connection().connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(tick, 1)
        list(metrics.Scrape().collect())
        driver.set_progress_handler(None, 0)
        return counted[0]

    return count


def test_ten_times_as_many_rows_take_no_more_work(steps: Callable[[], int]) -> None:
    crowd(range(1, 301))
    few = steps()
    crowd(range(301, 3001))

    assert few > 100
    assert steps() <= few * 1.2
