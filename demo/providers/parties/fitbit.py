"""Simulated Fitbit: the legacy Web API. Refusals quote the token; either token, revoked, ends everything."""

from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import hexadecimal, number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, base64_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at

API = "api.fitbit.com"
HELP = "Visit https://dev.fitbit.com/docs/oauth2 for more information on the Fitbit Web API authorization process."
SCOPES = {
    "activity": "Steps, distance and exercise",
    "heartrate": "Heart rate",
    "sleep": "Sleep",
    "weight": "Weight and body fat",
    "profile": "Profile",
    "settings": "Settings and list of devices",
    "nutrition": "Food and water",
    "location": "Places and routes",
    "oxygen_saturation": "Blood oxygen",
    "respiratory_rate": "Breathing rate",
    "temperature": "Skin and body temperature",
    "cardio_fitness": "Fitness level (VO2 max)",
    "electrocardiogram": "ECG recordings",
    "irregular_rhythm_notifications": "Notices of irregular heart rhythm",
    "social": "Friends and leaderboard",
}


class Fitbit(OAuthParty):
    """Fitbit, as dev.fitbit.com described it until the autumn of 2026."""

    type, name = "fitbit", "Fitbit"
    rules = Rules(access_seconds=28800, rotation=Rotation.ONCE)
    client_auth, untick = "basic", True
    limits = ((150, 3600),)
    makes = (What.WORKOUT, What.NIGHT, What.WEIGHT)
    scopes: ClassVar[dict[str, str]] = SCOPES
    notices = ("activities", "body", "sleep", "userRevokedAccess", "verification")
    ends = "userRevokedAccess"
    authorization_endpoint = "www.fitbit.com/oauth2/authorize"
    token_endpoint = f"{API}/oauth2/token"

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        return super().token_body(grant, first=first) | {
            "token_type": "Bearer",
            "user_id": self.account_id(grant.account),
        }

    def account_id(self, key: str) -> str:
        return hexadecimal(self.type, key, length=6).upper()

    @at("POST", f"{API}/oauth2/revoke", does="revoke")
    def revoke(self) -> Response:
        """RFC 7009; of an unknown token too."""
        self.check_credentials()
        grant = self.find(request.form.get("token", ""))
        if grant and not grant.revoked:
            self.end(grant, by="app")
        return Response(status=200)

    @at("GET", f"{API}/1/user/-/profile.json", does="data")
    def profile(self) -> Response:
        """Who it is."""
        grant = self.permitted("profile")
        return answer({"user": {"encodedId": self.account_id(grant.account), "displayName": self.account(grant).name}})

    @at("GET", f"{API}/1/user/-/body/log/weight/date/<start>/<end>.json", does="data")
    def weights(self, start: str, end: str) -> Response:
        """Weights, with local times and no offset."""
        grant = self.permitted("weight")
        found = [each for each in self.world.events(grant, What.WEIGHT) if start <= each.day.isoformat() <= end]
        rows = [
            {
                "logId": self._id(grant, event),
                "date": event.day.isoformat(),
                "time": f"{event.local(event.start):%H:%M:%S}",
                "weight": event.values["kg"],
                "fat": event.values["fat"],
                "bmi": round(event.values["kg"] / 1.74**2, 1),
                "source": "Aria",
            }
            for event in found
        ]
        return answer({"weight": rows})

    @at("GET", f"{API}/1/user/-/activities/list.json", does="data")
    def exercises(self) -> Response:
        """Exercise after a date, in pages."""
        grant = self.permitted("activity")
        return self._page(grant, "activities", What.WORKOUT, self._exercise)

    @at("GET", f"{API}/1.2/user/-/sleep/list.json", does="data")
    def sleeps(self) -> Response:
        """Nights after a date, in pages."""
        grant = self.permitted("sleep")
        return self._page(grant, "sleep", What.NIGHT, self._sleep)

    @at("GET", f"{API}/1/user/-/activities/date/<date>.json", does="data")
    def day(self, date: str) -> Response:
        """One day."""
        grant = self.permitted("activity")
        found = [each for each in self.world.events(grant, What.DAY) if each.day.isoformat() == date]
        values = found[-1].values if found else {"steps": 0, "kcal": 1500, "metres": 0}
        distances = [{"activity": "total", "distance": round(values["metres"] / 1000, 2)}]
        summary = {"steps": values["steps"], "caloriesOut": values["kcal"], "distances": distances}
        return answer({"activities": [], "summary": summary})

    @at("GET", f"{API}/1/user/-/activities/heart/date/<start>/<end>.json", does="data")
    def heart(self, start: str, end: str) -> Response:
        """The resting heart rate of days."""
        grant = self.permitted("heartrate")
        found = [each for each in self.world.events(grant, What.NIGHT) if start <= each.day.isoformat() <= end]
        rows = [
            {"dateTime": each.day.isoformat(), "value": {"restingHeartRate": each.values["resting"]}} for each in found
        ]
        return answer({"activities-heart": rows})

    def _page(self, grant: Grant, name: str, what: What, form: Any) -> Response:
        after, limit = request.args.get("afterDate", ""), request.args.get("limit", 20, type=int)
        if not after or request.args.get("sort") != "asc" or not 1 <= limit <= 100:
            raise No("malformed", detail="afterDate with sort=asc and a limit of 1 to 100")
        offset = request.args.get("offset", 0, type=int)
        found = [event for event in self.world.events(grant, what) if event.day.isoformat() > after]
        more = offset + limit < len(found)
        url = f"https://{API}{request.path.removeprefix('/' + API)}"
        following = f"{url}?afterDate={after}&sort=asc&limit={limit}&offset={offset + limit}" if more else ""
        pagination = {"afterDate": after, "limit": limit, "next": following, "previous": "", "sort": "asc"}
        rows = [form(grant, event) for event in found[offset : offset + limit]]
        return answer({name: rows, "pagination": pagination})

    def _id(self, grant: Grant, event: Event) -> int:
        return number(self.type, grant.account, event.key, digits=11)

    def _exercise(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        return {"logId": self._id(grant, event), "activityName": event.sport.capitalize(),
                "startTime": event.local(event.start).isoformat(timespec="milliseconds"),
                "duration": event.seconds * 1000, "activeDuration": event.seconds * 1000, "calories": values["kcal"],
                "averageHeartRate": values["bpm"], "distance": round(values["metres"] / 1000, 2)}  # fmt: skip

    def _sleep(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        return {"logId": self._id(grant, event), "dateOfSleep": event.day.isoformat(), "isMainSleep": True,
                "startTime": f"{event.local(event.start):%Y-%m-%dT%H:%M:%S.000}",
                "endTime": f"{event.local(event.end):%Y-%m-%dT%H:%M:%S.000}", "duration": event.seconds * 1000,
                "minutesAsleep": int(values["asleep"]) // 60, "minutesAwake": int(values["awake"]) // 60,
                "efficiency": round(100 * values["asleep"] / event.seconds), "type": "stages"}  # fmt: skip

    def limit_headers(self, limited: No | None) -> dict[str, Any]:
        reset = limited.wait if limited and limited.wait is not None else int(3600 - self.now % 3600)
        left = 0 if limited else max(0, 150 - self.used()[0])
        headers = {
            "Fitbit-Rate-Limit-Limit": 150,
            "Fitbit-Rate-Limit-Remaining": left,
            "Fitbit-Rate-Limit-Reset": reset,
        }
        return headers | ({"Retry-After": reset} if limited else {})

    def refuse(self, no: No) -> Response:
        if no.why == "down":
            return super().refuse(no)
        if no.why == "limit":
            return answer(
                {"errors": [{"errorType": "system", "fieldName": "n/a", "message": "Too Many Requests"}]}, 429
            )
        status, name, message = {
            "client": (401, "invalid_client", f"Invalid client_id. {HELP}"),
            "secret": (401, "invalid_client", f"Invalid authorization header format. {HELP}"),
            "code": (400, "invalid_grant", f"Authorization code invalid. {HELP}"),
            "refresh": (400, "invalid_grant", f"Refresh token invalid: {no.token}. {HELP}"),
            "token": (401, "invalid_token", f"Access token invalid: {no.token}"),
            "expired": (401, "expired_token", f"Access token expired: {no.token}"),
            "scope": (403, "insufficient_scope", f"This application does not have permission to {no.detail} data."),
            "not_shared": (403, "forbidden", "The user has restricted access."),
        }.get(no.why, (200 if no.why == "said" else 400, "invalid_request", no.detail or "Invalid request"))
        return answer({"errors": [{"errorType": name, "message": message}], "success": False}, status)

    def notice(self, account: str, event: str) -> Notice:
        """Signed with the client's secret and an ampersand; ``verification`` asks whether a code is right."""
        if event == "verification":
            return Notice(method="GET", query={"verify": self.webhook_secret})
        told = {
            "collectionType": event,
            "ownerId": self.account_id(account),
            "ownerType": "user",
            "subscriptionId": "1",
        }
        if event != "userRevokedAccess":
            told["date"] = self.world.moment(self.type).date().isoformat()
        sent = posted([told])
        signed = base64_signature(f"{self.client_secret}&", sent.body, algorithm="sha1")
        return sent.with_headers({"X-Fitbit-Signature": signed})
