"""Cutting a connection: asked first, done once, told truly."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from dashboard import providers
from dashboard.data import connections, db, records, revocations
from dashboard.providers import Agreement, agreements
from tests import factories
from tests.conftest import Browser
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties


def count(model: object) -> int:
    """How many rows a table has now."""
    return int(db.session.execute(select(func.count()).select_from(model)).scalar_one())  # type: ignore[arg-type]


def status(response: object) -> str:
    """The notice of a page."""
    return text(response.html.select_one("[role=status]"))  # type: ignore[attr-defined]


def test_the_form_says_what_stops_and_stays_in_the_words_of_the_type(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.Connection(user=ada.user, type="strava")
    factories.Record(connection=made)

    page = ada.get(f"/connections/{made.id}/disconnect/")

    assert page.html.h1.text == "Disconnect Withings?"
    words = text(page.html)
    assert "New weights, nights and blood pressure stop arriving." in words
    assert "Your other connection." in words
    assert "The 1 record already here" in words
    assert page.html.find("button", string="Disconnect Withings")
    assert page.html.find("a", string="Keep it connected")["href"] == f"/connections/{made.id}/"
    assert page.forms[1]["records"].value == "keep"
    assert "Your activity shows whether Withings has been told." in words


def test_looking_at_the_form_changes_nothing(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)

    ada.get(f"/connections/{made.id}/disconnect/")

    assert count(connections.Connection) == 1


def test_it_is_gone_and_the_provider_is_to_be_told(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)

    done = ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    assert "Withings is disconnected" in status(done)
    assert "Withings is in line to be told. Your activity shows how it ends." in status(done)
    assert count(connections.Connection) == 0
    queued = db.session.execute(select(revocations.Revocation)).scalar_one()
    assert queued.connection_id == made.id
    assert queued.due_at is not None
    assert queued.access_token == made.access_token


def test_without_a_grant_there_is_nobody_to_tell(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, access_token=None, refresh_token=None, refused=True)

    done = ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    assert "There was no access left that Withings would have to end." in status(done)
    assert db.session.execute(select(revocations.Revocation.due_at)).scalar_one() is None


@pytest.mark.parametrize(("choice", "left"), [("keep", 1), ("delete", 0)])
def test_records_are_kept_or_deleted_as_the_person_chose(ada: Browser, choice: str, left: int) -> None:
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    form["records"] = choice

    done = form.submit(status=303).follow()

    assert count(records.Record) == left
    assert ("1 record was deleted." in status(done)) is (left == 0)


def test_what_the_terms_forbid_to_keep_is_never_offered_nor_kept(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, type="strava")
    factories.Record(connection=made)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    assert "the terms of Strava don’t let us keep it" in text(ada.get(f"/connections/{made.id}/disconnect/").html)
    form["records"].force_value("keep")

    form.submit(status=303)

    assert count(records.Record) == 0


def test_a_second_submit_changes_nothing_and_says_so(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    form.submit(status=303).follow()

    again = form.submit(status=303).follow()

    assert "Withings was already disconnected" in status(again)
    assert count(revocations.Revocation) == 1


@pytest.mark.parametrize("path", ["", "disconnect/"])
def test_the_back_button_ends_on_a_calm_page(ada: Browser, path: str) -> None:
    made = factories.Connection(user=ada.user)
    ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    back = ada.get(f"/connections/{made.id}/{path}", status=303).follow()

    assert "Withings was already disconnected" in status(back)


def test_a_session_that_was_lost_meanwhile_leads_to_the_login(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    ada.reset()

    lost = form.submit(status=303)

    assert lost.location.endswith(f"/?next=/connections/{made.id}/disconnect/")
    assert count(connections.Connection) == 1


@pytest.mark.parametrize("token", ["", "AAAA", "x" * 88, "é"])
def test_a_form_from_elsewhere_is_refused(ada: Browser, token: str) -> None:
    made = factories.Connection(user=ada.user)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    form["csrf_token"].force_value(token)

    page = form.submit(status=400)

    assert page.html.h1.text == "This form is too old"
    assert count(connections.Connection) == 1


def test_a_form_that_another_site_sends_is_refused(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]

    form.submit(status=400, headers={"Sec-Fetch-Site": "cross-site"})

    assert count(connections.Connection) == 1


def test_a_choice_that_is_none_comes_back_with_its_error(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    form["records"].force_value("burn")

    page = form.submit(status=422)

    assert page.html.select_one("fieldset .error").text
    assert count(connections.Connection) == 1


def test_someone_elses_is_a_404_and_stays(ada: Browser, ben: Browser) -> None:
    mine, theirs = factories.Connection(user=ada.user), factories.Connection(user=ben.user)
    form = ada.get(f"/connections/{mine.id}/disconnect/").forms[1]
    form.action = f"/connections/{theirs.id}/disconnect/"

    form.submit(status=404)

    assert count(connections.Connection) == 2


def test_of_many_clicks_at_once_one_cuts(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]

    def submit(_: int) -> int:
        browser = Browser(ada.app, extra_environ=ada.extra_environ, cookiejar=ada.cookiejar)
        return int(browser.post(form.action or f"/connections/{made.id}/disconnect/", form.submit_fields()).status_int)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(submit, range(8))) == {303}
    assert count(revocations.Revocation) == 1


def test_an_agreement_of_the_operators_own_lets_records_stay(ada: Browser, app: Flask) -> None:
    made = factories.Connection(user=ada.user, type="strava")
    factories.Record(connection=made)
    agreements.use({"strava": Agreement(may_keep_records=True)})
    try:
        form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
        assert form["records"].value == "keep"
        form.submit(status=303)
    finally:
        providers.init_app(app)

    assert count(records.Record) == 1


@pytest.mark.parametrize(
    ("type", "words"), [("withings", "Withings is told to end it"), ("dexcom", "offers us no way to tell it")]
)
def test_the_form_says_whether_the_provider_can_be_told(ada: Browser, type: str, words: str) -> None:
    made = factories.Connection(user=ada.user, type=type)

    assert words in text(ada.get(f"/connections/{made.id}/disconnect/").html.main)


@pytest.mark.parametrize(("type", "name"), [("strava", "Strava"), ("whoop", "WHOOP"), ("dexcom", "")])
def test_where_the_provider_ends_everything_at_once_it_is_said_before(
    ada: Browser, simulated: ThirdParties, type: str, name: str
) -> None:
    made = factories.Connection(user=ada.user, type=type)

    for page in (f"/connections/{made.id}/disconnect/", f"/connect/{type}/"):
        main = text(ada.get(page).html.main)
        said = f"ends this site’s whole access to the account at {name}. Other accounts there stay as they are."
        assert (said in main) is bool(name), page
        assert ("whole access" in main) is bool(name), page


def test_cut_in_the_middle_of_a_sync_nothing_shows_it_as_syncing_any_more(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, syncing=True)
    assert ada.get("/connections/").html.select_one("[data-state=syncing]")

    ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    for path in ("/connections/", "/connect/", "/activity/"):
        page = ada.get(path).html
        assert not page.select("[data-state=syncing], [data-watch]"), path
    assert ada.get("/connections/").html.h1.text == "Nothing is connected yet"
    assert "Withings was disconnected" in text(ada.get("/activity/").html)
    assert ada.post(
        f"/connections/{made.id}/sync/",
        {"csrf_token": ada.get("/connections/").forms[0]["csrf_token"].value},
        status=404,
    )


def test_who_takes_no_word_of_the_end_is_for_the_person_to_tell(ada: Browser) -> None:
    made = factories.Connection(user=ada.user, type="dexcom")

    done = ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    assert "Dexcom offers us no way to tell it. End our access in your account at Dexcom" in status(done)
    assert done.html.select_one("[role=status]")["data-state"] == "delayed", "something is left to do"


def test_where_nothing_is_left_to_do_the_notice_has_its_tick(ada: Browser) -> None:
    made = factories.Connection(user=ada.user)

    done = ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303).follow()

    assert done.html.select_one("[role=status]")["data-state"] == "healthy"
