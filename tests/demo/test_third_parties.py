"""Each simulated third party keeps the documented wire facts, from consent to revocation."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from tests.demo.wire import CALLBACK, WIRES, App
from tests.servers.third_parties import ThirdParties

REFRESHING = sorted(WIRES.keys() - {"polar"})
ROTATING = sorted(WIRES.keys() - {"polar", "google_health", "suunto", "strava"})


def said(answer: requests.Response) -> tuple[int, Any]:
    """Status and body of an answer."""
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, answer.text


def is_refused(answer: requests.Response) -> bool:
    return answer.status_code in (400, 401) or answer.json().get("status") in (401, 503)


@pytest.mark.parametrize("type", WIRES)
def test_a_grant_from_consent_to_revocation(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    tokens = app.connect()
    if type != "strava":
        assert tokens["expires_in"] == app.wire.lifetime

    assert len(app.data(tokens["access_token"]).text) > 60

    if "refresh_token" in tokens:
        renewed = app.refresh(tokens["refresh_token"]).json()
        tokens |= renewed.get("body", renewed)
    assert app.data(tokens["access_token"]).status_code == 200

    if type in ("concept2", "dexcom"):
        return  # no call to revoke is known
    ended = app.revoke(tokens)
    assert ended.status_code in (200, 204)
    assert type != "withings" or ended.json()["status"] == 0
    assert is_refused(app.data(tokens["access_token"]))
    assert third_parties.log(type)["revocations"] == [{"account": "ada", "by": "app", "grants": 1}]


@pytest.mark.parametrize("type", WIRES)
def test_a_code_is_good_once_for_its_redirect_uri_and_verifier(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)

    for change in ({"redirect_uri": "http://localhost:8000/elsewhere/"}, {"code_verifier": "x" * 50}):
        code = app.code()
        assert is_refused(app.exchange(code, **change))
        assert is_refused(app.exchange(code)), "a refused exchange spends the code"

    code = app.code()
    assert not is_refused(app.exchange(code))
    assert is_refused(app.exchange(code))


def test_withings_codes_last_thirty_seconds(third_parties: ThirdParties) -> None:
    app = App(third_parties, "withings")
    code = app.code()
    third_parties.forward(31)

    assert said(app.exchange(code)) == (200, {"status": 503, "body": {}, "error": "Invalid Params: invalid code"})


@pytest.mark.parametrize("type", REFRESHING)
def test_three_refreshes_in_a_row(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    tokens = app.connect()

    for _ in range(3):
        third_parties.control(type, expire=True)
        assert is_refused(app.data(tokens["access_token"]))
        answer = app.refresh(tokens["refresh_token"]).json()
        tokens |= answer.get("body", answer)
        assert app.data(tokens["access_token"]).status_code == 200

    assert sum(third_parties.log(type)["refreshed"].values()) == 3


@pytest.mark.parametrize("type", ROTATING)
def test_a_refresh_token_that_was_replaced_and_whose_successor_was_used_is_refused(
    third_parties: ThirdParties, type: str
) -> None:
    app = App(third_parties, type)
    old = app.connect()["refresh_token"]
    answer = app.refresh(old).json()
    new = answer.get("body", answer)

    if type in ("withings", "wahoo"):
        answer = app.refresh(old).json()
        new = answer.get("body", answer)
        assert new["refresh_token"] != old, "until the new access token is used, the old one holds"
        app.data(new["access_token"])
    assert is_refused(app.refresh(old))
    assert new["refresh_token"] != old
    assert third_parties.log(type)["spent_twice"] == {old: 1}


def test_withings_old_refresh_token_ends_after_eight_hours(third_parties: ThirdParties) -> None:
    app = App(third_parties, "withings")
    old = app.connect()["refresh_token"]
    app.refresh(old)
    third_parties.forward(8 * 3600 + 1)

    assert app.refresh(old).json()["error"] == "Invalid Params: invalid refresh_token"


def test_strava_gives_the_same_tokens_while_more_than_an_hour_is_left(third_parties: ThirdParties) -> None:
    app = App(third_parties, "strava")
    first = app.connect()
    second = app.refresh(first["refresh_token"]).json()
    third_parties.forward(21600 - 3500)
    third = app.refresh(first["refresh_token"]).json()

    assert (first["access_token"], first["refresh_token"]) == (second["access_token"], second["refresh_token"])
    assert third["access_token"] != first["access_token"]
    assert "athlete" in first
    assert "athlete" not in second
    assert third["expires_in"] == 21600


def test_google_gives_no_refresh_token_again_unless_consent_is_asked_for(third_parties: ThirdParties) -> None:
    app = App(third_parties, "google_health")
    assert "refresh_token" in app.connect()

    code = third_parties.answer(app.ask(prompt=""))["code"]
    assert "refresh_token" not in app.exchange(code).json()
    assert "refresh_token" in app.connect()


def test_whoop_gives_no_refresh_token_without_offline(third_parties: ThirdParties) -> None:
    app = App(third_parties, "whoop")
    code = third_parties.answer(app.ask(scope="read:profile"))["code"]

    assert "refresh_token" not in app.exchange(code).json()


def test_wahoo_counts_ten_unrevoked_tokens(third_parties: ThirdParties) -> None:
    app = App(third_parties, "wahoo")
    tokens = [app.connect() for _ in range(10)]
    refused = app.exchange(app.code())

    assert refused.status_code == 400
    assert refused.json()["error"].startswith("Too many unrevoked access tokens exist for this app and user.")
    app.revoke(tokens[0])
    assert "access_token" in app.connect()


def test_polar_sends_nothing_before_the_registration_and_conflicts_at_the_second(third_parties: ThirdParties) -> None:
    app = App(third_parties, "polar")
    token = app.exchange(app.code()).json()["access_token"]
    assert app.data(token).status_code == 403

    register = "www.polaraccesslink.com/v3/users"
    statuses = [app.call(token, register, "POST", json={"member-id": "m"}).status_code for _ in range(2)]
    assert statuses == [200, 409]
    assert app.data(token).status_code == 200
    assert app.call(token, "www.polaraccesslink.com/v3/exercises").status_code == 204, "none since the registration"


def test_garmin_wants_pkce_and_refuses_polling(third_parties: ThirdParties) -> None:
    app = App(third_parties, "garmin")
    page = requests.get(app.ask(code_challenge="", code_challenge_method=""), timeout=30)
    token = app.connect(scopes=[])["access_token"]

    assert (page.status_code, "PKCE is required" in page.text) == (400, True)
    assert app.data(token).json() == {"permissions": []}
    assert app.call(token, "apis.garmin.com/wellness-api/rest/activities").status_code == 403


def test_suuntos_access_token_names_the_account_and_data_needs_a_key(third_parties: ThirdParties) -> None:
    app = App(third_parties, "suunto")
    token = app.connect(account="second")["access_token"]
    without = requests.get(app.url(app.wire.data), headers={"Authorization": f"Bearer {token}"}, timeout=30)

    assert token.count(".") == 2
    assert without.status_code == 401


@pytest.mark.parametrize("type", WIRES)
def test_refusing_on_the_consent_page_comes_back_as_access_denied(third_parties: ThirdParties, type: str) -> None:
    back = third_parties.consent(App(third_parties, type).ask(), refuse=True)

    assert back.startswith(f"{CALLBACK}?")
    assert parse_qs(urlsplit(back).query) == {"error": ["access_denied"], "state": ["a long state"]}


def test_what_is_unticked_is_not_granted_and_the_callback_says_so(third_parties: ThirdParties) -> None:
    app = App(third_parties, "strava")
    answer = third_parties.answer(app.ask(), scopes=["read"])
    token = app.exchange(answer["code"]).json()["access_token"]

    assert answer["scope"] == "read"
    assert app.data(token).json()["errors"][0]["field"] == "activity:read_permission"


def test_a_scope_that_is_not_known_is_refused(third_parties: ThirdParties) -> None:
    wrongly_joined = App(third_parties, "strava").ask(scope="read activity:read")

    assert third_parties.answer(wrongly_joined)["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "wrong", [{"client_id": "somebody"}, {"redirect_uri": "https://evil.example/"}, {"response_type": "token"}]
)
def test_a_wrong_link_leads_nowhere(third_parties: ThirdParties, wrong: dict[str, str]) -> None:
    answer = requests.get(App(third_parties, "oura").ask(**wrong), allow_redirects=False, timeout=30)

    assert answer.status_code == 400
    assert "This link does not work" in answer.text


@pytest.mark.parametrize("typed", ["Other@x.example", "cleo+7@posteo.example", "ada.byron@northlake.example"])
def test_a_typed_address_is_that_of_the_account(third_parties: ThirdParties, typed: str) -> None:
    app = App(third_parties, "wahoo")
    form = {"typed": typed, "account": "ada", "decision": "allow", "scope": app.wire.scopes.split()}
    back = requests.post(app.ask(), data=form, allow_redirects=False, timeout=30).headers["Location"]
    [code] = parse_qs(urlsplit(back).query)["code"]
    token = app.exchange(code).json()["access_token"]

    assert app.call(token, "api.wahooligan.com/v1/user").json()["email"] == typed.lower()


def test_the_consent_page_says_that_it_is_simulated(third_parties: ThirdParties) -> None:
    answer = requests.get(App(third_parties, "strava").ask(), timeout=30)
    page = BeautifulSoup(answer.text, "html.parser")

    assert re.match("Simulated Strava", page.h1.text)
    assert "not Strava itself" in page.text
    assert not page.select("[style], script, style")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
