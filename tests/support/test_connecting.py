"""Connecting under a look is refused before anything is kept: at the provider it is staff who is signed in (25, 26)."""

from typing import Any

import pytest

from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from tests import factories
from tests.conftest import Browser
from tests.connections import road
from tests.servers.third_parties import ThirdParties
from tests.support.looking import form_to, h1, look, token_of

HERE = "http://localhost:8000"


def begin(browser: Browser, simulated: ThirdParties) -> str:
    """Begin to connect Withings and consent there; the address that leads back, not opened yet."""
    form = next(each for each in browser.get("/connect/withings/").forms.values() if "permissions" in each.fields)
    away = form.submit(status=200).html.select_one("main a.button")["href"]
    return simulated.consent(away).removeprefix(HERE)


def owners() -> list[int]:
    """Whose the connections are."""
    return list(road.db.session.execute(road.select(Connection.user_id)).scalars())


@pytest.mark.parametrize("address", ["/connect/withings/", "/connections/{}/reconnect/"])
def test_25_it_is_refused_before_a_state_is_stored(
    simulated: ThirdParties, dora: Browser, ada: Browser, address: str
) -> None:
    refused = factories.Connection(user=ada.user, refused=True)
    token = token_of(look(dora, ada.user))

    page = dora.post(address.format(refused.id), {"csrf_token": token}, status=403)

    assert h1(page) == "This is closed to support"
    assert road.count(AuthorizationRequest) == 0
    assert not dora.get("/connect/withings/").html.main.select("form")


def test_25_a_way_begun_before_the_look_does_not_come_back_during_it(
    simulated: ThirdParties, dora: Browser, ada: Browser
) -> None:
    back = begin(dora, simulated)
    look(dora, ada.user)

    page = dora.get(back, status=403)

    assert h1(page) == "This is closed to support"
    assert simulated.log("withings")["exchanges"] == 0
    assert owners() == []


def test_25_after_the_look_it_is_the_actors_own_as_it_was_begun(
    simulated: ThirdParties, dora: Browser, ada: Browser
) -> None:
    back = begin(dora, simulated)
    page = look(dora, ada.user)
    dora.get(back, status=403)
    form_to(page, "/support/end/").submit(status=303)

    dora.get(back, status=303)

    assert owners() == [dora.user.id]


def test_25_the_subjects_own_way_does_not_end_in_the_browser_of_staff(
    simulated: ThirdParties, dora: Browser, ada: Browser
) -> None:
    """Whoever gets hold of the address: it is bound to the person who began, and to their login."""
    back = begin(ada, simulated)
    page = look(dora, ada.user)

    dora.get(back, status=403)
    form_to(page, "/support/end/").submit(status=303)
    late: Any = dora.get(back, status=403)

    assert h1(late) == "Somebody else began this"
    assert simulated.log("withings")["exchanges"] == 0
    assert owners() == []
