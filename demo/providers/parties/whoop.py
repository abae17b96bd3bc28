"""Simulated WHOOP: API v2. Refresh tokens only for ``offline``; of two refreshes at once, the second is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import number, uid
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, base64_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at

HOST = "api.prod.whoop.com"
DATA = f"{HOST}/developer/v2"
REFUSED = (
    "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is "
    "invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued "
    "to another client"
)
SPORTS = {"run": "running", "ride": "cycling", "swim": "swimming", "strength": "weightlifting", "walk": "walking",
          "row": "rowing"}  # fmt: skip


class Whoop(OAuthParty):
    """WHOOP, as developer.whoop.com describes it."""

    type, name = "whoop", "WHOOP"
    rules = Rules(access_seconds=3600, rotation=Rotation.ONCE, ends_old_access=True)
    limits = ((100, 60), (10000, 86400))
    makes = (What.WORKOUT, What.NIGHT)
    scopes: ClassVar[dict[str, str]] = {
        "offline": "Stay connected while you are away",
        "read:profile": "Name and e-mail address",
        "read:recovery": "Recovery, heart rate variability and resting heart rate",
        "read:sleep": "Sleep",
        "read:workout": "Workouts",
        "read:cycles": "Strain of each day",
        "read:body_measurement": "Height, weight and maximum heart rate",
    }
    notices = ("workout.updated", "workout.deleted", "sleep.updated", "sleep.deleted", "recovery.updated")

    authorization_endpoint = f"{HOST}/oauth/oauth2/auth"
    token_endpoint = f"{HOST}/oauth/oauth2/token"

    def _trouble(self, asked: Any) -> str:
        if len(asked.get("state", "")) < 8:
            return "The state must have at least 8 characters."
        return super()._trouble(asked)

    def stays(self, account: str, scopes: list[str]) -> bool:
        return "offline" in scopes

    def renew(self) -> Grant:
        if request.form.get("scope") != "offline":
            raise No("malformed", detail="invalid_scope")
        return super().renew()

    @at("DELETE", f"{DATA}/user/access", does="revoke")
    def revoke(self) -> Response:
        """What the person gave ends."""
        self.end(self.permitted(), by="app")
        return answer(status=204)

    @at("GET", f"{DATA}/user/profile/basic", does="account")
    def profile(self) -> Response:
        """Who it is."""
        grant = self.permitted("read:profile")
        person = self.account(grant)
        return answer({"user_id": int(self.account_id(grant.account)), "email": person.mail,
                       "first_name": person.first_name, "last_name": person.last_name})  # fmt: skip

    @at("GET", f"{DATA}/user/measurement/body", does="data")
    def body(self) -> Response:
        """Height, weight, maximum heart rate."""
        self.permitted("read:body_measurement")
        return answer({"height_meter": 1.74, "weight_kilogram": 71.4, "max_heart_rate": 187})

    @at("GET", f"{DATA}/activity/workout", does="data")
    def workouts(self) -> Response:
        """Workouts, newest first."""
        grant = self.permitted("read:workout")
        return self._page(grant, self.world.events(grant, What.WORKOUT), self._workout)

    @at("GET", f"{DATA}/activity/sleep", does="data")
    def sleeps(self) -> Response:
        """Nights, newest first."""
        grant = self.permitted("read:sleep")
        return self._page(grant, self.world.events(grant, What.NIGHT), self._sleep)

    @at("GET", f"{DATA}/recovery", does="data")
    def recoveries(self) -> Response:
        """How recovered somebody was after each night, newest first."""
        grant = self.permitted("read:recovery")
        return self._page(grant, self.world.events(grant, What.NIGHT), self._recovery)

    @at("GET", f"{DATA}/cycle", does="data")
    def cycles(self) -> Response:
        """Days from waking to waking, newest first."""
        grant = self.permitted("read:cycles")
        return self._page(grant, self.world.events(grant, What.NIGHT), self._cycle)

    def _page(self, grant: Grant, events: list[Event], form: Any) -> Response:
        """One page by ``start``, ``end``, ``limit`` (25 at most) and ``nextToken``."""
        limit, place = request.args.get("limit", 10, type=int), request.args.get("nextToken", "0")
        if not 1 <= limit <= 25 or not place.isdigit():
            raise No("malformed", detail="limit")
        since, until = _moment("start"), _moment("end")
        newest = [event for event in reversed(events)
                  if (since is None or event.start >= since) and (until is None or event.start < until)]  # fmt: skip
        end = int(place) + limit
        more = {"next_token": str(end)} if end < len(newest) else {}
        return answer({"records": [form(grant, event) for event in newest[int(place) : end]], **more})

    def _about(self, grant: Grant, event: Event) -> dict[str, Any]:
        return {"user_id": int(self.account_id(grant.account)), "created_at": _text(event.known_at),
                "updated_at": _text(event.known_at)}  # fmt: skip

    def _times(self, event: Event) -> dict[str, Any]:
        return {"start": _text(event.start), "end": _text(event.end), "timezone_offset": "+01:00",
                "score_state": "SCORED"}  # fmt: skip

    def _cycle_id(self, grant: Grant, event: Event) -> int:
        return number("cycle", grant.account, event.key)

    def _workout(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        score = {"strain": values["strain"], "average_heart_rate": values["bpm"], "max_heart_rate": values["most"],
                 "kilojoule": round(values["kcal"] * 4.184, 1), "percent_recorded": 100.0,
                 "distance_meter": values["metres"], "altitude_gain_meter": values["climb"]}  # fmt: skip
        own = {"id": uid(self.type, grant.account, event.key), "sport_name": SPORTS[event.sport], "score": score}
        return own | self._about(grant, event) | self._times(event)

    def _sleep(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        stages = {"total_in_bed_time_milli": event.seconds * 1000, "total_no_data_time_milli": 0,
                  "total_awake_time_milli": int(values["awake"] * 1000),
                  "total_light_sleep_time_milli": int(values["light"] * 1000),
                  "total_slow_wave_sleep_time_milli": int(values["deep"] * 1000),
                  "total_rem_sleep_time_milli": int(values["rem"] * 1000),
                  "sleep_cycle_count": 4, "disturbance_count": 6}  # fmt: skip
        score = {"stage_summary": stages, "sleep_performance_percentage": values["score"]}
        own = {"id": uid(self.type, grant.account, event.key), "cycle_id": self._cycle_id(grant, event), "nap": False}
        return own | {"score": score} | self._about(grant, event) | self._times(event)

    def _recovery(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        score = {"user_calibrating": False, "recovery_score": values["recovery"],
                 "resting_heart_rate": values["resting"], "hrv_rmssd_milli": values["hrv"]}  # fmt: skip
        own = {"cycle_id": self._cycle_id(grant, event), "sleep_id": uid(self.type, grant.account, event.key)}
        return own | {"score_state": "SCORED", "score": score} | self._about(grant, event)

    def _cycle(self, grant: Grant, event: Event) -> dict[str, Any]:
        open_now = event.end + timedelta(hours=16) > self.world.moment(self.type)
        score = {"strain": round(4 + event.values["readiness"] / 8, 1), "kilojoule": 9800.0, "average_heart_rate": 66}
        own = {"id": self._cycle_id(grant, event), "score": score}
        times = self._times(event) | {"end": None if open_now else _text(event.end + timedelta(hours=16))}
        return own | self._about(grant, event) | times

    def limit_headers(self, limited: No | None) -> dict[str, str]:
        left = 0 if limited else max(0, 100 - self.used()[0])
        wait = limited.wait if limited and limited.wait is not None else int(60 - self.now % 60)
        return {"X-RateLimit-Limit": "100, 100;window=60, 10000;window=86400", "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": str(wait)}  # fmt: skip

    def refuse(self, no: No) -> Response:
        if no.why in ("code", "refresh"):
            return answer({"error": "invalid_grant", "error_description": REFUSED}, 400)
        if no.why in ("token", "expired"):
            return Response("Authorization was not valid", 401, mimetype="text/plain")
        if no.why == "not_shared":
            return answer({"error": "deactivated_user"}, 403)
        if no.why == "limit":
            return answer({"error": "Too Many Requests"}, 429)
        return super().refuse(no)

    def notice(self, account: str, event: str) -> Notice:
        stamp = str(int(self.now * 1000))
        latest = self.latest(account, What.WORKOUT if event.startswith("workout") else What.NIGHT)
        id = uid(self.type, account, latest.key if latest else stamp)
        sent = posted({"user_id": int(self.account_id(account)), "id": id, "type": event, "trace_id": uid(stamp)})
        signed = base64_signature(self.client_secret, stamp.encode() + sent.body)
        return sent.with_headers({"X-WHOOP-Signature": signed, "X-WHOOP-Signature-Timestamp": stamp})


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _moment(name: str) -> datetime | None:
    text = request.args.get(name)
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise No("malformed", detail=name) from None
