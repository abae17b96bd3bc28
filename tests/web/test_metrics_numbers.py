"""What the numbers of ``/metrics/`` say, on both databases."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from math import inf
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from dashboard.data import chain, clock, db, provider_windows, transaction
from dashboard.data.chores import Chore
from dashboard.data.mails import Mail
from dashboard.data.revocations import Revocation
from dashboard.events import Event, checking, record
from dashboard.jobs import chores
from dashboard.who import Role, Who
from tests import factories
from tests.conftest import Browser
from tests.support.looking import forged_look, form_to, look, run_out, token_of
from tests.web.conftest import BEARER, Numbers

DATABASES = ["sqlite", "postgresql"]
Scrape = Callable[[], Numbers]


def one(numbers: Numbers, name: str) -> float:
    return numbers[(name,)]


def test_an_empty_dashboard_has_all_numbers_that_name_no_type(scrape: Scrape) -> None:
    numbers = scrape()

    assert {key[0] for key in numbers} == {
        "support_looks_open", "support_looks_begun_last_hour", "support_looks_begun_by_one_last_hour",
        "support_looks_refused_last_hour", "support_searches_last_hour", "log_sequence_number",
        "log_proved_sequence_number", "log_check_age_seconds", "log_checkpoint_age_seconds", "log_broken",
        "work_due", "work_oldest_due_age_seconds", "work_unfinished",
    }  # fmt: skip
    assert {key for key, value in numbers.items() if value} == {
        ("log_check_age_seconds",), ("log_checkpoint_age_seconds",)
    }  # fmt: skip


def test_59_looks_are_counted_that_go_on_and_that_began(scrape: Scrape, dora: Browser, ada: Browser) -> None:
    page = look(dora, ada.user)
    assert [one(scrape(), f"support_looks_{each}") for each in ("open", "begun_last_hour")] == [1, 1]

    form_to(page, "/support/end/").submit(status=303)
    assert [one(scrape(), f"support_looks_{each}") for each in ("open", "begun_last_hour")] == [0, 1]


def test_59_a_look_whose_time_or_login_is_over_does_not_go_on(scrape: Scrape, dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    run_out()

    assert one(scrape(), "support_looks_open") == 0


def begin(actor: Any, event: Event = Event.ACCESS_STARTED, *, times: int = 1, **told: Any) -> None:
    """Events of support, as its domain writes them."""
    for _ in range(times):
        with transaction():
            record(event, Who(actor.id, actor.id), **told)


def staff(name: str) -> Any:
    return factories.User(name=name, granted_role=int(Role.SUPPORT))


def test_59_the_busiest_of_the_staff_stands_out_without_a_name(scrape: Scrape, anybody: Browser) -> None:
    begin(staff("Dora"), times=3)
    begin(staff("Emil"), times=5)

    numbers = scrape()

    assert one(numbers, "support_looks_begun_last_hour") == 8
    assert one(numbers, "support_looks_begun_by_one_last_hour") == 5
    assert not re.search("Dora|Emil|user_id|act=", anybody.get("/metrics/", headers=BEARER).text)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """``at(moment)``: events that are recorded from now on happened then."""
    hold = chain.hold_head

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(chain, "hold_head", lambda: hold()._replace(now=moment))

    return set_clock


def test_59_what_is_an_hour_ago_counts_no_more(scrape: Scrape, at: Callable[[datetime], None]) -> None:
    dora, now = staff("Dora"), clock.now()
    for minutes in (300, 61, 61, 59, 59, 1):
        at(now - timedelta(minutes=minutes))
        begin(dora)
        begin(dora, Event.LOGIN_STARTED)

    assert one(scrape(), "support_looks_begun_last_hour") == 3


def test_59_refused_looks_and_searches_are_counted(scrape: Scrape, dora: Browser, ada: Browser, ben: Browser) -> None:
    dora.get("/support/", {"q": "ada"})
    page = look(dora, ada.user)
    dora.post("/account/tokens/", {"csrf_token": token_of(page)}, status=403)  # closed, which is no look refused
    forged_look(dora, ben.user)

    numbers = scrape()

    assert one(numbers, "support_looks_refused_last_hour") == 1
    assert one(numbers, "support_searches_last_hour") == 1


def test_how_the_log_stands_and_when_it_was_proved(scrape: Scrape) -> None:
    begin(staff("Dora"), times=3)
    numbers = scrape()
    assert [one(numbers, f"log_{each}") for each in ("sequence_number", "proved_sequence_number")] == [4, 0]
    assert one(numbers, "log_check_age_seconds") == inf

    checking.check()

    numbers = scrape()
    assert [one(numbers, f"log_{each}") for each in ("proved_sequence_number", "broken")] == [4, 0]
    assert 0 <= one(numbers, "log_check_age_seconds") < 60


def test_a_log_that_was_found_broken_is_red(scrape: Scrape) -> None:
    begin(staff("Dora"))
    with transaction():
        db.session.execute(text("UPDATE event_heads SET seq = seq + 1"))

    checking.check()

    assert one(scrape(), "log_broken") == 1
    with transaction():
        db.session.execute(text("UPDATE event_heads SET seq = seq - 1"))


def chore(name: str, **ago: timedelta | None) -> None:
    values = {column: None if past is None else clock.now() - past for column, past in ago.items()}
    with transaction():
        db.session.execute(text("DELETE FROM chores WHERE name = :name"), {"name": name})
        db.session.execute(insert(Chore).values(name=name, **values))


def test_the_age_of_the_last_checkpoint_is_told_by_the_databases_clock(scrape: Scrape) -> None:
    chore("checkpoint", due_at=-timedelta(minutes=10), done_at=timedelta(minutes=50), failed_at=timedelta(days=1))

    assert 50 * 60 <= one(scrape(), "log_checkpoint_age_seconds") < 51 * 60
    assert scrape()["chore_failed", "checkpoint"] == 0


def test_a_chore_that_failed_says_so_until_it_is_done(scrape: Scrape) -> None:
    chore("mails", due_at=timedelta(), done_at=timedelta(hours=2), failed_at=timedelta(hours=1))
    chore("proof", due_at=timedelta(), failed_at=timedelta(hours=1))

    assert (scrape()["chore_failed", "mails"], scrape()["chore_failed", "proof"]) == (1, 1)
    assert one(scrape(), "log_checkpoint_age_seconds") == inf


def test_the_checkpoints_are_made_by_a_chore_of_that_name(app: Flask, scrape: Scrape) -> None:
    chores.plan()

    assert ("chore_failed", "checkpoint") in scrape()


def test_due_work_is_counted_by_kind_with_the_age_of_the_oldest(scrape: Scrape) -> None:
    ada, now = factories.User(), clock.now()
    for minutes in (20, 5, -30):
        factories.Connection(user=ada, next_sync_at=now - timedelta(minutes=minutes))
    with transaction():
        given = {"type": "withings", "queued_at": now, "lease_until": None}
        held = {**given, "due_at": now, "lease_until": now + timedelta(minutes=5)}
        over = {**given, "due_at": None}
        again = {**given, "due_at": now + timedelta(days=1)}
        db.session.execute(insert(Revocation), [held, over, again, {**given, "due_at": now - timedelta(hours=2)}])
        db.session.execute(insert(Mail).values(user_id=ada.id, name="reconnect", queued_at=now, due_at=now))
    chore("records", due_at=timedelta(minutes=3))

    numbers = scrape()

    kinds = ("sync", "revocation", "mail", "chore")
    assert [numbers["work_due", kind] for kind in kinds] == [2, 1, 1, 1]
    assert [numbers["work_oldest_due_age_seconds", kind] // 60 for kind in kinds] == [20, 120, 0, 3]
    assert [numbers["work_unfinished", kind] for kind in ("revocation", "mail")] == [3, 1]


def test_what_nobody_waits_for_has_no_age(scrape: Scrape) -> None:
    numbers = scrape()

    assert numbers["work_due", "sync"] == numbers["work_oldest_due_age_seconds", "sync"] == 0


def test_counting_stops_where_more_would_be_as_bad(scrape: Scrape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.data.backlog.MOST", 2)
    ada = factories.User()
    for minutes in (1, 9, 3):
        factories.Connection(user=ada, next_sync_at=clock.now() - timedelta(minutes=minutes))

    numbers = scrape()

    assert numbers["work_due", "sync"] == 2
    assert numbers["work_oldest_due_age_seconds", "sync"] // 60 == 9


def test_paused_connections_are_counted_by_type_and_reason(scrape: Scrape) -> None:
    for code in ("client_refused", "client_refused", "no_credentials"):
        factories.Connection(user=factories.User(), type="strava", paused=True, failure_code=code)

    numbers = {key: value for key, value in scrape().items() if key[0] == "paused"}

    assert numbers == {("paused", "client_refused", "strava"): 2, ("paused", "no_credentials", "strava"): 1}


def test_a_provider_that_wants_to_be_left_alone_is_named_until_that_is_over(scrape: Scrape) -> None:
    now = clock.now()
    with transaction():
        provider_windows.block("strava", until=now + timedelta(minutes=15), now=now)
        provider_windows.block("oura", until=now - timedelta(seconds=1), now=now)
        provider_windows.spend("fitbit", seconds=900, requests=9, now=now)

    numbers = {key: value for key, value in scrape().items() if key[0] == "provider_blocked_seconds"}

    assert list(numbers) == [("provider_blocked_seconds", "strava")]
    assert 14 * 60 < numbers["provider_blocked_seconds", "strava"] <= 15 * 60
