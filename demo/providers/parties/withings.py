"""Simulated Withings: HTTP 200 whatever happens, the truth in ``status``, and a signed call to revoke."""

import hashlib
import hmac
import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import Response, request

from demo.providers.accounts import number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at
from demo.providers.subscriptions import Subscription

HOST = "wbsapi.withings.net"
PAGE = 100
CATEGORIES = {"run": 2, "ride": 6, "swim": 7, "strength": 16, "walk": 1, "row": 33}
APPLI = {"weight": 1, "pressure": 4, "activity": 16, "sleep": 44}
NEEDS = {1: "user.metrics", 4: "user.metrics", 16: "user.activity", 44: "user.activity", 46: "user.info"}


class Withings(OAuthParty):
    """Withings, as developer.withings.com describes its public health data API."""

    type, name = "withings", "Withings"
    rules = Rules(access_seconds=10800, rotation=Rotation.UNTIL_USED, refresh_seconds=31536000, grace_seconds=28800)
    separator, code_seconds = ",", 30
    limits = ((120, 60),)
    makes = (What.WEIGHT, What.NIGHT, What.PRESSURE, What.WORKOUT)
    scopes: ClassVar[dict[str, str]] = {
        "user.metrics": "Weight, blood pressure and other body measures",
        "user.activity": "Steps, workouts and sleep",
        "user.info": "Profile and list of devices",
        "user.sleepevents": "When you get into bed and out of it",
    }
    notices = ("weight", "pressure", "activity", "sleep", "unlink", "delete", "verification")
    tells: ClassVar[dict[What, str]] = {
        What.WEIGHT: "weight",
        What.PRESSURE: "pressure",
        What.DAY: "activity",
        What.WORKOUT: "activity",
        What.NIGHT: "sleep",
    }
    ends = "unlink"

    authorization_endpoint = "account.withings.com/oauth2_user/authorize2"
    token_endpoint = f"{HOST}/v2/oauth2"

    def kind(self, does: str) -> str:
        return "revoke" if does == "token" and request.form.get("action") == "revoke" else super().kind(does)

    def token(self) -> Response:
        """``requesttoken`` for both grants, ``revoke`` for the end."""
        action = request.form.get("action")
        if action == "revoke":
            return self._revoke()
        if action != "requesttoken":
            raise No("action")
        return super().token()

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        body = super().token_body(grant, first=first) | {"token_type": "Bearer"}
        own = {"userid": self.account_id(grant.account), "csrf_token": secrets.token_hex(20)}
        return {"status": 0, "body": body | own}

    @at("POST", f"{HOST}/v2/signature", does="revoke")
    def nonce(self) -> Response:
        """A nonce for one signed call, for half an hour."""
        asked = request.form
        if asked.get("action") != "getnonce":
            raise No("action")
        self._check_signature(asked.get("timestamp", ""))
        nonce = secrets.token_hex(16)
        self.world.nonces[nonce] = self.now + 1800
        return answer({"status": 0, "body": {"nonce": nonce}})

    def _revoke(self) -> Response:
        nonce = request.form.get("nonce", "")
        self._check_signature(nonce)
        if self.world.nonces.pop(nonce, 0) <= self.now:
            raise No("malformed", detail="invalid nonce")
        grants = self.world.grants.of(self.type)
        owned = [each for each in grants if self.account_id(each.account) == request.form.get("userid")]
        if not owned:
            raise No("malformed", detail="invalid userid")
        self.end(owned[0], by="app")
        return answer({"status": 0, "body": {}})

    def _check_signature(self, last: str) -> None:
        """Whether action, client id and nonce (or timestamp) are signed with the client's secret."""
        signed = ",".join([request.form.get("action", ""), self.client_id, last])
        wanted = hmac.new(self.client_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if request.form.get("client_id") != self.client_id:
            raise No("client")
        if not hmac.compare_digest(wanted, request.form.get("signature", "")):
            raise No("malformed", detail="invalid signature")

    @at("POST", f"{HOST}/measure", does="data")
    def measures(self) -> Response:
        """Weights, body fat and blood pressure."""
        self._action("getmeas")
        grant = self.permitted("user.metrics")
        groups = [*self.world.events(grant, What.WEIGHT), *self.world.events(grant, What.PRESSURE)]
        return self._page("measuregrps", [self._group(grant, event) for event in self._wanted(groups)],
                          updatetime=round(self.now), timezone="Europe/Berlin")  # fmt: skip

    @at("POST", f"{HOST}/v2/measure", does="data")
    def activities(self) -> Response:
        """Days (``getactivity``) and workouts (``getworkouts``)."""
        action = self._action("getactivity", "getworkouts")
        grant = self.permitted("user.activity")
        if action == "getactivity":
            days = self._wanted(self.world.events(grant, What.DAY))
            return self._page("activities", [_day(event) for event in days])
        workouts = self._wanted(self.world.events(grant, What.WORKOUT))
        return self._page("series", [self._workout(grant, event) for event in workouts])

    @at("POST", f"{HOST}/v2/sleep", does="data")
    def sleep(self) -> Response:
        """Nights."""
        self._action("getsummary")
        grant = self.permitted("user.activity")
        nights = self._wanted(self.world.events(grant, What.NIGHT))
        return self._page("series", [self._night(grant, event) for event in nights])

    @at("POST", f"{HOST}/v2/user", does="data")
    def devices(self) -> Response:
        """The devices."""
        self._action("getdevice")
        self.permitted("user.info")
        scale = {"type": "Scale", "model": "Body+", "battery": "high", "deviceid": "demo-scale"}
        return answer({"status": 0, "body": {"devices": [scale]}})

    @at("POST", f"{HOST}/notify", does="subscribe")
    def notify(self) -> Response:
        """Notices of one kind (``appli``) on (``subscribe``) and off (``revoke``); the address must answer to HEAD."""
        action = self._action("subscribe", "revoke")
        url, appli = request.form.get("callbackurl", ""), request.form.get("appli", 0, type=int)
        if appli not in NEEDS:
            raise No("malformed", detail="invalid appli")
        grant = self.permitted(NEEDS[appli])
        events = [event for event, number in APPLI.items() if number == appli] or ["unlink"]
        asked = Subscription(self.type, "", url, grant.account, events, made_at=self.now)
        known = [each for each in self.world.subscriptions.of(self.type, grant.account) if each.events == events]
        if action == "revoke":
            for each in known:
                self.world.subscriptions.all.remove(each)
        elif self.reached(Notice(method="HEAD"), url) is None:
            raise No("malformed", detail="invalid callbackurl")
        elif not any(each.url == url for each in known):
            self.world.subscriptions.add(asked)
        return answer({"status": 0, "body": {}})

    def _action(self, *known: str) -> str:
        action = request.form.get("action", "")
        if action not in known:
            raise No("action")
        return action

    def _wanted(self, events: list[Event]) -> list[Event]:
        """Those changed since ``lastupdate``, or between the dates."""
        asked = request.form
        changed = asked.get("lastupdate", type=int)
        start, end = asked.get("startdate", type=int), asked.get("enddate", type=int)
        first, last = _date("startdateymd"), _date("enddateymd")
        return [
            event
            for event in sorted(events, key=lambda event: event.start)
            if (changed is None or event.known_at.timestamp() >= changed)
            and (start is None or event.start.timestamp() >= start)
            and (end is None or event.start.timestamp() <= end)
            and (first is None or event.day >= first)
            and (last is None or event.day <= last)
        ]

    def _page(self, name: str, rows: list[dict[str, Any]], **more: Any) -> Response:
        offset = request.form.get("offset", 0, type=int)
        left = offset + PAGE < len(rows)
        body = {name: rows[offset : offset + PAGE], "more": left, "offset": offset + PAGE if left else 0}
        if name == "measuregrps":
            body["more"] = int(left)
        return answer({"status": 0, "body": body | more})

    def _id(self, grant: Grant, event: Event) -> int:
        return number(self.type, grant.account, event.key, digits=10)

    def _group(self, grant: Grant, event: Event) -> dict[str, Any]:
        if event.what is What.WEIGHT:
            measures = [(round(event.values["kg"] * 1000), 1, -3), (round(event.values["fat"] * 1000), 6, -3)]
        else:
            names = {"diastolic": 9, "systolic": 10, "bpm": 11}
            measures = [(int(event.values[name]), type, 0) for name, type in names.items()]
        return {
            "grpid": self._id(grant, event),
            "attrib": 0,
            "date": _epoch(event.start),
            "created": _epoch(event.known_at),
            "modified": _epoch(event.known_at),
            "category": 1,
            "deviceid": "demo-scale",
            "measures": [{"value": value, "type": type, "unit": unit} for value, type, unit in measures],
            "comment": None,
        }

    def _series(self, grant: Grant, event: Event) -> dict[str, Any]:
        return {"id": self._id(grant, event), "timezone": "Europe/Berlin", "model": 16, "date": event.day.isoformat(),
                "startdate": _epoch(event.start), "enddate": _epoch(event.end),
                "modified": _epoch(event.known_at)}  # fmt: skip

    def _workout(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        data = {"calories": values["kcal"], "distance": values["metres"], "hr_average": values["bpm"],
                "hr_max": values["most"], "elevation": values["climb"], "effduration": event.seconds}  # fmt: skip
        return self._series(grant, event) | {"category": CATEGORIES[event.sport], "attrib": 0, "data": data}

    def _night(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        data = {"total_sleep_time": values["asleep"], "total_timeinbed": event.seconds,
                "lightsleepduration": values["light"], "deepsleepduration": values["deep"],
                "remsleepduration": values["rem"], "wakeupduration": values["awake"], "wakeupcount": 2,
                "hr_average": values["resting"], "sleep_score": values["score"]}  # fmt: skip
        return self._series(grant, event) | {"created": _epoch(event.known_at), "data": data}

    def refuse(self, no: No) -> Response:
        if no.why == "down":
            return super().refuse(no)
        status, error = {
            "client": (503, "Invalid Params: invalid client_id"),
            "secret": (503, "Invalid Params: invalid client_secret"),
            "code": (503, "Invalid Params: invalid code"),
            "refresh": (503, "Invalid Params: invalid refresh_token"),
            "token": (401, "XRequestID: Not provided invalid_token: The access token provided is invalid"),
            "expired": (401, "XRequestID: Not provided invalid_token: The access token provided is invalid"),
            "scope": (403, "XRequestID: Not provided insufficient_scope: The scope is not granted"),
            "limit": (601, "Too Many Request"),
            "action": (2554, "Wrong action or wrong webservice"),
            "said": (2555, "An unknown error occurred"),
            "not_approved": (214, "The application is not approved"),
        }.get(no.why, (503, f"Invalid Params: {no.detail or 'missing parameter'}"))
        return answer({"status": status, "body": {}, "error": error})

    def notice(self, account: str, event: str) -> Notice:
        """A form without any signature; ``verification`` is the HEAD request before a subscription."""
        if event == "verification":
            return Notice(method="HEAD")
        told: dict[str, Any] = {"userid": self.account_id(account)}
        if event in APPLI:
            told |= {"appli": APPLI[event], "startdate": round(self.now) - 600, "enddate": round(self.now)}
        else:
            told |= {"appli": 46, "action": event}
        return Notice(urlencode(told).encode(), {"Content-Type": "application/x-www-form-urlencoded"})


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _date(name: str) -> date | None:
    text = request.form.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise No("malformed", detail=f"invalid {name}") from None


def _day(event: Event) -> dict[str, Any]:
    values = event.values
    return {"date": event.day.isoformat(), "timezone": "Europe/Berlin", "deviceid": None, "steps": values["steps"],
            "distance": values["metres"], "calories": round(values["steps"] * 0.045), "totalcalories": values["kcal"],
            "elevation": 0, "modified": _epoch(event.known_at)}  # fmt: skip
