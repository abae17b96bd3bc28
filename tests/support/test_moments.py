"""The moment at which a look is over: whose clock says so, and what is under way just then (edge cases 15, 16, 19)."""

import sys
from contextvars import Context
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from dashboard.data import db
from dashboard.data.connections import Connection
from dashboard.data.events import EventEntry
from dashboard.events import Event
from dashboard.identity import account
from dashboard.pages import connections as pages
from dashboard.support import consent
from dashboard.who import Who
from tests import factories, sessions
from tests.conftest import Browser, signed_in
from tests.support.looking import accesses, banner, form_to, form_with, h1, happened, look, run_out

WHY = "asked for it on the phone"


def owned(user: Any) -> set[int]:
    """The ids of a person's connections."""
    return set(db.session.execute(select(Connection.id).where(Connection.user_id == user.id)).scalars())


def cut_form(browser: Browser, connection: Any) -> Any:
    """The form by which support disconnects for the person, filled in."""
    form = form_with(browser.get(f"/connections/{connection.id}/disconnect/"), "reason")
    form["reason"] = WHY
    return form


def test_15_a_login_that_has_timed_out_takes_the_look_along(
    app: Flask, dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    [session] = account.sessions(dora.user.id)
    sessions.change(session.id, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert "/?next=" in dora.get("/connections/", status=303).location
    assert "is looking at your pages now" not in ada.get("/activity/").text
    look(signed_in(app, dora.user), ben.user)
    assert [each.end_why for each in accesses()] == ["session_gone", None]


def test_15_who_signs_that_browser_out_from_another_ends_its_look(app: Flask, dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    [session] = account.sessions(dora.user.id)
    other = signed_in(app, dora.user)

    form_to(other.get("/account/sessions/"), f"/account/sessions/{session.id}/end/").submit(status=303)

    assert "/?next=" in dora.get("/connections/", status=303).location
    assert "is looking at your pages now" not in ada.get("/activity/").text
    assert banner(other.get("/connections/")) == ""


def set_clock(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Let the rules of support read a clock of this machine that is wrong. The database keeps its own."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=hours)

    for name, module in list(sys.modules.items()):
        rules = name.startswith("dashboard.support") or name == "dashboard.data.support_accesses"
        if rules and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Wrong)


@pytest.mark.parametrize("hours", [-2, 2])
def test_16_a_machine_whose_clock_is_wrong_neither_ends_nor_prolongs_a_look(
    dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    set_clock(monkeypatch, hours)

    look(dora, ada.user)

    assert "eyes of Ada Brandt" in banner(dora.get("/connections/"))
    assert "Dora Lind of support is looking at your pages now" in ada.get("/activity/").text
    run_out()
    assert h1(dora.get("/connections/", status=403)) == "The time for this look is over"
    assert "is looking at your pages now" not in ada.get("/activity/").text


@pytest.mark.parametrize("hours", [-2, 2])
def test_16_one_that_ran_out_unnoticed_is_told_as_over_whatever_that_clock_says(
    dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    look(dora, ada.user)
    run_out()
    set_clock(monkeypatch, hours)

    assert "is looking at your pages now" not in ada.get("/activity/").text


@pytest.mark.parametrize("act", ["sync", "disconnect"])
@pytest.mark.parametrize("how", ["run_out", "withdrawn"])
def test_19_what_is_sent_in_the_last_moment_is_asked_once_more_in_its_own_transaction(
    dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch, act: str, how: str
) -> None:
    """The request began while the look went on; it is over before the act is written."""
    theirs = factories.Connection(user=ada.user, fresh=True, next_sync_at=None)
    page = look(dora, ada.user)
    form = cut_form(dora, theirs) if act == "disconnect" else form_to(page, f"/connections/{theirs.id}/sync/")
    real = getattr(pages.acting, act)

    def late(*args: Any, **kwargs: Any) -> Any:
        if how == "run_out":
            run_out()
        else:
            consent.choose("never", by=Who(ada.user.id, ada.user.id))
        return real(*args, **kwargs)

    monkeypatch.setattr(pages.acting, act, late)

    answer = form.submit(status=403)

    assert h1(answer) == "This is closed to support"
    assert owned(ada.user) == {theirs.id}
    assert happened(Event.CONNECTION_ENDED) == happened(Event.SYNC_REQUESTED) == []


def test_19_of_acts_that_meet_the_end_each_is_written_before_it_or_not_at_all(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    own = factories.Connection(user=dora.user)
    theirs = [factories.Connection(user=ada.user) for _ in range(6)]
    page = look(dora, ada.user)
    forms = [cut_form(dora, each) for each in theirs]
    forms.insert(3, form_to(page, "/support/end/"))
    together, statuses, cookie = Barrier(len(forms)), [], dora.cookies["session"]

    def send(form: Any) -> None:
        browser = Browser(app, extra_environ={"HTTP_HOST": "localhost"})
        browser.set_cookie("session", cookie)
        together.wait()
        statuses.append(browser.post(form.action or form.response.request.path, form.submit_fields(), status="*"))

    threads = [Thread(target=Context().run, args=(send, form)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {each.status_code for each in statuses} <= {303, 400, 403}, "done, or too late; never an error of ours"
    names = (Event.CONNECTION_ENDED.value, Event.ACCESS_ENDED.value)
    told = list(
        db.session.execute(select(EventEntry.action).where(EventEntry.action.in_(names)).order_by(EventEntry.seq))
        .scalars()
    )  # fmt: skip
    assert told[-1] == Event.ACCESS_ENDED.value
    assert told.count(Event.ACCESS_ENDED.value) == 1
    assert told.count(Event.CONNECTION_ENDED.value) == len(theirs) - len(owned(ada.user))
    assert owned(dora.user) == {own.id}


def test_18_what_a_request_keeps_that_began_on_one_side_stays_off_the_other(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    def under_way() -> Any:
        cookie = dora.cookies["session"].strip('"')
        asked = EnvironBuilder("/account/", "http://localhost", headers={"Cookie": f"session={cookie}"})
        return app.session_interface.open_session(app, app.request_class(asked.get_environ()))

    def ends(session: Any, word: str) -> None:
        session["said"] = word
        app.session_interface.save_session(app, session, app.response_class())

    [row] = account.sessions(dora.user.id)
    own = under_way()
    page = look(dora, ada.user)
    ends(own, "to the actor")
    during = under_way()
    ends(under_way(), "of the look")
    assert "to the actor" not in sessions.kept(row.id)
    assert "of the look" in sessions.kept(row.id)

    form_to(page, "/support/end/").submit(status=303)
    ends(during, "to the person")
    assert "to the person" not in sessions.kept(row.id)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_what_shows_nothing_of_a_page_is_no_look_at_it(dora: Browser, ada: Browser, method: str) -> None:
    look(dora, ada.user)
    before = len(happened(Event.ACCESS_VIEWED))

    dora.request("/activity/", method=method, status=200)

    assert len(happened(Event.ACCESS_VIEWED)) == before


def test_a_form_that_came_back_with_an_error_was_looked_at_too(dora: Browser, ada: Browser) -> None:
    theirs = factories.Connection(user=ada.user)
    look(dora, ada.user)
    form = cut_form(dora, theirs)
    form["reason"] = "x"
    before = len(happened(Event.ACCESS_VIEWED))

    form.submit(status=422)

    assert len(happened(Event.ACCESS_VIEWED)) == before + 1
