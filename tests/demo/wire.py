"""An app at each simulated third party, written from the documented wire facts and from nothing of ours."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from tests.servers.third_parties import ThirdParties

CALLBACK = "http://localhost:8000/connect/callback/"
VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Wire:
    """How one third party is talked to. Addresses are without scheme."""

    type: str
    authorize: str
    token: str
    scopes: str
    data: str
    revoke: str = ""
    """Method and address. Empty: there is no call."""
    basic: bool = False
    lifetime: int = 3600
    data_form: Mapping[str, str] = field(default_factory=dict)
    """What makes the data call a POST."""
    refresh_form: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the authorization request."""


DATES = "start_date=2020-01-01&end_date=2030-01-01"
WIRES = {
    wire.type: wire
    for wire in (
        Wire("withings", "account.withings.com/oauth2_user/authorize2", "wbsapi.withings.net/v2/oauth2",
             "user.metrics,user.activity", "wbsapi.withings.net/measure", lifetime=10800,
             data_form={"action": "getmeas"}, refresh_form={"action": "requesttoken"}),
        Wire("strava", "www.strava.com/oauth/authorize", "www.strava.com/oauth/token", "read,activity:read",
             "www.strava.com/api/v3/athlete/activities", "POST www.strava.com/oauth/revoke", lifetime=21600),
        Wire("polar", "flow.polar.com/oauth2/authorization", "polarremote.com/v2/oauth2/token",
             "accesslink.read_all", "www.polaraccesslink.com/v3/users/sleep",
             "DELETE www.polaraccesslink.com/v3/users/{account}", basic=True, lifetime=31535999),
        Wire("oura", "cloud.ouraring.com/oauth/authorize", "api.ouraring.com/oauth/token", "personal daily",
             f"api.ouraring.com/v2/usercollection/sleep?{DATES}",
             "POST api.ouraring.com/oauth/revoke?access_token={token}", lifetime=86400),
        Wire("whoop", "api.prod.whoop.com/oauth/oauth2/auth", "api.prod.whoop.com/oauth/oauth2/token",
             "offline read:profile read:workout", "api.prod.whoop.com/developer/v2/activity/workout",
             "DELETE api.prod.whoop.com/developer/v2/user/access", refresh_form={"scope": "offline"}),
        Wire("google_health", "accounts.google.com/o/oauth2/v2/auth", "oauth2.googleapis.com/token",
             "https://www.googleapis.com/auth/googlehealth.sleep.readonly",
             "health.googleapis.com/v4/users/me/dataTypes/sleep/dataPoints",
             "POST oauth2.googleapis.com/revoke?token={token}",
             more={"access_type": "offline", "prompt": "consent"}),
        Wire("garmin", "connect.garmin.com/oauth2Confirm", "diauth.garmin.com/di-oauth2-service/oauth/token", "",
             "apis.garmin.com/wellness-api/rest/user/permissions",
             "DELETE apis.garmin.com/wellness-api/rest/user/registration", lifetime=86400),
        Wire("fitbit", "www.fitbit.com/oauth2/authorize", "api.fitbit.com/oauth2/token", "weight sleep",
             "api.fitbit.com/1/user/-/body/log/weight/date/2020-01-01/2030-01-01.json",
             "POST api.fitbit.com/oauth2/revoke", basic=True, lifetime=28800),
        Wire("wahoo", "api.wahooligan.com/oauth/authorize", "api.wahooligan.com/oauth/token",
             "user_read workouts_read", "api.wahooligan.com/v1/workouts",
             "DELETE api.wahooligan.com/v1/permissions", lifetime=7200),
        Wire("suunto", "cloudapi-oauth.suunto.com/oauth/authorize", "cloudapi-oauth.suunto.com/oauth/token",
             "workout", "cloudapi.suunto.com/v3/workouts/",
             "GET cloudapi-oauth.suunto.com/oauth/deauthorize?client_id=demo-suunto", basic=True, lifetime=86400),
        Wire("concept2", "log.concept2.com/oauth/authorize", "log.concept2.com/oauth/access_token",
             "user:read,results:read", "log.concept2.com/api/users/me/results", lifetime=604800),
        Wire("dexcom", "api.dexcom.com/v2/oauth2/login", "api.dexcom.com/v2/oauth2/token", "offline_access",
             "api.dexcom.com/v3/users/self/dataRange", lifetime=7200),
    )
}  # fmt: skip


class App:
    """Our client at one third party."""

    def __init__(self, third_parties: ThirdParties, type: str) -> None:
        self.at = third_parties
        self.wire = WIRES[type]

    def url(self, address: str) -> str:
        return f"{self.at.url}/{address}"

    def ask(self, **changes: str) -> str:
        """The address of the consent page."""
        query = {"client_id": f"demo-{self.wire.type}", "redirect_uri": CALLBACK, "response_type": "code",
                 "state": "a long state", "scope": self.wire.scopes, "code_challenge": CHALLENGE,
                 "code_challenge_method": "S256"} | self.wire.more  # fmt: skip
        return f"{self.url(self.wire.authorize)}?{urlencode({k: v for k, v in (query | changes).items() if v})}"

    def code(self, **chosen: Any) -> str:
        return self.at.answer(self.ask(), **chosen)["code"]

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        extra = {"action": "requesttoken"} if self.wire.type == "withings" else {}
        return self._token(form | extra | changes)

    def refresh(self, refresh_token: str) -> requests.Response:
        return self._token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token} | dict(self.wire.refresh_form)
        )

    def _token(self, form: dict[str, str]) -> requests.Response:
        credentials = {"client_id": f"demo-{self.wire.type}", "client_secret": f"demo-secret-{self.wire.type}"}
        auth = (credentials["client_id"], form.pop("secret", credentials["client_secret"])) if self.wire.basic else None
        if not self.wire.basic:
            form = credentials | {"client_secret": form.pop("secret", credentials["client_secret"])} | form
        return requests.post(self.url(self.wire.token), data=form, auth=auth, timeout=30)

    def connect(self, **chosen: Any) -> dict[str, Any]:
        """The token answer of a fresh consent, without whatever it is wrapped in; Polar's person registered."""
        answer = self.exchange(self.code(**chosen))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        tokens = tokens.get("body", tokens)
        if self.wire.type == "polar":
            self.call(tokens["access_token"], "www.polaraccesslink.com/v3/users", "POST", json={"member-id": "m"})
        return tokens

    def data(self, access_token: str) -> requests.Response:
        """The call for records."""
        if self.wire.data_form:
            return self.call(access_token, self.wire.data, "POST", data=dict(self.wire.data_form))
        return self.call(access_token, self.wire.data)

    def call(self, access_token: str, address: str, method: str = "GET", **body: Any) -> requests.Response:
        headers = {
            "Authorization": f"Bearer {access_token}",
            "Ocp-Apim-Subscription-Key": "demo-subscription-key-suunto",
        }
        return requests.request(
            method, self.url(address), headers=headers, allow_redirects=False, timeout=body.pop("timeout", 30), **body
        )

    def revoke(self, tokens: Mapping[str, Any]) -> requests.Response:
        """The third party's own way to end a grant."""
        if self.wire.type == "withings":
            return self._revoke_signed(tokens["userid"])
        method, address = self.wire.revoke.split(" ", 1)
        address = address.format(token=tokens["access_token"], account=tokens.get("x_user_id"))
        if self.wire.type in ("strava", "fitbit"):
            auth = (f"demo-{self.wire.type}", f"demo-secret-{self.wire.type}")
            return requests.post(self.url(address), data={"token": tokens["access_token"]}, auth=auth, timeout=30)
        return self.call(tokens["access_token"], address, method)

    def _revoke_signed(self, userid: str) -> requests.Response:
        asked = self._signed("v2/signature", "getnonce", "1800000000", timestamp="1800000000")
        nonce = asked.json()["body"]["nonce"]
        return self._signed("v2/oauth2", "revoke", nonce, nonce=nonce, userid=userid)

    def _signed(self, path: str, action: str, last: str, **form: str) -> requests.Response:
        signed = f"{action},demo-withings,{last}".encode()
        signature = hmac.new(b"demo-secret-withings", signed, hashlib.sha256).hexdigest()
        body = {"action": action, "client_id": "demo-withings", "signature": signature} | form
        return requests.post(self.url(f"wbsapi.withings.net/{path}"), data=body, timeout=30)
