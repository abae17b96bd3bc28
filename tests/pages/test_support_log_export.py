"""The log as files: the whole of what the filter finds, streamed, safe for a spreadsheet, and itself on the record."""

import csv
import io
import json
from contextvars import Context
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from dashboard.events import Event
from tests.conftest import Browser, Queries
from tests.pages.test_support_log import PATH, emil, happen, looked
from tests.support.looking import change, happened

__all__ = ["emil"]


def exported(browser: Browser, form: str, **filters: Any) -> Any:
    return browser.get(f"{PATH}export/{form}/", filters)


def csv_rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text)))


def test_55_reading_and_exporting_are_events_too_once_each(emil: Browser) -> None:
    emil.get(PATH, {"staff": "system"})
    exported(emil, "csv", action="login.started")
    exported(emil, "jsonl")

    [reading] = happened(Event.LOG_READ)
    assert '"staff":"system"' in reading.text
    assert reading.sub == reading.act
    first, second = happened(Event.LOG_EXPORTED)
    assert '"action":"login.started"' in first.text
    assert '"form":"jsonl"' in second.text


def test_an_export_has_the_same_filter_and_all_pages(emil: Browser, ada: Browser, ben: Browser) -> None:
    happen(ben.user, Event.LOGIN_STARTED)
    happen(ada.user, Event.LOGIN_STARTED, count=120)
    page = emil.get(PATH, {"person": "ada brandt", "action": "login.started"})

    as_csv = csv_rows(page.click("Export as CSV"))
    as_json = [json.loads(line) for line in page.click("Export as JSON lines").text.splitlines()]

    assert len(as_csv) == len(as_json) == 120
    assert {row["sub_name"] for row in as_csv} == {"Ada Brandt"}
    assert [row["seq"] for row in as_csv] == [str(each["seq"]) for each in as_json]


def test_an_export_of_all_ends_with_itself(emil: Browser, ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED)

    assert csv_rows(exported(emil, "csv"))[-1]["action"] == "log.exported"


def test_an_export_is_a_named_file_that_nobody_keeps(emil: Browser) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for form, kind in (("csv", "text/csv"), ("jsonl", "application/jsonl")):
        answer = exported(emil, form)
        assert answer.content_type.partition(";")[0] == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="log-{today}.{form}"'
        assert answer.headers["Cache-Control"] == "no-store"
    emil.get(f"{PATH}export/xlsx/", status=404)


def test_53_no_cell_is_a_formula(emil: Browser, dora: Browser, ada: Browser) -> None:
    change(ada.user, name="=HYPERLINK(1)")
    change(dora.user, name="@SUM(1)")
    looked(dora.user, ada.user, reason='=cmd|" /C calc"!A0 \r\n-1')

    answer = exported(emil, "csv", action="access.started")

    [row] = csv_rows(answer)
    assert (row["sub_name"], row["act_name"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


def test_52_an_event_is_one_line_of_json_whatever_was_typed(emil: Browser, dora: Browser, ada: Browser) -> None:
    looked(dora.user, ada.user, reason="first\r\nsecond\x1b[31m \u2028third")

    [line] = exported(emil, "jsonl", action="access.started").text.splitlines()

    assert json.loads(line)["details"]["reason"] == "first\r\nsecond\x1b[31m \u2028third"


def test_an_export_is_written_while_it_is_read(app: Flask, emil: Browser, ada: Browser, queries: Queries) -> None:
    happen(ada.user, Event.LOGIN_STARTED, count=2000)
    environ = create_environ(f"{PATH}export/csv/", "http://localhost", query_string={"person": ada.user.id})
    environ["HTTP_COOKIE"] = f"session={emil.cookies['session']}"

    def batches() -> int:
        return sum("LIMIT" in statement and "events.payload" in statement for statement in queries)

    request = Context()
    with queries:
        pieces, status, headers = request.run(run_wsgi_app, app, environ)
        first, begun = request.run(next, iter(pieces)), batches()
        rest = request.run(list, pieces)

    assert (status, headers.get("Content-Length")) == ("200 OK", None)
    assert first.startswith(b'"seq"')
    assert (begun, batches()) == (1, 5)
    assert b"".join([first, *rest]).count(b"\r\n") == 2001


def test_an_export_leaves_a_checkpoint_and_goes_on_if_the_outside_does_not_take_it(
    app: Flask, emil: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "AUDIT_WEBHOOK", "https://audit.example/secret")

    def unreachable(*_: object, **__: object) -> None:
        raise requests.ConnectionError("no route to https://audit.example/secret")

    monkeypatch.setattr(requests, "post", unreachable)
    with caplog.at_level("INFO"):
        assert csv_rows(exported(emil, "csv"))

    assert '"type":"audit.checkpoint"' in caplog.text
    assert "goes on without its checkpoint" in caplog.text
    assert "secret" not in caplog.text
