"""The case says which connections ended without the word of their provider, and how that stands."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.connections.attaching import SUPERSEDED
from dashboard.connections.revoking import NO_GRANT, NO_WAY
from dashboard.data import transaction
from dashboard.events import Event, record
from dashboard.pages.states import REASONS
from tests import factories
from tests.conftest import Browser, Queries
from tests.pages.test_activity import ended, who
from tests.pages.test_connections import text
from tests.pages.test_support_case import case

AT = datetime(2025, 3, 7, 4, 30, tzinfo=UTC)
OVER = {"due_at": None}
LATELY = factories.now() - timedelta(days=89)


def shown(page: Any) -> list[str]:
    """The rows of the section."""
    return [text(row) for row in page.html.select("[aria-labelledby=endings] tbody tr")]


def test_a_revocation_that_is_tried_again_says_since_when_why_and_when_next(dora: Browser, ada: Browser) -> None:
    ended(
        ada.user, type="polar", queued_at=AT, tried_at=AT + timedelta(minutes=9), due_at=AT + timedelta(hours=1),
        failure_code="timeout", failure_count=3,
    )  # fmt: skip

    page = case(dora, ada.user)
    [row] = shown(page)

    assert re.match(r"Polar id \d+ 7 March 2025, 04:30 ", row)
    assert "Polar has not confirmed yet. Polar did not answer in time. Trying again on 7 March 2025, 05:30." in row
    assert row.endswith("timeout , 7 March 2025, 04:39")
    line = page.html.select_one("pre.diagnosis").text.splitlines()[-1]
    assert re.sub(r"\d+:", "N:", line, count=1) == (
        "Polar N: ended 2025-03-07 04:30 UTC, not confirmed; timeout 2025-03-07 04:39 UTC; 3 failed tries; "
        "next try 2025-03-07 05:30 UTC"
    )


def test_one_that_failed_is_for_the_person_to_end_in_words_for_staff(dora: Browser, ada: Browser) -> None:
    ended(ada.user, type="polar", queued_at=AT, given_up_at=LATELY, tried_at=AT, failure_code="timeout", **OVER)

    page = case(dora, ada.user)
    [row] = shown(page)

    assert (
        "Polar could not be told. The person has to end our access in their account at Polar; nothing here uses it."
        in row
    )
    assert page.html.select_one("pre.diagnosis").text.endswith(f"; given up {LATELY:%Y-%m-%d %H:%M} UTC")


def test_one_that_no_provider_can_be_told_of_is_there_too(dora: Browser, ada: Browser) -> None:
    ended(ada.user, type="dexcom", given_up_at=LATELY, failure_code=NO_WAY, **OVER)

    assert "Dexcom offers us no way to tell it. The person has to end our access" in shown(case(dora, ada.user))[0]


@pytest.mark.parametrize(
    "over",
    [
        {"done_at": AT, **OVER},
        {"given_up_at": LATELY, "failure_code": NO_GRANT, **OVER},
        {"given_up_at": LATELY, "failure_code": SUPERSEDED, **OVER},
        {"given_up_at": LATELY - timedelta(days=2), "failure_code": "timeout", **OVER},
        OVER,
    ],
)
def test_where_nothing_is_left_to_be_confirmed_nothing_is_said(
    dora: Browser, ada: Browser, ben: Browser, over: dict[str, Any]
) -> None:
    ended(ada.user, type="polar", **over)
    ended(ben.user, type="polar")

    page = case(dora, ada.user)

    assert not page.html.select("#endings")
    assert "not confirmed" not in page.html.select_one("pre.diagnosis").text


def test_what_is_still_tried_stands_first_and_the_number_is_of_all(dora: Browser, ada: Browser) -> None:
    for _ in range(11):
        ended(ada.user, type="polar", given_up_at=LATELY, failure_code="timeout", **OVER)
    ended(ada.user, type="strava", queued_at=AT)

    page = case(dora, ada.user)

    assert shown(page)[0].startswith("Strava ")
    assert len(shown(page)) == 10
    assert text(page.html.select_one("#endings")) == "Ended, not confirmed by the provider 12"


def test_no_sentence_calls_the_member_of_staff_the_person(dora: Browser, ada: Browser) -> None:
    for code in set(REASONS) - {"code_refused"}:  # that is said on the way back from a provider only
        ended(ada.user, type="polar", failure_code=code, tried_at=AT, due_at=AT)
        newest = shown(case(dora, ada.user))[0]

        assert code in newest
        assert not re.search(r"\byour?\b", newest, re.IGNORECASE), newest


def test_ten_ends_cost_the_queries_of_one(dora: Browser, ada: Browser, queries: Queries) -> None:
    counts = []
    for number in (1, 9):
        for _ in range(number):
            ended(ada.user, type="polar")
        case(dora, ada.user)
        queries.clear()
        with queries:
            case(dora, ada.user)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_events_of_two_connections_of_one_type_are_told_apart_by_their_ids(dora: Browser, ada: Browser) -> None:
    two = [factories.Connection(user=ada.user) for _ in range(2)]
    with transaction():
        for each in two:
            record(Event.CONNECTION_MADE, who(ada.user), connection=each.id, type="withings")

    said = [text(line) for line in case(dora, ada.user).html.select("[aria-labelledby=people] .log li span")]

    for each in two:
        assert f"Withings was connected. id {each.id}" in said
