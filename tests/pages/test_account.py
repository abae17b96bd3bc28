"""Profile and settings."""

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from dashboard import events
from dashboard.data import users
from dashboard.events import Event
from dashboard.identity import account
from dashboard.who import Role
from tests import factories
from tests.conftest import Browser, signed_in
from tests.support.looking import look


def settings_form(browser: Browser) -> Any:
    """The form of the settings, not the one that signs out."""
    return browser.get("/account/").forms[1]


def save(browser: Browser, **chosen: str) -> Any:
    """Choose and save; the page after it."""
    form = settings_form(browser)
    for name, value in chosen.items():
        form[name] = value
    return form.submit(status=303).follow()


def shown_time(browser: Browser, connection_id: int) -> str:
    """When a connection was made, as its page says."""
    page = browser.get(f"/connections/{connection_id}/").html
    return str(page.find("dt", string="Connected").find_next("time").text)


def test_the_profile_is_what_the_provider_gave(ada: Browser) -> None:
    page = ada.get("/account/").html

    facts = {row.dt.text: row.dd.text for row in page.select(".facts > div")}
    assert facts["Name"] == "Ada Brandt"
    assert facts["Mail"] == "user@demo.test"
    assert "Role" not in facts
    assert "Change name and mail at Northlake" in page.text


def test_staff_see_their_role(dora: Browser) -> None:
    assert "Support" in dora.get("/account/").html.select_one(".facts").text


def test_an_administrator_sees_theirs(app: Flask) -> None:
    emil = signed_in(app, factories.User(granted_role=int(Role.ADMIN)))

    assert "Administrator" in emil.get("/account/").html.select_one(".facts").text


def test_a_name_in_markup_stays_text(app: Flask) -> None:
    eve = signed_in(app, factories.User(name="<b>Eve</b>"))

    assert eve.get("/account/").html.select_one(".facts dd").text == "<b>Eve</b>"


def test_every_zone_can_be_chosen_and_utc_stands_first(ada: Browser) -> None:
    values = [value for value, _selected, _label in settings_form(ada)["time_zone"].options]

    assert values[:2] == ["", "UTC"]
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Asia/Kolkata"} <= set(values)
    assert len(values) > 500


def test_without_a_choice_the_first_option_says_what_counts(app: Flask) -> None:
    berlin = signed_in(app, factories.User(claimed_time_zone="Europe/Berlin"))
    nowhere = signed_in(app, factories.User())

    assert settings_form(berlin)["time_zone"].options[0][2] == "As Northlake says: Europe/Berlin"
    assert settings_form(nowhere)["time_zone"].options[0][2] == "As Northlake says: nothing, so UTC"


def test_the_time_zone_changes_every_time_shown(ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, created_at=datetime.fromisoformat("2026-03-01T22:30:00+00:00"))
    assert shown_time(ada, connection.id) == "1 March 2026, 22:30"

    save(ada, time_zone="Asia/Tokyo")

    assert shown_time(ada, connection.id) == "2 March 2026, 07:30"


def test_the_language_changes_the_page_and_the_next_ones(ada: Browser) -> None:
    assert ada.get("/account/").html.html["lang"] == "en"

    assert save(ada, language="de").html.html["lang"] == "de"
    assert ada.get("/activity/").html.html["lang"] == "de"


def test_the_language_goes_back_to_what_the_provider_says(app: Flask) -> None:
    browser = signed_in(app, factories.User(claimed_language="de-AT", language="en"))

    assert save(browser, language="").html.html["lang"] == "de"


def test_the_appearance_is_the_persons_own(ada: Browser) -> None:
    assert "data-theme" not in ada.get("/account/").html.html.attrs

    assert save(ada, theme="dark").html.html["data-theme"] == "dark"
    assert "data-theme" not in save(ada, theme="").html.html.attrs


def test_the_page_says_that_it_was_saved_and_keeps_the_choice(ada: Browser) -> None:
    page = save(ada, time_zone="Europe/Paris", theme="light")

    assert "Your settings are saved" in page.html.select_one("[role=status]").text
    assert page.forms[1]["time_zone"].value == "Europe/Paris"
    assert page.forms[1]["theme"].value == "light"


def test_saving_twice_says_that_nothing_changed(ada: Browser) -> None:
    form = settings_form(ada)
    form["theme"] = "dark"
    form.submit(status=303).follow()

    again = form.submit(status=303).follow()

    assert "Nothing was changed" in again.html.select_one("[role=status]").text
    assert [each.event for each in events.activity(ada.user.id, limit=9)[0]] == [Event.SETTINGS_CHANGED]


def test_mails_come_until_the_person_says_no_and_that_is_told_as_a_change(ada: Browser) -> None:
    assert settings_form(ada)["mails_wanted"].value == "yes"

    page = save(ada, mails_wanted="no")

    assert page.forms[1]["mails_wanted"].value == "no"
    assert not account.profile(ada.user.id).mails_wanted
    assert "Your settings were changed: mails." in ada.get("/activity/").html.main.text
    save(ada, mails_wanted="yes")
    assert account.profile(ada.user.id).mails_wanted


def test_support_can_not_choose_it_for_the_person(dora: Browser, ada: Browser) -> None:
    token = look(dora, ada.user).html.select_one("[name=csrf_token]")["value"]

    dora.post("/account/", {"csrf_token": token, "mails_wanted": "no"}, status=403)

    assert account.profile(ada.user.id).mails_wanted
    assert account.profile(dora.user.id).mails_wanted


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Olympus"), ("language", "tlh"), ("theme", "pink")])
def test_what_is_not_offered_comes_back_with_its_error(ada: Browser, field: str, value: str) -> None:
    form = settings_form(ada)
    form[field].force_value(value)

    page = form.submit(status=422)

    assert page.html.select_one(f"#{field}-error")
    assert page.html.select_one(f"#{field}")["aria-invalid"] == "true"
    assert getattr(users.person(ada.user.id), field) is None


def test_a_field_that_was_not_sent_stays_as_it_was(app: Flask) -> None:
    browser = signed_in(app, factories.User(theme="dark", time_zone="Asia/Tokyo", mails_wanted=False))
    token = settings_form(browser)["csrf_token"].value

    browser.post("/account/", {"csrf_token": token, "language": "de"}, status=303)

    kept = account.profile(browser.user.id)
    assert (kept.language, kept.theme, kept.time_zone) == ("de", "dark", "Asia/Tokyo")
    assert not kept.mails_wanted


def test_an_answer_about_mails_that_is_neither_comes_back_and_changes_nothing(ada: Browser) -> None:
    form = settings_form(ada)
    form["mails_wanted"].force_value("maybe")

    assert form.submit(status=422).html.select_one("#mails_wanted-error")
    assert account.profile(ada.user.id).mails_wanted


def test_a_form_without_its_token_is_refused(ada: Browser) -> None:
    ada.post("/account/", {"time_zone": "UTC", "language": "de", "theme": ""}, status=400)

    assert account.profile(ada.user.id).language is None


def test_settings_of_one_are_not_those_of_another(ada: Browser, ben: Browser) -> None:
    save(ada, time_zone="Asia/Tokyo", language="de", theme="dark")

    assert ben.get("/account/").html.html.attrs == {"lang": "en"}


@pytest.mark.parametrize(
    "path", ["/account/", "/account/sessions/", "/account/tokens/", "/account/data/", "/account/delete/", "/activity/"]
)
def test_a_stranger_is_asked_to_sign_in_and_comes_back(anybody: Browser, path: str) -> None:
    response = anybody.get(path, status=303)

    assert re.search(r"/\?next=" + path.replace("/", "(/|%2F)") + "$", response.location)


def test_the_overview_counts_sessions_and_tokens(app: Flask, ada: Browser) -> None:
    signed_in(app, ada.user)

    text = " ".join(ada.get("/account/").html.text.split())

    assert "signed in on 2 browsers" in text
    assert "None. With one, a program" in text
