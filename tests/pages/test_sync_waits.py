"""While a provider lets nobody in, a sync is not offered, and whoever asks all the same is told from when on it is."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.connections import budget
from dashboard.data import transaction
from tests import factories
from tests.conftest import Browser
from tests.pages.conftest import Go
from tests.pages.test_connections import text
from tests.pages.test_disconnect import status
from tests.servers.third_parties import ThirdParties

HOUR = timedelta(hours=1)


def block(wait: timedelta) -> Any:
    """Withings asks everybody here to wait; until when."""
    now = factories.now()
    with transaction():
        budget.block("withings", until=now + wait, now=now)
    return now + wait


def test_a_page_offers_no_sync_and_says_until_when_the_provider_is_not_to_be_asked(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, next_sync_at=factories.now() + HOUR / 2)
    until = block(HOUR)

    page = ada.get(f"/connections/{made.id}/")

    assert page.html.find("button", string="Sync now Withings") is None
    time = f"{until:%H:%M}"
    said = text(page.html.select_one("[data-live=offer]"))
    assert (
        said == f"Withings limits how often this site may ask, until {time} . The next one comes by itself at {time} ."
    )


@pytest.mark.parametrize("wait", [timedelta(seconds=30), -HOUR])
def test_a_moment_is_not_worth_a_word(ada: Browser, wait: timedelta) -> None:
    made = factories.Connection(user=ada.user)
    block(wait)

    page = ada.get(f"/connections/{made.id}/")

    assert "Sync now Withings" in text(page.html)
    assert "limits how often" not in text(page.html)


def test_a_card_that_waits_for_its_provider_offers_no_sync(ada: Browser) -> None:
    in_line = {"failure_count": 1, "failed_at": factories.now()}
    factories.Connection(
        user=ada.user, **in_line, failure_code="rate_limited", next_sync_at=factories.now() + timedelta(minutes=40)
    )
    factories.Connection(
        user=ada.user, **in_line, failure_code="timeout", type="strava", next_sync_at=factories.now() + HOUR
    )

    cards = [text(card) for card in ada.get("/connections/").html.select(".card")]

    assert ["Sync now" in card for card in cards if "Withings" in card] == [False]
    assert ["Sync now" in card for card in cards if "Strava" in card] == [True]


def test_asked_all_the_same_nothing_is_in_line_and_the_answer_is_true(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    page = ada.get(f"/connections/{made.id}/")
    until = block(HOUR)

    done = next(form for form in page.forms.values() if "/sync/" in form.action).submit(status=303).follow()

    assert f"Withings can’t be asked yet It limits how often this site may ask, until {until:%H:%M}." in status(done)
    assert done.html.select_one("[role=status]")["data-state"] == "delayed"
    assert "in line" not in text(done.html.main)


@pytest.mark.parametrize(
    ("place", "more", "words"),
    [
        (0, {"failing": True}, "Failed, to be tried again"),
        (0, {"refused": True}, "Failed Withings"),
        (1, {"failing": True}, "Failed, tried again"),
    ],
)
def test_a_run_that_failed_says_what_follows(ada: Browser, place: int, more: dict[str, Any], words: str) -> None:
    made = factories.Connection(user=ada.user, **more)
    for number in range(2):
        began = factories.now() - timedelta(minutes=30 * (number + 1))
        factories.SyncRun(connection=made, started_at=began, outcome="failed", failure_code="timeout", record_count=0)

    rows = ada.get(f"/connections/{made.id}/").html.select("[data-live=runs] tbody tr")

    assert words in text(rows[place])


def test_a_provider_that_says_how_long_to_wait_is_believed_and_nobody_asks_it_meanwhile(
    ada: Browser, go: Go, simulated: ThirdParties
) -> None:
    back = go(ada, "polar")
    simulated.control("polar", misbehave={"limit": {"on": ["token"], "retry_after": 7200}})

    page = ada.get(back, status=502)

    until = budget.opens_at(providers.get("polar"), now=factories.now())
    assert until is not None
    assert abs(until - factories.now() - timedelta(hours=2)) < timedelta(seconds=20)
    assert f"It lets this site in again at {until:%H:%M}: try again then." in text(page.html.main)
