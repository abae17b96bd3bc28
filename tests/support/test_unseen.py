"""What a look leaves behind: events, and nothing else at all (edge cases 20 to 23, 28, 47 to 49)."""

from typing import Any

import pytest
from flask import Flask

from dashboard.connections import syncing
from dashboard.data import db
from dashboard.data.login_sessions import LoginSession
from dashboard.data.mails import Mail
from dashboard.events import Event
from dashboard.support import policy
from dashboard.support.policy import Ground
from tests import factories
from tests.api.conftest import Program, token_of
from tests.conftest import Browser
from tests.connections import road
from tests.servers.third_parties import ThirdParties
from tests.support.looking import accesses, change, form_to, happened, look
from tests.support.test_policy import path, rules

OF_THE_LOOK = {"events", "event_heads", "event_personal", "parties", "support_accesses"}
"""The tables that a look is written to."""


@pytest.fixture
def full(ada: Browser) -> Any:
    """Ada's connection, one of many, with all that a page could show; its person has something left to read."""
    for trait in ("refused", "failing", "quiet", "fresh", "syncing", "paused"):
        factories.Connection(user=ada.user, **{trait: True})
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)
    factories.SyncRun(connection=made, outcome="failed", failure_code="timeout")
    change(ada.user, support_acted_at=factories.now())
    return made


def pages(app: Flask, connection: Any) -> list[str]:
    """Every page of a person that is open to a look."""
    open_ones = [rule for rule in rules(app) if policy.ground(rule.endpoint) in {Ground.LOOK, Ground.ACT}]
    return [path(rule, connection.id, connection.user_id) for rule in open_ones if "GET" in (rule.methods or ())]


def everything(but: Any) -> dict[str, list[Any]]:
    """All rows of all tables, without what a look is written to and the login of who looks."""
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name in OF_THE_LOOK:
            continue
        statement = table.select().order_by(*table.primary_key)
        if table is LoginSession.__table__:
            statement = statement.where(table.c.user_id != but.id)
        found[table.name] = list(db.session.execute(statement))
    return found


def test_23_47_and_48_looking_at_every_page_writes_nothing_but_that_it_was_looked_at(
    app: Flask, dora: Browser, ada: Browser, full: Any
) -> None:
    look(dora, ada.user)
    seen = pages(app, full)
    before = everything(but=dora.user)

    answers = [dora.get(each, status="*").status_code for each in seen]

    assert len(seen) > 8
    assert answers.count(200) >= 8
    assert everything(but=dora.user) == before
    assert len(happened(Event.ACCESS_VIEWED)) == 1 + answers.count(200)


def test_the_tables_of_a_look_are_known(app: Flask) -> None:
    assert {table.name for table in db.metadata.sorted_tables} >= OF_THE_LOOK


def test_21_no_page_of_the_person_streams_on_after_the_look_is_over(
    app: Flask, dora: Browser, ada: Browser, full: Any
) -> None:
    look(dora, ada.user)

    for each in pages(app, full):
        answer = dora.get(each, status="*")
        assert answer.content_type == "text/html", each
        assert answer.headers["Content-Length"] == str(len(answer.body)), f"{each} is sent as it is made"


def test_20_actor_and_subject_are_resolved_once_a_request(dora: Browser, ada: Browser, queries: list[str]) -> None:
    factories.Connection(user=ada.user)
    look(dora, ada.user)

    with queries:  # type: ignore[attr-defined]
        page = dora.get("/connections/")

    asked = [each for each in queries if "FROM support_accesses" in each]
    assert len(asked) == 1
    assert queries.index(asked[0]) == 1, "right after the session, before anything is read for anybody"
    assert page.html.select_one(".card")


def test_22_a_sync_that_outlives_the_look_says_on_whose_word_it_ran(
    simulated: ThirdParties, dora: Browser, ada: Browser
) -> None:
    made = road.connect(simulated, "strava", ada.user).connection_id
    road.change(made, next_sync_at=None, due_why=None)
    page = look(dora, ada.user)
    form_to(page, f"/connections/{made}/sync/").submit(status=303)
    form_to(dora.get("/connections/"), "/support/end/").submit(status=303)

    syncing.sync(made)

    [run] = road.runs(made)
    assert (run.outcome, run.why) == ("records", "support")
    [asked] = happened(Event.SYNC_REQUESTED)
    assert (asked.access, asked.sub != asked.act) == (accesses()[0].id, True)
    assert "asked for by support" in dora.get(f"/support/users/{ada.user.id}/").text


def test_28_a_token_of_the_actor_opens_the_actors_data_whatever_they_look_at(
    app: Flask, dora: Browser, ada: Browser
) -> None:
    own, theirs = factories.Connection(user=dora.user), factories.Connection(user=ada.user)
    program = Program(app, dora.user, token_of(dora.user))
    look(dora, ada.user)

    found = program.get("/v7.1/remoteconnection/").json["_embedded"]["remoteconnection"]

    assert [each["remote_id"] for each in found] == [str(own.id)]
    assert program.get(f"/v7.1/remoteconnection/{theirs.id}/").status_code == 404
    assert program.delete(f"/v7.1/remoteconnection/{theirs.id}/").status_code == 404


def test_49_a_look_sends_no_mail(dora: Browser, ada: Browser) -> None:
    made = factories.Connection(user=ada.user, fresh=True)
    page = look(dora, ada.user)
    dora.get(f"/connections/{made.id}/")
    form_to(page, f"/connections/{made.id}/sync/").submit(status=303)
    form_to(dora.get("/connections/"), "/support/end/").submit(status=303)

    assert road.count(Mail) == 0
