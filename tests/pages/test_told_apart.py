"""Several connections of one type whose provider names no account: each is told from the others, wherever it stands."""

from typing import Any

import pytest

from dashboard.connections import revocation
from dashboard.data import transaction
from dashboard.events import Event, record
from dashboard.pages.accounts import account_name
from tests import factories
from tests.conftest import Browser
from tests.pages.test_activity import ended, lines, who
from tests.pages.test_connections import text
from tests.pages.test_disconnect import status


def nameless(user: Any, account_id: str | None, **more: Any) -> Any:
    """A connection whose account has no name."""
    return factories.Connection(user=user, account=None, remote_account_id=account_id, **more)


@pytest.fixture
def two(ada: Browser) -> list[Any]:
    """Two of Ada's Withings accounts."""
    return [nameless(ada.user, "12345123"), nameless(ada.user, "12349876")]


def shown(browser: Browser, **filters: str) -> list[str]:
    """What stands under the names of the cards."""
    page = browser.get("/connections/", filters)
    return sorted(text(note).partition(" Since")[0] for note in page.html.select(".card-name .note"))


@pytest.mark.parametrize(
    ("account", "account_id", "called"),
    [
        ("ada@posteo.example", "12345123", "ada@posteo.example"),
        (None, "12345123", "account …5123"),
        (None, "123456", "account 123456"),
        (None, None, ""),
    ],
)
def test_an_account_is_called_by_its_name_or_else_by_the_end_of_its_id(
    app: Any, account: str | None, account_id: str | None, called: str
) -> None:
    with app.test_request_context():
        assert account_name(account, account_id) == called


def test_cards_of_one_type_show_their_accounts(ada: Browser, two: list[Any]) -> None:
    nameless(ada.user, "77777777", type="dexcom")

    assert shown(ada) == ["Account …5123", "Account …9876", "Glucose"]
    first = ada.get("/connections/").html.select_one(f".card-do a[href*='/{two[0].id}/']")
    assert text(first) == "Disconnect Withings, account …5123"


def test_the_links_of_a_named_one_among_others_name_it(ada: Browser, two: list[Any]) -> None:
    named = factories.Connection(user=ada.user, account="ada@posteo.example")
    alone = factories.Connection(user=ada.user, account="ada@posteo.example", type="polar")
    page = ada.get("/connections/").html

    links = [text(page.select_one(f".card-do a[href*='/{each.id}/']")) for each in (named, alone)]

    assert links == ["Disconnect Withings, ada@posteo.example", "Disconnect Polar"]


def test_a_card_shows_its_account_though_the_other_is_on_no_page(ada: Browser, two: list[Any]) -> None:
    nameless(ada.user, "55554444", refused=True)

    assert shown(ada, state="reconnect") == ["Account …4444"]
    assert "Reconnect Withings, account …4444" in text(ada.get("/connections/?state=reconnect").html)


def test_a_name_on_a_card_stays_as_it_is(ada: Browser, two: list[Any]) -> None:
    factories.Connection(user=ada.user, account="ada@posteo.example")

    assert "ada@posteo.example" in shown(ada)


def test_what_is_only_once_there_says_what_it_brings(ada: Browser) -> None:
    nameless(ada.user, "12345123")

    assert shown(ada) == ["Weight, sleep, blood pressure"]


def test_the_filter_of_records_names_each(ada: Browser, two: list[Any]) -> None:
    for each in two:
        factories.Record(connection=each)

    options = [option.text for option in ada.get("/records/").html.select("#connection option")]

    assert options == ["All", "Withings, account …5123", "Withings, account …9876"]


def test_the_activity_names_each(ada: Browser, two: list[Any]) -> None:
    with transaction():
        for each in two:
            record(Event.CONNECTION_MADE, who(ada.user), connection=each.id, type="withings")

    said = lines(ada.get("/activity/"))

    assert any("Withings (account …5123) was connected." in line for line in said)
    assert any("Withings (account …9876) was connected." in line for line in said)


def test_the_activity_names_one_whose_like_is_on_no_page(ada: Browser, two: list[Any]) -> None:
    with transaction():
        record(Event.CONNECTION_MADE, who(ada.user), connection=two[1].id, type="withings")

    assert "Withings (account …9876) was connected." in lines(ada.get("/activity/"))[0]


def test_the_activity_names_the_one_that_ended_while_its_like_lives(ada: Browser, two: list[Any]) -> None:
    revocation.disconnect(two[0].id, by=who(ada.user), keep_records=True)

    assert "Withings (account …5123) was disconnected." in lines(ada.get("/activity/"))[0]


def test_a_case_tells_no_account(ada: Browser, dora: Browser, two: list[Any]) -> None:
    with transaction():
        record(Event.CONNECTION_MADE, who(ada.user), connection=two[0].id, type="withings")

    said = text(dora.get(f"/support/users/{ada.user.id}/").html)

    assert "Withings was connected." in said
    assert "5123" not in said


def test_alone_of_its_type_it_is_called_by_the_service_only(ada: Browser) -> None:
    ended(ada.user, type="strava")

    assert "Strava was disconnected." in lines(ada.get("/activity/"))[0]


def test_the_question_before_the_end_and_the_notice_after_it_name_the_account(ada: Browser, two: list[Any]) -> None:
    page = ada.get(f"/connections/{two[0].id}/disconnect/")
    assert text(page.html.h1) == "Disconnect Withings? account …5123"
    assert "Account 12345123" in text(page.html.select_one(".facts"))

    done = page.forms[1].submit(status=303).follow()
    assert "Withings (account …5123) is disconnected" in status(done)

    again = ada.get(f"/connections/{two[0].id}/", status=303).follow()
    assert "Withings (account …5123) was already disconnected" in status(again)


def test_an_other_account_is_asked_about_by_the_ends_of_both_ids(ada: Browser, two: list[Any]) -> None:
    waits = factories.AuthorizationRequest(
        user=ada.user, waits=True, account=None, remote_account_id="88889999", connection_id=two[0].id
    )

    page = ada.get(f"/connect/waiting/{waits.id}/")

    assert "reconnect account …5123 at Withings, and signed in there as account …9999." in text(page.html)
    dropped = next(form for form in page.forms.values() if "act" in form.fields).submit("act", value="drop", status=303)
    assert "The access to account …9999 is given back." in status(dropped.follow())


def test_its_own_page_shows_the_whole_id(ada: Browser) -> None:
    made = nameless(ada.user, "12345123")

    assert "Account at Withings 12345123" in text(ada.get(f"/connections/{made.id}/").html)
