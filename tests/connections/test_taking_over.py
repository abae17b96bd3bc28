"""Taking over connections: what a file may say, on which line it is wrong, and that it is all or nothing."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import reading, revocation
from dashboard.connections.checking import LARGEST_ID
from dashboard.connections.incoming import Incoming
from dashboard.connections.staging import Problem
from dashboard.connections.taking_over import IdsTaken, TakenOver
from dashboard.data import cards, db, takeover, transaction
from dashboard.data.connections import Connection
from dashboard.events import Event, activity
from dashboard.who import Who
from tests import factories
from tests.connections.original import collection, item, problems, take_over


@pytest.fixture
def ada(app: Flask) -> Any:
    """Ada, who moves here from the original service."""
    return factories.User()


def test_a_connection_keeps_its_id_type_and_times_and_asks_to_reconnect(ada: Any) -> None:
    assert take_over(json.dumps(item("70488025")), ada) == TakenOver(1, already_here=0, ended_here=0)

    card = reading.card(70488025, owner_id=ada.id)
    assert (card.type.type, card.state) == ("withings", reading.State.RECONNECT)
    assert card.row.created_at == datetime(2014, 4, 20, 3, 12, tzinfo=UTC)
    assert card.row.last_sync_at == datetime(2014, 5, 4, 17, 31, 6, tzinfo=UTC)
    assert (card.row.failure_code, card.row.next_sync_at) == ("not_imported", None)
    with transaction():
        row = db.session.get_one(Connection, 70488025)
        assert (row.access_token, row.overdue_at, row.quiet_at, row.failure_count) == (None, None, None, 0)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(collection(item("1"), item("2"), item("3"))),
        json.dumps(collection(item("1"), item("2"), item("3")), indent=4),
        "\n".join(json.dumps(item(each)) for each in "123"),
        json.dumps(collection(item("1"))) + json.dumps(collection()) + json.dumps(collection(item("2"), item("3"))),
        "\ufeff" + json.dumps(collection(item("1"), item("2"), item("3")), indent="\t").replace("\n", "\r\n"),
    ],
    ids=["one line", "pretty", "an item a line", "pages one after the other", "from Windows"],
)
def test_a_file_may_hold_a_collection_items_or_many_pages(ada: Any, text: str) -> None:
    assert take_over(text, ada).imported == 3
    assert [row.id for row in cards.api_rows_after(ada.id, None, limit=10)] == [1, 2, 3]


def test_a_connection_that_never_synced_is_new_in_that(ada: Any) -> None:
    never, unsaid = item("1", last_sync_time=None), item("2")
    del unsaid["last_sync_time"]

    take_over(json.dumps(collection(never, unsaid)), ada)

    assert [row.last_sync_at for row in cards.api_rows_after(ada.id, None, limit=10)] == [None, None]


def test_a_time_with_another_offset_is_the_same_moment(ada: Any) -> None:
    take_over(
        json.dumps(item("1", created_datetime="2014-04-20T05:12:00+02:00", last_sync_time="2014-05-04T17:31:06Z")), ada
    )

    [row] = cards.api_rows_after(ada.id, None, limit=10)
    assert row.created_at == datetime(2014, 4, 20, 3, 12, tzinfo=UTC)
    assert row.last_sync_at == datetime(2014, 5, 4, 17, 31, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (item("555", type="nobodys"), "unknown type 'nobodys'"),
        (item("555", type=["withings"]), "unknown type (an object or a list)"),
        (item("555", type="\x1b[2J"), "unknown type '\\x1b[2J'"),
        (item("<redacted>"), "remote_id '<redacted>' is not a whole number from 1 on"),
        (item("0"), "remote_id '0' is not a whole number from 1 on"),
        (item("007"), "remote_id '007' is not a whole number from 1 on"),
        (item("-5"), "remote_id '-5' is not a whole number from 1 on"),
        (item("٣"), "remote_id '\\u0663' is not a whole number from 1 on"),
        (item(True), "remote_id True is not a whole number from 1 on"),
        (item(1.5), "remote_id 1.5 is not a whole number from 1 on"),
        (item(str(LARGEST_ID + 1)), f"remote_id '{LARGEST_ID + 1}' is too large; the largest is {LARGEST_ID}"),
        (item("9" * 200), f"remote_id '{'9' * 56}… is too large; the largest is {LARGEST_ID}"),
        (item(None), "remote_id is missing"),
        ({"remote_id": "5"}, "created_datetime and type are missing"),
        (item("5", created_datetime="20 April"), "created_datetime '20 April' is not an ISO 8601 time with offset"),
        (item("5", created_datetime=1397963520), "created_datetime 1397963520 is not an ISO 8601 time with offset"),
        (item("5", last_sync_time=False), "last_sync_time False is not an ISO 8601 time with offset"),
        (
            item("5", created_datetime="2014-04-20T03:12:00"),
            "created_datetime '2014-04-20T03:12:00' has no offset from UTC",
        ),
        (item("5", last_sync_time="9000-01-01T00:00:00Z"), "last_sync_time '9000-01-01T00:00:00Z' is in the future"),
        (
            item("5", last_sync_time="0001-01-01T00:00:00+10:00"),
            "last_sync_time '0001-01-01T00:00:00+10:00' is not an ISO 8601 time with offset",
        ),
        (
            item("5", created_datetime="0001-01-01T00:00:00Z"),
            "created_datetime '0001-01-01T00:00:00Z' is before 1970",
        ),
        (item("5", last_sync_time="1969-12-31T23:59:59Z"), "last_sync_time '1969-12-31T23:59:59Z' is before 1970"),
        ("text", "not an object"),
        ([item("5")], "not an object"),
        (None, "not an object"),
    ],
)
def test_a_bad_record_is_named_with_its_reason(ada: Any, bad: object, reason: str) -> None:
    text = "\n".join(["", json.dumps(collection(item("1"), "HERE", item("2")))]).replace(
        '"HERE"', "\n" + json.dumps(bad)
    )

    assert problems(text, ada) == [Problem(3, reason)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Problem(1, "there is nothing in it")),
        (" \n\n", Problem(3, "there is nothing in it")),
        ('{"a": 1}', Problem(1, "neither a Remote Connection nor a collection of them")),
        ("\n[]", Problem(2, "neither a Remote Connection nor a collection of them")),
        ('\n"text"', Problem(2, "neither a Remote Connection nor a collection of them")),
        ('{"_embedded": \n null}', Problem(2, "a collection without _embedded.remoteconnection")),
        ('{"_embedded":\n {"user": [{}]}}', Problem(2, "a collection without _embedded.remoteconnection")),
        ('{"_embedded": {"remoteconnection":\n {}}}', Problem(2, "_embedded.remoteconnection is not a list")),
        ('{"_embedded": {\n"remoteconnection": [', Problem(2, "not JSON: it breaks off in the middle")),
        (
            '{"_embedded": {\n"remoteconnection": [}',
            Problem(2, "not JSON: parse error: unallowed token at this point in JSON text"),
        ),
        (b'{"type":\n "\xff"}', Problem(2, "not JSON: lexical error: invalid bytes in UTF8 string")),
        ('{"total_count":\n' + "9" * 5000 + "}", Problem(2, "not JSON")),
        (json.dumps(item("1")).encode("utf-16"), Problem(1, "not JSON: lexical error: invalid char in json text")),
    ],
)
def test_what_is_no_collection_is_refused_with_its_line(ada: Any, text: str | bytes, expected: Problem) -> None:
    assert problems(text, ada) == [expected]


def test_a_count_that_is_no_whole_number_is_none(ada: Any) -> None:
    """To write ``1e999999`` out takes half a minute."""
    text = '{"total_count": 1e999999, "_embedded": {"remoteconnection": []}}'
    incoming = Incoming(BytesIO(text.encode()), lambda _: None)

    assert list(incoming) == []
    assert incoming.total is None


def test_nesting_without_end_is_no_danger(ada: Any) -> None:
    deep = '{"_links": ' + "[" * 200_000 + "]" * 200_000 + "}"

    assert problems(deep, ada) == [Problem(1, "neither a Remote Connection nor a collection of them")]


@pytest.mark.parametrize("indent", [None, 0, 4])
@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n\n"])
def test_lines_are_exact_far_into_a_file(ada: Any, indent: int | None, between: str) -> None:
    """Long enough for many chunks; a long text puts line ends and chunk ends everywhere."""
    parts, expected = ['{"_embedded": {"remoteconnection": ['], []
    for each in range(1, 1201):
        bad = each % 300 == 0
        record = item(str(each), type="nobodys" if bad else "withings", note="x" * (each * 37 % 911))
        if bad:
            expected.append(Problem("".join(parts).count("\n") + between.count("\n") + 1, "unknown type 'nobodys'"))
        parts.append(("," if each > 1 else "") + between + json.dumps(record, indent=indent))
    parts.append("]}}")

    assert problems("".join(parts), ada) == expected


def test_records_on_one_line_longer_than_a_chunk_are_all_on_it(ada: Any) -> None:
    text = json.dumps(collection(*(item(str(each), note="x" * 500) for each in range(1, 501)), item("9", type="no")))

    assert problems("\n\n" + text, ada) == [Problem(3, "unknown type 'no'")]


def test_an_id_stands_once_in_a_file(ada: Any) -> None:
    text = "\n".join(json.dumps(item(each)) for each in ("7", "8", "7"))

    assert problems(text, ada) == [Problem(3, "remote_id 7 stands on line 1 already")]


def test_every_bad_record_is_listed_in_the_order_of_the_file(ada: Any) -> None:
    ben = factories.User()
    factories.Connection(user=ben, id=2)
    lines = [json.dumps(item("1", type="no")), json.dumps(item("2")), json.dumps(item("3")), json.dumps(item("x")), "{"]

    assert [problem.line for problem in problems("\n".join(lines), ada)] == [1, 4, 5]


def test_an_id_of_somebody_else_is_refused_and_theirs_stays(ada: Any) -> None:
    ben = factories.User()
    factories.Connection(user=ben, id=41, type="fitbit")

    assert problems(json.dumps(item("40")) + "\n" + json.dumps(item("41")), ada) == [
        Problem(2, "remote_id 41 belongs to another connection here")
    ]
    assert reading.card(41, owner_id=ben.id).type.type == "fitbit"


def test_an_own_id_of_another_type_is_refused(ada: Any) -> None:
    factories.Connection(user=ada, id=41, type="fitbit")

    assert problems(json.dumps(item("41")), ada) == [Problem(1, "remote_id 41 belongs to another connection here")]


def test_a_repeated_import_changes_nothing(ada: Any) -> None:
    text = json.dumps(collection(item("1"), item("2")))
    take_over(text, ada)

    assert take_over(text, ada) == TakenOver(0, already_here=2, ended_here=0)
    assert take_over(json.dumps(collection(item("1"), item("3"))), ada) == TakenOver(1, already_here=1, ended_here=0)

    assert cards.count(ada.id) == 3


def test_what_was_disconnected_here_does_not_come_back(ada: Any) -> None:
    text = json.dumps(collection(item("1"), item("2")))
    take_over(text, ada)
    revocation.disconnect(2, by=Who(ada.id, ada.id), keep_records=True)

    assert take_over(text, ada) == TakenOver(0, already_here=1, ended_here=1)

    assert cards.count(ada.id) == 1
    assert problems(text, factories.User()) == [
        Problem(1, "remote_id 1 belongs to another connection here"),
        Problem(1, "remote_id 2 belongs to another connection here"),
    ]


def test_an_import_is_one_event_with_its_count(ada: Any) -> None:
    text = json.dumps(collection(item("1"), item("2")))
    take_over(text, ada)
    take_over(text, ada)

    events, total = activity(ada.id, limit=10)
    assert (total, events[0].event, events[0].details) == (1, Event.CONNECTION_IMPORTED, {"count": 2})


def test_an_id_that_is_taken_while_the_import_runs_stops_all_of_it(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.Connection(user=factories.User(), id=41)
    monkeypatch.setattr(takeover, "holders", lambda ids: {})

    with pytest.raises(IdsTaken):
        take_over("\n".join(json.dumps(item(each)) for each in ("40", "41")), ada)

    assert cards.count(ada.id) == 0


def test_a_new_connection_gets_an_id_after_the_imported_ones(ada: Any) -> None:
    first = factories.Connection(user=ada).id
    take_over(json.dumps(collection(*(item(str(first + more)) for more in (1, 2, 3, 50)))), ada)

    assert factories.Connection(user=ada).id > first + 50
    assert factories.Connection(user=ada).id > first + 51
