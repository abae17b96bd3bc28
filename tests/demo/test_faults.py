"""Each misbehaviour of the simulated third parties does what it says, where and as often as it was asked for."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.demo.test_third_parties import is_refused, said
from tests.demo.wire import WIRES, App
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def app(third_parties: ThirdParties) -> App:
    """An app with nothing connected yet, at Oura: each refresh token is good once."""
    return App(third_parties, "oura")


def test_a_fault_is_limited_to_its_kind_of_endpoint_and_its_times(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"error": {"status": 502, "on": ["data"], "times": 2}})

    code = app.code()
    assert app.exchange(code).status_code == 200
    assert [app.data(token).status_code for _ in range(3)] == [502, 502, 200]


def test_a_fault_is_on_until_it_is_switched_off(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"error": True})
    assert [app.data(token).status_code for _ in range(2)] == [500, 500]

    app.at.control("oura", misbehave={"error": None})
    assert app.data(token).status_code == 200


@pytest.mark.parametrize("wrong", [{"flood": True}, {"hang": {"minutes": 2}}, {"error": {"on": ["moon"]}}])
def test_an_unknown_fault_is_refused(third_parties: ThirdParties, wrong: dict[str, object]) -> None:
    answer = requests.post(f"{third_parties.url}/control/oura", json={"misbehave": wrong}, timeout=10)

    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["error"]


def test_a_refused_consent_needs_no_page(app: App) -> None:
    app.at.control("oura", misbehave={"refuse": {"times": 1}})

    assert app.at.answer(app.ask()) == {"error": "access_denied", "state": "a long state"}
    assert "code" in app.at.answer(app.ask())


def test_a_dropped_request_was_not_done_and_a_lost_one_was(app: App) -> None:
    refresh_token = app.at.give("oura")["refresh_token"]
    for fault in ("drop", "lost"):
        app.at.control("oura", misbehave={fault: {"times": 1}})
        with pytest.raises(requests.ConnectionError):
            app.refresh(refresh_token)

    log = app.at.log("oura")
    assert log["refreshed"] == {refresh_token: 1}
    assert app.refresh(refresh_token).status_code == 400


def test_a_truncated_answer_breaks_off(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"truncate": {"times": 1}})

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        app.data(token)


def test_a_page_instead_and_an_endless_answer(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"wrong_type": {"times": 1}})
    page = app.data(token)
    app.at.control("oura", misbehave={"huge": {"megabytes": 3, "times": 1}})
    huge = app.data(token)

    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert len(huge.content) == 3 * 1024 * 1024


def test_a_slow_answer_comes_late(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"hang": {"seconds": 0.6, "times": 1}})
    began = time.monotonic()

    assert app.data(token).status_code == 200
    assert time.monotonic() - began >= 0.6


def test_a_reset_lets_go_what_hangs(app: App) -> None:
    token = app.at.give("oura")["access_token"]
    app.at.control("oura", misbehave={"hang": True})
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(app.data, token)
        while not app.at.log("oura")["kinds"]:
            pass
        app.at.reset()

        assert waiting.result(timeout=10).status_code == 401, "its grant is forgotten too"


def test_the_app_is_sent_elsewhere(app: App) -> None:
    app.at.control("oura", misbehave={"redirect": {"to": "http://localhost:9/x"}})
    answer = app.data(app.at.give("oura")["access_token"])

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost:9/x")


def records_in(app: App, given: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of an answer with records, without the moment at which Withings says that it was given."""
    status, body = said(app.data(given["access_token"]))
    if isinstance(body, dict) and isinstance(body.get("body"), dict):
        body["body"].pop("updatetime", None)
    return status, body


@pytest.mark.parametrize("type", WIRES)
def test_a_good_grant_or_client_is_refused_for_a_while(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    given = third_parties.give(type)
    good = records_in(app, given)
    third_parties.control(type, misbehave={"expired": {"on": ["data", "account"], "times": 1}})
    third_parties.control(type, misbehave={"grant": {"times": 1}, "client": {"on": ["token"]}})

    assert records_in(app, given) != good
    assert records_in(app, given) == good
    if given["refresh_token"]:
        assert "access_token" not in app.refresh(given["refresh_token"]).text
        assert "access_token" in app.refresh(given["refresh_token"]).text
    assert "access_token" not in app.exchange(app.code()).text


def test_duplicates_late_records_and_what_happens_by_hand(third_parties: ThirdParties) -> None:
    app = App(third_parties, "strava")
    token = third_parties.give("strava", "lin")["access_token"]
    before = app.data(token).json()
    third_parties.control("strava", happen={"account": "lin", "what": "workout", "count": 2, "days_ago": 3})
    added = app.data(token).json()
    third_parties.control("strava", misbehave={"duplicate": True})

    assert len(added) == len(before) + 2
    assert len(app.data(token).json()) == 2 * len(added)
    assert len({each["id"] for each in added}) == len(added)


def test_records_are_the_same_each_time_and_grow_with_the_clock(third_parties: ThirdParties) -> None:
    app = App(third_parties, "whoop")
    token = third_parties.give("whoop")["access_token"]
    address = "api.prod.whoop.com/developer/v2/activity/sleep?limit=25"
    first, again = (app.call(token, address).json() for _ in range(2))
    third_parties.forward(3 * 86400)
    newest = app.call(third_parties.give("whoop")["access_token"], address).json()["records"]
    known = {each["id"] for each in first["records"]}
    new = [each for each in newest if each["id"] not in known]

    assert first == again
    assert len(new) in {2, 3, 4}, "a night may end earlier or later than the one before"
    assert all(each["start"] > first["records"][0]["start"] for each in new)


def test_a_clock_that_is_ahead(third_parties: ThirdParties) -> None:
    app = App(third_parties, "strava")
    third_parties.control("strava", misbehave={"clock": {"minutes": 30}})
    tokens = app.connect()

    assert tokens["expires_at"] - time.time() - tokens["expires_in"] == pytest.approx(1800, abs=5)


@pytest.mark.parametrize("type", WIRES)
def test_seeded_tokens_have_moods(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    ok, quiet, refused, down = (app.data(f"demo-{mood}-ada-7") for mood in ("ok", "quiet", "refused", "down"))

    assert (ok.status_code, down.status_code) == (200, 503)
    assert len(quiet.text) < len(ok.text) or type in ("garmin", "dexcom")
    assert is_refused(refused)
    if type != "polar":
        assert "access_token" in app.refresh("demo-ok-ada-7").text
        assert "access_token" not in app.refresh("demo-refused-ada-7").text


def test_a_renewed_seeded_grant_keeps_its_mood(app: App) -> None:
    renewed = app.refresh("demo-quiet-ada").json()

    assert app.data(renewed["access_token"]).json()["data"] == []
    assert app.refresh("demo-quiet-ada").status_code == 400, "it is spent now"


def test_fifty_refreshes_at_once_spend_one_token(app: App) -> None:
    refresh_token = app.at.give("oura")["refresh_token"]
    with ThreadPoolExecutor(50) as pool:
        statuses = [answer.status_code for answer in pool.map(app.refresh, [refresh_token] * 50)]

    log = app.at.log("oura")
    assert sorted(statuses) == [200] + [400] * 49
    assert (log["refreshes"], log["refreshed"]) == ({refresh_token: 50}, {refresh_token: 1})
    assert log["spent_twice"] == {refresh_token: 49}


def test_requests_of_one_account_at_once_are_counted(app: App) -> None:
    token = app.at.give("oura", "second")["access_token"]
    app.at.control("oura", misbehave={"hang": {"seconds": 1.0}})
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(app.data, [token] * 3))

    assert app.at.log("oura")["most_at_once"]["second"] == 3


def test_what_was_granted_outlives_a_restart(tmp_path: Path) -> None:
    running = ThirdParties()
    running.start("--state", str(tmp_path))
    app = App(running, "oura")
    tokens = app.connect()
    running.control("oura", happen={"what": "night", "days_ago": 1})
    known = app.data(tokens["access_token"]).json()
    running.stop()
    running.start("--state", str(tmp_path), reset=False)
    try:
        assert app.data(tokens["access_token"]).json() == known
        assert app.refresh(tokens["refresh_token"]).status_code == 200
    finally:
        running.stop()
