"""Reconnecting: the connection stays, whatever comes of it; another account is asked about."""

import pytest
from sqlalchemy import update

from dashboard.data import db, transaction
from dashboard.data.connections import Connection
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
