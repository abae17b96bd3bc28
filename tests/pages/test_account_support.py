"""The account page on support: what counts, choosing, the pass of a day, and calm double clicks."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from dashboard.data import users
from dashboard.events import Event
from tests.conftest import Browser
from tests.support.looking import accesses, change, form_to, happened, look

PATH = "/account/support/"


def choose(browser: Browser, setting: str) -> object:
    """Choose, as the page offers it; the page that it lands on."""
    form = form_to(browser.get(PATH), PATH)
    form["setting"] = setting
    return form.submit(status=303).follow()


def stored(browser: Browser) -> tuple[str | None, datetime | None]:
    person = users.person(browser.user.id)
    assert person is not None
    return person.support_setting, person.support_pass_until


def status(page: object) -> str:
    return " ".join(page.html.select_one("[role=status]").text.split())  # type: ignore[attr-defined]


def test_who_never_chose_sees_what_the_operator_says_and_keeps_following(
    app: Flask, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ada.get(PATH)
    assert form_to(page, PATH)["setting"].value == "default"
    assert "At the moment that is: Always." in page.html.main.text

    monkeypatch.setitem(app.config, "SUPPORT_CONSENT", "never")

    assert "At the moment that is: Never." in ada.get(PATH).html.main.text
    assert "Support may not look" in ada.get(PATH).html.select_one(".lead").text
    assert stored(ada) == (None, None)


@pytest.mark.parametrize("setting", ["always", "ask", "never"])
def test_a_choice_is_kept_and_is_an_event(ada: Browser, setting: str) -> None:
    page = choose(ada, setting)

    assert stored(ada)[0] == setting
    assert form_to(page, PATH)["setting"].value == setting
    assert len(happened(Event.SUPPORT_SETTING_CHANGED)) == 1


def test_60_the_default_can_be_chosen_back_and_is_stored_as_unset(ada: Browser) -> None:
    choose(ada, "never")

    choose(ada, "default")

    assert stored(ada) == (None, None)
    assert len(happened(Event.SUPPORT_SETTING_CHANGED)) == 2


def test_a_second_click_changes_nothing_and_says_so(ada: Browser) -> None:
    choose(ada, "never")

    assert "Nothing was changed" in status(choose(ada, "never"))
    assert "You closed your pages to support." in ada.get("/activity/").text
    assert len(happened(Event.SUPPORT_SETTING_CHANGED)) == 1


def test_a_choice_that_is_none_comes_back_with_its_error(ada: Browser) -> None:
    form = form_to(ada.get(PATH), PATH)
    form["setting"].force_value("sometimes")

    assert form.submit(status=422).html.select_one("fieldset .error")
    assert stored(ada) == (None, None)


def test_a_pass_is_offered_only_where_it_opens_something(ada: Browser) -> None:
    for setting, offered in (("always", False), ("never", False), ("ask", True)):
        choose(ada, setting)
        assert ("Let support look for a day" in ada.get(PATH).text) is offered


def test_a_pass_lets_support_look_for_a_day_and_says_until_when(ada: Browser, dora: Browser) -> None:
    page = choose(ada, "ask")

    given = form_to(page, "/account/support/pass/").submit(status=303).follow()

    until = stored(ada)[1]
    assert until is not None
    assert abs(until - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
    assert "Support may look for a day" in status(given)
    assert given.html.select_one(".lead time")["datetime"].startswith(until.strftime("%Y-%m-%dT%H:%M"))
    look(dora, ada.user)


def test_a_pass_given_twice_in_a_row_is_one(ada: Browser) -> None:
    form = form_to(choose(ada, "ask"), "/account/support/pass/")
    form.submit(status=303)
    until = stored(ada)[1]

    form.submit(status=303)

    assert stored(ada)[1] == until
    assert len(happened(Event.SUPPORT_PASS_GIVEN)) == 1


def test_a_pass_can_be_prolonged_later(ada: Browser) -> None:
    change(ada.user, support_setting="ask", support_pass_until=datetime.now(UTC) + timedelta(hours=2))

    form_to(ada.get(PATH), "/account/support/pass/").submit(status=303)

    assert stored(ada)[1] > datetime.now(UTC) + timedelta(hours=23)


def test_taken_back_it_ends_the_look_that_it_allowed_at_once(ada: Browser, dora: Browser) -> None:
    page = form_to(choose(ada, "ask"), "/account/support/pass/").submit(status=303).follow()
    look(dora, ada.user)
    form = form_to(page, "/account/support/pass/end/")

    ended = form.submit(status=303).follow()

    assert "Support may no longer look" in status(ended)
    assert [each.end_why for each in accesses()] == ["by_person"]
    dora.get("/connections/", status=403)
    assert "Nothing was changed now." in status(form.submit(status=303).follow())
    assert len(happened(Event.SUPPORT_PASS_WITHDRAWN)) == 1


def test_never_ends_a_look_at_once(ada: Browser, dora: Browser) -> None:
    look(dora, ada.user)

    choose(ada, "never")

    assert [each.end_why for each in accesses()] == ["by_person"]


def test_any_choice_takes_the_pass_back(ada: Browser) -> None:
    form_to(choose(ada, "ask"), "/account/support/pass/").submit(status=303)

    choose(ada, "always")

    assert stored(ada) == ("always", None)


def test_with_looking_switched_off_the_page_says_so(app: Flask, ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_ACCESS_MINUTES", 0)

    assert "switched off looking" in ada.get(PATH).html.select_one(".lead").text


def test_the_account_page_says_how_it_is_and_leads_there(ada: Browser) -> None:
    page = ada.get("/account/")

    assert "Support may look at your pages" in page.html.main.text
    assert page.click("See what support may do").request.path == PATH


@pytest.mark.parametrize("path", [PATH, "/account/support/pass/", "/account/support/pass/end/"])
def test_27_under_a_look_it_is_closed(ada: Browser, dora: Browser, path: str) -> None:
    page = look(dora, ada.user)

    sent = {"csrf_token": page.html.select_one("input[name=csrf_token]")["value"], "setting": "always"}
    dora.post(path, sent, status=403)

    assert stored(ada) == (None, None)
