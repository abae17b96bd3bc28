"""Support disconnects for the person: a second step with its own reason, nothing deleted, and the person is told."""

import pytest

from dashboard.data import connections, records, revocations, users
from dashboard.events import Event
from tests import factories
from tests.conftest import Browser
from tests.pages.test_connections import text
from tests.pages.test_disconnect import count
from tests.support.looking import accesses, form_to, form_with, h1, happened, look, run_out

WHY = "asked for it on the phone"


def confirm(browser: Browser, connection: object) -> object:
    """The form that asks once more, filled in."""
    form = form_with(browser.get(f"/connections/{connection.id}/disconnect/"), "reason")  # type: ignore[attr-defined]
    form["reason"] = WHY
    return form


def test_the_second_step_names_the_person_and_asks_for_a_reason(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    factories.Record(connection=scale)
    look(dora, ada.user)

    page = dora.get(f"/connections/{scale.id}/disconnect/")

    assert h1(page) == "Disconnect Withings of Ada Brandt?"
    assert page.html.find("button", string="Disconnect Withings for Ada Brandt")
    assert "records" not in form_with(page, "reason").fields
    assert "support deletes nothing of a person’s" in page.html.main.text


def test_it_speaks_to_support_in_their_own_language(dora: Browser, ada: Browser) -> None:
    users_language = factories.User(name="Maya Berg", language="de")
    scale = factories.Connection(user=users_language)
    look(dora, users_language)

    assert dora.get(f"/connections/{scale.id}/disconnect/").html.html["lang"] == "en"
    assert dora.get(f"/connections/{scale.id}/").html.html["lang"] == "de"


def test_it_is_gone_the_records_stay_and_the_reason_is_on_the_record(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    factories.Record(connection=scale)
    look(dora, ada.user)

    confirm(dora, scale).submit(status=303)

    assert count(connections.Connection) == 0
    assert count(revocations.Revocation) == 1
    assert count(records.Record) == 1
    [ended] = happened(Event.CONNECTION_ENDED)
    assert ended.access == accesses()[0].id
    assert ended.sub != ended.act
    assert f'"reason":"{WHY}"' in ended.text
    assert '"kept":true' in ended.text


def test_a_forged_choice_to_delete_deletes_nothing(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    factories.Record(connection=scale)
    look(dora, ada.user)
    form = confirm(dora, scale)

    dora.post(f"/connections/{scale.id}/disconnect/", [*form.submit_fields(), ("records", "delete")], status=303)

    assert count(records.Record) == 1


@pytest.mark.parametrize("reason", ["", "  short  ", "x" * 501, " \n".join("short")])
def test_a_reason_that_says_nothing_changes_nothing(dora: Browser, ada: Browser, reason: str) -> None:
    scale = factories.Connection(user=ada.user)
    look(dora, ada.user)
    form = confirm(dora, scale)
    form["reason"] = reason

    page = form.submit(status=422)

    assert "10 to 500 characters" in page.html.select_one("#reason-error").text
    assert count(connections.Connection) == 1


def test_without_its_own_reason_the_persons_form_does_not_work_for_support(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    page = look(dora, ada.user)
    token = page.html.select_one("input[name=csrf_token]")["value"]

    dora.post(f"/connections/{scale.id}/disconnect/", {"csrf_token": token, "records": "keep"}, status=422)

    assert count(connections.Connection) == 1


def test_where_terms_would_delete_the_records_only_the_person_may(dora: Browser, ada: Browser) -> None:
    route = factories.Connection(user=ada.user, type="strava")
    page = look(dora, ada.user)
    sent = {"csrf_token": page.html.select_one("input[name=csrf_token]")["value"], "reason": WHY}
    factories.Record(connection=route)

    asked = dora.get(f"/connections/{route.id}/disconnect/")
    assert "Only Ada Brandt can decide about the 1 record here." in asked.html.main.text
    assert not asked.html.select("textarea")
    dora.post(f"/connections/{route.id}/disconnect/", sent, status=409)

    assert count(connections.Connection) == 1
    assert count(records.Record) == 1


def test_without_records_such_a_connection_can_be_cut(dora: Browser, ada: Browser) -> None:
    route = factories.Connection(user=ada.user, type="strava")
    look(dora, ada.user)

    confirm(dora, route).submit(status=303)

    assert count(connections.Connection) == 0


def test_where_no_record_was_the_activity_tells_of_none_that_was_deleted(dora: Browser, ada: Browser) -> None:
    route = factories.Connection(user=ada.user, type="strava")
    look(dora, ada.user)

    confirm(dora, route).submit(status=303)

    said = text(ada.get("/activity/").html)
    assert "Strava was disconnected." in said
    assert "What it had sent" not in said
    [ended] = happened(Event.CONNECTION_ENDED)
    assert '"kept"' not in ended.text


def test_a_second_click_is_calm_and_tells_the_person_once(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    look(dora, ada.user)
    form = confirm(dora, scale)
    form.submit(status=303).follow()
    ada.get("/activity/")

    again = form.submit(status=303).follow()

    assert "Withings was already disconnected" in again.html.select_one("[role=status]").text
    assert len(happened(Event.CONNECTION_ENDED)) == 1
    person = users.person(ada.user.id)
    assert person is not None
    assert "Support has disconnected" not in ada.get("/connections/").text


def test_when_the_time_ran_out_while_the_form_was_open_nothing_happens(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    look(dora, ada.user)
    form = confirm(dora, scale)
    run_out()

    form.submit(status=403)

    assert count(connections.Connection) == 1
    assert happened(Event.CONNECTION_ENDED) == []


def test_someone_elses_is_a_404(dora: Browser, ada: Browser, ben: Browser) -> None:
    mine, theirs = factories.Connection(user=ada.user), factories.Connection(user=ben.user)
    look(dora, ada.user)
    form = confirm(dora, mine)
    form.action = f"/connections/{theirs.id}/disconnect/"

    form.submit(status=404)

    assert count(connections.Connection) == 2


def test_a_sync_for_the_person_is_on_the_record_of_both(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user, fresh=True)
    look(dora, ada.user)

    form_to(dora.get(f"/connections/{scale.id}/"), f"/connections/{scale.id}/sync/").submit(status=303)

    [asked] = happened(Event.SYNC_REQUESTED)
    assert (asked.access, asked.sub != asked.act) == (accesses()[0].id, True)
    assert "Support has disconnected" not in ada.get("/connections/").text


def test_the_notice_speaks_of_the_persons_activity_and_not_of_supports_own(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    look(dora, ada.user)

    page = confirm(dora, scale).submit(status=303).follow()  # type: ignore[attr-defined]

    assert "The activity of Ada Brandt shows how it ends." in page.html.select_one("[role=status]").text
