"""What is refused before any view, and where a lost session goes on to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from dashboard.data import db, login_sessions
from tests import factories
from tests.conftest import Browser
from tests.pages.test_account_tokens import make_form


@pytest.mark.parametrize(
    "address",
    [
        "/connections/?type=%00", "/connections/?q=a%00b", "/connect/?q=%00", "/connect/%00/", "/account/?%00=a",
        "/activity/?page=%00", "/login/callback/?state=%00",
    ],
)  # fmt: skip
def test_a_nul_in_an_address_is_refused_with_a_page(ada: Browser, address: str) -> None:
    page = ada.get(address, status=400)

    assert "We can’t read this request" in page.html.h1.text


def test_a_nul_in_a_form_is_refused_with_a_page(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "cron\0"

    assert "We can’t read this request" in form.submit(status=400).html.h1.text


def test_a_nul_in_a_search_of_support_is_refused_with_a_page(dora: Browser) -> None:
    for address in ("/support/?q=%00", "/support/log/?person=%00"):
        dora.get(address, status=400)


@pytest.mark.parametrize("address", ["remoteconnection/?page=%00", "remoteconnection/%00/", "user/self/?%00"])
def test_a_nul_in_a_request_of_a_program_is_refused_in_json(anybody: Browser, address: str) -> None:
    answer = anybody.get(f"/v7.1/{address}", status=400)

    assert answer.content_type == "application/json"
    assert "A parameter holds a NUL." in answer.text


def test_a_percent_sign_before_two_zeros_is_no_nul(ada: Browser) -> None:
    ada.get("/connections/?q=%2500", status=200)


def next_of(response: object) -> str:
    """Where the login that a stranger is sent to goes on to."""
    return parse_qs(urlsplit(response.location).query)["next"][0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    [
        "/connections/2/sync/", "/account/sessions/end-others/", "/account/support/pass/", "/account/download/",
        "/account/tokens/1/revoke/", "/support/end/",
    ],
)  # fmt: skip
def test_a_form_without_a_page_of_its_own_leads_to_the_start_after_login(anybody: Browser, address: str) -> None:
    assert next_of(anybody.post(address, status=303)) == "/connections/"


def test_a_form_with_a_page_of_its_own_leads_there_after_login(anybody: Browser) -> None:
    assert next_of(anybody.post("/connections/2/disconnect/", status=303)) == "/connections/2/disconnect/"
    assert next_of(anybody.get("/connections/?q=a", status=303)) == "/connections/?q=a"


def test_a_type_that_nobody_knows_is_as_good_as_not_said(ada: Browser) -> None:
    factories.Connection(user=ada.user)

    assert len(ada.get("/connections/?type=nothing").html.select(".card")) == 1
    assert len(ada.get("/connections/?page=" + "9" * 5000).html.select(".card")) == 1


def test_what_a_person_does_is_recorded_with_the_number_of_their_login(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)

    ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303)

    [login] = login_sessions.sessions(ada.user.id, now=factories.now())
    told = db.session.execute(text("SELECT session FROM events WHERE action = 'connection.ended'")).scalar_one()
    assert told == login.id
