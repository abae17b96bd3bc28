"""Simulated Google Health: API v4. A refresh token only for the right question, and it stays the same for good."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Response, request

from demo.providers.accounts import HOUR_EAST, hexadecimal, number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at
from demo.providers.subscriptions import Subscription

DATA = "health.googleapis.com/v4/users/me"
SCOPE = "https://www.googleapis.com/auth/googlehealth.{}.readonly"
ACTIVITY, METRICS, SLEEP, PROFILE = (
    SCOPE.format(name)
    for name in ("activity_and_fitness", "health_metrics_and_measurements", "sleep", "profile")
)  # fmt: skip
EAST = f"{HOUR_EAST * 3600}s"
SPORTS = {"run": "RUNNING", "ride": "BIKING", "swim": "SWIMMING", "strength": "STRENGTH_TRAINING", "walk": "WALKING",
          "row": "ROWING"}  # fmt: skip
CONDITION = re.compile(r'(\w+)\.([\w.]+) (>=|<) "([^"]+)"')
SUBSCRIBERS = "health.googleapis.com/v4/projects/<project>/subscribers"
OPERATOR_TOKEN = "demo-operator-token"
KEY = ec.derive_private_key(0xDE40, ec.SECP256R1())
KEY_ID = 0xDE401234
"""Everybody knows this key: it signs the notices of a simulation."""


class DataType(NamedTuple):
    """One type of data: what it is made of, which scope opens it, by which time it is filtered, and its form."""

    what: What
    scope: str
    time: str
    form: Callable[[Event], dict[str, Any]]


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _interval(event: Event) -> dict[str, Any]:
    return {"startTime": _text(event.start), "startUtcOffset": EAST, "endTime": _text(event.end), "endUtcOffset": EAST}


def _sample(event: Event) -> dict[str, Any]:
    return {"physicalTime": _text(event.start), "utcOffset": EAST}


def _exercise(event: Event) -> dict[str, Any]:
    values = event.values
    metrics = {"caloriesKcal": values["kcal"], "distanceMillimeters": values["metres"] * 1000,
               "averageHeartRateBeatsPerMinute": str(int(values["bpm"]))}  # fmt: skip
    return {"interval": _interval(event), "exerciseType": SPORTS[event.sport], "displayName": event.sport.capitalize(),
            "activeDuration": f"{event.seconds}s", "metricsSummary": metrics}  # fmt: skip


def _sleep(event: Event) -> dict[str, Any]:
    values = event.values
    summary = {"minutesAsleep": str(int(values["asleep"]) // 60), "minutesAwake": str(int(values["awake"]) // 60),
               "minutesInSleepPeriod": str(event.seconds // 60)}  # fmt: skip
    return {"interval": _interval(event), "type": "STAGES", "summary": summary}


def _resting(event: Event) -> dict[str, Any]:
    day = event.day
    date = {"year": day.year, "month": day.month, "day": day.day}
    return {"date": date, "beatsPerMinute": str(int(event.values["resting"]))}


START, PHYSICAL = "interval.start_time", "sample_time.physical_time"
TYPES = {
    "steps": DataType(What.DAY, ACTIVITY, START,
                      lambda event: {"interval": _interval(event), "count": str(int(event.values["steps"]))}),
    "distance": DataType(What.DAY, ACTIVITY, START,
                         lambda event: {"interval": _interval(event), "millimeters": f"{event.values['metres']}000"}),
    "exercise": DataType(What.WORKOUT, ACTIVITY, "interval.civil_start_time", _exercise),
    "sleep": DataType(What.NIGHT, SLEEP, "interval.end_time", _sleep),
    "weight": DataType(What.WEIGHT, METRICS, PHYSICAL,
                       lambda event: {"sampleTime": _sample(event), "weightGrams": event.values["kg"] * 1000}),
    "body-fat": DataType(What.WEIGHT, METRICS, PHYSICAL,
                         lambda event: {"sampleTime": _sample(event), "percentage": event.values["fat"]}),
    "heart-rate": DataType(What.PULSE, METRICS, PHYSICAL,
                           lambda event: {"sampleTime": _sample(event), "beatsPerMinute": str(event.values["bpm"])}),
    "daily-resting-heart-rate": DataType(What.NIGHT, METRICS, "date", _resting),
}  # fmt: skip


class GoogleHealth(OAuthParty):
    """Google Health, as developers.google.com/health describes it."""

    type, name = "google_health", "Google Health"
    rules = Rules(access_seconds=3600, rotation=Rotation.STAYS)
    untick, ends_all = True, True
    limits = ((300, 60),)
    makes = (What.WORKOUT, What.NIGHT, What.WEIGHT)
    scopes: ClassVar[dict[str, str]] = {
        ACTIVITY: "Steps, distance and exercise",
        METRICS: "Weight, heart rate and other measurements",
        SLEEP: "Sleep",
        PROFILE: "Profile",
        SCOPE.format("nutrition"): "Food and water",
        SCOPE.format("settings"): "Settings and list of devices",
        SCOPE.format("location"): "Places and routes",
        SCOPE.format("ecg"): "ECG recordings",
        SCOPE.format("irn"): "Notices of irregular heart rhythm",
    }
    notices = ("steps", "sleep", "exercise", "weight", "verification")
    tells: ClassVar[dict[What, str]] = {
        What.DAY: "steps",
        What.NIGHT: "sleep",
        What.WORKOUT: "exercise",
        What.WEIGHT: "weight",
    }
    authorization_endpoint = "accounts.google.com/o/oauth2/v2/auth"
    token_endpoint = "oauth2.googleapis.com/token"

    def stays(self, account: str, scopes: list[str]) -> bool:
        """Only if it is asked for; at a second consent, only if consent was asked for anew."""
        again = any(grant.account == account for grant in self.world.grants.of(self.type))
        return request.args.get("access_type") == "offline" and (not again or request.args.get("prompt") == "consent")

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        return super().token_body(grant, first=first) | {"token_type": "Bearer"}

    @at("POST", "oauth2.googleapis.com/revoke", does="revoke")
    def revoke(self) -> Response:
        """RFC 7009 in all but its answer to unknown tokens."""
        grant = self.find(request.values.get("token", ""))
        if grant is None or grant.revoked:
            return answer({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
        self.end(grant, by="app")
        return answer({})

    @at("GET", f"{DATA}/identity", does="account")
    def identity(self) -> Response:
        """The ids of the account."""
        grant = self.permitted()
        return answer({"name": "users/me/identity", "healthUserId": self.account_id(grant.account),
                       "legacyUserId": hexadecimal(self.type, grant.account, length=6).upper()})  # fmt: skip

    def account_id(self, key: str) -> str:
        return str(number(self.type, key, digits=18))

    @at("GET", f"{DATA}/dataTypes/<name>/dataPoints", does="data")
    def points(self, name: str) -> Response:
        """Points of one type by ``filter``, ``pageSize`` and ``pageToken``."""
        if name not in TYPES:
            raise No("malformed", detail="INVALID_DATA_TYPE")
        type = TYPES[name]
        grant = self.permitted(type.scope)
        first, last = _range(name, type)
        found = [event for event in self.world.events(grant, type.what) if _within(event, type.time, first, last)]
        size, place = min(request.args.get("pageSize", 1000, type=int), 10000), request.args.get("pageToken", "0")
        if not place.isdigit():
            raise No("malformed", detail="INVALID_PAGE_TOKEN")
        end = int(place) + size
        rows = [self._point(grant, name, type, event) for event in found[int(place) : end]]
        return answer({"dataPoints": rows} | ({"nextPageToken": str(end)} if end < len(found) else {}))

    def _point(self, grant: Grant, name: str, type: DataType, event: Event) -> dict[str, Any]:
        field = re.sub(r"-(\w)", lambda match: match[1].upper(), name)
        id = number(grant.account, name, event.key, digits=17)
        return {"name": f"users/{self.account_id(grant.account)}/dataTypes/{name}/dataPoints/{id}",
                "dataSource": {"recordingMethod": "PASSIVELY_MEASURED", "platform": "FITBIT"},
                field: type.form(event)}  # fmt: skip

    @at("GET", SUBSCRIBERS, does="subscribe")
    def subscribers(self, project: str) -> Response:
        """The project's subscribers."""
        self._check_operator()
        found = [each for each in self.world.subscriptions.of(self.type) if each.about["project"] == project]
        return answer({"subscribers": [_subscriber(each) for each in found]} if found else {})

    @at("POST", SUBSCRIBERS, does="subscribe")
    def subscribe(self, project: str) -> Response:
        """A subscriber; its address must take a trial with the secret, and refuse one without."""
        self._check_operator()
        asked = request.get_json(silent=True) or {}
        url, secret = str(asked.get("endpointUri")), str((asked.get("endpointAuthorization") or {}).get("secret"))
        trial = posted({"type": "verification"})
        passed = self.reached(trial.with_headers({"Authorization": secret}), url) is not None
        if not passed or self.reached(trial, url) is not None:
            raise No("malformed", detail="ENDPOINT_VERIFICATION_FAILED")
        events = [name for config in asked.get("subscriberConfigs") or [] for name in config["dataTypes"]]
        id = self.world.subscriptions.new_id(self.type)
        made = Subscription(self.type, id, url, events=events, about={"project": project}, made_at=self.now)
        self.world.subscriptions.add(made)
        return answer({"name": f"operations/{id}", "done": True, "response": _subscriber(made)})

    @at("DELETE", f"{SUBSCRIBERS}/<id>", does="subscribe")
    def unsubscribe(self, project: str, id: str) -> Response:
        """End one."""
        self._check_operator()
        if not self.world.subscriptions.end(self.type, id=id):
            raise No("missing")
        return answer({})

    def _check_operator(self) -> None:
        """It wants an account that may administer the project, which no person's grant is."""
        if self.bearer_token() != OPERATOR_TOKEN:
            raise No("token")

    @property
    def webhook_secret(self) -> str:
        """With its scheme, as it is sent."""
        return f"Bearer {super().webhook_secret}"

    @at("GET", "www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json", does="keys")
    def keys(self) -> Response:
        """What notices are checked with, as Tink writes it: a protocol buffer in JSON."""
        numbers = KEY.public_key().public_numbers()
        point = b"".join(bytes([tag, 33]) + value.to_bytes(33) for tag, value in ((26, numbers.x), (34, numbers.y)))
        value = base64.b64encode(b"\x12\x06\x08\x03\x10\x02\x18\x02" + point).decode()
        url = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
        data = {"typeUrl": url, "value": value, "keyMaterialType": "ASYMMETRIC_PUBLIC"}
        key = {"keyData": data, "status": "ENABLED", "keyId": KEY_ID, "outputPrefixType": "TINK"}
        return answer({"primaryKeyId": KEY_ID, "key": [key]})

    def refuse(self, no: No) -> Response:
        if no.why in ("code", "refresh"):
            text = "Token has been expired or revoked." if no.why == "refresh" else "Malformed auth code."
            return answer({"error": "invalid_grant", "error_description": text}, 400)
        status, name, reason = {
            "token": (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
            "expired": (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
            "scope": (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            "limit": (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
            "not_shared": (400, "FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED"),
            "malformed": (400, "INVALID_ARGUMENT", no.detail),
        }.get(no.why, (0, "", ""))
        if not status or (no.why == "malformed" and "grant" in no.detail):
            return super().refuse(no)
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]
        wait = {"Retry-After": no.wait} if no.why == "limit" and no.wait is not None else {}
        return answer({"error": {"code": status, "message": reason, "status": name, "details": details}}, status, wait)

    def notice(self, account: str, event: str) -> Notice:
        """Signed as Tink does, and with the secret that the app registered; ``verification`` has the secret alone."""
        secret = {"Authorization": self.webhook_secret}
        if event == "verification":
            return posted({"type": "verification"}).with_headers(secret)
        now = self.world.moment(self.type)
        times = {"startTime": _text(now), "endTime": _text(now)}
        sent = posted({"data": {"version": "1", "healthUserId": self.account_id(account), "operation": "UPSERT",
                                "dataType": event, "intervals": [{"physicalTimeInterval": times}]}})  # fmt: skip
        signed = b"\x01" + KEY_ID.to_bytes(4) + KEY.sign(sent.body, ec.ECDSA(hashes.SHA256()))
        signature = {"GOOGLE-HEALTH-API-SIGNATURE": base64.b64encode(signed).decode()}
        return sent.with_headers(secret | signature)


def _subscriber(made: Subscription) -> dict[str, Any]:
    name = f"projects/{made.about['project']}/subscribers/{made.id}"
    return {"name": name, "endpointUri": made.url, "state": "ACTIVE", "endpointAuthorization": {"secretSet": True}}


def _range(name: str, type: DataType) -> tuple[str, str]:
    """From when, and before when, as the filter says; each empty if it does not."""
    text = request.args.get("filter", "")
    bounds = {">=": "", "<": ""}
    for part in text.split(" AND ") if text else []:
        condition = CONDITION.fullmatch(part.strip())
        fields = {type.time, type.time.replace("interval.", "interval.civil_"), type.time.replace("civil_", "")}
        if not condition or condition[1] != name.replace("-", "_") or condition[2] not in fields:
            raise No("malformed", detail="INVALID_DATA_POINT_FILTER")
        bounds[condition[3]] = condition[4]
    return bounds[">="], bounds["<"]


def _within(event: Event, time: str, first: str, last: str) -> bool:
    at = event.end if time == "interval.end_time" else event.start
    return (not first or not _before(event, at, time, first)) and (not last or _before(event, at, time, last))


def _before(event: Event, at: datetime, time: str, text: str) -> bool:
    """Whether it was before a date, a local time, or a moment."""
    if time == "date":
        return event.day.isoformat() < text
    try:
        bound = datetime.fromisoformat(text)
    except ValueError:
        raise No("malformed", detail="INVALID_DATA_POINT_FILTER") from None
    return at < bound if bound.tzinfo else event.local(at).replace(tzinfo=None) < bound
