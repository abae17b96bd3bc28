"""Stopping mails about a connection: by the link in one, by the mail program itself, and on the connection's page."""

from typing import Any

import pytest

from dashboard.connections import telling
from dashboard.data import db, transaction
from dashboard.data.connections import Connection
from dashboard.events import Event
from dashboard.mail import stopping
from tests import factories
from tests.conftest import Browser
from tests.support.looking import change, form_to, h1, happened, look

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def scale(ada: Browser) -> Any:
    return factories.Connection(user=ada.user, refused=True)


def link(connection: Any) -> str:
    """The address in a mail about a connection."""
    return f"/mails/stop/{stopping.signer.token(connection.id)}/"


def stopped(connection: Any) -> bool:
    """Whether mails about a connection are stopped."""
    return telling.of_connection(connection.id, owner_id=connection.user_id).stopped_at is not None


def test_the_link_asks_and_the_form_stops_without_a_login(anybody: Browser, scale: Any) -> None:
    page = anybody.get(link(scale))
    assert h1(page) == "Stop mails about Withings?"
    assert not stopped(scale), "programs open links too"

    done = page.form.submit(status=303).follow()

    assert h1(done) == "No more mails about Withings"
    assert stopped(scale)


def test_it_can_be_taken_back_on_the_same_page(anybody: Browser, scale: Any) -> None:
    done = anybody.get(link(scale)).form.submit(status=303).follow()

    again = done.form.submit("again", status=303).follow()

    assert h1(again) == "Stop mails about Withings?"
    assert not stopped(scale)


def test_a_mail_program_stops_it_by_one_post(anybody: Browser, scale: Any) -> None:
    answer = anybody.post(link(scale), ONE_CLICK, status=200)

    assert h1(answer) == "No more mails about Withings"
    assert stopped(scale)
    anybody.post(link(scale), ONE_CLICK, status=200)
    assert len(happened(Event.MAILS_STOPPED)) == 1


def test_a_mail_program_may_send_it_as_multipart(anybody: Browser, scale: Any) -> None:
    anybody.post(link(scale), ONE_CLICK, content_type="multipart/form-data", status=200)

    assert stopped(scale)


def test_one_click_never_begins_them_again(anybody: Browser, scale: Any) -> None:
    anybody.post(link(scale), ONE_CLICK | {"again": "1"}, status=200)

    assert stopped(scale)


def test_a_form_from_elsewhere_changes_nothing(anybody: Browser, scale: Any) -> None:
    anybody.post(link(scale), {}, status=400)

    assert not stopped(scale)


@pytest.mark.parametrize("send", [Browser.get, lambda browser, url, **how: browser.post(url, ONE_CLICK, **how)])
def test_a_link_that_is_none_of_ours_says_so(anybody: Browser, scale: Any, send: Any) -> None:
    good = stopping.signer.token(scale.id)
    for bad in ("x", good[:-1], good.swapcase(), f"{scale.id}", "ImEi.x"):
        page = send(anybody, f"/mails/stop/{bad}/", status=404)
        assert h1(page) == "This link stops nothing"
    assert not stopped(scale)


def test_a_link_of_a_key_of_the_past_says_so(anybody: Browser, scale: Any) -> None:
    signer = stopping.Signer()
    signer.use("another-key-another-key-another-key-0000")

    anybody.get(f"/mails/stop/{signer.token(scale.id)}/", status=404)


def test_once_the_connection_is_gone_there_is_nothing_to_stop(anybody: Browser, scale: Any) -> None:
    with transaction():
        db.session.delete(db.session.get(Connection, scale.id))

    assert h1(anybody.get(link(scale))) == "There will be no more mails"
    assert h1(anybody.post(link(scale), ONE_CLICK, status=200)) == "There will be no more mails"


def test_the_page_tells_a_stranger_nothing_of_the_person(anybody: Browser, scale: Any) -> None:
    page = anybody.get(link(scale))

    assert "Ada" not in page.text
    assert scale.account not in page.text


def test_too_many_requests_for_one_link_are_refused(anybody: Browser, scale: Any) -> None:
    other = factories.Connection(user=factories.User(), refused=True)
    for _ in range(30):
        anybody.get(link(scale))

    assert anybody.get(link(scale), status=429)
    assert anybody.get(link(other), status=200)


def test_who_stopped_it_is_on_the_record(ada: Browser, anybody: Browser, scale: Any) -> None:
    anybody.post(link(scale), ONE_CLICK)
    form_to(ada.get(f"/connections/{scale.id}/"), f"/connections/{scale.id}/mails/").submit("again", status=303)

    page = " ".join(ada.get("/activity/").html.main.text.split())

    assert "Mails about Withings were stopped by the link in one." in page
    assert "You asked for mails about Withings again." in page
    assert "Not done by you" not in page


def test_the_connections_page_stops_and_begins_them(ada: Browser, scale: Any) -> None:
    here = f"/connections/{scale.id}/"
    done = form_to(ada.get(here), f"{here}mails/").submit(status=303).follow()

    assert "No more mails about Withings" in done.html.select_one(".flash").text
    assert stopped(scale)
    again = form_to(done, f"{here}mails/").submit("again", status=303).follow()
    assert "You get mails about Withings again" in again.html.select_one(".flash").text
    assert not stopped(scale)


def test_somebody_elses_connection_is_not_there(ben: Browser, scale: Any) -> None:
    own = factories.Connection(user=ben.user)
    token = form_to(ben.get(f"/connections/{own.id}/"), f"/connections/{own.id}/mails/")["csrf_token"].value

    ben.post(f"/connections/{scale.id}/mails/", {"csrf_token": token}, status=404)

    assert not stopped(scale)


def test_the_pages_lead_to_the_setting_for_all_connections(anybody: Browser, ada: Browser, scale: Any) -> None:
    assert anybody.get(link(scale)).html.main.select_one("a[href='/account/']")

    change(ada.user, mails_wanted=False)

    own = ada.get(f"/connections/{scale.id}/").html.select_one("[aria-labelledby=mails]")
    assert "You want no mails about any connection." in own.text
    assert own.select_one("a")["href"] == "/account/"
    assert not own.select("form")
    assert h1(anybody.get(link(scale))) == "You want no mails about any connection"


def test_who_wants_none_at_all_is_not_promised_one(ada: Browser, scale: Any) -> None:
    here = f"/connections/{scale.id}/"
    page = form_to(ada.get(here), f"{here}mails/").submit(status=303).follow()
    again = form_to(page, f"{here}mails/")
    change(ada.user, mails_wanted=False)

    said = again.submit("again", status=303).follow().html.select_one(".flash").text

    assert "None comes as long as your account says that you want no mails at all." in said


def test_one_click_in_a_mail_program_works_all_the_same(anybody: Browser, ada: Browser, scale: Any) -> None:
    change(ada.user, mails_wanted=False)

    anybody.post(link(scale), ONE_CLICK, status=200)

    assert stopped(scale)


def test_support_neither_sees_the_button_nor_may_press_it(dora: Browser, ada: Browser, scale: Any) -> None:
    page = look(dora, ada.user)
    token = page.html.select_one("input[name=csrf_token]")["value"]

    assert not [form for form in dora.get(f"/connections/{scale.id}/").forms.values() if "mails" in form.action]
    dora.post(f"/connections/{scale.id}/mails/", {"csrf_token": token}, status=403)
    dora.post(link(scale), ONE_CLICK, status=403)

    assert not stopped(scale)
