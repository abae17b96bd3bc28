"""Beginning a look: every rule holds on the server, whatever the page offers (reference, edge cases 1 to 10)."""

from contextvars import Context
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask

from dashboard.data import transaction, users
from dashboard.events import Event
from dashboard.identity import directory
from dashboard.support import starting
from dashboard.who import Role
from tests import factories
from tests.conftest import Browser, signed_in
from tests.support.looking import (
    accesses,
    banner,
    change,
    forged_look,
    form_to,
    h1,
    happened,
    look,
    look_form,
    run_out,
    token_of,
)


def test_a_look_shows_the_persons_pages_under_a_banner(dora: Browser, ada: Browser) -> None:
    factories.Connection(user=ada.user, type="withings", refused=True)

    page = look(dora, ada.user, ticket="NF-4821")

    assert page.request.path == "/connections/"
    assert "Only Withings needs you." in page.html.select_one(".lead").text
    said = banner(page)
    assert "You look through the eyes of Ada Brandt, 30 minutes left." in said
    assert "“Fitbit stopped, reconnect loops”, ticket NF-4821. You may sync and, with a reason, disconnect." in said


def test_1_a_get_never_begins_one(dora: Browser, ada: Browser) -> None:
    dora.get(f"/support/users/{ada.user.id}/look/", {"reason": "long enough to be one"}, status=200)

    assert accesses() == []


def test_1_a_foreign_form_never_begins_one(dora: Browser, ada: Browser) -> None:
    path = f"/support/users/{ada.user.id}/look/"
    good = {"reason": "long enough to be one", "csrf_token": token_of(dora.get(path))}

    dora.post(path, {"reason": good["reason"]}, status=400)
    dora.post(path, good, headers={"Sec-Fetch-Site": "cross-site"}, status=400)

    assert accesses() == []


@pytest.mark.parametrize("reason", ["", "too short", "  x   \r\n   y  z ", "x" * 501])
def test_the_reason_says_something_that_a_person_would_read(dora: Browser, ada: Browser, reason: str) -> None:
    form = look_form(dora, ada.user)
    form["reason"] = reason

    page = form.submit(status=422)

    assert "10 to 500 characters" in page.html.select_one("#reason-error").text
    assert accesses() == []


def test_52_line_breaks_and_escape_codes_are_cleaned_from_reason_and_ticket(dora: Browser, ada: Browser) -> None:
    page = look(dora, ada.user, reason="first\r\nsecond\x1b[31m red line \u202e", ticket="T\x1b]0;1\n2")

    assert "“first second[31m red line”, ticket T]0;1 2." in banner(page)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMIN])
def test_2_nobody_looks_through_the_eyes_of_staff(dora: Browser, role: Role) -> None:
    colleague = factories.User(granted_role=int(role))

    assert "is a member of staff" in dora.get(f"/support/users/{colleague.id}/look/").html.main.text
    assert "is a member of staff" in forged_look(dora, colleague).html.main.text
    assert accesses() == []


def test_2_staff_by_the_claim_of_their_login_is_staff(dora: Browser) -> None:
    forged_look(dora, factories.User(claimed_role=int(Role.SUPPORT)))

    assert accesses() == []


def test_2_nobody_looks_through_their_own_eyes(dora: Browser) -> None:
    factories.Connection(user=dora.user)

    assert "This is you." in forged_look(dora, dora.user).html.main.text
    assert accesses() == []


def test_58_only_staff_may_begin_one(anybody: Browser, ben: Browser, ada: Browser) -> None:
    path = f"/support/users/{ada.user.id}/look/"
    token = token_of(ben.get("/connections/"))

    ben.get(path, status=403)
    ben.post(path, {"reason": "long enough to be one", "csrf_token": token}, status=403)
    anybody.get(path, status=303)

    assert accesses() == []
    [refused] = happened(Event.ACCESS_REFUSED)
    assert (refused.outcome, refused.why, refused.sub == refused.act) == ("refused", "not_staff", True)
    assert f'"wanted":{ada.user.id}' in refused.text
    assert "You wanted to look through another person’s eyes" in ben.get("/activity/").text
    assert "wanted" not in ada.get("/activity/").text


def test_3_a_second_look_is_refused_and_never_stacked(dora: Browser, ada: Browser, ben: Browser) -> None:
    look(dora, ada.user)

    refused = forged_look(dora, ben.user)

    assert "End that look first" in refused.html.main.text
    assert form_to(refused, "/support/end/")
    assert [each.subject_id for each in accesses()] == [ada.user.id]
    assert "Ada Brandt" in banner(dora.get("/connections/"))


def test_3_not_from_another_browser_either_where_it_can_be_ended(
    app: Flask, dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    other = signed_in(app, dora.user)

    offered = other.get(f"/support/users/{ben.user.id}/look/")
    form_to(offered, "/support/end/").submit(status=303)
    look(other, ben.user)

    assert [(each.subject_id, each.end_why) for each in accesses()] == [(ada.user.id, "by_actor"), (ben.user.id, None)]
    assert h1(dora.get("/connections/", status=403)) == "You have ended this look, in another tab or browser"


def test_4_of_two_starts_at_the_same_instant_one_wins(app: Flask, dora: Browser, ada: Browser, ben: Browser) -> None:
    forms = [look_form(dora, ada.user), look_form(signed_in(app, dora.user), ben.user)]
    together, statuses = Barrier(len(forms)), []

    def submit(form: object) -> None:
        together.wait()
        statuses.append(form.submit(status="*").status_code)  # type: ignore[attr-defined]

    threads = [Thread(target=Context().run, args=(submit, form)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 403]
    assert len(accesses()) == 1
    assert len(happened(Event.ACCESS_STARTED)) == 1


def test_5_one_that_ran_out_unnoticed_is_closed_and_does_not_block(
    app: Flask, dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    run_out()

    look(signed_in(app, dora.user), ben.user)

    first, second = accesses()
    assert (first.end_why, second.end_why) == ("expired", None)
    assert first.ended_at < datetime.now(UTC)
    assert [each.why for each in happened(Event.ACCESS_ENDED)] == ["expired"]


@pytest.mark.parametrize(
    ("setting", "pass_hours", "default", "may"),
    [
        ("always", None, "never", True), ("never", None, "always", False), ("ask", None, "always", False),
        ("ask", 1, "always", True), ("ask", -1, "always", False), (None, None, "always", True),
        (None, None, "never", False), (None, None, "ask", False), (None, 1, "ask", True),
    ],
)  # fmt: skip
def test_6_and_60_consent_decides_and_who_never_chose_follows_the_operator(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch,
    setting: str | None, pass_hours: int | None, default: str, may: bool,
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "SUPPORT_CONSENT", default)
    until = None if pass_hours is None else datetime.now(UTC) + timedelta(hours=pass_hours)
    change(ada.user, support_setting=setting, support_pass_until=until)

    page = dora.get(f"/support/users/{ada.user.id}/look/")
    assert bool(page.html.select_one("textarea")) is may
    forged_look(dora, ada.user, status=303 if may else 403)
    assert len(accesses()) == may


def test_6_and_7_a_forged_start_is_refused_and_on_the_persons_record(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_setting="never")

    forged_look(dora, ada.user)

    [refused] = happened(Event.ACCESS_REFUSED)
    assert (refused.why, refused.outcome, refused.access) == ("not_allowed", "refused", None)
    assert refused.sub != refused.act
    assert "You had not allowed it" in ada.get("/activity/").text


def test_8_somebody_who_is_gone_or_never_was_is_refused_in_words(dora: Browser, ada: Browser) -> None:
    with transaction():
        users.remove_person(ada.user.id)

    dora.get(f"/support/users/{ada.user.id}/look/", status=404)
    assert "no longer exists" in forged_look(dora, ada.user).html.main.text
    forged_look(dora, 2**62)


def test_8_somebody_who_never_signed_in_can_be_looked_at(dora: Browser) -> None:
    assert "Nobody New" in banner(look(dora, factories.User(name="Nobody New", last_login_at=None)))


def test_9_what_cannot_be_recorded_does_not_begin(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, cookie = look_form(dora, ada.user), dora.cookies["session"]

    def broken(*_: object, **__: object) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr(starting, "record", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    form.submit(status=500)

    assert accesses() == []
    assert dora.cookies["session"] == cookie
    assert banner(dora.get("/connections/")) == ""


def test_10_where_it_lands_is_not_asked_of_the_request(dora: Browser, ada: Browser) -> None:
    form = look_form(dora, ada.user)
    form.action += "?next=//evil.example/"

    assert form.submit(status=303).location.endswith("/connections/")


def test_59_so_many_an_hour_and_no_more(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_ACCESSES_PER_HOUR", 2)
    for _ in range(2):
        form_to(look(dora, ada.user), "/support/end/").submit(status=303)

    assert "as many looks within an hour" in dora.get(f"/support/users/{ada.user.id}/look/").html.main.text
    forged_look(dora, ada.user)
    assert len(accesses()) == 2
    assert [each.why for each in happened(Event.ACCESS_REFUSED)] == ["too_many"]


def test_32_switched_off_by_the_operator_nothing_begins(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_ACCESS_MINUTES", 0)

    forged_look(dora, ada.user)

    assert accesses() == []


def test_a_role_taken_after_the_form_was_opened_refuses_the_start(dora: Browser, ada: Browser) -> None:
    form = look_form(dora, ada.user)
    change(dora.user, granted_role=0)

    form.submit(status=403)

    person = directory.find(str(dora.user.id))
    assert (directory.role(person), accesses()) == (Role.USER, [])
