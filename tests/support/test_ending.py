"""Ending a look and logging out: once, from everywhere, and the actor stays who they are (edge cases 33 to 40)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from dashboard.data import db, login_sessions, transaction, vault
from dashboard.events import Event
from dashboard.identity import account, login
from dashboard.support import consent, ending
from dashboard.who import Origin, Who
from tests import sessions
from tests.api.conftest import trust
from tests.conftest import Browser, signed_in
from tests.servers.openid_provider import OpenIDProvider
from tests.support.looking import accesses, banner, change, form_to, h1, happened, look, look_form, run_out, token_of


def notice(page: object) -> str:
    """What the page says of the act before."""
    return str(page.html.select_one("[role=status] h2").text)  # type: ignore[attr-defined]


def test_33_to_35_stop_lands_on_the_case_with_the_actor_still_signed_in(dora: Browser, ada: Browser) -> None:
    page = look(dora, ada.user)

    landed = form_to(page, "/support/end/").submit(status=303).follow()

    assert landed.request.path == f"/support/users/{ada.user.id}/"
    assert notice(landed) == "You no longer look through the eyes of Ada Brandt"
    assert banner(landed) == ""
    assert dora.get("/connections/").html.select_one(".who span").text == "Dora Lind"
    assert [each.end_why for each in accesses()] == ["by_actor"]


def test_33_it_takes_no_identity_from_the_request(dora: Browser, ada: Browser, ben: Browser) -> None:
    page = look(dora, ada.user)
    sent = {"csrf_token": token_of(page), "user_id": ben.user.id, "subject_id": ben.user.id, "id": "root"}

    ended = dora.post(f"/support/end/?user_id={ben.user.id}&next=//evil.example/", sent, status=303)

    assert ended.location.endswith(f"/support/users/{ada.user.id}/"), "a next is not looked at either (edge case 10)"
    assert dora.get("/connections/").html.select_one(".who span").text == "Dora Lind"


def test_34_the_cookie_is_kept_as_long_as_before_and_the_login_neither_prolonged_nor_cut(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    before = account.sessions(dora.user.id)
    begun = look_form(dora, ada.user).submit(status=303)
    ended = form_to(begun.follow(), "/support/end/").submit(status=303)

    assert account.sessions(dora.user.id) == before
    days = app.config["SESSION_MAX_DAYS"]
    for answer in (begun, ended):
        [cookie] = answer.headers.getall("Set-Cookie")
        flags = {each.strip() for each in cookie.split(";")[1:] if "Expires" not in each}
        assert flags == {f"Max-Age={days * 24 * 3600}", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_35_a_second_click_or_another_tab_meets_a_calm_page_and_writes_nothing(dora: Browser, ada: Browser) -> None:
    form = form_to(look(dora, ada.user), "/support/end/")
    form.submit(status=303).follow()

    again = form.submit(status=303).follow()

    assert notice(again) == "You are not looking through anybody’s eyes"
    assert [each.why for each in happened(Event.ACCESS_ENDED)] == ["by_actor"]


def test_31_stop_works_after_the_time_is_over_and_says_so(dora: Browser, ada: Browser) -> None:
    form = form_to(look(dora, ada.user), "/support/end/")
    run_out()

    landed = form.submit(status=303).follow()

    assert notice(landed) == "The time for this look is over"
    assert landed.request.path == f"/support/users/{ada.user.id}/"
    assert [each.why for each in happened(Event.ACCESS_ENDED)] == ["expired"]


def test_31_stop_needs_no_right(dora: Browser, ada: Browser) -> None:
    form = form_to(look(dora, ada.user), "/support/end/")
    change(dora.user, granted_role=0)

    landed = form.submit(status=303).follow()

    assert landed.request.path == "/connections/"
    assert notice(landed) == "You are no longer support staff"


def test_1_stop_from_another_site_is_refused(dora: Browser, ada: Browser) -> None:
    form = form_to(look(dora, ada.user), "/support/end/")

    form.submit(headers={"Sec-Fetch-Site": "cross-site"}, status=400)
    dora.post("/support/end/", {}, status=400)

    assert "Ada Brandt" in banner(dora.get("/connections/"))


def test_stop_asks_a_stranger_to_sign_in(anybody: Browser) -> None:
    assert "/?next=" in anybody.post("/support/end/", {}, status=303).location


def test_36_log_out_ends_both_and_says_so(app: Flask, dora: Browser, ada: Browser) -> None:
    page = look(dora, ada.user)

    answer = form_to(page, "/logout/").submit(status=303)

    assert notice(dora.get("/signed-out/")) == "The look through another person’s eyes is over too"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert [each.end_why for each in accesses()] == ["logout"]
    assert account.sessions(dora.user.id) == []
    assert len(account.sessions(ada.user.id)) == 1
    [signed_out] = happened(Event.LOGIN_ENDED)
    assert signed_out.sub == signed_out.act, "the actor signed out, not the person"


def test_36_log_out_works_when_the_time_is_over(dora: Browser, ada: Browser) -> None:
    form = form_to(look(dora, ada.user), "/logout/")
    run_out()

    form.submit(status=303)

    assert account.sessions(dora.user.id) == []
    assert [each.end_why for each in accesses()] == ["expired"]


def test_37_who_uses_the_browser_next_finds_nothing_of_it(dora: Browser, ada: Browser) -> None:
    form_to(look(dora, ada.user), "/logout/").submit(status=303)

    page = dora.get("/signed-out/")

    assert banner(page) == ""
    assert "Ada Brandt" not in page.text
    assert "/?next=" in dora.get("/connections/", status=303).location
    assert list(db.session.execute(select(login_sessions.LoginSession.access_id))) == [(None,), (None,)]


def test_38_at_the_provider_it_is_the_actors_login_that_ends(
    app: Flask, dora: Browser, ada: Browser, openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hint of somebody else's login could sign out whoever is there."""
    trust(app, monkeypatch, openid_provider.issuer)
    for person in (dora, ada):
        [session] = account.sessions(person.user.id)
        sessions.change(session.id, id_token=vault.seal(f"id-token-of-{person.user.email}"))
    page = look(dora, ada.user)

    away = urlsplit(form_to(page, "/logout/").submit(status=303).location)

    assert away.netloc == urlsplit(openid_provider.issuer).netloc
    assert parse_qs(away.query)["id_token_hint"] == ["id-token-of-support@demo.test"]


def test_39_a_back_channel_logout_of_the_actor_ends_it_and_one_of_the_subject_does_not(
    dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    login.end_by_provider(issuer=ada.user.issuer, subject=ada.user.subject, sid=None, origin=Origin())
    assert "Ada Brandt" in banner(dora.get("/connections/"))

    login.end_by_provider(issuer=dora.user.issuer, subject=dora.user.subject, sid=None, origin=Origin())

    assert "/?next=" in dora.get("/connections/", status=303).location


def test_39_the_person_ends_it_with_never_and_once(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)

    consent.choose("never", by=Who(ada.user.id, ada.user.id))

    assert h1(dora.get("/connections/", status=403)) == "Ada Brandt no longer lets support look"
    assert [each.why for each in happened(Event.ACCESS_ENDED)] == ["by_person"]


def test_39_the_person_ends_it_by_taking_the_pass_back(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_setting="ask")
    consent.give_pass(Who(ada.user.id, ada.user.id))
    look(dora, ada.user)

    consent.withdraw_pass(Who(ada.user.id, ada.user.id))

    dora.get("/connections/", status=403)
    assert [each.end_why for each in accesses()] == ["by_person"]


def end_others(person: Browser) -> object:
    """A person presses "End all others", or sends what the button would."""
    sent = {"csrf_token": token_of(person.get("/connections/"))}
    return person.post("/account/sessions/end-others/", sent, status=303).follow()


def test_39_ending_all_other_sessions_ends_it_though_there_is_no_other(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)

    page = end_others(ada)

    assert notice(page) == "There was no other login session"
    assert "Support’s look at your pages has ended too." in page.text  # type: ignore[attr-defined]
    assert h1(dora.get("/connections/", status=403)) == "Ada Brandt no longer lets support look"
    assert [each.why for each in happened(Event.ACCESS_ENDED)] == ["by_person"]


def test_39_ending_all_other_sessions_ends_those_and_the_look(app: Flask, dora: Browser, ada: Browser) -> None:
    signed_in(app, ada.user)
    look(dora, ada.user)

    page = end_others(ada)

    assert notice(page) == "1 login session is ended"
    assert [each.end_why for each in accesses()] == ["by_person"]
    assert "has ended too" not in end_others(ada).text  # type: ignore[attr-defined]


def end_login(user: object) -> None:
    """The login session of the actor ends, and nobody looks at its access."""
    [session] = account.sessions(user.id)  # type: ignore[attr-defined]
    with transaction():
        login_sessions.end_session(session.id)


def test_15_whoever_lost_the_login_is_not_looking_any_more(app: Flask, dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    assert "is looking at your pages now" in ada.get("/activity/").text
    end_login(dora.user)

    assert "is looking at your pages now" not in ada.get("/activity/").text
    case = signed_in(app, dora.user).get(f"/support/users/{ada.user.id}/")
    assert "Ended with the login of the member of staff." in case.text


def test_5_and_15_a_sweep_ends_what_nobody_came_back_to_and_says_why(
    app: Flask, dora: Browser, ben: Browser, ada: Browser
) -> None:
    change(ben.user, granted_role=1)
    look(dora, ada.user)
    end_login(dora.user)
    assert ending.sweep() == 1
    look(ben, ada.user)
    assert ending.sweep() == 0
    run_out()

    assert ending.sweep() == 1

    assert [each.end_why for each in accesses()] == ["session_gone", "expired"]
    assert [(each.why, each.act) for each in happened(Event.ACCESS_ENDED)] == [
        ("session_gone", "system"), ("expired", "system"),
    ]  # fmt: skip


def test_15_the_next_look_ends_the_one_whose_login_is_gone_and_names_the_cause(
    app: Flask, dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    end_login(dora.user)

    look(signed_in(app, dora.user), ben.user)

    assert [each.end_why for each in accesses()] == ["session_gone", None]


def test_a_look_of_another_login_session_is_none_of_this_one(
    app: Flask, dora: Browser, ada: Browser, ben: Browser
) -> None:
    look(dora, ada.user)
    [theirs] = account.sessions(ben.user.id)
    sessions.change(theirs.id, access_id=accesses()[0].id)

    assert h1(ben.get("/connections/", status=403)) == "This look belongs to another login of yours"
    assert ben.get("/connections/").html.select_one(".who span").text == "Ben Okoye"
