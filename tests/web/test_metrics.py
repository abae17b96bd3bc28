"""``/metrics/``: who may read it, and that Prometheus can."""

import pytest
from flask import Flask
from prometheus_client import openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse
from sqlalchemy.exc import OperationalError

from tests.conftest import Browser, Queries
from tests.web.conftest import BEARER, METRICS_TOKEN, PREFIX

pytestmark = pytest.mark.usefixtures("metrics")


def test_without_a_token_in_the_settings_there_is_no_such_page(
    app: Flask, anybody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "")

    for headers in ({}, BEARER, {"Authorization": "Bearer "}):
        assert "nothing here" in anybody.get("/metrics/", headers=headers, status=404).html.h1.text


WRONG = [
    None, "", "Bearer", "Bearer ", "Bearer ü", METRICS_TOKEN, f"Basic {METRICS_TOKEN}", f"Bearer {METRICS_TOKEN}x",
    f"Bearer {METRICS_TOKEN[:-1]}",
]  # fmt: skip


@pytest.mark.parametrize("header", WRONG)
def test_who_carries_no_token_or_a_wrong_one_gets_a_sentence_and_no_number(
    anybody: Browser, header: str | None
) -> None:
    answer = anybody.get("/metrics/", headers={} if header is None else {"Authorization": header}, status=401)

    assert answer.text == "The metrics need METRICS_TOKEN, in the header “Authorization: Bearer …”.\n"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_login_is_no_token_and_is_not_even_read(app: Flask, ada: Browser, queries: Queries) -> None:
    with queries:
        ada.get("/metrics/", status=401)

    assert queries == []


def test_it_sets_no_cookie_is_not_kept_and_can_only_be_read(anybody: Browser) -> None:
    answer = anybody.get("/metrics/", headers=BEARER, status=200)

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    anybody.post("/metrics/", headers=BEARER, status=405)


def test_prometheus_reads_it_and_each_number_says_what_it_is(anybody: Browser) -> None:
    answer = anybody.get("/metrics/", headers=BEARER, status=200)

    assert answer.content_type == "text/plain"
    for family in parse(answer.text):
        assert family.name.startswith(PREFIX)
        assert family.type == "gauge", family.name
        assert family.documentation.endswith("."), family.name


def test_who_asks_for_openmetrics_gets_it(anybody: Browser) -> None:
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}

    answer = anybody.get("/metrics/", headers=BEARER | accept, status=200)

    assert answer.content_type == openmetrics.exposition.CONTENT_TYPE_LATEST.partition(";")[0]
    assert PREFIX + "log_broken" in {each.name for each in parse_open(answer.text)}


def test_a_database_that_does_not_answer_is_a_failed_scrape_and_no_number(
    anybody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("dashboard.web.metrics.due.now", down)

    assert PREFIX not in anybody.get("/metrics/", headers=BEARER, status=503).text
