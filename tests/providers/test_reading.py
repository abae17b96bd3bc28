"""Reading a source of records: what is asked for, where the next page begins, and when it ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import ConnectionType, Grant, Page, Unavailable
from tests.providers.conftest import SOURCE, Make
from tests.providers.server import Reply, Server

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
START, AGAIN = NOW - timedelta(days=7), NOW - timedelta(days=1)
GRANT = Grant("access-1")


def epoch(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def pulse(id: object, at: str = "2026-11-24T07:00:00Z", bpm: object = 61) -> dict[str, Any]:
    return {"id": id, "at": at, "bpm": bpm}


def listed(*ids: object, **more: Any) -> Reply:
    return Reply({"pulses": [pulse(id) for id in ids], **more})


def page(type: ConnectionType, cursor: str | None = None, *, now: datetime = NOW) -> Page:
    return providers.page(type, GRANT, source="pulses", cursor=cursor, now=now)


def pages(type: ConnectionType, cursor: str | None = None, *, now: datetime = NOW) -> Iterator[Page]:
    """All pages of one reading."""
    more = True
    while more:
        found = page(type, cursor, now=now)
        cursor, more = found.cursor, found.more
        yield found


def ids(*found: Page) -> list[str]:
    return [fact.provider_id for each in found for fact in each.facts]


def test_a_source_without_any_parameter_is_read_whole_each_time(pulseband: ConnectionType, server: Server) -> None:
    server.reply(listed(1, 2))

    first = page(pulseband)
    second = page(pulseband, first.cursor)

    assert (ids(first), first.more, ids(second)) == (["1", "2"], False, ["1", "2"])
    assert [asked.query for asked in server.asked] == [{}, {}]


def test_an_answer_without_a_body_has_nothing(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(b"", 204))

    assert page(pulseband).facts == ()


@pytest.mark.parametrize(
    ("since", "first", "next_time"),
    [
        (
            'parameter = "after"\nformat = "epoch"',
            {"after": epoch(START)},
            {"after": epoch(AGAIN)},
        ),
        (
            'parameter = "after"\nformat = "epoch_ms"',
            {"after": epoch(START) + "000"},
            {"after": epoch(AGAIN) + "000"},
        ),
        (
            'parameter = "from"\nuntil = "to"\nformat = "date"\nahead_hours = 24',
            {"from": "2026-11-17", "to": "2026-11-25"},
            {"from": "2026-11-23", "to": "2026-11-26"},
        ),
        (
            'parameter = "start"\nuntil = "end"\nformat = "iso"',
            {"start": "2026-11-17T12:00:00Z", "end": "2026-11-24T12:00:00Z"},
            {"start": "2026-11-23T12:00:00Z", "end": "2026-11-25T06:00:00Z"},
        ),
        (
            'parameter = "filter"\nformat = "iso_local"\ntemplate = \'at >= "{start}" AND at < "{end}"\'',
            {"filter": 'at >= "2026-11-17T12:00:00" AND at < "2026-11-24T12:00:00"'},
            {"filter": 'at >= "2026-11-23T12:00:00" AND at < "2026-11-25T06:00:00"'},
        ),
    ],
)
def test_only_what_is_new_is_asked_for_and_a_little_before_it(
    make: Make, server: Server, since: str, first: dict[str, str], next_time: dict[str, str]
) -> None:
    type = make(f"{SOURCE}[sources.since]\n{since}\nfirst_days = 7\noverlap_hours = 24\n")
    server.reply(listed(1))

    cursor = page(type).cursor
    page(type, cursor, now=NOW + timedelta(hours=18))

    assert [asked.query for asked in server.asked] == [first, next_time]


def test_dates_can_stand_in_the_address(make: Make, server: Server) -> None:
    source = SOURCE.replace("/pulses", "/pulses/{start}/{end}.json")
    type = make(f'{source}[sources.since]\nformat = "date"\nfirst_days = 7\noverlap_hours = 24\n')
    server.reply(listed(1))

    page(type)

    assert server.asked[0].path == "/pulses/2026-11-17/2026-11-24.json"


def test_a_span_that_is_too_long_is_asked_for_in_parts(make: Make, server: Server) -> None:
    since = '[sources.since]\nparameter = "a"\nuntil = "b"\nformat = "date"\nfirst_days = 7\noverlap_hours = 24\n'
    type = make(f"{SOURCE}{since}window_days = 3\n")
    server.reply(listed(1), listed(2), listed(3), listed(4))

    found = list(pages(type))

    assert ids(*found) == ["1", "2", "3"]
    assert [(asked.query["a"], asked.query["b"]) for asked in server.asked] == [
        ("2026-11-17", "2026-11-20"),
        ("2026-11-20", "2026-11-23"),
        ("2026-11-23", "2026-11-24"),
    ]


def test_pages_by_number_end_with_a_short_one(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "page"\nparameter = "page"\nsize = 2\n')
    server.reply(listed(1, 2), listed(3, 4), listed(5))

    found = list(pages(type))

    assert ids(*found) == ["1", "2", "3", "4", "5"]
    assert [asked.query["page"] for asked in server.asked] == ["1", "2", "3"]


def test_pages_by_offset_end_with_a_short_one(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "offset"\nparameter = "offset"\nsize = 2\n')
    server.reply(listed(1, 2), listed(3, 4), listed())

    assert ids(*pages(type)) == ["1", "2", "3", "4"]
    assert [asked.query.get("offset") for asked in server.asked] == [None, "2", "4"]


def test_pages_by_token_end_without_one(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "token"\nparameter = "next"\ntoken = "meta.next"\n')
    server.reply(listed(1, meta={"next": "x"}), listed(2, meta={"next": None}))

    assert ids(*pages(type)) == ["1", "2"]
    assert [asked.query.get("next") for asked in server.asked] == [None, "x"]


def test_pages_that_say_whether_more_is_there_are_believed(make: Make, server: Server) -> None:
    paging = '[sources.paging]\nstyle = "offset"\nparameter = "offset"\nmore = "more"\ntoken = "offset"\n'
    type = make(SOURCE + paging)
    server.reply(listed(1, more=1, offset=50), listed(2, more=0, offset=99))

    assert ids(*pages(type)) == ["1", "2"]
    assert [asked.query.get("offset") for asked in server.asked] == [None, "50"]


def test_pages_that_go_back_in_time_end_where_we_were(make: Make, server: Server) -> None:
    since = '[sources.since]\nformat = "iso"\nfirst_days = 7\noverlap_hours = 24\nnewest_first = true\n'
    type = make(f'{SOURCE}{since}[sources.paging]\nstyle = "page"\nparameter = "page"\nsize = 1\n')
    server.reply(Reply({"pulses": [pulse(1)]}), Reply({"pulses": [pulse(2, "2026-11-01T00:00:00Z")]}))

    found = list(pages(type))

    assert (ids(*found), found[-1].more) == (["1", "2"], False)


def test_pages_that_lead_to_themselves_are_odd(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "token"\nparameter = "next"\ntoken = "next"\n')
    server.reply(listed(1, next="x"))

    with pytest.raises(Unavailable) as failed:
        list(pages(type))

    assert failed.value.code == "odd_answer"


def test_a_reading_that_was_given_up_goes_on_at_its_page(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "page"\nparameter = "page"\nsize = 1\n')
    server.reply(listed(1), listed(2))

    page(type, page(type).cursor, now=NOW + timedelta(minutes=10))

    assert server.asked[1].query["page"] == "2"


def test_a_reading_that_goes_on_slowly_comes_to_its_end(make: Make, server: Server) -> None:
    """A page every ten minutes, as where many share a rate limit: nobody gave it up."""
    type = make(f'{SOURCE}[sources.paging]\nstyle = "page"\nparameter = "page"\nsize = 1\n')
    server.reply(listed(1))

    cursor = None
    for turn in range(9):
        cursor = page(type, cursor, now=NOW + turn * timedelta(minutes=10)).cursor

    assert [asked.query["page"] for asked in server.asked] == [str(number) for number in range(1, 10)]


def test_and_from_the_start_of_its_window_after_an_hour(make: Make, server: Server) -> None:
    type = make(f'{SOURCE}[sources.paging]\nstyle = "page"\nparameter = "page"\nsize = 1\n')
    server.reply(listed(1), listed(1))

    page(type, page(type).cursor, now=NOW + timedelta(hours=2))

    assert server.asked[1].query["page"] == "1"


@pytest.mark.parametrize("cursor", ["", "{", "null", "[]", '{"old": 1}'])
def test_a_cursor_of_another_version_begins_anew(make: Make, server: Server, cursor: str) -> None:
    type = make(f'{SOURCE}[sources.since]\nparameter = "from"\nformat = "date"\nfirst_days = 7\noverlap_hours = 24\n')
    server.reply(listed(1))

    page(type, cursor)

    assert server.asked[0].query == {"from": "2026-11-17"}


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"null", [], {}, {"pulses": None}, {"pulses": {}}, {"pulses": "none"}, {"pulses": 7}]
)
def test_an_answer_without_its_list_is_odd(pulseband: ConnectionType, server: Server, body: Any) -> None:
    server.reply(Reply(body))

    with pytest.raises(Unavailable) as failed:
        page(pulseband)

    assert failed.value.code == "odd_answer"


def test_one_record_that_nobody_can_read_keeps_no_other_back(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"pulses": [pulse(1), {"id": 2}, "three", pulse(4)]}))

    assert ids(page(pulseband)) == ["1", "4"]


def test_a_list_in_which_nobody_can_read_anything_is_odd(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"pulses": [7, None, {"id": 2}]}))

    with pytest.raises(Unavailable):
        page(pulseband)


def test_the_only_record_of_a_list_is_left_out_like_any_other(pulseband: ConnectionType, server: Server) -> None:
    """Else the list stood still until another one came."""
    server.reply(Reply({"pulses": [{"id": 2}]}))

    found = page(pulseband)

    assert (found.facts, found.more) == ((), False)


def test_a_second_key_goes_along_where_it_is_wanted(make: Make, server: Server) -> None:
    server.reply(Reply({"error": None, "payload": []}))

    providers.page(providers.get("suunto"), GRANT, source="workouts", cursor=None, now=NOW)

    assert server.asked[0].headers["ocp-apim-subscription-key"] == "our-key"


def test_only_sources_that_the_permissions_open_are_asked() -> None:
    withings = providers.get("withings")

    assert providers.sources(withings, ("user.metrics",)) == ("measures",)
    assert providers.sources(withings, ("user.activity", "user.info")) == ("days", "workouts", "sleep")
    assert providers.sources(withings, ()) == ()
    assert providers.sources(providers.get("strava"), ("read", "activity:read_all")) == ("activities",)
    assert providers.sources(providers.get("polar"), ()) == ("exercises", "activities", "sleep", "nightly_recharge")
    assert providers.sources(providers.get("garmin"), ("HEALTH_EXPORT",)) == ()
