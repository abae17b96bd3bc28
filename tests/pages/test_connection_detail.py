"""One connection: its page, and asking for a sync."""

from datetime import timedelta

import pytest

from dashboard.data import connections, db, history, transaction
from tests import factories
from tests.conftest import Browser
from tests.pages.test_connections import text


def test_it_shows_account_permissions_dates_and_records(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)

    page = ada.get(f"/connections/{made.id}/").html

    assert page.h1.text == "Withings"
    facts = text(page.select_one(".facts"))
    assert "Account at Withings ada@posteo.example" in facts
    assert "Records here 1" in facts
    assert "Weight, blood pressure and other body measures" in text(page.select_one(".ticks"))


def test_the_strip_tells_thirty_days_in_a_picture_and_in_words(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, created_at=factories.now() - timedelta(days=9))
    today = factories.now().date().toordinal()
    with transaction():
        history.add_days([
            {"connection_id": made.id, "day": today, "record_count": 5},
            {"connection_id": made.id, "day": today - 1, "failure_count": 2},
            {"connection_id": made.id, "day": today - 2, "record_count": 1, "failure_count": 3},
        ])  # fmt: skip

    strip = ada.get(f"/connections/{made.id}/").html.select_one("svg.strip--wide")

    assert strip["aria-label"] == ("Last 30 days: records on 2, nothing new on 7, failed on 1, not yet connected on 20")
    assert strip.select_one(".got")["d"].count("M") == 2


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


def test_sync_now_is_refused_for_what_is_not_the_persons(ada: Browser, ben: Browser) -> None:
    factories.Connection(user=ada.user, failing=True)
    theirs = factories.Connection(user=ben.user, failing=True)
    form = ada.get("/connections/").forms[2]
    form.action = f"/connections/{theirs.id}/sync/"

    assert form.submit(status=404)
    assert ada.get(f"/connections/{theirs.id}/sync/", status=405)
