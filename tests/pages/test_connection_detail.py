"""One connection: its page, and asking for a sync."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from dashboard.data import connections, db, transaction
from dashboard.pages import states
from dashboard.providers import failures
from tests import factories
from tests.conftest import Browser
from tests.pages.conftest import Go
from tests.pages.test_connections import text
from tests.support.looking import look


def test_it_shows_account_permissions_dates_and_records(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)

    page = ada.get(f"/connections/{made.id}/").html

    assert page.h1.text == "Withings"
    facts = text(page.select_one(".facts"))
    assert "Account at Withings ada@posteo.example" in facts
    assert "Records here 1" in facts
    assert "Weight, blood pressure and other body measures" in text(page.select_one(".ticks"))


def test_of_several_with_a_provider_each_is_called_by_its_account(ada: Browser) -> None:
    here = [
        factories.Connection(user=ada.user, account=account) for account in ("ada@posteo.example", "lin@web.example")
    ]
    alone = factories.Connection(user=ada.user, type="polar")

    def heading(path: str) -> str:
        return text(ada.get(path).html.h1)

    assert heading(f"/connections/{here[1].id}/") == "Withings lin@web.example"
    assert heading(f"/connections/{here[0].id}/reconnect/") == "Reconnect Withings ada@posteo.example"
    assert heading(f"/connections/{alone.id}/") == "Polar"


def test_the_strip_tells_thirty_days_in_a_picture_and_in_words(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, created_at=factories.now() - timedelta(days=9))
    factories.days(made, {0: (5, 0), 1: (0, 2), 2: (1, 3)})

    strip = ada.get(f"/connections/{made.id}/").html.select_one("svg.strip--wide")

    assert strip["aria-label"] == ("Last 30 days: records on 2, failed on 1, no sync on 27")
    assert strip.select_one(".got")["d"].count("v-") == 2


@pytest.mark.parametrize(("days_ago", "said"), [(0, "1 of 1"), (9, "1 of 10"), (400, "1 of 30")])
def test_days_are_counted_from_the_one_it_was_connected_on(ada: Browser, days_ago: int, said: str) -> None:
    made = factories.Connection(user=ada.user, created_at=factories.now() - timedelta(days=days_ago))
    factories.days(made, {0: (5, 0)})

    figures = text(ada.get(f"/connections/{made.id}/").html.select_one(".figures"))

    assert "New records 5 " in figures
    assert f"Days with new records {said} " in figures


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"fresh": True}, "There was none yet."),
        ({"fresh": True, "syncing": True}, "The first one is under way."),
        ({"syncing": True}, "There was none in the last 30 days."),
    ],
)
def test_where_no_sync_is_listed_it_says_whether_there_ever_was_one(
    ada: Browser, made: dict[str, bool], said: str
) -> None:
    id = factories.Connection(user=ada.user, **made).id

    assert said in text(ada.get(f"/connections/{id}/").html.select_one("[data-live=runs]"))


@pytest.mark.parametrize(("type", "comes"), [("withings", True), ("garmin", False)])
def test_only_of_a_provider_that_is_asked_a_next_sync_is_named(ada: Browser, type: str, comes: bool) -> None:
    made = factories.Connection(user=ada.user, type=type, next_sync_at=factories.now() + timedelta(hours=1))

    page = text(ada.get(f"/connections/{made.id}/").html.main)

    assert ("Next sync" in page) is comes
    assert ("sends what is new by itself" in page) is not comes


def test_a_next_sync_that_is_days_away_says_its_day(ada: Browser) -> None:
    due = factories.now() + timedelta(days=2)
    made = factories.Connection(user=ada.user, next_sync_at=due)

    figures = ada.get(f"/connections/{made.id}/").html.select_one("[data-live=figures]")

    assert f"Next sync about {due.day} " in text(figures)


def test_the_first_page_of_syncs_may_be_short_and_leads_to_all(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    for hours in range(4):
        factories.SyncRun(connection=made, started_at=factories.now() - timedelta(hours=hours))

    first = ada.get(f"/connections/{made.id}/")
    whole = first.click("Show all 4 syncs")

    assert len(first.html.select("section.short tbody tr")) == 4
    assert not whole.html.select("section.short, .all")
    assert len(whole.html.select("tbody tr")) == 4


def test_a_few_syncs_are_shown_as_they_are(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    for hours in range(3):
        factories.SyncRun(connection=made, started_at=factories.now() - timedelta(hours=hours))

    assert not ada.get(f"/connections/{made.id}/").html.select(".short, .all")


def test_every_sync_is_listed_newest_first_with_its_reason(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.SyncRun(connection=made, started_at=factories.now() - timedelta(hours=2), outcome="failed",
                      record_count=0, failure_code="timeout")  # fmt: skip
    factories.SyncRun(connection=made)

    rows = [text(row) for row in ada.get(f"/connections/{made.id}/").html.select("tbody tr")]

    assert "New records 2 1.1 s" in rows[0]
    assert "Failed, tried again Withings did not answer in time." in rows[1]


def test_syncs_older_than_thirty_days_are_left_out(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.SyncRun(connection=made, started_at=factories.now() - timedelta(days=31))

    assert "There was none in the last 30 days." in text(ada.get(f"/connections/{made.id}/").html)


@pytest.mark.parametrize("path", ["/connections/{}/", "/connections/{}/disconnect/"])
def test_someone_elses_is_missing_just_as_what_never_was(ada: Browser, ben: Browser, path: str) -> None:
    theirs = factories.Connection(user=ben.user)

    answers = [ada.get(path.format(number), status=404) for number in (theirs.id, 999_999, 2**70)]

    assert len({answer.html.h1.text for answer in answers}) == 1
    assert "Ben" not in answers[0].text


def test_no_token_is_on_any_page(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)

    for path in ("/connections/", f"/connections/{made.id}/", f"/connections/{made.id}/disconnect/"):
        assert "secret" not in ada.get(path).text


def test_sync_now_puts_it_in_line_once(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, failing=True)
    form = ada.get("/connections/").forms[2]

    first = form.submit(status=303).follow()
    again = form.submit(status=303).follow()

    assert first.html.select_one("[role=status] h2").text == "Withings is next in line"
    assert again.html.select_one("[role=status] h2").text == "Withings is in line already"
    due = db.session.get(connections.Connection, made.id).next_sync_at
    assert due is not None
    assert due <= factories.now() + timedelta(seconds=1)


@pytest.mark.parametrize("over", [False, True])
def test_to_watch_a_sync_is_offered_while_the_page_shows_one(ada: Browser, over: bool) -> None:
    made = factories.Connection(user=ada.user, failing=True)
    asked = ada.get("/connections/").forms[2].submit(status=303)
    if over:
        with transaction():
            later = {"next_sync_at": factories.now() + timedelta(hours=1)}
            db.session.execute(update(connections.Connection).where(connections.Connection.id == made.id).values(later))

    said = text(asked.follow().html.select_one("[role=status]"))

    assert "Withings is next in line" in said
    assert ("You can watch it here." in said) is not over


def test_sync_now_is_refused_for_what_is_not_the_persons(ada: Browser, ben: Browser) -> None:
    factories.Connection(user=ada.user, failing=True)
    theirs = factories.Connection(user=ben.user, failing=True)
    form = ada.get("/connections/").forms[2]
    form.action = f"/connections/{theirs.id}/sync/"

    assert form.submit(status=404)
    assert ada.get(f"/connections/{theirs.id}/sync/", status=405)


@pytest.mark.parametrize(
    ("made", "watched"),
    [
        ({"syncing": True}, True),
        ({"fresh": True, "next_sync_at": factories.now() - timedelta(seconds=1)}, True),
        ({}, False),
        ({"refused": True}, False),
        ({"paused": True, "next_sync_at": factories.now() - timedelta(seconds=1)}, False),
    ],
)
def test_a_page_watches_while_something_moves_and_then_stops(
    ada: Browser, made: dict[str, object], watched: bool
) -> None:
    connection = factories.Connection(user=ada.user, **made)

    page = ada.get(f"/connections/{connection.id}/").html

    assert bool(page.select("[data-watch]")) is watched
    assert page.select("script[src*=live]")
    assert bool(page.select("noscript meta[http-equiv=refresh]")) is watched


@pytest.mark.parametrize(
    ("made", "due"), [({}, True), ({"refused": True}, False), ({"syncing": True}, False), ({"paused": True}, False)]
)
def test_a_calm_page_knows_when_there_will_be_something_new(ada: Browser, made: dict[str, object], due: bool) -> None:
    at = factories.now() + timedelta(minutes=30)
    connection = factories.Connection(user=ada.user, **({"next_sync_at": at} | made))

    told = [each["data-due"] for each in ada.get(f"/connections/{connection.id}/").html.select("[data-due]")]

    assert told == ([at.isoformat()] if due else [])


def test_support_does_not_watch_so_that_one_look_is_one_entry(dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, syncing=True)
    look(dora, ada.user)

    page = dora.get(f"/connections/{connection.id}/").html

    assert not page.select("[data-watch], script[src*=live], noscript")


def test_a_sync_under_way_says_how_far_it_is(ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, syncing=True, progress_count=120)

    assert "120 records so far." in text(ada.get(f"/connections/{connection.id}/").html.h1.parent)


def test_it_says_when_the_next_sync_comes_by_itself_and_offers_one_now(ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, next_sync_at=factories.now() + timedelta(minutes=30))

    page = ada.get(f"/connections/{connection.id}/").html

    assert "The next one comes by itself at" in text(page)
    assert page.select_one(f"form[action='/connections/{connection.id}/sync/']")


def test_what_only_sends_by_itself_offers_no_sync(ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, type="garmin", next_sync_at=None)

    page = ada.get(f"/connections/{connection.id}/").html

    assert "Garmin sends what is new by itself." in text(page)
    assert not page.select("form[action$='/sync/']")


@pytest.mark.parametrize("code", [*failures.CODES, "withdrawn", "broken", "unreadable_token"])
def test_every_failure_has_a_sentence_of_its_own(ada: Browser, code: str) -> None:
    made = factories.Connection(user=ada.user, failing=True, failure_code=code)

    said = text(ada.get(f"/connections/{made.id}/").html.select_one("[data-live=meaning]"))

    assert code in states.REASONS
    assert states.REASONS[code].replace("%(name)s", "Withings") in said


@pytest.mark.parametrize(("type", "watched"), [("withings", True), ("garmin", False)])
def test_a_sync_is_to_be_watched_only_where_one_begins(ada: Browser, go: Go, type: str, watched: bool) -> None:
    notice = ada.get(go(ada, type), status=303).follow().html.select_one("[role=status]")

    assert "is connected" in text(notice)
    assert ["first sync" in text(each) for each in notice.select("[data-meanwhile]")] == [True] * watched
