"""Taking one's data along, and leaving."""

import io
import zipfile
from typing import Any

from flask import Flask

from dashboard.data import cards, users
from tests import factories
from tests.conftest import Browser, signed_in

DELETE = "/account/delete/"


def delete_form(browser: Browser, typed: str) -> Any:
    """The confirm form, filled in."""
    form = next(form for form in browser.get(DELETE).forms.values() if form.action == DELETE)
    form["typed"] = typed
    return form


def words(page: Any) -> str:
    """The text of a page's main part, blanks made one."""
    return " ".join(page.html.select_one("main").text.split())


def test_the_download_is_a_zip_with_a_name(ada: Browser) -> None:
    factories.Record(connection=factories.Connection(user=ada.user))
    form = next(form for form in ada.get("/account/data/").forms.values() if form.action == "/account/download/")

    answer = form.submit(status=200)

    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.body)
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert b"user@demo.test" in archive.read("profile.json")
    for name in archive.namelist():
        assert name == "README.txt" or name in archive.read("README.txt").decode(), f"{name} is explained"


def test_a_large_download_waits_on_disk_and_arrives_whole(ada: Browser, monkeypatch: Any) -> None:
    from dashboard.pages.account import own_data

    monkeypatch.setattr(own_data, "IN_MEMORY_BYTES", 10)
    form = next(form for form in ada.get("/account/data/").forms.values() if form.action == "/account/download/")

    assert zipfile.ZipFile(io.BytesIO(form.submit(status=200).body)).testzip() is None


def test_the_download_is_in_the_activity(ada: Browser) -> None:
    form = next(form for form in ada.get("/account/data/").forms.values() if form.action == "/account/download/")
    form.submit(status=200)

    assert "Your data was downloaded." in ada.get("/activity/").text


def test_the_download_takes_a_form_with_its_token(ada: Browser) -> None:
    ada.get("/account/download/", status=405)
    ada.post("/account/download/", status=400)


def test_the_confirm_page_says_what_ends_and_what_stays(ada: Browser) -> None:
    factories.Connection(user=ada.user)
    factories.Connection(user=ada.user, type="polar")

    said = words(ada.get(DELETE))

    assert "All 2 connections are disconnected. Their providers are to be told" in said
    assert "Your account at Northlake." in said
    assert "It is user@demo.test." in said


def test_with_nothing_connected_no_connection_is_spoken_of(ada: Browser) -> None:
    assert "disconnected" not in words(ada.get(DELETE))


def test_typing_the_address_deletes_and_signs_out_everywhere(app: Flask, ada: Browser) -> None:
    other = signed_in(app, ada.user)
    factories.Connection(user=ada.user)

    page = delete_form(ada, "user@demo.test").submit(status=303).follow()

    assert page.request.path == "/account/deleted/"
    assert "1 connection was disconnected." in words(page)
    assert "The provider of 1 connection has not been told yet." in words(page)
    assert not page.html.select(".nav"), "nobody is signed in"
    assert users.person(ada.user.id) is None
    for browser in (ada, other):
        assert "next=" in browser.get("/connections/", status=303).location


def test_what_was_done_is_told_once(ada: Browser) -> None:
    factories.Connection(user=ada.user)
    delete_form(ada, "user@demo.test").submit(status=303).follow()

    again = words(ada.get("/account/deleted/"))

    assert "Your account here is deleted" in again
    assert "1 connection" not in again


def test_an_imported_connection_leaves_nobody_to_tell(ada: Browser) -> None:
    factories.Connection(user=ada.user, access_token=None, refresh_token=None)

    page = delete_form(ada, "user@demo.test").submit(status=303).follow()

    assert "1 connection was disconnected." in words(page)
    assert "told" not in words(page)


def test_another_address_deletes_nothing_and_says_why(ada: Browser, ben: Browser) -> None:
    factories.Connection(user=ada.user)

    page = delete_form(ada, "empty@demo.test").submit(status=422)

    assert "This is not the address of your account." in page.html.select_one("#typed-error").text
    assert page.html.select_one("#typed")["value"] == "empty@demo.test", "what was typed stays"
    assert cards.count(ada.user.id) == 1
    assert users.person(ben.user.id) is not None


def test_an_empty_field_deletes_nothing(ada: Browser) -> None:
    assert delete_form(ada, "").submit(status=422).html.select_one("#typed-error")
    assert users.person(ada.user.id) is not None


def test_the_form_sent_again_finds_nobody_signed_in(ada: Browser) -> None:
    form = delete_form(ada, "user@demo.test")
    form.submit(status=303)

    assert "next=" in form.submit(status=303).location


def test_of_two_clicks_at_once_the_second_ends_on_the_same_page(ada: Browser, monkeypatch: Any) -> None:
    from dashboard.connections import leaving
    from dashboard.errors import NoSuchThing

    def gone(_by: object, *, typed: str) -> None:
        raise NoSuchThing(f"The first click won, {typed}.")

    form = delete_form(ada, "user@demo.test")
    monkeypatch.setattr(leaving, "delete_account", gone)

    assert form.submit(status=303).location.endswith("/account/deleted/")


def test_a_form_without_its_token_deletes_nothing(ada: Browser) -> None:
    ada.post(DELETE, {"typed": "user@demo.test"}, status=400)

    assert users.person(ada.user.id) is not None


def test_who_is_signed_in_has_not_been_deleted(ada: Browser) -> None:
    assert ada.get("/account/deleted/", status=303).location.endswith("/account/")


def test_a_stranger_may_read_the_last_page(anybody: Browser) -> None:
    assert "Your account here is deleted" in anybody.get("/account/deleted/").text
