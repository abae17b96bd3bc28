"""Records as files: complete, in one order, safe to open, and never many of them in memory."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import events
from dashboard.data import records, transaction
from dashboard.events import Event
from dashboard.records import export
from dashboard.records.export import Form
from dashboard.records.kinds import KINDS
from dashboard.who import Who
from tests import factories
from tests.conftest import Browser, Queries, signed_in

AT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User()


def taken(owner: Any, form: Form, **asked: Any) -> str:
    """A file of a person's records, whole."""
    return "".join(export.pieces(form, by=Who(owner.id, owner.id), **asked))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def many(connection: Any, count: int) -> None:
    """So many heart rates, a minute apart."""
    with transaction():
        records.add(
            {"user_id": connection.user_id, "connection_id": connection.id, "type": connection.type,
             "kind": "heart_rate", "provider_id": str(number), "day": AT.toordinal() + number // 1440,
             "measured_at": AT + timedelta(minutes=number), "stored_at": AT, "value": 60.0 + number % 40}
            for number in range(count)
        )  # fmt: skip


def test_a_record_is_told_whole_in_both(ada: Any) -> None:
    scale = factories.Connection(user=ada)
    made = factories.Record(
        connection=scale, kind="sleep", provider_id="s-1", value=7.25, measured_at=AT, day=(AT.toordinal() + 1),
        ended_at=AT + timedelta(hours=7), details=json.dumps({"deep": 1.5}),
    )  # fmt: skip

    [document] = json.loads(taken(ada, Form.JSON))
    [row] = table(taken(ada, Form.CSV))

    assert document == {
        "id": made.id, "kind": "sleep", "day": "2026-11-24", "measured_at": "2026-11-23T23:30:00+00:00",
        "ended_at": "2026-11-24T06:30:00+00:00", "value": 7.25, "unit": "hours", "service": "withings",
        "connection_id": scale.id, "provider_id": "s-1", "stored_at": "2026-11-23T23:30:00+00:00",
        "details": {"deep": 1.5},
    }  # fmt: skip
    assert json.loads(row.pop("details")) == document.pop("details")
    assert row == {name: str(value) for name, value in document.items()}


def test_what_is_not_there_is_empty_and_whole_numbers_are_whole(ada: Any) -> None:
    factories.Record(connection=factories.Connection(user=ada), connection_id=None, kind="moon", value=8000.0)
    factories.Record(connection=factories.Connection(user=ada), kind="workout", value=None)

    first, second = table(taken(ada, Form.CSV))

    assert (first["value"], first["unit"], first["connection_id"], first["details"]) == ("8000", "", "", "")
    assert (second["value"], second["ended_at"]) == ("", "")
    assert [each["value"] for each in json.loads(taken(ada, Form.JSON))] == [8000, None]


def test_glucose_has_the_unit_that_pages_show(ada: Any) -> None:
    factories.Record(connection=factories.Connection(user=ada, type="dexcom"), kind="glucose", value=104)

    assert json.loads(taken(ada, Form.JSON))[0]["unit"] == "mg/dL"
    assert table(taken(ada, Form.CSV))[0]["unit"] == "mg/dL"


def test_nothing_is_an_empty_file_of_its_kind(ada: Any) -> None:
    assert json.loads(taken(ada, Form.JSON)) == []
    assert taken(ada, Form.CSV).count("\r\n") == 1


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_spreadsheet_takes_what_a_provider_sent_for_a_formula(ada: Any, evil: str) -> None:
    factories.Record(connection=factories.Connection(user=ada), provider_id=evil, value=-5)

    [row] = table(taken(ada, Form.CSV))

    assert row["provider_id"] == f"'{evil}"
    assert row["value"] == "-5"


@pytest.mark.parametrize("form", list(Form))
def test_more_than_one_query_brings_come_once_each_in_order(ada: Any, form: Form, queries: Queries) -> None:
    connection = factories.Connection(user=ada)
    many(connection, 2500)
    factories.Record(connection=connection, kind="weight", measured_at=AT)
    factories.Record(connection=connection, kind="body_fat", measured_at=AT, day=1)

    with queries:
        pieces = list(export.pieces(form, by=Who(ada.id, ada.id)))

    text = "".join(pieces)
    rows = table(text) if form is Form.CSV else json.loads(text)
    assert [each["kind"] for each in rows] == ["body_fat", *["heart_rate"] * 2500, "weight"]
    assert [int(each["provider_id"]) for each in rows[1:-1]] == list(range(2500))
    assert max(piece.count("\n") for piece in pieces) <= 1001
    assert sum("FROM records" in each for each in queries) == 4


def test_it_is_read_while_it_is_written(ada: Any, queries: Queries) -> None:
    many(factories.Connection(user=ada), 1500)

    with queries:
        pieces = export.pieces(Form.JSON, by=Who(ada.id, ada.id))
        assert not any("FROM records" in each for each in queries)
        next(pieces)

    assert sum("FROM records" in each for each in queries) == 1


def test_one_kind_or_one_connection_can_be_taken(ada: Any) -> None:
    scale, watch = factories.Connection(user=ada), factories.Connection(user=ada, type="garmin")
    for connection, kind in [(scale, "weight"), (watch, "weight"), (watch, "steps")]:
        factories.Record(connection=connection, kind=kind)

    weights = table(taken(ada, Form.CSV, kind=KINDS["weight"]))
    of_watch = table(taken(ada, Form.CSV, connection_id=watch.id))
    both = table(taken(ada, Form.CSV, kind=KINDS["steps"], connection_id=scale.id))

    assert sorted(each["service"] for each in weights) == ["garmin", "withings"]
    assert [each["kind"] for each in of_watch] == ["steps", "weight"]
    assert both == []


def test_nobody_elses_records_are_in_it(ada: Any) -> None:
    theirs = factories.Connection(user=factories.User())
    factories.Record(connection=theirs)

    assert json.loads(taken(ada, Form.JSON)) == []
    assert json.loads(taken(ada, Form.JSON, connection_id=theirs.id)) == []


def test_that_it_was_taken_is_in_the_persons_log(ada: Any) -> None:
    taken(ada, Form.CSV)
    taken(ada, Form.JSON, kind=KINDS["steps"])

    last, first = events.activity(ada.id, limit=9)[0]

    assert [each.event for each in (last, first)] == [Event.DATA_DOWNLOADED] * 2
    assert (first.details, last.details) == (
        {"form": "records.csv", "kind": ""}, {"form": "records.json", "kind": "steps"},
    )  # fmt: skip


def test_a_value_that_is_no_number_breaks_no_file(ada: Any) -> None:
    connection = factories.Connection(user=ada)
    for value in (float("inf"), float("nan")):  # SQLite stores the second one as NULL
        factories.Record(connection=connection, value=value)

    assert [each["value"] for each in json.loads(taken(ada, Form.JSON))] == [None, None]
    assert [each["value"] for each in table(taken(ada, Form.CSV))] == ["", ""]


@pytest.mark.parametrize(
    ("path", "type", "name"),
    [
        ("/records/records.csv", "text/csv", "records"), ("/records/records.json", "application/json", "records"),
        ("/records/weight.csv", "text/csv", "weight"), ("/records/heart_rate.json", "application/json", "heart_rate"),
    ],
)  # fmt: skip
def test_a_browser_saves_it_by_name_and_keeps_no_copy(app: Flask, path: str, type: str, name: str) -> None:
    browser: Browser = signed_in(app, factories.User())
    scale = factories.Connection(user=browser.user)
    for kind in ("weight", "heart_rate"):
        factories.Record(connection=scale, kind=kind)

    answer = browser.get(path)

    assert answer.content_type == type
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'filename="{name}-20' in answer.headers["Content-Disposition"]
    assert ("withings" in answer.text, "heart_rate" in answer.text) == (True, name != "weight")


def test_a_stranger_takes_nothing(anybody: Browser) -> None:
    for path in ("/records/", "/records/records.csv", "/records/weight.json"):
        assert anybody.get(path, status=303).location == f"/?next={path}"
