"""API tokens: making, seeing once, revoking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import db
from dashboard.data.api_tokens import ApiToken
from dashboard.data.login_sessions import LoginSession
from dashboard.identity import api_tokens
from dashboard.identity.api_tokens import READ, SCOPES, WRITE
from dashboard.who import Who
from tests.conftest import Browser

PATH = "/account/tokens/"


def make_form(browser: Browser) -> Any:
    """The form that makes a token."""
    return next(form for form in browser.get(PATH).forms.values() if form.action == PATH)


def make(browser: Browser, name: str = "cron", **chosen: str) -> Any:
    """Make a token; the page that shows it."""
    form = make_form(browser)
    form["name"] = name
    for field, value in chosen.items():
        form[field] = value
    return form.submit(status=303).follow()


def shown(page: Any) -> str | None:
    """The token that a page shows. None: it shows none."""
    found = page.html.select_one(".diagnosis")
    return found.text if found else None


def revoke_form(page: Any, token_id: int) -> Any:
    """The form that revokes one token."""
    return next(form for form in page.forms.values() if form.action == f"{PATH}{token_id}/revoke/")


def tokens(browser: Browser) -> list[Any]:
    """A person's tokens, newest first."""
    return api_tokens.tokens(browser.user.id)


def test_a_new_token_is_shown_and_opens_the_api(ada: Browser) -> None:
    token = shown(make(ada))

    assert token is not None
    bearer = api_tokens.bearer(token)
    assert bearer is not None
    assert bearer.user_id == ada.user.id
    assert bearer.scopes == {READ}


def test_it_is_shown_once(ada: Browser) -> None:
    token = shown(make(ada))
    assert token is not None

    again = ada.get(PATH)

    assert token not in again.text
    assert token[:9] in again.text, "its hint stays, to tell it apart"


def test_who_only_asks_whether_the_page_is_there_does_not_use_it_up(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "cron"
    form.submit(status=303)

    ada.head(PATH)
    early = ada.get(PATH, headers={"Sec-Purpose": "prefetch;prerender"})

    assert shown(early) is None
    assert shown(ada.get(PATH)) is not None


def test_the_database_holds_only_its_hash(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "cron"
    answer = form.submit(status=303)
    waiting = str(db.session.execute(select(LoginSession.data)).scalars().all())
    token = shown(answer.follow())

    assert token is not None
    assert token not in waiting, "between the requests it waits sealed"
    row = db.session.execute(select(ApiToken.__table__)).mappings().one()
    assert row["token_hash"] == api_tokens.hash_token(token)
    assert token not in str(dict(row))


def test_a_double_click_makes_one_token_and_still_shows_it(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "cron"
    form.submit(status=303)

    page = form.submit(status=303).follow()

    assert len(tokens(ada)) == 1
    assert shown(page)
    assert "The token was made already" in page.text


def test_reloading_the_page_that_shows_it_makes_no_other(ada: Browser) -> None:
    make(ada)
    ada.get(PATH)

    assert len(tokens(ada)) == 1


@pytest.mark.parametrize(("days", "expected"), [("30", 30), ("90", 90), ("365", 365), ("never", None)])
def test_it_works_as_long_as_was_chosen(ada: Browser, days: str, expected: int | None) -> None:
    make(ada, days=days)

    expires_at = tokens(ada)[0].expires_at
    if expected is None:
        assert expires_at is None
    else:
        assert abs(expires_at - datetime.now(UTC) - timedelta(days=expected)) < timedelta(minutes=1)


def test_writing_is_a_choice_of_its_own(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "both"
    assert [box.checked for box in form.fields["scopes"]] == [True, False]
    form.fields["scopes"][1].checked = True

    page = form.submit(status=303).follow()

    assert tokens(ada)[0].scopes.split() == [READ, WRITE]
    assert "Disconnect and change them" in page.html.select_one("tbody").text


def test_a_name_is_needed_and_what_was_chosen_stays(ada: Browser) -> None:
    form = make_form(ada)
    form["name"], form["days"] = "  ", "90"

    page = form.submit(status=422)

    assert "Give it a name" in page.html.select_one("#name-error").text
    assert page.html.select_one("input[name=days][checked]")["value"] == "90"
    assert tokens(ada) == []


@pytest.mark.parametrize(("field", "value"), [("name", "x" * 101), ("scopes", "admin"), ("days", "9999")])
def test_what_is_not_offered_makes_no_token(ada: Browser, field: str, value: str) -> None:
    sent = {"csrf_token": make_form(ada)["csrf_token"].value, "name": "x", "scopes": READ, "days": "30", field: value}

    page = ada.post(PATH, sent, status=422)

    assert page.html.select_one(f"#{field}-error")
    assert tokens(ada) == []


def test_a_token_that_may_nothing_is_not_made(ada: Browser) -> None:
    form = make_form(ada)
    form["name"] = "x"
    form.fields["scopes"][0].checked = False

    assert "Choose what it may do." in form.submit(status=422).html.select_one("#scopes-error").text


def test_a_revoked_token_opens_nothing_any_more(ada: Browser) -> None:
    page = make(ada)
    token = shown(page)

    after = revoke_form(page, tokens(ada)[0].id).submit(status=303).follow()

    assert "“cron” is revoked" in after.html.select_one("[role=status]").text
    assert token is not None
    assert api_tokens.bearer(token) is None
    assert tokens(ada) == []


def test_revoking_twice_says_calmly_that_it_was(ada: Browser) -> None:
    page = make(ada)
    form = revoke_form(page, tokens(ada)[0].id)
    form.submit(status=303).follow()

    again = form.submit(status=303).follow()

    assert "was revoked already" in again.html.select_one("[role=status]").text


def test_someone_elses_token_is_a_404_as_a_missing_one(ada: Browser, ben: Browser) -> None:
    make(ben)
    page = make(ada)
    form = revoke_form(page, tokens(ada)[0].id)
    for token_id in (tokens(ben)[0].id, 10**9):
        form.action = f"{PATH}{token_id}/revoke/"
        form.submit(status=404)

    assert len(tokens(ben)) == 1


def test_nobody_elses_tokens_are_listed(ada: Browser, ben: Browser) -> None:
    make(ben, name="secret plan")

    assert "secret plan" not in ada.get(PATH).text
    assert "You have none yet." in ada.get(PATH).text


def test_an_expired_token_says_so(ada: Browser) -> None:
    api_tokens.make(Who(ada.user.id, ada.user.id), name="old", scopes=SCOPES, days=-3)

    assert "expired 3 days ago" in " ".join(ada.get(PATH).html.select_one("tbody").text.split())


def test_a_name_in_markup_stays_text(ada: Browser) -> None:
    page = make(ada, name="<script src=x></script>")

    assert "<script src=x></script>" in page.html.select_one("tbody th").text


def test_forms_without_their_token_do_nothing(ada: Browser) -> None:
    make(ada)

    ada.post(PATH, {"name": "x", "scopes": READ, "days": "30"}, status=400)
    ada.post(f"{PATH}{tokens(ada)[0].id}/revoke/", status=400)

    assert len(tokens(ada)) == 1


def test_revoking_takes_a_form_not_a_link(ada: Browser) -> None:
    ada.get(f"{PATH}1/revoke/", status=405)


def test_letters_that_nobody_sees_are_no_part_of_a_name(ada: Browser) -> None:
    make(ada, "cr\x1b[2Jon\u202e\tjob")

    assert [each.name for each in tokens(ada)] == ["cr[2Jon job"]


def test_a_number_that_no_token_can_have_is_not_found(ada: Browser) -> None:
    for address in (f"{PATH}99999999999999999999999/revoke/", "/account/sessions/99999999999999999999999/end/"):
        form = make_form(ada)
        form.action = address
        form.submit(status=404)
