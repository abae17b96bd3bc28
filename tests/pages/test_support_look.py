"""Asking to look, and the banner: whose language, whose name, and a login that is too old."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from dashboard.data import db, transaction
from dashboard.data.support_accesses import SupportAccess
from dashboard.identity import account
from tests import factories, sessions
from tests.conftest import Browser
from tests.support.looking import accesses, banner, change, forged_look, form_to, h1, look, run_out


def proved(user: object, at: datetime | None) -> None:
    """Let the person of a browser have proved themselves then."""
    for each in account.sessions(user.id):  # type: ignore[attr-defined]
        sessions.change(each.id, proved_at=at)


def test_the_form_says_that_the_person_reads_the_reason(dora: Browser, ada: Browser) -> None:
    page = dora.get(f"/support/users/{ada.user.id}/look/")

    assert "Ada Brandt reads this, word for word" in page.html.select_one("#reason-hint").text
    assert "For 30 minutes you see every page as Ada Brandt does." in page.html.main.text


def test_46_the_page_speaks_the_persons_language_and_the_banner_the_actors(dora: Browser, ada: Browser) -> None:
    change(ada.user, language="de", time_zone="Europe/Berlin", theme="dark")
    change(dora.user, language="en")
    factories.Connection(user=ada.user)

    page = look(dora, ada.user)

    assert page.html.html["lang"] == "de"
    assert page.html.html["data-theme"] == "dark"
    assert page.html.h1.text == "Verbindungen"
    assert page.html.select_one(".watch")["lang"] == "en"
    assert "Stop looking" in banner(page)
    assert page.html.select_one("time[datetime*='+01:00'], time[datetime*='+02:00']")


def test_46_what_is_closed_and_what_is_over_is_said_in_the_actors_language(dora: Browser, ada: Browser) -> None:
    change(ada.user, language="de")
    change(dora.user, language="en")
    page = look(dora, ada.user)
    token = page.html.select_one("input[name=csrf_token]")["value"]

    assert h1(dora.post("/activity/", {"csrf_token": token}, status="*")) == "This can’t be opened this way"
    assert h1(dora.get("/account/", status=403)) == "This is closed to support"
    run_out()
    assert h1(dora.get("/connections/", status=403)) == "The time for this look is over"


def test_the_minutes_left_are_counted_down(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    with transaction():
        until = datetime.now(UTC) + timedelta(seconds=50)
        db.session.execute(update(SupportAccess).values(expires_at=until))

    assert "1 minute left" in banner(dora.get("/connections/"))


@pytest.mark.parametrize("ago_minutes", [None, 11])
def test_a_login_that_is_too_old_must_be_made_anew(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch, ago_minutes: int | None
) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_FRESH_LOGIN_MINUTES", 10)
    proved(dora.user, None if ago_minutes is None else datetime.now(UTC) - timedelta(minutes=ago_minutes))

    offered = dora.get(f"/support/users/{ada.user.id}/look/")
    refused = forged_look(dora, ada.user)

    for page in (offered, refused):
        way = page.html.select_one("a[href^='/login/']")["href"]
        assert "fresh=1" in way
        assert f"/support/users/{ada.user.id}/look/" in way
    assert accesses() == []


def test_a_login_that_is_new_enough_may_look(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_FRESH_LOGIN_MINUTES", 10)
    proved(dora.user, datetime.now(UTC) - timedelta(minutes=9))

    assert "Ada Brandt" in banner(look(dora, ada.user))


def test_while_looking_the_own_ground_stays_open_under_the_banner(dora: Browser, ada: Browser, ben: Browser) -> None:
    look(dora, ada.user)

    page = dora.get(f"/support/users/{ben.user.id}/")

    assert "eyes of Ada Brandt" in banner(page)
    assert page.html.h1.text == "Ben Okoye"
    offered = dora.get(f"/support/users/{ben.user.id}/look/")
    assert "the eyes of Ada Brandt, until" in offered.html.main.text
    assert form_to(offered, "/support/end/")


@pytest.mark.parametrize(
    ("reason", "ticket", "said"),
    [
        ("The scale stopped", "", "“The scale stopped”. You may"),
        ("The scale stopped.", "", "“The scale stopped.” You may"),
        ("The scale stopped.", "T-7", "“The scale stopped.”, ticket T-7. You may"),
    ],
)
def test_the_sentence_with_the_reason_ends_with_one_stop(
    dora: Browser, ada: Browser, reason: str, ticket: str, said: str
) -> None:
    look(dora, ada.user, reason=reason, ticket=ticket)

    assert said in banner(dora.get("/connections/"))
