"""The metrics as the operator's monitoring reads them."""

from collections.abc import Callable

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.conftest import Browser

METRICS_TOKEN = "a-token-of-the-monitoring"
BEARER = {"Authorization": f"Bearer {METRICS_TOKEN}"}
PREFIX = "remote_connections_"
Numbers = dict[tuple[str, ...], float]
"""By name without prefix, and the labels in the order of their names: ``numbers["work_due", "sync"]``."""


@pytest.fixture
def metrics(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting that opens them."""
    monkeypatch.setitem(app.config, "METRICS_TOKEN", METRICS_TOKEN)


@pytest.fixture
def scrape(metrics: None, anybody: Browser) -> Callable[[], Numbers]:
    """``scrape()`` reads all numbers."""

    def numbers() -> Numbers:
        families = list(parse(anybody.get("/metrics/", headers=BEARER, status=200).text))
        assert len({each.name for each in families}) == len(families)
        return {
            (sample.name.removeprefix(PREFIX), *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    return numbers
