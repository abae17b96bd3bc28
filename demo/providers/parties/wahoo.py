"""Simulated Wahoo: at most ten unrevoked access tokens for an account, and old ones end only when the new is used."""

from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import number
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at

API = "api.wahooligan.com"
MOST = 10
TOO_MANY = (
    "Too many unrevoked access tokens exist for this app and user. "
    "You can only create a new token if you revoke an old one first."
)
SPORTS = {"ride": 0, "run": 1, "walk": 6, "swim": 25, "strength": 42, "row": 53}


class Wahoo(OAuthParty):
    """Wahoo, as cloud-api.wahooligan.com describes it."""

    type, name = "wahoo", "Wahoo"
    rules = Rules(access_seconds=7200, rotation=Rotation.UNTIL_USED)
    limits = ((200, 300), (1000, 3600), (5000, 86400))
    scopes: ClassVar[dict[str, str]] = {
        "user_read": "Profile",
        "workouts_read": "Rides and workouts",
        "offline_data": "Send news while you are away",
        "email": "E-mail address",
        "routes_read": "Routes",
        "plans_read": "Training plans",
        "power_zones_read": "Power zones",
    }
    notices = ("workout_summary",)
    authorization_endpoint = f"{API}/oauth/authorize"
    token_endpoint = f"{API}/oauth/token"

    def exchange(self) -> Grant:
        """The cap counts before the code is spent."""
        code = self.world.grants.codes.get(request.form.get("code", ""))
        if code and code.type == self.type:
            self._check_cap(code.account)
        return super().exchange()

    def renew(self) -> Grant:
        grant = self.find(request.form.get("refresh_token", ""))
        if grant and not grant.revoked:
            self._check_cap(grant.account)
        return super().renew()

    def _check_cap(self, account: str) -> None:
        grants = self.world.grants.of(self.type, account)
        if sum(end > self.now for grant in grants for end in grant.access.values()) >= MOST:
            raise No("too_many")

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        return super().token_body(grant, first=first) | {"token_type": "Bearer", "created_at": round(self.now)}

    @at("GET", f"{API}/v1/user", does="account")
    def user(self) -> Response:
        """Who it is."""
        grant = self.permitted("user_read")
        person = self.account(grant)
        return answer({"id": int(self.account_id(grant.account)), "email": person.mail, "first": person.first_name,
                       "last": person.last_name, "weight": "71.4", "height": "1.74"})  # fmt: skip

    @at("DELETE", f"{API}/v1/permissions", does="revoke")
    def revoke(self) -> Response:
        """Every token of the app and the account ends."""
        self.end(self.permitted(), by="app")
        return Response(status=204)

    @at("GET", f"{API}/v1/workouts", does="data")
    def workouts(self) -> Response:
        """Workouts, newest first, by page; no date can be asked for."""
        grant = self.permitted("workouts_read")
        page, size = request.args.get("page", 1, type=int), request.args.get("per_page", 30, type=int)
        found = self.world.events(grant, What.WORKOUT)[::-1]
        rows = [self._workout(grant.account, event) for event in found[(page - 1) * size : page * size]]
        return answer({"workouts": rows, "total": len(found), "page": page, "per_page": size, "order": "descending",
                       "sort": "starts"})  # fmt: skip

    def _workout(self, account: str, event: Event) -> dict[str, Any]:
        id = number(self.type, account, event.key)
        return {
            "id": id,
            "starts": f"{event.start:%Y-%m-%dT%H:%M:%S.000Z}",
            "minutes": event.seconds // 60,
            "name": event.sport.capitalize(),
            "workout_type_id": SPORTS[event.sport],
            "workout_token": f"ELEMNT {id}",
            "created_at": f"{event.known_at:%Y-%m-%dT%H:%M:%S.000Z}",
            "updated_at": f"{event.known_at:%Y-%m-%dT%H:%M:%S.000Z}",
            "workout_summary": self._summary(account, event),
        }

    def _summary(self, account: str, event: Event) -> dict[str, Any]:
        values = event.values
        return {
            "id": number("summary", account, event.key),
            "duration_active_accum": f"{event.seconds - 20}.0",
            "duration_total_accum": f"{event.seconds}.0",
            "distance_accum": f"{values['metres']:.2f}",
            "calories_accum": f"{values['kcal']:.1f}",
            "heart_rate_avg": f"{values['bpm']:.1f}",
            "ascent_accum": f"{values['climb']:.1f}",
            "created_at": f"{event.known_at:%Y-%m-%dT%H:%M:%S.000Z}",
        }

    @at("GET", f"{API}/v1/workouts/<int:id>/workout_summary", does="data")
    def summary(self, id: int) -> Response:
        """The sums of one workout, numbers as text."""
        grant = self.permitted("workouts_read")
        for event in self.world.events(grant, What.WORKOUT):
            if number(self.type, grant.account, event.key) == id:
                return answer(self._summary(grant.account, event))
        raise No("missing")

    def refuse(self, no: No) -> Response:
        if no.why == "too_many":
            return answer({"error": TOO_MANY}, 400)
        if no.why == "not_approved":
            return answer({"error": "This application has not been approved"}, 422)
        if no.why == "refresh":
            return Response(status=400)
        return super().refuse(no)

    def notice(self, account: str, event: str) -> Notice:
        """No signature: a token in the body says who sends it."""
        told: dict[str, Any] = {"event_type": event, "webhook_token": self.webhook_secret,
                                "user": {"id": int(self.account_id(account))}}  # fmt: skip
        latest = self.latest(account, What.WORKOUT)
        if latest:
            id = number(self.type, account, latest.key)
            file = {"url": f"https://cdn.wahooligan.com/{id}.fit"}
            told["workout_summary"] = self._summary(account, latest) | {"workout_id": id, "file": file}
        return posted(told)
