"""The case: why connections fail, in words, codes and times; never a secret."""

import re
from datetime import timedelta
from typing import Any

import pytest

from dashboard.events import Event
from dashboard.pages.states import REASONS
from dashboard.pages.support.case import CARDS_PAGE_SIZE
from tests import factories
from tests.conftest import Browser, Queries
from tests.support.looking import change, form_to, happened, look


def case(browser: Browser, user: Any, **query: Any) -> Any:
    """The page of a case."""
    return browser.get(f"/support/users/{user.id}/", query, status="*")


def facts(page: Any) -> dict[str, str]:
    """The facts beside the runs."""
    return {each.dt.text.strip(): each.dd.text.strip() for each in page.html.select(".facts > div")}


def cell(page: Any, label: str) -> str:
    """A cell of the first connection."""
    return " ".join(page.html.select_one(f"tbody td[data-label='{label}']").text.split())


@pytest.mark.parametrize(
    ("traits", "state", "why", "next_try"),
    [
        ({"refused": True}, "Needs you", "Withings refused our access. refused", "none, waits for the person"),
        ({"failing": True}, "Delayed", "Withings did not answer in time. 2 tries failed. timeout", ":"),
        ({"quiet": True}, "Quiet", "Syncs succeed; the last new record came on", ":"),
        ({"fresh": True}, "New", "Connected, the first sync is in line.", ":"),
        ({"syncing": True}, "Syncing", "A sync is under way since", "after this run"),
        ({"paused": True}, "On us", "Withings refuses this site as a whole, not the person. client_refused", ":"),
        ({"type": "jawboneup"}, "Closed by the provider", "Jawbone UP has closed this service", "none due"),
        ({}, "Working", "Synced at", ":"),
    ],
)
def test_each_state_says_why_with_code_and_what_comes_next(
    dora: Browser, ada: Browser, traits: dict[str, Any], state: str, why: str, next_try: str
) -> None:
    factories.Connection(user=ada.user, **traits)

    page = case(dora, ada.user)

    assert cell(page, "State") == state
    assert cell(page, "Why").startswith(why)
    assert next_try in cell(page, "Next try")


@pytest.mark.parametrize("trait", ["failing", "refused", "paused"])
def test_no_reason_calls_the_member_of_staff_the_person(dora: Browser, ada: Browser, trait: str) -> None:
    codes = set(REASONS) - {"code_refused"}  # said on the way back from a provider only
    for code in codes:
        factories.Connection(user=ada.user, failure_code=code, **{trait: True})

    told = [each.text for each in case(dora, ada.user).html.select("td[data-label=Why]")]

    assert len(told) == len(codes) <= CARDS_PAGE_SIZE
    assert not [each for each in told if re.search(r"\byour?\b", each, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("type", "terms"),
    [
        ("withings", "Withings: What it sends stays here for as long as the person likes. When the person disconnects"),
        (
            "strava",
            "it, what it sent is deleted here at once: Strava asks for that. Disconnecting ends this site’s whole",
        ),
    ],
)
def test_the_terms_speak_of_the_person(dora: Browser, ada: Browser, type: str, terms: str) -> None:
    factories.Connection(user=ada.user, type=type)

    said = " ".join(case(dora, ada.user).html.select_one("details ul").text.split())

    assert terms in said
    assert not re.search(r"\byour?\b", said, re.IGNORECASE), said


def test_the_code_has_its_time(dora: Browser, ada: Browser) -> None:
    made = factories.Connection(user=ada.user, refused=True)

    time = case(dora, ada.user).html.select_one("td[data-label=Why] time")

    assert time["datetime"] == made.refused_at.isoformat("T", "seconds")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"refused": True}, "refused"), ({"access_token": None}, "no grant here"), ({}, "no end known"),
        ({"access_expires_at": factories.now() + timedelta(days=9), "refresh_token": None}, str(factories.now().year)),
        ({"access_expires_at": factories.now() + timedelta(days=9)}, "renewed before"),
        ({"access_expires_at": factories.now() - timedelta(hours=1)}, "renewed with the next sync"),
        ({"type": "jawboneup", "access_expires_at": factories.now() - timedelta(days=9)}, "not renewed any more"),
    ],
)  # fmt: skip
def test_the_grant_says_until_when_it_lasts(dora: Browser, ada: Browser, values: dict[str, Any], said: str) -> None:
    factories.Connection(user=ada.user, **values)

    assert said in cell(case(dora, ada.user), "Grant ends")


def test_the_last_runs_of_all_connections_with_count_and_duration_page_by_page(dora: Browser, ada: Browser) -> None:
    one, other = factories.Connection(user=ada.user), factories.Connection(user=ada.user, type="polar")
    factories.SyncRun(connection=factories.Connection(user=dora.user), record_count=999)
    for minutes in range(20):
        factories.SyncRun(connection=one, started_at=factories.now() - timedelta(minutes=100 + minutes))
    factories.SyncRun(connection=other, outcome="failed", failure_code="timeout", record_count=0)

    page = case(dora, ada.user)
    rows = page.html.select("[aria-labelledby=runs] tbody tr")

    assert len(rows) == 15
    assert [
        rows[0].select_one("[data-label=Service]").text.split()[0], rows[0].code.text,
        rows[0].select_one("[data-label=Took]").text,
    ] == ["Polar", "timeout", "1.1 s"]  # fmt: skip
    assert rows[1].select_one("[data-label=Records]").text == "2"
    assert "999" not in page.html.select_one("[aria-labelledby=runs]").text
    older = page.click("Older")
    assert len(older.html.select("[aria-labelledby=runs] tbody tr")) == 6
    assert older.click("Newer").request.path == page.request.path


def test_sessions_events_consent_and_earlier_looks_are_there(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_setting="always")
    form_to(look(dora, ada.user, ticket="NF-1"), "/support/end/").submit(status=303)

    told = facts(case(dora, ada.user))

    assert "Unknown device, 192.0.2.7" in told
    assert told["Support may look"] == "yes"
    assert (
        "Dora Lind looked for 1 minute“Fitbit stopped, reconnect loops”, ticket NF-1. Ended by the member of staff."
        in told
    )


def test_events_are_the_persons_own_sentences(dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, fresh=True)
    form_to(ada.get("/connections/"), f"/connections/{connection.id}/sync/").submit(status=303)

    page = case(dora, ada.user)

    events = [" ".join(each.text.split()) for each in page.html.select("[aria-labelledby=people] .log li")]
    assert any(each.endswith(f"A sync of Withings was asked for. id {connection.id}") for each in events)
    assert "Support read" not in page.html.select_one("[aria-labelledby=people]").text


def test_no_secret_is_on_the_page(dora: Browser, ada: Browser) -> None:
    factories.Connection(user=ada.user, refused=True)

    page = case(dora, ada.user)

    for secret in ("access-secret", "refresh-secret", ada.cookies["session"]):
        assert secret not in page.text


def test_the_diagnosis_is_plain_text_for_a_ticket(dora: Browser, ada: Browser) -> None:
    broken = factories.Connection(user=ada.user, refused=True)
    factories.Connection(user=ada.user, type="polar")

    text = case(dora, ada.user).html.select_one("pre.diagnosis").text
    head, line, others = text.splitlines()

    assert head.startswith(f"User {ada.user.id}, 2 connections, ")
    assert head.endswith(" UTC")
    assert line.startswith(
        f"Withings {broken.id}: Needs you; refused {broken.refused_at:%Y-%m-%d %H:%M} UTC; last sync"
    )
    assert others == "1 other: in order."
    assert "Ada" not in text
    assert "demo.test" not in text


def test_the_copy_button_is_for_scripts_only(dora: Browser, ada: Browser) -> None:
    page = case(dora, ada.user)

    assert page.html.select_one("button[data-copy]").has_attr("hidden")
    assert page.html.select_one("script[type=module]")["src"].endswith("/js/copy.js")


def test_each_reading_is_on_the_record_once_and_the_person_reads_it(dora: Browser, ada: Browser) -> None:
    case(dora, ada.user)

    [read] = happened(Event.CASE_READ)
    assert read.sub != read.act
    assert "Dora Lind of support opened your case" in ada.get("/activity/").text


def test_9_asking_to_look_names_the_person_and_is_on_the_record_too(dora: Browser, ada: Browser) -> None:
    dora.get(f"/support/users/{ada.user.id}/look/")

    [read] = happened(Event.CASE_READ)
    assert read.sub != read.act


@pytest.mark.parametrize("page", ["", "look/"])
def test_61_a_prefetch_reads_nothing_about_a_person(dora: Browser, ada: Browser, page: str) -> None:
    path = f"/support/users/{ada.user.id}/{page}"

    refused = dora.get(path, headers={"Sec-Purpose": "prefetch;prerender"}, status=403)

    assert "Ada Brandt" not in refused.text
    assert happened(Event.CASE_READ) == []


def test_it_costs_as_much_for_a_page_of_connections_as_for_one(dora: Browser, ada: Browser, queries: Queries) -> None:
    factories.SyncRun(connection=factories.Connection(user=ada.user))
    case(dora, ada.user)
    with queries:
        case(dora, ada.user)
    one = len(queries)
    queries.clear()
    for _ in range(23):
        run = factories.SyncRun(connection=factories.Connection(user=ada.user))
        factories.Mail(user=ada.user, connection_id=run.connection_id)
    with queries:
        case(dora, ada.user)

    assert len(queries) == one


def test_many_connections_have_pages_and_a_diagnosis_that_says_so(dora: Browser, ada: Browser) -> None:
    for _ in range(30):
        factories.Connection(user=ada.user)

    page = case(dora, ada.user)

    assert "1 to 24 of 30" in page.html.main.text
    assert len(page.click("Next").html.select("[aria-labelledby=conns] tbody tr")) == 6
    assert page.html.select_one("pre").text.endswith("All, by state: Working 30.")
    assert case(dora, ada.user, page=9).status_int == 303


def test_who_has_nothing_has_a_case_too(dora: Browser, ben: Browser) -> None:
    page = case(dora, ben.user)

    assert "Nothing is connected." in page.html.main.text
    assert "0 connections" in page.html.select_one("pre").text


def test_never_closes_the_look_but_not_the_case(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_setting="never")

    page = case(dora, ada.user)

    assert facts(page)["Support may look"] == "no"
    assert "Ada Brandt does not let support look" in page.click("Why looking is closed").html.main.text


def test_staff_can_be_read_but_not_looked_at(dora: Browser) -> None:
    page = case(dora, dora.user)

    assert "This is you." in page.click("Why looking is closed").html.main.text


def test_nobodys_case_is_a_404_and_only_staff_read_any(dora: Browser, ada: Browser) -> None:
    dora.get("/support/users/999999/", status=404)
    ada.get(f"/support/users/{dora.user.id}/", status=403)
    ada.get(f"/support/users/{ada.user.id}/", status=403)
    assert happened(Event.CASE_READ) == []


def test_it_says_what_the_provider_said_who_asked_and_on_what_terms(dora: Browser, ada: Browser) -> None:
    made = factories.Connection(user=ada.user, type="strava", failing=True, failure_said="Rate <b>Limit</b> Exceeded")
    factories.SyncRun(connection=made, outcome="failed", failure_code="timeout", failure_said="too slow", why="webhook")

    page = dora.get(f"/support/users/{ada.user.id}/")

    words = " ".join(page.html.main.text.split())
    assert "It said: “Rate <b>Limit</b> Exceeded”" in words
    assert "after a notice of the provider" in words
    assert "It said: “too slow”" in words
    assert "Strava: What it sends is deleted here after 7 days" in words
