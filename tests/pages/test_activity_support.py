"""What a person reads of support: each look with who, how long, why, what was looked at and what was done."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from dashboard.data import chain, db, transaction, users
from dashboard.data.support_accesses import SupportAccess
from dashboard.events import Event, record
from dashboard.who import Origin, Who
from tests import factories
from tests.conftest import Browser, Queries, signed_in
from tests.pages.test_activity import lines
from tests.support.looking import REASON, change, form_to, form_with, look, run_out


def entry(browser: Browser, query: str = "?kind=support") -> Any:
    """The first entry of a look."""
    found = browser.get(f"/activity/{query}").html.select(".log > li")
    return next(each for each in found if re.search("look(ed|ing) at your pages", each.text))


def words(element: Any) -> str:
    return " ".join(element.text.split())


def looked(element: Any) -> list[str]:
    """The pages that an entry says were looked at."""
    return [words(each) for each in element.select("details li")]


def end(browser: Browser) -> None:
    form_to(browser.get("/connections/"), "/support/end/").submit(status=303)


def test_a_look_is_one_entry_with_who_how_long_why_and_what(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    look(dora, ada.user, ticket="NF-4821")
    for path in (f"/connections/{scale.id}/", f"/connections/{scale.id}/", "/activity/", "/connect/withings/"):
        dora.get(path)
    end(dora)

    said = words(entry(ada))

    assert "Dora Lind of support looked at your pages for 1 minute." in said
    assert f"The reason given: “{REASON}” Ticket: NF-4821" in said
    assert looked(entry(ada)) == [
        "your connections (2 times)", "Withings (2 times)", "your activity", "what can be connected: Withings",
    ]  # fmt: skip
    assert len(ada.get("/activity/?kind=support").html.select(".log > li")) == 2, "the look, and that the case was read"


def test_pages_that_were_looked_at_do_not_flood_the_list(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    for _ in range(60):
        dora.get("/connections/")
    end(dora)

    page = ada.get("/activity/")

    assert len(lines(page)) == 2, "the look, and that the case was read"
    assert looked(entry(ada)) == ["your connections (62 times)"]
    assert not page.html.select(".pager")


def test_one_that_goes_on_says_until_when_at_most(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)

    assert "Dora Lind of support is looking at your pages now, until " in words(entry(ada))


def test_one_that_ran_out_unnoticed_says_so(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    run_out()

    assert "Its time was over." in words(entry(ada))


def test_one_that_the_person_ended_says_so(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    form = form_to(ada.get("/account/support/"), "/account/support/")
    form["setting"] = "never"
    form.submit(status=303)

    assert "You ended it." in words(entry(ada))


def test_50_a_setting_keeps_the_name_of_staff_to_the_auditor(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SUPPORT_SHOWS_NAMES", False)
    scale = factories.Connection(user=ada.user, fresh=True)
    look(dora, ada.user)
    form_to(dora.get(f"/connections/{scale.id}/"), f"/connections/{scale.id}/sync/").submit(status=303)
    end(dora)

    page = ada.get("/activity/")

    assert "Dora" not in page.text
    assert "Support looked at your pages for 1 minute." in words(entry(ada))
    assert "Not done by you, but by support." in page.text


def test_staff_whose_account_is_gone_is_support_and_the_look_is_told_still(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user, ticket="NF-1")
    end(dora)
    with transaction():
        users.remove_person(dora.user.id)

    said = words(entry(ada))

    assert "Support looked at your pages for 1 minute." in said
    assert f"“{REASON}” Ticket: NF-1" in said
    assert "Dora" not in said


def test_52_the_reason_is_text_and_never_markup(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user, reason="<script>alert(1)</script> <b>bold</b>")

    found = entry(ada)

    assert "“<script>alert(1)</script> <b>bold</b>”" in words(found)
    assert not found.select("script, b")


def test_what_support_did_names_it_in_the_list_and_in_the_entry(dora: Browser, ada: Browser) -> None:
    scale = factories.Connection(user=ada.user, fresh=True)
    look(dora, ada.user)
    form_to(dora.get(f"/connections/{scale.id}/"), f"/connections/{scale.id}/sync/").submit(status=303)
    end(dora)

    in_list = lines(ada.get("/activity/?kind=connections"))[0]

    assert "A sync of Withings was asked for. Not done by you, but by Dora Lind of support." in in_list
    assert "A sync of Withings was asked for." in words(entry(ada))
    assert ada.get("/activity/").text.count("A sync of Withings was asked for.") == 1, "not in the look as well"


def test_where_staff_sits_is_not_told(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    end(dora)
    with transaction():
        record(Event.CASE_READ, Who(dora.user.id, ada.user.id, Origin("AAAA-BBBB", "198.51.100.9", "Firefox")))

    page = ada.get("/activity/")
    assert "Dora Lind of support opened your case" in page.text
    assert not page.html.select(".log .fine")


def test_what_was_tried_and_refused_is_counted_in_the_entry(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user)
    for _ in range(2):
        dora.get("/account/", status=403)
    end(dora)

    assert "Something closed to support was tried 2 times, and refused." in words(entry(ada))
    assert len([each for each in lines(ada.get("/activity/?kind=support")) if "closed to support" in each]) == 1


def test_readings_of_the_case_are_one_line_for_each_member_of_staff_and_hour(
    app: Flask, dora: Browser, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    erik = factories.User(name="Erik Holm")
    started = factories.now().replace(minute=0) - timedelta(hours=5)
    for actor, hours, count in ((dora.user, 0, 3), (erik, 0, 1), (dora.user, 2, 2)):
        monkeypatch.setattr(chain, "hold_head", head_at(started + timedelta(hours=hours)))
        for _ in range(count):
            with transaction():
                record(Event.CASE_READ, Who(actor.id, ada.user.id))
    monkeypatch.undo()

    page = ada.get("/activity/?kind=support")

    said = "opened your case, which says how your connections are doing"
    assert [words(each) for each in page.html.select(".log > li > div")] == [
        f"Dora Lind of support {said}, 2 times within an hour.",
        f"Erik Holm of support {said}.",
        f"Dora Lind of support {said}, 3 times within an hour.",
    ]
    assert ada.get("/activity/").text.count("opened your case") == 3
    monkeypatch.setitem(app.config, "SUPPORT_SHOWS_NAMES", False)
    hidden = ada.get("/activity/").text
    assert "Dora" not in hidden
    assert f"Support {said}, 3 times within an hour." in hidden


def head_at(at: datetime) -> Callable[[], chain.Head]:
    """The head of the chain by a clock that stands at a moment."""
    hold = chain.hold_head
    return lambda: hold()._replace(now=at)


def test_a_refused_start_is_a_line_of_its_own(dora: Browser, ada: Browser) -> None:
    with transaction():
        record(Event.ACCESS_REFUSED, Who(dora.user.id, ada.user.id), why="not_allowed")

    assert "You had not allowed it" in lines(ada.get("/activity/?kind=support"))[0]


def test_many_looks_cost_as_many_queries_as_one(app: Flask, dora: Browser, queries: Queries) -> None:
    few, many = signed_in(app, factories.User()), signed_in(app, factories.User())
    for browser, count in ((few, 1), (many, 12)):
        scale = factories.Connection(user=browser.user)
        for _ in range(count):
            look(dora, browser.user)
            dora.get(f"/connections/{scale.id}/")
            end(dora)
    for browser in (few, many):
        browser.get("/activity/")
    with queries:
        few.get("/activity/")
    one = len(queries)
    with queries:
        many.get("/activity/")

    assert one == len(queries) - one == 6


def test_nobody_reads_of_another_persons_looks(dora: Browser, ada: Browser, ben: Browser) -> None:
    look(dora, ada.user)
    end(dora)
    with transaction():
        db.session.execute(update(SupportAccess).values(subject_id=ben.user.id))

    assert "Dora Lind of support looked" not in ada.get("/activity/").text


def test_what_support_did_is_said_on_every_page_until_the_person_reads_of_it(dora: Browser, ada: Browser) -> None:
    scale, _other = factories.Connection(user=ada.user), factories.Connection(user=ada.user, type="polar")
    look(dora, ada.user)
    form = form_with(dora.get(f"/connections/{scale.id}/disconnect/"), "reason")
    form["reason"] = "asked for it on the phone"
    form.submit(status=303)
    told = "Support has disconnected something for you"

    assert told not in dora.get("/activity/").text
    for path in ("/connections/", "/account/"):
        assert told in ada.get(path).text

    read = ada.get("/connections/").click("See your activity")
    assert "Withings was disconnected." in read.text
    assert "Not done by you, but by Dora Lind of support. The reason given: “asked for it on the phone”" in words(
        read.html.main
    )
    assert told not in ada.get("/connections/").text


def test_48_that_support_opens_the_activity_leaves_the_note_for_the_person(dora: Browser, ada: Browser) -> None:
    change(ada.user, support_acted_at=factories.now())
    look(dora, ada.user)

    dora.get("/activity/")

    assert "Support has disconnected something for you" in ada.get("/connections/").text


def test_what_support_did_for_staff_is_not_said_on_pages_of_the_person_they_look_at(
    dora: Browser, ada: Browser
) -> None:
    change(dora.user, support_acted_at=factories.now())
    assert "Support has disconnected something for you" in dora.get("/account/").text

    assert "Support has disconnected something for you" not in look(dora, ada.user).text
