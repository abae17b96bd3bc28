"""What happened, in sentences, day by day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import past, revocation
from dashboard.data import db, transaction
from dashboard.data.db import collected
from dashboard.data.revocations import Revocation
from dashboard.events import Event, Happened, record
from dashboard.events.sealing import Entry, Sealing
from dashboard.pages.activity import sentences
from dashboard.pages.activity.sentences import Kind
from dashboard.who import Origin, Who
from tests import factories
from tests.conftest import Browser, Queries, signed_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def who(user: Any) -> Who:
    return Who(user.id, user.id, Origin("AAAA-BBBB", "192.0.2.7", FIREFOX))


def happen(user: Any, event: Event | str, *, at: datetime | None = None, count: int = 1) -> None:
    """Write events straight to the log, at a moment of choice."""
    with transaction():
        sealing = collected(Sealing)
        ref = sealing.ref(user.id)
        for _number in range(count):
            sealing.add(Entry(str(event), sub=ref, act=ref, at=at))


def lines(page: Any) -> list[str]:
    """The page's lines as read, blanks made one."""
    return [" ".join(line.text.split()) for line in page.html.select(".log > li")]


def ended(user: Any, *, type: str = "withings", **changed: Any) -> None:
    """A connection that was disconnected, and how far its provider is told by now."""
    connection = factories.Connection(user=user, type=type)
    revocation.disconnect(connection.id, by=who(user), keep_records=True)
    with transaction():
        statement = Revocation.__table__.update().where(Revocation.connection_id == connection.id)
        if changed:
            db.session.execute(statement.values(**changed))


@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_its_sentence_and_its_kind(app: Flask, event: Event) -> None:
    happened = Happened(1, datetime.now(UTC), event, True, {"name": "x", "count": 2}, "", "")
    with app.test_request_context():
        said = sentences.said(happened, past.Past({}, {}))

    assert said[0].isupper() or said[0] == "2"
    assert said.endswith(".")
    assert "%" not in said
    assert [kind for kind in Kind if event in sentences.of_kind(kind)] == [sentences.SENTENCES[event][0]]


def test_a_line_says_what_when_and_from_where(ada: Browser) -> None:
    with transaction():
        record(Event.LOGIN_STARTED, who(ada.user))

    page = ada.get("/activity/")

    assert lines(page)[0].endswith("You signed in. Firefox on Linux, 192.0.2.7")
    assert page.html.select_one(".log time")["datetime"].endswith("+00:00")


def test_a_name_of_a_later_version_gets_a_neutral_sentence(ada: Browser) -> None:
    happen(ada.user, "future.thing")

    assert "Something happened that this version can’t name." in lines(ada.get("/activity/"))[0]


def test_what_was_not_done_by_the_person_says_so(ada: Browser) -> None:
    with transaction():
        record(Event.ROLE_GRANTED, Who(None, ada.user.id), role="support")
        record(Event.LOGIN_ENDED_BY_PROVIDER, Who(None, ada.user.id))

    by_provider, by_operator = lines(ada.get("/activity/"))
    assert by_provider.endswith("Northlake ended a login session.")
    assert "You were given the role “Support”. Not done by you, but by the operator of this site." in by_operator


def test_days_follow_the_persons_own_clock(app: Flask) -> None:
    tokyo = signed_in(app, factories.User(time_zone="Asia/Tokyo"))
    for moment in ("2026-03-01T14:59:00+00:00", "2026-03-01T15:01:00+00:00"):
        happen(tokyo.user, Event.LOGIN_STARTED, at=datetime.fromisoformat(moment))

    page = tokyo.get("/activity/").html

    assert [day.text for day in page.select("main h2")] == ["Monday, 2 March 2026", "Sunday, 1 March 2026"]
    assert [time.text for time in page.select(".log time")] == ["00:01", "23:59"]


def test_today_and_yesterday_are_called_so(ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED, at=datetime.now(UTC) - timedelta(days=1))
    happen(ada.user, Event.LOGIN_STARTED)

    assert [day.text for day in ada.get("/activity/").html.select("main h2")] == ["Today", "Yesterday"]


def test_a_provider_that_was_not_told_yet_is_named(ada: Browser) -> None:
    ended(ada.user)

    said = lines(ada.get("/activity/"))[0]

    assert "Withings was disconnected. What it had sent was kept. Withings is in line to be told." in said


def test_a_provider_that_confirmed_says_when(ada: Browser) -> None:
    ended(ada.user, due_at=None, done_at=datetime.fromisoformat("2026-11-24T14:15:00+00:00"))

    assert "Told Withings: confirmed on 24 November 2026, 14:15." in lines(ada.get("/activity/"))[0]


def test_a_provider_that_did_not_answer_yet_says_why_and_when_it_is_tried_again(ada: Browser) -> None:
    at = datetime.fromisoformat("2026-11-24T14:15:00+00:00")
    ended(ada.user, due_at=at, tried_at=at, failure_count=1, failure_code="timeout")

    said = lines(ada.get("/activity/"))[0]

    assert "Withings has not confirmed yet. Withings did not answer in time." in said
    assert "Trying again on 24 November 2026, 14:15." in said


def test_while_the_first_try_runs_nothing_is_said_to_have_failed(ada: Browser) -> None:
    now = factories.now()
    ended(ada.user, due_at=now, tried_at=now)

    said = lines(ada.get("/activity/"))[0]

    assert "Withings is being told now." in said
    assert "not answering" not in said


def test_of_a_provider_that_is_not_to_be_asked_yet_the_time_is_said(ada: Browser) -> None:
    at = factories.now() + timedelta(minutes=20)
    ended(ada.user, due_at=at, tried_at=factories.now())

    said = lines(ada.get("/activity/"))[0]

    assert f"Withings will be told on {at.day} {at:%B %Y, %H:%M}." in said


def test_a_provider_that_could_not_be_told_leads_the_person_there(ada: Browser) -> None:
    ended(ada.user, type="strava", due_at=None, given_up_at=factories.now(), failure_code="timeout")

    page = ada.get("/activity/")

    assert "Strava could not be told. End our access in your account at Strava" in lines(page)[0]
    link = page.html.find("a", string="Remove it there yourself")
    assert link["href"].startswith("https://www.strava.com/")


def test_what_was_connected_again_meanwhile_is_said_so(ada: Browser) -> None:
    ended(ada.user, due_at=None, given_up_at=factories.now(), failure_code="connected_again")

    assert "Withings was not told: the account was connected again" in lines(ada.get("/activity/"))[0]


@pytest.mark.parametrize(
    ("event", "details", "words"),
    [
        (Event.CONNECTION_MADE, {}, "Withings was connected."),
        (Event.CONNECTION_RENEWED, {"was_refused": True}, "Withings was reconnected."),
        (Event.CONNECTION_RENEWED, {"was_refused": False}, "The access to Withings was renewed."),
        (Event.CONNECTION_REFUSED, {"code": "refused"}, "Withings no longer lets us in. Reconnect it to go on."),
        (Event.CONNECTION_REFUSED, {"code": "withdrawn"}, "You withdrew its permission at Withings. Reconnect it"),
        (Event.REVOCATION_CONFIRMED, {"connection": 7}, "Withings confirmed that our access has ended."),
        (Event.REVOCATION_CONFIRMED, {}, "Withings confirmed the end of an access that was never used here."),
        (
            Event.REVOCATION_GIVEN_UP,
            {"code": "timeout", "connection": 7},
            "Withings could not be told that our access has ended.",
        ),
        (
            Event.REVOCATION_GIVEN_UP,
            {"code": "timeout"},
            "Withings could not be told of the end of an access that was never used here. Unless that account is "
            "connected here, end our access in your account at Withings.",
        ),
    ],
)
def test_what_passed_between_us_and_the_provider_has_its_words(
    ada: Browser, event: Event, details: dict[str, Any], words: str
) -> None:
    with transaction():
        record(event, Who(None, ada.user.id), type="withings", **details)

    said = lines(ada.get("/activity/"))[0]

    assert words in said
    assert ("Not done by you" in said) is (event in {Event.CONNECTION_MADE, Event.CONNECTION_RENEWED})


def test_without_a_grant_there_was_nothing_to_tell(ada: Browser) -> None:
    made = factories.Record(connection=factories.Connection(user=ada.user, access_token=None, refresh_token=None))
    revocation.disconnect(made.connection_id, by=who(ada.user), keep_records=False)

    said = lines(ada.get("/activity/"))[0]

    assert "What it had sent was deleted." in said
    assert "There was no access left that Withings would have to end." in said


def test_a_connection_is_named_while_it_lives_and_after(ada: Browser) -> None:
    living, gone = factories.Connection(user=ada.user), factories.Connection(user=ada.user, type="polar")
    with transaction():
        for connection in (living, gone):
            record(Event.SYNC_REQUESTED, who(ada.user), connection=connection.id)
        record(Event.SYNC_REQUESTED, who(ada.user), connection=10**9)
    revocation.disconnect(gone.id, by=who(ada.user), keep_records=True)

    said = " ".join(lines(ada.get("/activity/")))

    assert "A sync of Withings was asked for." in said
    assert "A sync of Polar was asked for." in said
    assert "A sync was asked for." in said


def test_someone_elses_activity_is_not_here(ada: Browser, ben: Browser) -> None:
    living, gone = factories.Connection(user=ben.user, type="polar"), factories.Connection(user=ben.user)
    revocation.disconnect(gone.id, by=who(ben.user), keep_records=True)
    with transaction():
        for connection in (living, gone):
            record(Event.SYNC_REQUESTED, who(ada.user), connection=connection.id)

    said = " ".join(lines(ada.get("/activity/")))

    assert "Withings" not in said
    assert "Polar" not in said


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_shows_only_its_own(ada: Browser, kind: Kind) -> None:
    for event in (Event.LOGIN_STARTED, Event.CONNECTION_ENDED, Event.TOKEN_MADE, Event.CASE_READ):
        happen(ada.user, event)

    page = ada.get(f"/activity/?kind={kind}")

    assert len(lines(page)) == 1
    assert page.html.select_one("main nav [aria-current]")["href"].endswith(f"kind={kind}")


def test_a_kind_that_there_is_not_shows_all(ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED)

    assert len(lines(ada.get("/activity/?kind=nonsense&page=x"))) == 1


def test_a_kind_without_a_hit_says_which_and_offers_all(ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED)

    page = ada.get("/activity/?kind=connections").html

    assert "Only “Connections” was to be shown, and there is none." in page.text
    assert page.find("a", string="Show all activity")["href"] == "/activity/"


def test_fifty_stand_on_a_page_and_the_filter_stays_with_the_links(ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED, count=51)

    first = ada.get("/activity/?kind=sign-ins")
    second = first.click("Next")

    assert (len(lines(first)), len(lines(second))) == (50, 1)
    assert second.request.params["kind"] == "sign-ins"


def test_a_page_past_the_end_leads_to_the_first(ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED)

    assert ada.get("/activity/?kind=sign-ins&page=9", status=303).location.endswith("/activity/?kind=sign-ins")


def test_with_nothing_yet_the_page_says_what_would_be_here(ada: Browser) -> None:
    assert "Nothing has happened yet" in ada.get("/activity/").html.h1.text


def test_fifty_lines_cost_as_many_queries_as_one(app: Flask, queries: Queries) -> None:
    few, many = signed_in(app, factories.User()), signed_in(app, factories.User())
    ended(few.user)
    for _number in range(50):
        ended(many.user)
    for browser in (few, many):
        browser.get("/activity/")
    with queries:
        few.get("/activity/")
    one = len(queries)
    with queries:
        many.get("/activity/")

    assert one == len(queries) - one == 4
