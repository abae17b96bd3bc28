"""Simulated Suunto: access tokens that say whose they are, a key beside each, and answers of 200 that carry errors."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import Response, request
from joserfc import jwt
from joserfc.jwk import OctKey

from demo.providers.accounts import HOUR_EAST, hexadecimal
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, hexadecimal_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at

OAUTH, API = "cloudapi-oauth.suunto.com/oauth", "cloudapi.suunto.com"
KEY = OctKey.import_key("everybody knows this key of a simulation")
SUBSCRIPTION_KEY = "demo-subscription-key-suunto"
SPORTS = {"run": 1, "ride": 2, "swim": 21, "strength": 23, "walk": 0, "row": 15}
WINDOW = 28 * 86400 * 1000


class Suunto(OAuthParty):
    """Suunto, as apizone.suunto.com and its clients describe it."""

    type, name = "suunto", "Suunto"
    rules = Rules(access_seconds=86400, rotation=Rotation.SAME, refresh_seconds=15552000)
    client_auth = "basic"
    makes = (What.WORKOUT, What.NIGHT)
    scopes: ClassVar[dict[str, str]] = {"workout": "Workouts"}
    notices = ("WORKOUT_CREATED", "SUUNTO_247_SLEEP_CREATED")
    authorization_endpoint = f"{OAUTH}/authorize"
    token_endpoint = f"{OAUTH}/token"

    def give(self, account: str, scopes: list[str], *, offline: bool = True) -> Grant:
        grant = super().give(account, scopes, offline=offline)
        self._sign_newest(grant)
        return grant

    def renew(self) -> Grant:
        grant = super().renew()
        self._sign_newest(grant)
        return grant

    def _sign_newest(self, grant: Grant) -> None:
        """Make the newest access token a JWT that names the account."""
        opaque, _ = grant.newest()
        ends_at = grant.access.pop(opaque)
        claims = {"user": grant.account, "sub": self.account_id(grant.account), "exp": round(ends_at), "jti": opaque}
        grant.access[jwt.encode({"alg": "HS256"}, claims, KEY)] = ends_at

    def account_id(self, key: str) -> str:
        """The user name, as notices say it."""
        return key

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        return super().token_body(grant, first=first) | {"user": grant.account, "jti": hexadecimal(grant.newest()[0])}

    @at("GET", f"{OAUTH}/deauthorize", does="revoke")
    def revoke(self) -> Response:
        """What the person gave ends."""
        if request.args.get("client_id") != self.client_id:
            raise No("client")
        self.end(self.permitted(), by="app")
        return Response(status=200)

    def _subscribed(self) -> Grant:
        if request.headers.get("Ocp-Apim-Subscription-Key") != SUBSCRIPTION_KEY:
            raise No("key")
        return self.permitted()

    @at("GET", f"{API}/v3/workouts", does="data")
    @at("GET", f"{API}/v3/workouts/", does="data")
    def workouts(self) -> Response:
        """Workouts since a moment, by their start or by their last change, in pages."""
        grant = self._subscribed()
        changed = request.args.get("filter-by-modification-time") == "true"
        since, offset = (request.args.get(name, 0, type=int) for name in ("since", "offset"))
        limit = min(request.args.get("limit", 50, type=int), 100)
        every = self.world.events(grant, What.WORKOUT)
        found = [event for event in every if _ms(event.known_at if changed else event.start) >= since]
        rows = [self._workout(grant.account, event) for event in found[offset : offset + limit]]
        return answer({"error": None, "payload": rows, "metadata": {"workoutcount": len(found)}})

    def _workout(self, account: str, event: Event) -> dict[str, Any]:
        values = event.values
        return {
            "workoutKey": hexadecimal(self.type, account, event.key, length=24),
            "activityId": SPORTS[event.sport],
            "startTime": _ms(event.start),
            "stopTime": _ms(event.end),
            "totalTime": float(event.seconds),
            "timeOffsetInMinutes": HOUR_EAST * 60,
            "totalDistance": float(values["metres"]),
            "totalAscent": float(values["climb"]),
            "energyConsumption": values["kcal"],
            "hrdata": {"workoutAvgHR": values["bpm"], "workoutMaxHR": values["most"]},
            "created": _ms(event.known_at),
        }

    @at("GET", f"{API}/247samples/sleep", does="data")
    def sleep(self) -> Response:
        """Nights of 28 days at most."""
        grant = self._subscribed()
        rows = [self._night(grant, event) for event in self._window(grant, What.NIGHT)]
        return answer(rows)

    @at("GET", f"{API}/247samples/activity", does="data")
    def activity(self) -> Response:
        """Samples of the heart rate."""
        grant = self._subscribed()
        rows = [{"timestamp": event.local(event.start).isoformat(), "entryData": {"HR": event.values["bpm"] / 60}}
                for event in self._window(grant, What.PULSE)]  # fmt: skip
        return answer(rows)

    @at("GET", f"{API}/247samples/daily-activity-statistics", does="data")
    def days(self) -> Response:
        """Steps of days."""
        grant = self._subscribed()
        first, last = (_moment(name) for name in ("startdate", "enddate"))
        found = [event for event in self.world.events(grant, What.DAY) if first <= event.start < last]
        samples = [
            {"TimeISO8601": event.local(event.start).isoformat(), "Value": event.values["steps"]} for event in found
        ]
        sources = [{"Name": "Suunto", "Samples": samples}]
        return answer([{"Name": "stepcount", "Aggregation": "sum", "Sources": sources}])

    def _window(self, grant: Grant, what: What) -> list[Event]:
        start, end = (request.args.get(name, type=int) for name in ("from", "to"))
        if start is None or end is None or not 0 < end - start <= WINDOW:
            raise No("malformed", detail="from and to, at most 28 days apart")
        return [event for event in self.world.events(grant, what) if start <= _ms(event.start) < end]

    def _night(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        entry = {
            "SleepId": int(event.start.timestamp()),
            "BedtimeStart": event.local(event.start).isoformat(),
            "BedtimeEnd": event.local(event.end).isoformat(),
            "Duration": values["asleep"],
            "DeepSleepDuration": values["deep"],
            "LightSleepDuration": values["light"],
            "REMSleepDuration": values["rem"],
            "HRAvg": (values["resting"] + 4) / 60,
            "HRMin": values["resting"] / 60,
            "SleepQualityScore": values["score"],
            "IsNap": False,
        }
        return {"timestamp": event.local(event.end).isoformat(), "entryData": entry}

    def refuse(self, no: No) -> Response:
        if no.why == "key":
            text = "Access denied due to invalid subscription key."
            return answer({"statusCode": 401, "message": text}, 401)
        if no.why == "said":
            return answer({"error": {"code": "403", "description": "Forbidden"}, "payload": None}, 200)
        return super().refuse(no)

    def notice(self, account: str, event: str) -> Notice:
        told: dict[str, Any] = {"type": event, "username": account}
        what = What.WORKOUT if event == "WORKOUT_CREATED" else What.NIGHT
        if latest := self.latest(account, what):
            is_workout = what is What.WORKOUT
            night = self._night(Grant(self.type, account, []), latest) if not is_workout else None
            told |= {"workout": self._workout(account, latest)} if is_workout else {"samples": [night]}
        sent = posted(told)
        return sent.with_headers({"X-HMAC-SHA256-Signature": hexadecimal_signature(self.webhook_secret, sent.body)})


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(name: str) -> datetime:
    text = request.args.get(name, "").replace(" ", "+")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise No("malformed", detail=name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
