"""Login sessions: seeing them, ending one, ending all others."""

from typing import Any

from flask import Flask

from dashboard.identity import account
from tests.conftest import Browser, signed_in

PATH = "/account/sessions/"


def end_form(browser: Browser, session_id: int) -> Any:
    """The form that ends one session."""
    forms = browser.get(PATH).forms.values()
    return next(form for form in forms if form.action == f"{PATH}{session_id}/end/")


def sessions(browser: Browser) -> list[int]:
    """The ids of a person's open sessions, the one of this browser first."""
    found = [each.id for each in account.sessions(browser.user.id)]
    return sorted(found)


def test_each_session_says_device_address_and_times(ada: Browser) -> None:
    row = ada.get(PATH).html.select_one("tbody tr")

    assert "this one" in row.th.text
    assert row.select_one("[data-label=Address]").text == "192.0.2.7"
    assert row.select_one("time")["datetime"]


def test_ending_one_signs_that_browser_out_at_once(app: Flask, ada: Browser) -> None:
    other = signed_in(app, ada.user)
    this, gone = sessions(ada)

    page = end_form(ada, gone).submit(status=303).follow()

    assert "The login session is ended" in page.html.select_one("[role=status]").text
    assert sessions(ada) == [this]
    assert "next=" in other.get("/account/", status=303).location
    ada.get("/account/", status=200)


def test_a_second_click_finds_it_over_and_says_so_calmly(app: Flask, ada: Browser) -> None:
    signed_in(app, ada.user)
    form = end_form(ada, sessions(ada)[1])
    form.submit(status=303).follow()

    again = form.submit(status=303).follow()

    assert "was over already" in again.html.select_one("[role=status]").text


def test_someone_elses_session_is_a_404_as_a_missing_one(app: Flask, ada: Browser, ben: Browser) -> None:
    signed_in(app, ada.user)
    form = end_form(ada, sessions(ada)[1])
    for session_id in (sessions(ben)[0], 10**9):
        form.action = f"{PATH}{session_id}/end/"
        form.submit(status=404)

    ben.get("/account/", status=200)


def test_ending_the_one_that_asks_signs_out(ada: Browser) -> None:
    answer = end_form(ada, sessions(ada)[0]).submit(status=303)

    assert "/signed-out/" in answer.location
    assert sessions(ada) == []
    assert "next=" in ada.get(PATH, status=303).location


def test_ending_all_others_leaves_this_one(app: Flask, ada: Browser, ben: Browser) -> None:
    signed_in(app, ada.user)
    signed_in(app, ada.user)
    form = next(form for form in ada.get(PATH).forms.values() if form.action.endswith("/end-others/"))

    page = form.submit(status=303).follow()

    assert "2 login sessions are ended" in page.html.select_one("[role=status]").text
    assert len(sessions(ada)) == 1
    assert len(sessions(ben)) == 1
    again = form.submit(status=303).follow()
    assert "There was no other login session" in again.html.select_one("[role=status]").text


def test_alone_there_are_no_others_to_end(ada: Browser) -> None:
    page = ada.get(PATH).html

    assert "You are signed in here only." in page.text
    assert "End all others" not in page.text


def test_forms_without_their_token_end_nothing(app: Flask, ada: Browser) -> None:
    signed_in(app, ada.user)
    before = sessions(ada)

    ada.post(f"{PATH}{before[1]}/end/", status=400)
    ada.post(f"{PATH}end-others/", status=400)

    assert sessions(ada) == before


def test_ending_takes_a_form_not_a_link(ada: Browser) -> None:
    ada.get(f"{PATH}{sessions(ada)[0]}/end/", status=405)
    ada.get(f"{PATH}end-others/", status=405)


def test_a_stranger_ends_nothing(anybody: Browser, ada: Browser) -> None:
    anybody.post(f"{PATH}{sessions(ada)[0]}/end/", status=303)

    assert len(sessions(ada)) == 1
