"""Simulated Garmin: it pushes records, polling is refused; permissions are switched, and nothing is a scope."""

from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import HOUR_EAST, hexadecimal, number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at

API = "apis.garmin.com/wellness-api/rest"
SPORTS = {"run": "RUNNING", "ride": "CYCLING", "swim": "LAP_SWIMMING", "strength": "STRENGTH_TRAINING",
          "walk": "WALKING", "row": "ROWING"}  # fmt: skip
PUSHES = {"dailies": What.DAY, "sleeps": What.NIGHT, "activities": What.WORKOUT, "bodyComps": What.WEIGHT}
SHARED = {"dailies": "HEALTH_EXPORT", "sleeps": "HEALTH_EXPORT", "activities": "ACTIVITY_EXPORT"}
"""What a watch sends after its next sync, and the permission for it."""


class Garmin(OAuthParty):
    """Garmin, as clients of its developer program agree on."""

    type, name = "garmin", "Garmin"
    rules = Rules(access_seconds=86400, rotation=Rotation.ONCE, refresh_seconds=7775998)
    untick, needs_pkce = True, True
    limits = ((100, 60),)
    makes = (What.WORKOUT, What.NIGHT, What.DAY, What.WEIGHT)
    scopes: ClassVar[dict[str, str]] = {
        "ACTIVITY_EXPORT": "Workouts and other activities",
        "HEALTH_EXPORT": "Health of each day: steps, sleep, heart rate",
        "HISTORICAL_DATA_EXPORT": "Data from before you connected",
        "MCT_EXPORT": "Menstrual cycle",
    }
    notices = (*PUSHES, "userPermissionsChange", "deregistrations")
    ends = "deregistrations"
    authorization_endpoint = "connect.garmin.com/oauth2Confirm"
    token_endpoint = "diauth.garmin.com/di-oauth2-service/oauth/token"

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        body = super().token_body(grant, first=first)
        del body["scope"]
        return body | {"jti": hexadecimal(body["access_token"]), "refresh_token_expires_in": 7775998}

    def account_id(self, key: str) -> str:
        return hexadecimal(self.type, key)

    @at("GET", f"{API}/user/id", does="account")
    def user_id(self) -> Response:
        """Who it is: the same after a reconnect."""
        return answer({"userId": self.account_id(self.permitted().account)})

    @at("GET", f"{API}/user/permissions", does="account")
    def permissions(self) -> Response:
        """What is shared. An empty list: nothing. Then what is shared begins to come."""
        grant = self.permitted()
        for event, scope in SHARED.items():
            if scope in grant.scopes:
                self.world.later(self.type, event, grant.account)
        return answer({"permissions": grant.scopes})

    @at("DELETE", f"{API}/user/registration", does="revoke")
    def unregister(self) -> Response:
        """End it; one last notice says so, as if the person had."""
        grant = self.permitted()
        self.end(grant, by="app")
        self.world.later(self.type, "deregistrations", grant.account)
        return Response(status=204)

    @at("GET", f"{API}/activities", does="data")
    def activities(self) -> Response:
        """Not for production: data is pushed."""
        self.permitted()
        return answer({"errorMessage": "Endpoint not enabled for summary type: CONNECT_ACTIVITY"}, 403)

    @at("GET", f"{API}/backfill/<stream>", does="data")
    def backfill(self, stream: str) -> Response:
        """Ask for older records to be pushed: 202, and they are."""
        grant = self.permitted()
        if stream not in PUSHES or not request.args.get("summaryStartTimeInSeconds", type=int):
            raise No("malformed", detail="summaryStartTimeInSeconds")
        if "HISTORICAL_DATA_EXPORT" not in grant.scopes:
            return answer({"errorMessage": "User has not allowed historical data"}, 412)
        self.world.later(self.type, stream, grant.account)
        return Response(status=202)

    def refuse(self, no: No) -> Response:
        if no.why == "refresh":
            text = f"Invalid refresh token: {no.token}"
            return answer({"error": "invalid_grant", "error_description": text}, 400)
        if no.why in ("token", "expired"):
            return answer({"errorMessage": f"Invalid access token: {no.token}"}, 401)
        return super().refuse(no)

    def notice(self, account: str, event: str) -> Notice:
        """Records by data type, unsigned; a header names the app."""
        user: dict[str, Any] = {"userId": self.account_id(account)}
        grants = self.world.grants.of(self.type, account)
        if event == "deregistrations":
            rows = [user]
        elif event == "userPermissionsChange":
            granted = grants[-1].scopes if grants else []
            rows = [user | {"summaryId": hexadecimal(self.now), "permissions": granted,
                            "changeTimeInSeconds": round(self.now)}]  # fmt: skip
        else:
            return self.pushed(account, event)
        return posted({event: rows}).with_headers({"garmin-client-id": self.client_id})

    def pushed(self, account: str, event: str, *, count: int = 10) -> Notice:
        """The last records of a data type."""
        found = self.world.events(Grant(self.type, account, []), PUSHES[event])[-count:]
        rows = [{"userId": self.account_id(account)} | self._summary(account, event, each) for each in found]
        return posted({event: rows}).with_headers({"garmin-client-id": self.client_id})

    def _summary(self, account: str, name: str, event: Event) -> dict[str, Any]:
        values, offset = event.values, HOUR_EAST * 3600
        id = f"x{number(account, event.key, digits=7):x}-{int(event.start.timestamp()):x}"
        if event.what is What.WEIGHT:
            return {"summaryId": id, "measurementTimeInSeconds": int(event.start.timestamp()),
                    "measurementTimeOffsetInSeconds": offset, "weightInGrams": round(values["kg"] * 1000),
                    "bodyFatInPercent": values["fat"]}  # fmt: skip
        row: dict[str, Any] = {"summaryId": id, "startTimeInSeconds": int(event.start.timestamp()),
                               "startTimeOffsetInSeconds": offset, "durationInSeconds": event.seconds}  # fmt: skip
        if event.what is What.DAY:
            return row | {"calendarDate": event.day.isoformat(), "activityType": "WALKING", "steps": values["steps"],
                          "distanceInMeters": values["metres"], "averageHeartRateInBeatsPerMinute": 68,
                          "restingHeartRateInBeatsPerMinute": 50 + int(values["steps"]) % 9}  # fmt: skip
        if event.what is What.NIGHT:
            return row | {"calendarDate": event.day.isoformat(), "durationInSeconds": int(values["asleep"]),
                          "deepSleepDurationInSeconds": values["deep"], "lightSleepDurationInSeconds": values["light"],
                          "remSleepInSeconds": values["rem"], "awakeDurationInSeconds": values["awake"],
                          "overallSleepScore": {"value": values["score"]}, "validation": "ENHANCED_FINAL"}  # fmt: skip
        return row | {"activityId": number(account, event.key, digits=11), "activityType": SPORTS[event.sport],
                      "averageHeartRateInBeatsPerMinute": values["bpm"], "distanceInMeters": values["metres"],
                      "maxHeartRateInBeatsPerMinute": values["most"], "activeKilocalories": values["kcal"],
                      "deviceName": "Forerunner"}  # fmt: skip
