"""What the simulated third parties send to the app, signed as the real ones do."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.demo.wire import App
from tests.servers.third_parties import ThirdParties


class Call(NamedTuple):
    """One call that the app got."""

    method: str
    query: dict[str, list[str]]
    headers: Any
    body: bytes


class Listener:
    """The app's webhook."""

    def __init__(self) -> None:
        calls = self.calls = Queue[Call]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                calls.put(Call(self.command, parse_qs(urlsplit(self.path).query), self.headers, body))
                self.send_response(204)
                self.end_headers()

            def do_GET(self) -> None:
                self.do_POST()

            def do_HEAD(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/"

    def next(self) -> Call:
        return self.calls.get(timeout=10)


@pytest.fixture
def app() -> Iterator[Listener]:
    listener = Listener()
    threading.Thread(target=listener.server.serve_forever, args=[0.01], daemon=True).start()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def digest(secret: str, signed: bytes, algorithm: str = "sha256") -> hmac.HMAC:
    return hmac.new(secret.encode(), signed, algorithm)


def sign_strava(call: Call) -> bool:
    stamp, _, signature = call.headers["X-Strava-Signature"].partition(",")
    signed = stamp.removeprefix("t=").encode() + b"." + call.body
    return signature == "v1=" + digest("demo-secret-strava", signed).hexdigest()


def sign_oura(call: Call) -> bool:
    signed = call.headers["x-oura-timestamp"].encode() + call.body
    return call.headers["x-oura-signature"] == digest("demo-secret-oura", signed).hexdigest().upper()


def sign_whoop(call: Call) -> bool:
    stamp = call.headers["X-WHOOP-Signature-Timestamp"]
    wanted = base64.b64encode(digest("demo-secret-whoop", stamp.encode() + call.body).digest()).decode()
    return len(stamp) == 13 and call.headers["X-WHOOP-Signature"] == wanted


def sign_fitbit(call: Call) -> bool:
    wanted = base64.b64encode(digest("demo-secret-fitbit&", call.body, "sha1").digest()).decode()
    return call.headers["X-Fitbit-Signature"] == wanted


def sign_polar(call: Call) -> bool:
    return call.headers["Polar-Webhook-Signature"] == digest("demo-webhook-secret-polar", call.body).hexdigest()


def sign_suunto(call: Call) -> bool:
    return call.headers["X-HMAC-SHA256-Signature"] == digest("demo-webhook-secret-suunto", call.body).hexdigest()


SIGNED = {
    "strava": ("create", sign_strava), "oura": ("create", sign_oura), "whoop": ("workout.updated", sign_whoop),
    "fitbit": ("sleep", sign_fitbit), "polar": ("EXERCISE", sign_polar), "suunto": ("WORKOUT_CREATED", sign_suunto),
}  # fmt: skip


@pytest.mark.parametrize("type", SIGNED)
def test_a_notice_is_signed_as_documented_and_a_forged_one_is_not(
    third_parties: ThirdParties, app: Listener, type: str
) -> None:
    event, is_signed = SIGNED[type]
    told = third_parties.control(type, send={"event": event, "url": app.url})["send"]
    third_parties.control(type, send={"event": event, "url": app.url, "forged": True})

    assert (told["status"], told["url"]) == (204, app.url)
    assert is_signed(app.next())
    assert not is_signed(app.next())


def test_google_signs_with_a_key_that_it_publishes(third_parties: ThirdParties, app: Listener) -> None:
    third_parties.control("google_health", send={"event": "sleep", "url": app.url})
    call = app.next()
    address = f"{third_parties.url}/www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json"
    [key] = requests.get(address, timeout=10).json()["key"]
    point = base64.b64decode(key["keyData"]["value"])
    x, y = (int.from_bytes(point[start : start + 33]) for start in (len(point) - 68, len(point) - 33))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    signed = base64.b64decode(call.headers["GOOGLE-HEALTH-API-SIGNATURE"])

    assert (signed[0], int.from_bytes(signed[1:5])) == (1, key["keyId"])
    public.verify(signed[5:], call.body, ec.ECDSA(hashes.SHA256()))
    assert call.headers["Authorization"] == "Bearer demo-webhook-secret-google_health"
    assert json.loads(call.body)["data"]["dataType"] == "sleep"


def test_wahoo_carries_its_token_in_the_body(third_parties: ThirdParties, app: Listener) -> None:
    third_parties.control("wahoo", send={"url": app.url})
    body = json.loads(app.next().body)

    assert body["webhook_token"] == "demo-webhook-secret-wahoo"
    assert isinstance(body["workout_summary"]["calories_accum"], str)


def test_handshakes(third_parties: ThirdParties, app: Listener) -> None:
    for type, event in {"withings": "verification", "oura": "verification", "polar": "PING"}.items():
        third_parties.control(type, send={"event": event, "url": app.url})
    withings, oura, polar = app.next(), app.next(), app.next()

    assert withings.method == "HEAD"
    assert (oura.method, oura.query["verification_token"]) == ("GET", ["demo-webhook-secret-oura"])
    assert oura.query["challenge"]
    assert json.loads(polar.body)["event"] == "PING"
    assert "Polar-Webhook-Signature" not in polar.headers


def test_a_person_who_ends_it_there_is_told_of_where_that_is_documented(
    third_parties: ThirdParties, app: Listener
) -> None:
    ids = {type: third_parties.give(type)["account_id"] for type in ("strava", "withings", "garmin", "fitbit", "whoop")}
    for type in ids:
        third_parties.control(type, deregister={"account": "ada", "url": app.url})
    strava, withings, garmin, fitbit = (app.next().body for _ in range(4))

    assert json.loads(strava)["updates"] == {"authorized": "false"}
    assert str(json.loads(strava)["owner_id"]) == ids["strava"]
    assert parse_qs(withings.decode()) == {"userid": [ids["withings"]], "appli": ["46"], "action": ["unlink"]}
    assert json.loads(garmin) == {"deregistrations": [{"userId": ids["garmin"]}]}
    assert json.loads(fitbit)[0]["collectionType"] == "userRevokedAccess"
    assert app.calls.empty(), "WHOOP tells nobody"
    assert all(not any(each["revoked"] == "" for each in third_parties.grants(type)) for type in ids)


def test_garmin_pushes_after_connecting_and_says_a_last_word(third_parties: ThirdParties, app: Listener) -> None:
    third_parties.control("garmin", listen=app.url)
    garmin = App(third_parties, "garmin")
    tokens = garmin.connect()
    garmin.data(tokens["access_token"])
    pushed = {
        name: rows for call in (app.next(), app.next(), app.next()) for name, rows in json.loads(call.body).items()
    }
    assert garmin.revoke(tokens).status_code == 204
    last = json.loads(app.next().body)

    assert set(pushed) == {"dailies", "sleeps", "activities"}
    assert {row["userId"] for rows in pushed.values() for row in rows} == {last["deregistrations"][0]["userId"]}
    assert pushed["dailies"][0]["steps"] > 0


def test_a_notice_tells_of_a_record_that_is_there(third_parties: ThirdParties, app: Listener) -> None:
    third_parties.control("strava", happen={"what": "workout"}, send={"event": "create", "url": app.url})
    token = third_parties.give("strava")["access_token"]
    newest = App(third_parties, "strava").data(token).json()[0]

    assert json.loads(app.next().body)["object_id"] == newest["id"]


def test_nobody_to_tell_is_an_error(third_parties: ThirdParties) -> None:
    answer = requests.post(f"{third_parties.url}/control/strava", json={"send": True}, timeout=10)

    assert answer.status_code == 400
    assert "add a url" in answer.json()["error"]


def subscribe(third_parties: ThirdParties, token: str, url: str, appli: int) -> Any:
    address = "wbsapi.withings.net/notify"
    form = {"action": "subscribe", "callbackurl": url, "appli": appli}
    return App(third_parties, "withings").call(token, address, "POST", data=form).json()["status"]


def test_who_subscribed_is_told_once_of_what_is_new(third_parties: ThirdParties, app: Listener) -> None:
    ada, second = (third_parties.give("withings", account) for account in ("ada", "second"))
    assert [subscribe(third_parties, ada["access_token"], app.url, appli) for appli in (1, 46, 1)] == [0, 0, 0]
    assert [app.next().method for _ in range(3)] == ["HEAD"] * 3

    third_parties.control("withings", happen={"account": "second", "what": "weight"})
    third_parties.control("withings", happen={"account": "ada", "what": "night"})
    third_parties.control("withings", happen={"account": "ada", "what": "weight"})

    told = parse_qs(app.next().body.decode())
    assert (told["userid"], told["appli"]) == ([ada["account_id"]], ["1"])
    third_parties.control("withings", misbehave={})
    third_parties.control("withings", happen={"account": "ada", "what": "weight"})
    assert parse_qs(app.next().body.decode())["userid"] != [second["account_id"]]
    assert app.calls.empty()


def test_an_address_that_does_not_answer_is_not_subscribed(third_parties: ThirdParties, app: Listener) -> None:
    token = third_parties.give("withings", scopes=["user.metrics"])["access_token"]

    assert subscribe(third_parties, token, "http://127.0.0.1:9/hook/", 1) == 503
    assert subscribe(third_parties, token, app.url, 16) == 403, "a scope that was not granted"
    assert subscribe(third_parties, token, app.url, 999) == 503
    assert third_parties.subscriptions("withings") == []


def test_a_subscription_outlives_a_restart_and_ends_with_its_grant(app: Listener, tmp_path: Path) -> None:
    with ThirdParties() as servers:
        servers.stop()
        servers.start("--state", str(tmp_path))
        assert subscribe(servers, servers.give("withings")["access_token"], app.url, 1) == 0
        servers.stop()
        servers.start("--state", str(tmp_path), reset=False)
        assert [each["events"] for each in servers.subscriptions("withings")] == [["weight"]]

        servers.control("withings", revoke={"account": "ada"})

        assert servers.subscriptions("withings") == []
