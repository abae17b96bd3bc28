"""Simulated Strava: API v3 with its own error bodies, two rate limits in headers, and one subscription per app."""

import secrets
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import HOUR_EAST, number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, hexadecimal_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at
from demo.providers.subscriptions import Subscription

KINDS = {"run": "Run", "ride": "Ride", "swim": "Swim", "strength": "WeightTraining", "walk": "Walk", "row": "Rowing"}
SITE, API = "www.strava.com", "www.strava.com/api/v3"


class Strava(OAuthParty):
    """Strava, as developers.strava.com describes it."""

    type, name = "strava", "Strava"
    rules = Rules(access_seconds=21600, rotation=Rotation.ONCE, reuse_seconds=3600, ends_old_access=True)
    separator, untick, callback_scope, needs_redirect_uri = ",", True, True, False
    limits = ((100, 900), (1000, 86400))
    scopes: ClassVar[dict[str, str]] = {
        "read": "Public profile and routes",
        "activity:read": "Activities that others can see too",
        "activity:read_all": "All activities, the private ones too",
        "profile:read_all": "Full profile, the private parts too",
        "read_all": "Private routes and events",
    }
    notices = ("create", "update", "delete", "deregistration")
    tells: ClassVar[dict[What, str]] = {What.WORKOUT: "create"}
    ends = "deregistration"

    authorization_endpoint = f"{SITE}/oauth/authorize"
    token_endpoint = f"{SITE}/oauth/token"

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        access, refresh = grant.newest()
        body = {
            "token_type": "Bearer",
            "expires_at": round(grant.access[access]),
            "expires_in": self.seconds_left(grant),
            "refresh_token": refresh,
            "access_token": access,
        }
        return body | {"athlete": self._athlete(grant)} if first else body

    def _athlete(self, grant: Grant) -> dict[str, Any]:
        account = self.account(grant)
        return {"id": int(self.account_id(grant.account)), "username": account.key, "resource_state": 2,
                "firstname": account.first_name, "lastname": account.last_name}  # fmt: skip

    @at("POST", f"{SITE}/oauth/revoke", does="revoke")
    def revoke(self) -> Response:
        """RFC 7009, with HTTP Basic: 200 for unknown tokens too."""
        basic = request.authorization
        if basic is None or basic.type != "basic":
            raise No("revoke")
        try:
            self.check_client(basic.username or "", basic.password or "")
        except No:
            raise No("revoke") from None
        if not (token := request.form.get("token")):
            raise No("malformed")
        grant = self.find(token)
        if grant and not grant.revoked:
            self.end(grant, by="app")
        return Response(status=200)

    @at("POST", f"{SITE}/oauth/deauthorize", does="revoke")
    def deauthorize(self) -> Response:
        """The older way, with the access token."""
        token = self.bearer_token() or request.values.get("access_token", "")
        grant = self.find(token)
        if grant is None or grant.revoked or token not in grant.access:
            raise No("token")
        self.end(grant, by="app")
        return answer({"access_token": token})

    @at("GET", f"{API}/athlete", does="data")
    def athlete(self) -> Response:
        """Who the token belongs to."""
        return answer(self._athlete(self.permitted()))

    @at("GET", f"{API}/athlete/activities", does="data")
    def activities(self) -> Response:
        """Activities by ``after`` and ``before`` (epoch), in pages; oldest first only with ``after``."""
        grant = self.permitted("activity:read")
        after, before = (request.args.get(name, type=int) for name in ("after", "before"))
        page, size = request.args.get("page", 1, type=int), min(request.args.get("per_page", 30, type=int), 200)
        found = [
            event
            for event in self.world.events(grant, What.WORKOUT)
            if (after is None or event.start.timestamp() > after)
            and (before is None or event.start.timestamp() < before)
        ]
        ordered = found if after is not None else found[::-1]
        return answer([self._activity(grant, event) for event in ordered[(page - 1) * size : page * size]])

    @at("GET", f"{API}/activities/<int:id>", does="data")
    def activity(self, id: int) -> Response:
        """One activity."""
        grant = self.permitted("activity:read")
        for event in self.world.events(grant, What.WORKOUT):
            if self._id(grant, event) == id:
                return answer(self._activity(grant, event))
        raise No("missing")

    @at("GET", f"{API}/push_subscriptions", does="subscribe")
    def subscriptions(self) -> Response:
        """The app's subscription, if there is one."""
        self.check_client(request.args.get("client_id", ""), request.args.get("client_secret", ""))
        return answer([
            {"id": int(each.id), "resource_state": 2, "callback_url": each.url}
            for each in self.world.subscriptions.of(self.type)
        ])  # fmt: skip

    @at("POST", f"{API}/push_subscriptions", does="subscribe")
    def subscribe(self) -> Response:
        """One subscription for the app; its address must send a challenge back."""
        form = request.form
        self.check_client(form.get("client_id", ""), form.get("client_secret", ""))
        url, challenge = form.get("callback_url", ""), secrets.token_hex(8)
        if self.world.subscriptions.of(self.type):
            raise No("subscription", detail="already exists")
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": form.get("verify_token", "")}
        if challenge not in (self.reached(Notice(method="GET", query=query), url) or ""):
            raise No("subscription", detail="GET to callback URL does not return 200")
        made = Subscription(self.type, self.world.subscriptions.new_id(self.type), url, made_at=self.now)
        self.world.subscriptions.add(made)
        return answer({"id": int(made.id)}, 201)

    @at("DELETE", f"{API}/push_subscriptions/<id>", does="subscribe")
    def unsubscribe(self, id: str) -> Response:
        """End it."""
        self.check_client(request.args.get("client_id", ""), request.args.get("client_secret", ""))
        if not self.world.subscriptions.end(self.type, id=id):
            raise No("missing")
        return Response(status=204)

    def _id(self, grant: Grant, event: Event) -> int:
        return number(self.type, grant.account, event.key, digits=11)

    def _activity(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        return {
            "resource_state": 2,
            "id": self._id(grant, event),
            "upload_id": number("upload", grant.account, event.key, digits=11),
            "athlete": {"id": int(self.account_id(grant.account)), "resource_state": 1},
            "name": f"{KINDS[event.sport]} by {self.account(grant).first_name}",
            "type": KINDS[event.sport],
            "sport_type": KINDS[event.sport],
            "start_date": f"{event.start:%Y-%m-%dT%H:%M:%SZ}",
            "start_date_local": f"{event.local(event.start):%Y-%m-%dT%H:%M:%SZ}",
            "timezone": "(GMT+01:00) Europe/Berlin",
            "utc_offset": HOUR_EAST * 3600.0,
            "moving_time": event.seconds - 30,
            "elapsed_time": event.seconds,
            "distance": values["metres"],
            "total_elevation_gain": values["climb"],
            "average_heartrate": values["bpm"],
            "max_heartrate": values["most"],
            "has_heartrate": True,
            "private": False,
        }

    def limit_headers(self, limited: No | None) -> dict[str, str]:
        quarter, day = self.used()
        if limited:
            quarter = max(quarter, 201)
        both = {"Limit": "200,2000", "Usage": f"{quarter},{day}"}
        read = {"Limit": "100,1000", "Usage": f"{quarter},{day}"}
        return {f"X-RateLimit-{name}": value for name, value in both.items()} | {
            f"X-ReadRateLimit-{name}": value for name, value in read.items()
        }

    def refuse(self, no: No) -> Response:
        status, message, resource, field, code = {
            "client": (400, "Bad Request", "Application", "client_id", "invalid"),
            "secret": (401, "Authorization Error", "Application", "", "invalid"),
            "code": (400, "Bad Request", "AuthorizationCode", "code", "invalid"),
            "refresh": (400, "Bad Request", "RefreshToken", "refresh_token", "invalid"),
            "token": (401, "Authorization Error", "Athlete", "access_token", "invalid"),
            "expired": (401, "Authorization Error", "Athlete", "access_token", "invalid"),
            "scope": (401, "Authorization Error", "AccessToken", f"{no.detail}_permission", "missing"),
            "limit": (429, "Rate Limit Exceeded", "Application", "rate limit", "exceeded"),
            "missing": (404, "Record Not Found", "Activity", "id", "invalid"),
            "subscription": (400, "Bad Request", "PushSubscription", "callback url", no.detail),
            "not_approved": (403, "Forbidden", "Application", "Status", "Inactive"),
        }.get(no.why, (400, "Bad Request", "Application", no.detail, "invalid"))
        if no.why == "revoke":
            return answer({"message": "Authorization Error", "errors": []}, 401)
        if no.why in ("down", "not_shared", "said"):
            return super().refuse(no)
        return answer({"message": message, "errors": [{"resource": resource, "field": field, "code": code}]}, status)

    def notice(self, account: str, event: str) -> Notice:
        owner, now = int(self.account_id(account)), round(self.now)
        latest = self.latest(account, What.WORKOUT)
        id = self._id(Grant(self.type, account, []), latest) if latest else number(event, now)
        body = {"aspect_type": event, "object_type": "activity", "object_id": id, "updates": {}}
        if event == "deregistration":
            updates = {"authorized": "false"}
            body = {"aspect_type": "update", "object_type": "athlete", "object_id": owner, "updates": updates}
        sent = posted(body | {"owner_id": owner, "subscription_id": 1, "event_time": now})
        signed = hexadecimal_signature(self.client_secret, f"{now}.".encode() + sent.body)
        return sent.with_headers({"X-Strava-Signature": f"t={now},v1={signed}"})
