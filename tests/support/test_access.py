"""A running look: asked anew at each request, over at once and never the actor's own account (edge cases 11 to 22)."""

from contextvars import Context
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask

from dashboard.data import login_sessions, transaction, users
from dashboard.data.connections import type_of
from dashboard.events import Event
from dashboard.identity import account
from dashboard.who import Role
from tests import factories
from tests.conftest import Browser, signed_in
from tests.support.looking import (
    accesses,
    banner,
    change,
    forged_look,
    form_to,
    form_with,
    h1,
    happened,
    look,
    look_form,
    run_out,
)


def ended() -> list[str]:
    """The causes on the record for which looks ended."""
    return [each.why for each in happened(Event.ACCESS_ENDED)]


def test_11_the_subjects_data_with_the_actors_rights(dora: Browser, ada: Browser) -> None:
    theirs, own = factories.Connection(user=ada.user), factories.Connection(user=dora.user)
    look(dora, ada.user)

    dora.get(f"/connections/{theirs.id}/", status=200)
    dora.get(f"/connections/{own.id}/", status=404)
    assert dora.get("/support/").html.select_one(".who span").text == "Dora Lind"


def test_12_a_role_that_is_lost_ends_it(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    change(dora.user, granted_role=0)

    page = dora.get("/connections/", status=403)

    assert h1(page) == "You are no longer support staff"
    assert page.headers["Clear-Site-Data"] == '"cache"'
    assert ended() == ["role_lost"]
    assert dora.get("/connections/").html.select_one(".who span").text == "Dora Lind"
    dora.get("/support/", status=403)


def test_13_a_subject_who_becomes_staff_ends_it(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    change(ada.user, granted_role=int(Role.SUPPORT))

    assert h1(dora.get("/connections/", status=403)) == "Ada Brandt is a member of staff now"
    assert ended() == ["subject_is_staff"]


def test_14_a_subject_who_deletes_their_account_is_free_to_and_ends_it(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    form = form_with(ada.get("/account/delete/"), "typed")
    form["typed"] = "user@demo.test"
    form.submit(status=303)

    page = dora.get("/connections/", status=403)

    assert h1(page) == "This account no longer exists"
    assert "Find a person" in page.html.main.text
    assert ended() == ["subject_gone"]
    dora.get("/connections/", status=200)


def test_6_consent_withdrawn_meanwhile_ends_it(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    change(ada.user, support_setting="never")

    assert h1(dora.get("/connections/", status=403)) == "Ada Brandt no longer lets support look"
    assert ended() == ["by_person"]


def test_6_a_pass_that_runs_out_meanwhile_ends_it(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_setting="ask", support_pass_until=datetime.now(UTC) + timedelta(hours=1))
    look(dora, ada.user)
    change(ada.user, support_pass_until=datetime.now(UTC) - timedelta(seconds=1))

    assert h1(dora.get("/activity/", status=403)) == "The day for which Ada Brandt let support look is over"
    assert ended() == ["pass_ran_out"]


@pytest.mark.parametrize("default", ["ask", "never"])
def test_6_a_default_that_the_operator_changes_ends_it_and_is_not_told_as_the_persons_doing(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch, default: str
) -> None:
    look(dora, ada.user)
    monkeypatch.setitem(app.config, "SUPPORT_CONSENT", default)

    page = dora.get("/activity/", status=403)

    assert h1(page) == "Support may no longer look at the pages of Ada Brandt"
    assert ended() == ["default_changed"]


def test_15_the_end_of_the_actors_login_is_the_end_of_it(app: Flask, dora: Browser, ada: Browser, ben: Browser) -> None:
    look(dora, ada.user)
    [session] = account.sessions(dora.user.id)
    with transaction():
        login_sessions.end_session(session.id)

    assert "/?next=" in dora.get("/connections/", status=303).location

    look(signed_in(app, dora.user), ben.user)
    assert [each.end_why is None for each in accesses()] == [False, True]


def test_16_time_is_absolute_whatever_the_actor_does(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    for _ in range(3):
        dora.get("/connections/", status=200)
    run_out()

    page = dora.get("/connections/", status=403)

    assert h1(page) == "The time for this look is over"
    assert form_to(page, "/logout/")
    assert page.html.select_one(f"a[href='/support/users/{ada.user.id}/']")


def test_17_a_form_sent_after_the_end_never_hits_the_actors_own_account(dora: Browser, ada: Browser) -> None:
    theirs, own = factories.Connection(user=ada.user), factories.Connection(user=dora.user)
    look(dora, ada.user)
    cut = form_with(dora.get(f"/connections/{theirs.id}/disconnect/"), "reason")
    cut["reason"] = "asked for on the phone"
    cut.action = f"/connections/{own.id}/disconnect/"
    run_out()

    answer = cut.submit(status=403)

    assert "neither for the person, nor in your own account" in answer.html.main.text
    assert type_of(own.id, owner_id=dora.user.id)
    assert type_of(theirs.id, owner_id=ada.user.id)


def test_18_a_form_from_before_the_start_is_refused_during_it_and_the_reverse(dora: Browser, ada: Browser) -> None:
    theirs, own = factories.Connection(user=ada.user, fresh=True), factories.Connection(user=dora.user, fresh=True)
    before = form_to(dora.get("/connections/"), f"/connections/{own.id}/sync/")
    look(dora, ada.user)
    assert h1(before.submit(status=400)) == "This form is too old"
    during = form_to(dora.get("/connections/"), f"/connections/{theirs.id}/sync/")
    form_to(dora.get("/connections/"), "/support/end/").submit(status=303)

    assert h1(during.submit(status=400)) == "This form is too old"
    assert happened(Event.SYNC_REQUESTED) == []


def test_18_a_stop_form_of_an_earlier_look_does_not_end_the_next(dora: Browser, ada: Browser, ben: Browser) -> None:
    old = form_to(look(dora, ada.user), "/support/end/")
    old.submit(status=303)
    look(dora, ben.user)

    page = old.submit(status=400)

    assert "Ben Okoye" in banner(page)
    assert accesses()[-1].end_why is None


def test_19_requests_in_parallel_at_the_end_write_one_end_and_keep_the_actor_signed_in(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    look(dora, ada.user)
    run_out()
    cookie, count = dora.cookies["session"], 6
    together, answers, taken = Barrier(count), [], []

    def ask() -> None:
        browser = Browser(app, extra_environ={"HTTP_HOST": "localhost"})
        browser.set_cookie("session", cookie)
        together.wait()
        answer = browser.get("/connections/", status="*")
        answers.append(answer.status_code)
        taken.extend(each.partition(";")[0] for each in answer.headers.getall("Set-Cookie"))

    threads = [Thread(target=Context().run, args=(ask,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 403 in answers
    assert set(answers) <= {403, 303}, "over, or the cookie is an old one; never a page of anybody"
    assert ended() == ["expired"]
    [new] = taken
    browser = Browser(app, extra_environ={"HTTP_HOST": "localhost"})
    browser.set_cookie("session", new.removeprefix("session="))
    assert browser.get("/connections/").html.select_one(".who span").text == "Dora Lind"


def test_32_switched_off_by_the_operator_it_ends(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(dora, ada.user)
    monkeypatch.setitem(app.config, "SUPPORT_ACCESS_MINUTES", 0)

    assert h1(dora.get("/connections/", status=403)) == "Looking through people’s eyes was switched off"
    assert ended() == ["off"]


def test_41_the_cookie_changes_at_start_and_end_and_the_old_ones_open_nothing(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    cookies = [dora.cookies["session"]]
    page = look(dora, ada.user)
    cookies.append(dora.cookies["session"])
    form_to(page, "/support/end/").submit(status=303)

    assert len({*cookies, dora.cookies["session"]}) == 3
    for old in cookies:
        replay = Browser(app, extra_environ={"HTTP_HOST": "localhost"})
        replay.set_cookie("session", old)
        assert "/?next=" in replay.get("/connections/", status=303).location


def test_42_no_page_under_it_may_be_kept(dora: Browser, ada: Browser) -> None:
    page = look(dora, ada.user)

    assert page.headers["Cache-Control"] == "no-store"
    assert "ETag" not in page.headers
    assert "/watch" in page.html.select_one("script[type=module]")["src"]
    assert form_to(page, "/support/end/").submit(status=303).headers["Clear-Site-Data"] == '"cache"'


def test_44_all_tabs_change_at_once_and_say_whom_they_show(app: Flask, dora: Browser, ada: Browser) -> None:
    tab = signed_in(app, dora.user)
    look(dora, ada.user)
    tab.set_cookie("session", dora.cookies["session"])

    page = tab.get("/activity/")

    assert "Ada Brandt" in page.html.title.text
    assert page.html.select_one(".who span").text == "Ada Brandt"


def test_47_nothing_of_the_subjects_logins_is_touched(dora: Browser, ada: Browser) -> None:
    before = account.sessions(ada.user.id), users.person(ada.user.id)
    look(dora, ada.user)
    dora.get("/connections/")
    form_to(dora.get("/activity/"), "/support/end/").submit(status=303)

    assert (account.sessions(ada.user.id), users.person(ada.user.id)) == before


def test_each_page_that_was_looked_at_is_on_the_record_with_both_people(dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user)
    look(dora, ada.user)
    dora.get(f"/connections/{connection.id}/")
    dora.get("/connections/999999/", status=404)
    dora.get("/support/")

    viewed = happened(Event.ACCESS_VIEWED)

    assert ["connections.index" in viewed[0].text, "connections.detail" in viewed[1].text] == [True, True]
    assert len(viewed) == 2
    assert {each.access for each in viewed} == {accesses()[0].id}
    assert all(each.sub and each.act and each.sub != each.act for each in viewed)


def test_61_a_prefetch_is_refused_and_leaves_no_trace(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    seen = len(happened(Event.ACCESS_VIEWED))

    page = dora.get("/activity/", headers={"Sec-Purpose": "prefetch;prerender"}, status=403)

    assert "Activity" not in page.html.h1.text
    assert len(happened(Event.ACCESS_VIEWED)) == seen


def test_start_after_a_refused_form_still_works(dora: Browser, ada: Browser, ben: Browser) -> None:
    change(ada.user, support_setting="never")
    forged_look(dora, ada.user)

    assert "Ben Okoye" in banner(look_form(dora, ben.user).submit(status=303).follow())
