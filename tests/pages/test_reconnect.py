"""Reconnecting: the connection stays, whatever comes of it; another account is asked about."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from dashboard.data import db, transaction
from dashboard.data.connections import Connection
from dashboard.data.revocations import Revocation
from tests import factories
from tests.conftest import Browser
from tests.pages.conftest import Go
from tests.pages.test_connect_back import connections, heading, status
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties


def reconnect(connection_id: int) -> str:
    """The address where a reconnect begins."""
    return f"/connections/{connection_id}/reconnect/"


def test_a_reconnect_keeps_the_connection_and_all_that_it_brought(ada: Browser, go: Go) -> None:
    ada.get(go(ada), status=303).follow()
    [made] = connections()
    factories.Record(connection=made)
    with transaction():
        db.session.execute(update(Connection).values(refused_at=factories.now(), failure_code="refused"))
    assert ada.get("/connections/").html.select_one(f".card-do a[href='{reconnect(made.id)}']")

    page = ada.get(go(ada, start=reconnect(made.id)), status=303).follow()

    assert "Withings is reconnected What was here before is here still" in status(page)
    [same] = connections()
    assert (same.id, same.refused_at) == (made.id, None)
    assert "Records here 1" in text(page.html)


def test_an_account_whose_old_access_is_being_ended_is_not_connected_yet(ada: Browser, go: Go) -> None:
    ada.get(go(ada), status=303).follow()
    [made] = connections()
    ada.get(f"/connections/{made.id}/disconnect/").forms[1].submit(status=303)
    now = factories.now()
    with transaction():
        under_way = {"tried_at": now, "lease_until": now + timedelta(minutes=5)}
        db.session.execute(update(Revocation).values(**under_way))

    page = ada.get(go(ada), status=409)

    assert heading(page) == "Withings was just told to end an earlier access"
    assert "nothing was connected. Try again in a few minutes." in text(page.html.main)
    assert page.html.select_one("main a.button--do")["href"] == "/connect/withings/"
    assert connections() == []


@pytest.mark.parametrize("act", ["keep", "drop", "again"])
def test_another_account_on_a_reconnect_is_asked_about(ada: Browser, go: Go, act: str) -> None:
    ada.get(go(ada), status=303).follow()
    [made] = connections()

    asked = ada.get(go(ada, start=reconnect(made.id), account="second"), status=303).follow()
    assert heading(asked) == "This is another account"
    assert len(connections()) == 1

    done = asked.forms[1].submit("act", value=act, status=303)

    after = done.follow()
    if act == "keep":
        assert "Withings is connected" in status(after)
        assert {each.id for each in connections()} > {made.id}
    elif act == "drop":
        assert "Nothing was connected" in status(after)
    else:
        assert heading(after) == "Reconnect Withings"
    assert len(connections()) == (2 if act == "keep" else 1)
    late = asked.forms[1].submit("act", value="keep", status=303).follow()
    assert "This is decided already" in status(late)


@pytest.mark.parametrize(("act", "words"), [("keep", "was connected already"), ("drop", "Nothing was changed")])
def test_another_account_that_is_the_persons_too_stays_connected_whatever_they_answer(
    ada: Browser, go: Go, act: str, words: str
) -> None:
    for account in ("ada", "second"):
        ada.get(go(ada, account=account), status=303)
    first, other = connections()

    asked = ada.get(go(ada, start=reconnect(first.id), account="second"), status=303).follow()
    said = text(asked.html.main)
    assert "it is among your connections already" in said
    assert "give" not in said

    after = asked.forms[1].submit("act", value=act, status=303).follow()

    assert words in status(after)
    assert "given back" not in status(after)
    assert [(each.id, each.refused_at) for each in connections()] == [(first.id, None), (other.id, None)]


@pytest.mark.parametrize(
    ("chosen", "fault", "heading_said", "words"),
    [
        ({"refuse": True}, {}, "You did not reconnect Strava", "Nothing was changed here"),
        ({"scopes": ["read"]}, {}, "Nothing was permitted", "is as it was"),
        ({}, {"error": {"on": ["token"]}}, "Strava was not reconnected", "The connection is as it was"),
    ],
)
def test_a_reconnect_that_comes_to_nothing_speaks_of_the_connection_that_is_there(
    ada: Browser,
    go: Go,
    simulated: ThirdParties,
    chosen: dict[str, Any],
    fault: dict[str, Any],
    heading_said: str,
    words: str,
) -> None:
    ada.get(go(ada, "strava"), status=303)
    [made] = connections()
    back = go(ada, "strava", start=reconnect(made.id), **chosen)
    simulated.control("strava", misbehave=fault)

    page = ada.get(back, expect_errors=True)

    assert heading(page) == heading_said
    assert words in text(page.html.main)
    assert "is to be told" not in text(page.html.main)


def test_until_its_first_sync_a_renewed_connection_is_not_late_for_one(ada: Browser, go: Go) -> None:
    ada.get(go(ada), status=303)
    [made] = connections()
    long_ago = factories.now() - timedelta(days=40)
    with transaction():
        gone = {"refused_at": long_ago, "last_sync_at": long_ago, "overdue_at": long_ago, "quiet_at": long_ago}
        db.session.execute(update(Connection).values(failure_code="refused", **gone))

    page = ada.get(go(ada, start=reconnect(made.id)), status=303).follow()

    assert text(page.html.select_one("[data-live=state]")) == "Working"


def test_records_that_were_kept_of_the_account_are_told_of(ada: Browser, go: Go) -> None:
    ada.get(go(ada), status=303)
    [made] = connections()
    factories.Record(connection=made)
    form = ada.get(f"/connections/{made.id}/disconnect/").forms[1]
    form["records"] = "keep"
    form.submit(status=303)

    page = ada.get(go(ada), status=303).follow()

    assert "1 record that you had kept of this account belongs to it again." in status(page)


def test_a_waiting_grant_is_nobody_elses(ada: Browser, ben: Browser, go: Go) -> None:
    ada.get(go(ada), status=303).follow()
    [made] = connections()
    asked = ada.get(go(ada, start=reconnect(made.id), account="second"), status=303)

    other = ben.get(asked.location.removeprefix("http://localhost"), status=303).follow()

    assert "This is decided already" in status(other)


def test_a_reconnect_of_what_is_not_the_persons_is_missing(ada: Browser, ben: Browser, simulated: ThirdParties) -> None:
    theirs = factories.Connection(user=ben.user)

    ada.get(reconnect(theirs.id), status=404)


def test_a_retired_type_can_not_be_reconnected(ada: Browser, simulated: ThirdParties) -> None:
    old = factories.Connection(user=ada.user, type="jawboneup", refused=True)

    page = ada.get(reconnect(old.id))

    assert "has closed this service" in text(page.html.main)
    assert not page.html.select("main form")
