"""The auditor's log: filtered, page by page, exported, for administrators alone, and itself on the record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import leaving
from dashboard.data import support_accesses, transaction
from dashboard.data.db import collected
from dashboard.events import Event, Outcome, record
from dashboard.events.proof import verify
from dashboard.events.sealing import Entry, Sealing
from dashboard.pages.support import log_words
from dashboard.who import Origin, Role, Who
from tests import factories
from tests.conftest import Browser, Queries, signed_in
from tests.support.looking import change, form_to, happened, look

PATH = "/support/log/"
ORIGIN = Origin("AAAA-BBBB", "192.0.2.7", "Firefox")


@pytest.fixture
def emil(app: Flask) -> Browser:
    """Emil, an administrator."""
    return signed_in(app, factories.User(email="admin@demo.test", name="Emil Falk", granted_role=int(Role.ADMIN)))


def rows(page: Any) -> list[str]:
    """The events of the page, as read; the auditor's own reading left out."""
    table = page.html.select_one("#events table")
    found = [read(row) for row in table.select("tbody tr")] if table else []
    return [each for each in found if "Read the log" not in each and "Exported the log" not in each]


def read(element: Any) -> str:
    """The text of an element, its parts set apart by one blank."""
    return " ".join(" ".join(element.stripped_strings).split())


def said(page: Any) -> str:
    return read(page.html.main)


def happen(user: Any, event: Event | str, *, at: datetime | None = None, count: int = 1) -> None:
    """Write events straight to the log, at a moment of choice."""
    with transaction():
        sealing = collected(Sealing)
        ref = sealing.ref(user.id)
        for _number in range(count):
            sealing.add(Entry(str(event), sub=ref, act=ref, at=at))


def looked(dora: Any, user: Any, *, reason: str = "Fitbit stopped", ticket: str = "NF-4821") -> int:
    """A look of Dora's, with one page."""
    with transaction():
        started = support_accesses.start(
            actor_id=dora.id, subject_id=user.id, login_session_id=1, reason=reason, ticket=ticket, minutes=30
        )
        assert started is not None
        by = Who(dora.id, user.id, ORIGIN, started[0])
        record(Event.ACCESS_STARTED, by, reason=reason, ticket=ticket)
        record(Event.ACCESS_VIEWED, by, route="connections.index", key="")
        support_accesses.end(started[0], why="by_actor")
        record(Event.ACCESS_ENDED, by, why="by_actor")
    return int(started[0])


@pytest.mark.parametrize("path", [PATH, f"{PATH}export/csv/", f"{PATH}export/jsonl/"])
def test_58_it_is_for_administrators_alone(anybody: Browser, ben: Browser, dora: Browser, path: str) -> None:
    anybody.get(path, status=303)
    ben.get(path, status=403)
    dora.get(path, status=403)

    assert happened(Event.LOG_READ) == happened(Event.LOG_EXPORTED) == []


def test_a_role_that_was_taken_closes_it_at_once(emil: Browser) -> None:
    emil.get(PATH)
    change(emil.user, granted_role=int(Role.SUPPORT))

    emil.get(PATH, status=403)


def test_a_row_says_when_what_who_about_whom_why_and_from_where(emil: Browser, dora: Browser, ada: Browser) -> None:
    access_id = looked(dora.user, ada.user)

    ended, viewed, started = rows(emil.get(PATH))[:3]

    assert "Began a look access.started Dora Lind" in started
    assert f"Ada Brandt user {ada.user.id} {access_id} “Fitbit stopped”, ticket NF-4821 AAAA-BBBB 192.0.2.7" in started
    assert "Looked at a page access.viewed route connections.index" in viewed
    assert "“Fitbit stopped”" in viewed
    assert "Ended a look access.ended by_actor" in ended
    assert emil.get(PATH).html.select_one("tbody time")["datetime"].endswith("+00:00")


@pytest.mark.parametrize("event", list(Event))
def test_every_action_has_its_words(app: Flask, event: Event) -> None:
    with app.test_request_context():
        assert log_words.action_word(event)[0].isupper()
        assert log_words.action_word(None)


def test_51_both_are_named_and_what_was_refused_says_why(emil: Browser, dora: Browser, ada: Browser) -> None:
    by = Who(dora.user.id, ada.user.id, ORIGIN)
    with transaction():
        record(Event.ACCESS_REFUSED, by, outcome=Outcome.REFUSED, why="not_allowed")
    [refused] = rows(emil.get(PATH, {"action": "access.refused"}))

    assert "Refused: not_allowed" in refused
    assert ("Dora Lind" in refused, "Ada Brandt" in refused) == (True, True)


def test_it_is_filtered_by_staff_person_action_and_access(
    emil: Browser, dora: Browser, ada: Browser, ben: Browser
) -> None:
    access_id = looked(dora.user, ada.user)
    happen(ada.user, Event.LOGIN_STARTED)
    happen(ben.user, Event.LOGIN_STARTED)

    def count(**filters: Any) -> int:
        return len(rows(emil.get(PATH, filters)))

    assert count(staff=dora.user.id) == 3
    assert count(staff="support@demo.test") == 3
    assert count(staff="dora") == 3
    assert count(person="ada brandt") == 4
    assert count(person=ben.user.id) == 1
    assert count(action="login.started") == 2
    assert count(person=ada.user.id, action="login.started") == 1
    assert count(access=access_id) == 3
    assert count(staff="system") == 1


def test_it_is_filtered_by_days_of_the_readers_clock(app: Flask, ada: Browser) -> None:
    emil = signed_in(app, factories.User(granted_role=int(Role.ADMIN), time_zone="Asia/Tokyo"))
    for moment in ("2026-03-01T14:59:00+00:00", "2026-03-01T15:01:00+00:00", "2026-03-02T15:01:00+00:00"):
        happen(ada.user, Event.LOGIN_STARTED, at=datetime.fromisoformat(moment))

    page = emil.get(PATH, {"since": "2026-03-02", "until": "2026-03-02"})

    assert [each[:19] for each in rows(page)] == ["2026-03-02 00:01:00"]


NONSENSE = (
    {"action": "nonsense"}, {"since": "yesterday"}, {"until": "9999-12-31"}, {"access": "x"}, {"before": "9" * 40},
)  # fmt: skip


@pytest.mark.parametrize("filters", NONSENSE)
def test_what_makes_no_sense_in_the_address_is_as_good_as_not_said(
    emil: Browser, ada: Browser, filters: dict[str, str]
) -> None:
    happen(ada.user, Event.LOGIN_STARTED)

    assert len(rows(emil.get(PATH, filters))) >= 1


def test_several_people_are_offered_and_nothing_is_listed(emil: Browser, ada: Browser) -> None:
    factories.User(name="Ada Other", email="ada.other@demo.test")
    happen(ada.user, Event.LOGIN_STARTED)

    page = emil.get(PATH, {"person": "ada"})

    assert "Several people fit “ada”" in said(page)
    assert rows(page) == []
    assert not page.html.find("a", string="Export as CSV")
    assert len(rows(page.click("Ada Brandt"))) == 1


def test_nobody_is_said_with_what_was_typed(emil: Browser) -> None:
    assert "Nobody fits “zebedee <b>”" in said(emil.get(PATH, {"staff": "zebedee <b>"}))


def test_a_filter_without_a_hit_offers_to_drop_it(emil: Browser) -> None:
    page = emil.get(PATH, {"action": "role.granted"})

    assert "Nothing fits this filter" in said(page)
    assert page.html.find("a", string="Show all of the log")["href"] == PATH


def test_it_goes_on_to_older_ones_with_its_filter(emil: Browser, ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED, count=120)

    pages = [emil.get(PATH, {"person": "ada brandt"})]
    while pages[-1].html.find("a", string="Older"):
        pages.append(pages[-1].click("Older"))

    assert [len(rows(page)) for page in pages] == [50, 50, 20]
    assert pages[1].request.params["person"] == str(ada.user.id)
    assert len({row for page in pages for row in rows(page)}) == 120


def test_new_events_meanwhile_shift_nothing(emil: Browser, ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED, count=60)
    first = emil.get(PATH, {"person": ada.user.id})
    happen(ada.user, Event.LOGIN_STARTED, count=5)

    second = first.click("Older")

    assert (len(rows(second)), set(rows(first)) & set(rows(second))) == (10, set())


def test_a_page_of_fifty_costs_as_many_queries_as_one_of_few(
    emil: Browser, dora: Browser, ada: Browser, queries: Queries
) -> None:
    looked(dora.user, ada.user)
    emil.get(PATH, {"staff": dora.user.id})
    with queries:
        emil.get(PATH, {"staff": dora.user.id})
    few = len(queries)
    for _ in range(16):
        looked(dora.user, ada.user)
    queries.clear()
    with queries:
        emil.get(PATH, {"staff": dora.user.id})

    assert len(queries) == few


def test_somebody_erased_is_erased_here_and_found_by_the_reference(emil: Browser, dora: Browser, ada: Browser) -> None:
    looked(dora.user, ada.user)
    leaving.delete_account(Who(ada.user.id, ada.user.id, ORIGIN), typed="user@demo.test")

    page = emil.get(PATH, {"action": "access.started"})
    [started] = rows(page)

    assert "details erased" in started
    assert "reason erased" in started
    assert "address erased" in started
    for gone in ("Ada", "Fitbit stopped", "NF-4821", "192.0.2.7"):
        assert gone not in started
    assert len(rows(page.click("^erased$"))) == 4


def test_staff_who_left_keeps_the_name_for_the_auditor(emil: Browser, dora: Browser, ada: Browser) -> None:
    looked(dora.user, ada.user)
    leaving.delete_account(Who(dora.user.id, dora.user.id, ORIGIN), typed="support@demo.test")

    page = emil.get(PATH, {"action": "access.started"})

    assert "Dora Lind (account erased)" in rows(page)[0]
    assert "Dora Lind 1 1" in said(emil.get(PATH))


def test_59_the_first_page_counts_the_looks_by_member_of_staff(
    app: Flask, emil: Browser, dora: Browser, ada: Browser
) -> None:
    other = factories.User(name="Olaf Busy", granted_role=int(Role.SUPPORT))
    looked(dora.user, ada.user)
    for _ in range(2):
        looked(other, ada.user)
    happen(dora.user, Event.ACCESS_STARTED, at=datetime.now(UTC) - timedelta(hours=3), count=5)
    happen(dora.user, Event.ACCESS_STARTED, at=datetime.now(UTC) - timedelta(hours=25))

    page = emil.get(PATH)

    counted = [read(row) for row in page.html.select("#busiest ~ .table tbody tr")]
    assert counted == ["Dora Lind 1 6", "Olaf Busy 2 2"]
    assert "Looks by member of staff" not in said(emil.get(PATH, {"action": "access.started"}))


def test_it_says_how_far_the_chain_is_and_how_it_is_proved(emil: Browser, ada: Browser) -> None:
    happen(ada.user, Event.LOGIN_STARTED, count=3)

    page = emil.get(PATH)

    proof = verify()
    assert page.html.select_one("#chain ~ dl code")["title"] == proof.hash
    assert f"Events {proof.count}" in said(page)
    assert "flask --app wsgi audit verify" in said(page)


def test_an_administrator_finds_the_way_there_and_support_does_not(emil: Browser, dora: Browser) -> None:
    assert emil.get("/support/").click("Open the log").request.path == PATH
    assert "Open the log" not in dora.get("/support/").text


def test_56_what_people_typed_is_text_here_too(emil: Browser, dora: Browser) -> None:
    ada = factories.User(name="<img src=x onerror=alert(1)>")
    looked(dora.user, ada, reason="<script>alert(1)</script>")

    page = emil.get(PATH)

    assert not page.html.main.select("img, script")
    assert "<script>alert(1)</script>" in said(page)


def test_44_it_stays_the_actors_own_during_a_look(emil: Browser, ada: Browser) -> None:
    look(emil, ada.user)

    page = emil.get(PATH)

    assert "Ada Brandt" in page.html.select_one("aside.watch").text
    [reading] = happened(Event.LOG_READ)
    assert (reading.sub == reading.act, reading.access) == (True, None)
    form_to(page, "/support/end/").submit(status=303)
