"""Simulated Oura: API v2 of the older portal. Refresh tokens for one use; a lapsed membership is no dead grant."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import uid
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, hexadecimal_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, View, answer, at
from demo.providers.subscriptions import Subscription

API = "api.ouraring.com"
DATA = f"{API}/v2/usercollection"
SUBSCRIPTION = f"{API}/v2/webhook/subscription"
SUBSCRIPTION_SECONDS = 90 * 86400
PAGE = 50
SPORTS = {"run": "running", "ride": "cycling", "swim": "swimming", "strength": "strengthTraining", "walk": "walking",
          "row": "rowing"}  # fmt: skip
Form = Callable[["Oura", Grant, Event], dict[str, Any]]


def _collection(name: str, what: What, scope: str, form: Form) -> View:
    """The view of one collection, by ``start_date`` and ``end_date`` in pages."""

    def view(self: "Oura") -> Response:
        grant = self.permitted(scope)
        today = self.world.moment(self.type).date()
        last = _date("end_date") or today
        first = _date("start_date") or last - timedelta(days=1)
        found = [event for event in self.world.events(grant, what) if first <= event.day <= last]
        return self.page([form(self, grant, event) for event in found])

    view.__doc__ = f"{name}, by day."
    return at("GET", f"{DATA}/{name}", does="data")(view)


def _about(self: "Oura", grant: Grant, event: Event, name: str) -> dict[str, Any]:
    return {"id": uid(self.type, grant.account, name, event.key), "day": event.day.isoformat()}


def _sleep(self: "Oura", grant: Grant, event: Event) -> dict[str, Any]:
    values = event.values
    return _about(self, grant, event, "sleep") | {
        "bedtime_start": event.local(event.start).isoformat(),
        "bedtime_end": event.local(event.end).isoformat(),
        "type": "long_sleep",
        "time_in_bed": event.seconds,
        "total_sleep_duration": values["asleep"],
        "awake_time": values["awake"],
        "light_sleep_duration": values["light"],
        "deep_sleep_duration": values["deep"],
        "rem_sleep_duration": values["rem"],
        "average_heart_rate": values["resting"] + 4,
        "lowest_heart_rate": values["resting"],
        "average_hrv": values["hrv"],
        "efficiency": round(100 * values["asleep"] / event.seconds),
    }


def _score(name: str, value: str) -> Form:
    def form(self: "Oura", grant: Grant, event: Event) -> dict[str, Any]:
        noon = event.local(event.end).replace(hour=0, minute=0, second=0)
        about = _about(self, grant, event, name)
        return about | {"timestamp": noon.isoformat(), "score": event.values[value], "contributors": {}}

    return form


def _activity(self: "Oura", grant: Grant, event: Event) -> dict[str, Any]:
    values = event.values
    return _about(self, grant, event, "activity") | {
        "timestamp": event.local(event.start).isoformat(),
        "steps": values["steps"],
        "active_calories": round(values["steps"] * 0.045),
        "total_calories": values["kcal"],
        "equivalent_walking_distance": values["metres"],
        "score": min(100, 40 + int(values["steps"]) // 200),
    }


def _workout(self: "Oura", grant: Grant, event: Event) -> dict[str, Any]:
    values = event.values
    return _about(self, grant, event, "workout") | {
        "activity": SPORTS[event.sport],
        "start_datetime": event.local(event.start).isoformat(),
        "end_datetime": event.local(event.end).isoformat(),
        "calories": values["kcal"],
        "distance": values["metres"],
        "intensity": "moderate",
        "label": None,
        "source": "confirmed",
    }


class Oura(OAuthParty):
    """Oura, as cloud.ouraring.com/docs describes it."""

    type, name = "oura", "Oura"
    rules = Rules(access_seconds=86400, rotation=Rotation.ONCE)
    client_auth, untick, callback_scope, ends_all = "either", True, True, False
    limits = ((5000, 300),)
    makes = (What.NIGHT, What.WORKOUT)
    scopes: ClassVar[dict[str, str]] = {
        "personal": "Age, sex, height and weight",
        "daily": "Sleep, activity and readiness of each day",
        "heartrate": "Heart rate",
        "workout": "Workouts",
        "session": "Breathing, rest and other sessions",
        "spo2Daily": "Blood oxygen during sleep",
        "tag": "Tags you set",
        "email": "E-mail address",
    }
    notices = ("create", "update", "delete", "verification")
    tells: ClassVar[dict[What, str]] = {What.NIGHT: "create"}

    authorization_endpoint = "cloud.ouraring.com/oauth/authorize"
    token_endpoint = f"{API}/oauth/token"
    sleep = _collection("sleep", What.NIGHT, "daily", _sleep)
    daily_sleep = _collection("daily_sleep", What.NIGHT, "daily", _score("daily_sleep", "score"))
    readiness = _collection("daily_readiness", What.NIGHT, "daily", _score("daily_readiness", "readiness"))
    activity = _collection("daily_activity", What.DAY, "daily", _activity)
    workout = _collection("workout", What.WORKOUT, "workout", _workout)

    @at("GET", f"{API}/oauth/revoke", does="revoke")
    @at("POST", f"{API}/oauth/revoke", does="revoke")
    def revoke(self) -> Response:
        """End the grant of the access token in the query."""
        grant = self.find(request.args.get("access_token", ""))
        if grant is None or grant.revoked:
            raise No("token")
        self.end(grant, by="app")
        return Response(status=200)

    @at("GET", f"{DATA}/personal_info", does="account")
    def personal_info(self) -> Response:
        """Who it is."""
        grant = self.permitted("personal")
        mail = self.account(grant).mail if "email" in grant.scopes else None
        return answer({"id": self.account_id(grant.account), "age": 36, "weight": 71.4, "height": 1.74,
                       "biological_sex": "female", "email": mail})  # fmt: skip

    @at("GET", f"{DATA}/heartrate", does="data")
    def heart_rate(self) -> Response:
        """Heart rate, by ``start_datetime`` and ``end_datetime``: 30 days at most."""
        grant = self.permitted("heartrate")
        end = _moment("end_datetime") or self.world.moment(self.type)
        start = _moment("start_datetime") or end - timedelta(days=1)
        if end - start > timedelta(days=30, minutes=1):
            raise No("malformed", detail="The range is longer than 30 days.")
        found = self.world.events(grant, What.PULSE, start)
        rows = [
            {"bpm": event.values["bpm"], "source": "awake", "timestamp": event.start.isoformat()}
            for event in found
            if start <= event.start <= end
        ]
        return self.page(rows)

    @at("GET", SUBSCRIPTION, does="subscribe")
    def subscriptions(self) -> Response:
        """The app's subscriptions."""
        self._check_app()
        return answer([_subscription(each) for each in self.world.subscriptions.of(self.type)])

    @at("POST", SUBSCRIPTION, does="subscribe")
    def subscribe(self) -> Response:
        """One for each kind of event and of data; the address must send a challenge back. It ends by itself."""
        self._check_app()
        asked = request.get_json(silent=True) or {}
        about = {name: str(asked.get(name)) for name in ("event_type", "data_type")}
        url, challenge = str(asked.get("callback_url")), uid("challenge", self.now)
        query = {"verification_token": str(asked.get("verification_token")), "challenge": challenge}
        if about["event_type"] not in self.notices or challenge not in (
            self.reached(Notice("", {}, "GET", query), url) or ""
        ):
            raise No("malformed", detail="The callback URL could not be verified")
        events = [about["event_type"] if about["data_type"] == "sleep" else " ".join(about.values())]
        made = Subscription(self.type, uid(self.type, url, *events), url, events=events, about=about,
                            ends_at=self.now + SUBSCRIPTION_SECONDS, made_at=self.now)  # fmt: skip
        self.world.subscriptions.add(made)
        return answer(_subscription(made), 201)

    @at("PUT", f"{SUBSCRIPTION}/renew/<id>", does="subscribe")
    def renew_subscription(self, id: str) -> Response:
        """It holds as long again."""
        self._check_app()
        for each in self.world.subscriptions.of(self.type):
            if each.id == id:
                each.ends_at = self.now + SUBSCRIPTION_SECONDS
                return answer(_subscription(each))
        raise No("unknown_subscription")

    @at("DELETE", f"{SUBSCRIPTION}/<id>", does="subscribe")
    def unsubscribe(self, id: str) -> Response:
        """End one."""
        self._check_app()
        if not self.world.subscriptions.end(self.type, id=id):
            raise No("unknown_subscription")
        return Response(status=204)

    def _check_app(self) -> None:
        self.check_client(request.headers.get("x-client-id", ""), request.headers.get("x-client-secret", ""))

    def account_id(self, key: str) -> str:
        return uid(self.type, key)

    def page(self, rows: list[dict[str, Any]]) -> Response:
        """One page of rows by ``next_token``."""
        place = request.args.get("next_token", "0")
        if not place.isdigit():
            raise No("malformed", detail="next_token")
        start = int(place)
        more = str(start + PAGE) if start + PAGE < len(rows) else None
        return answer({"data": rows[start : start + PAGE], "next_token": more})

    def limit_headers(self, limited: No | None) -> dict[str, Any]:
        if limited is None:
            return {}
        wait = limited.wait if limited.wait is not None else 60
        return {"Retry-After": wait, "X-RateLimit-Limit": 5000, "X-RateLimit-Window": 300,
                "X-RateLimit-Reset": round(self.now) + wait, "X-RateLimit-Tier": "app"}  # fmt: skip

    def refuse(self, no: No) -> Response:
        if no.why == "down":
            return super().refuse(no)
        status, title, detail, error = {
            "client": (401, "Unauthorized", "Invalid client", "invalid_client"),
            "secret": (401, "Unauthorized", "Invalid client", "invalid_client"),
            "code": (400, "Bad Request", "Invalid authorization code", "invalid_grant"),
            "refresh": (400, "Bad Request", "Token already used or revoked", "invalid_grant"),
            "token": (401, "Unauthorized", "Access token is expired, malformed or revoked", ""),
            "expired": (401, "Unauthorized", "Access token is expired, malformed or revoked", ""),
            "scope": (401, "Unauthorized", f"The scope {no.detail} was not granted", ""),
            "not_shared": (403, "Forbidden", "The member's subscription has expired", ""),
            "limit": (429, "Too Many Requests", "Request rate limit exceeded", ""),
            "unknown_subscription": (403, "Forbidden", "Webhook with specified id does not exist.", ""),
            "said": (200, "Bad Request", "Invalid request", "invalid_request"),
        }.get(no.why, (400, "Bad Request", no.detail or "Invalid request", "invalid_request"))
        body = {"status": status, "title": title, "detail": detail}
        return answer(body | ({"error": error, "error_description": detail} if error else {}), status)

    def notice(self, account: str, event: str) -> Notice:
        """Signed with the client's secret; ``verification`` asks for the challenge to come back."""
        if event == "verification":
            query = {"verification_token": self.webhook_secret, "challenge": uid("challenge", self.now)}
            return Notice(method="GET", query=query)
        moment = self.world.moment(self.type)
        latest = self.latest(account, What.NIGHT)
        id = uid(self.type, account, "sleep", latest.key if latest else "none")
        sent = posted({"event_type": event, "data_type": "sleep", "object_id": id,
                       "event_time": moment.isoformat(), "user_id": self.account_id(account)})  # fmt: skip
        stamp = str(round(self.now))
        signed = hexadecimal_signature(self.client_secret, stamp.encode() + sent.body).upper()
        return sent.with_headers({"x-oura-timestamp": stamp, "x-oura-signature": signed})


def _subscription(made: Subscription) -> dict[str, Any]:
    ends_at = datetime.fromtimestamp(made.ends_at, UTC)
    return {"id": made.id, "callback_url": made.url, **made.about, "expiration_time": f"{ends_at:%Y-%m-%dT%H:%M:%S}"}


def _date(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise No("malformed", detail=name) from None


def _moment(name: str) -> datetime | None:
    text = request.args.get(name)
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise No("malformed", detail=name) from None
