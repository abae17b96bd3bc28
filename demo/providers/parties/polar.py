"""Simulated Polar: AccessLink v3. One long token and no refresh; data only after a registration of its own."""

import math
from datetime import date, timedelta
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import HOUR_EAST, hexadecimal
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice, hexadecimal_signature, posted
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at
from demo.providers.subscriptions import Subscription

API = "www.polaraccesslink.com/v3"
SPORTS = {"run": "RUNNING", "ride": "CYCLING", "swim": "SWIMMING", "strength": "STRENGTH_TRAINING", "walk": "WALKING",
          "row": "INDOOR_ROWING"}  # fmt: skip
KEPT = timedelta(days=30)
"""How far back exercises and nights are listed."""


class Polar(OAuthParty):
    """Polar, as polar.com/accesslink-api describes it."""

    type, name = "polar", "Polar"
    rules = Rules(access_seconds=31535999, rotation=Rotation.NONE)
    client_auth, registers = "basic", True
    limits = ((520, 900), (5100, 86400))
    makes = (What.WORKOUT, What.NIGHT)
    scopes: ClassVar[dict[str, str]] = {"accesslink.read_all": "Training, activity, sleep and body measures"}
    notices = ("EXERCISE", "SLEEP", "ACTIVITY_SUMMARY", "PING")
    tells: ClassVar[dict[What, str]] = {
        What.WORKOUT: "EXERCISE",
        What.NIGHT: "SLEEP",
        What.DAY: "ACTIVITY_SUMMARY",
    }

    authorization_endpoint = "flow.polar.com/oauth2/authorization"
    token_endpoint = "polarremote.com/v2/oauth2/token"

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        body = super().token_body(grant, first=first) | {"x_user_id": int(self.account_id(grant.account))}
        del body["scope"]
        return body

    @at("POST", f"{API}/users", does="account")
    def register(self) -> Response:
        """Register the person, once, under an id of the app's own."""
        grant = self.permitted()
        body = request.get_json(silent=True) or {}
        if not body.get("member-id"):
            raise No("malformed", detail="member-id")
        if (self.type, grant.account) in self.world.registered:
            return Response(status=409)
        self.world.registered[self.type, grant.account] = self.now
        return answer(self._profile(grant) | {"member-id": body["member-id"]})

    def _profile(self, grant: Grant) -> dict[str, Any]:
        person = self.account(grant)
        return {"polar-user-id": int(self.account_id(grant.account)), "first-name": person.first_name,
                "last-name": person.last_name, "weight": 71.4, "height": 174}  # fmt: skip

    @at("GET", f"{API}/users/<id>", does="account")
    def profile(self, id: str) -> Response:
        """The profile; nothing, if the person is not registered."""
        grant = self._own(id)
        known = (self.type, grant.account) in self.world.registered
        return answer(self._profile(grant)) if known else Response(status=204)

    @at("DELETE", f"{API}/users/<id>", does="revoke")
    def unregister(self, id: str) -> Response:
        """End the registration, and the token with it."""
        grant = self._own(id)
        self.world.registered.pop((self.type, grant.account), None)
        self.end(grant, by="app")
        return Response(status=204)

    def _own(self, id: str) -> Grant:
        grant = self.permitted()
        if id != self.account_id(grant.account):
            raise No("missing")
        return grant

    def _registered(self) -> Grant:
        """The grant of a registered person; seeded ones always are."""
        grant = self.permitted()
        seeded = any(token.startswith("demo-") for token in grant.access)
        if not seeded and (self.type, grant.account) not in self.world.registered:
            raise No("not_shared")
        return grant

    @at("GET", f"{API}/exercises", does="data")
    def exercises(self) -> Response:
        """Exercises of 30 days that were uploaded after the registration."""
        grant = self._registered()
        since = self.world.registered.get((self.type, grant.account), 0)
        found = [event for event in self._kept(grant, What.WORKOUT) if event.known_at.timestamp() >= since]
        return _listed([self._exercise(grant, event) for event in found])

    @at("GET", f"{API}/users/activities", does="data")
    def activities(self) -> Response:
        """Steps of days, by ``from`` and ``to``."""
        return _listed([_activity(event) for event in _between(self.world.events(self._registered(), What.DAY))])

    @at("GET", f"{API}/users/sleep", does="data")
    def nights(self) -> Response:
        """Nights of 30 days."""
        grant = self._registered()
        rows = [self._night(grant, event) for event in self._kept(grant, What.NIGHT)]
        return answer({"nights": rows}) if rows else Response(status=204)

    @at("GET", f"{API}/users/nightly-recharge", does="data")
    def recharges(self) -> Response:
        """How well the nights of 30 days did."""
        grant = self._registered()
        rows = [
            {
                "polar_user": self._address(grant),
                "date": event.day.isoformat(),
                "heart_rate_avg": event.values["resting"],
                "heart_rate_variability_avg": event.values["hrv"],
                "nightly_recharge_status": 1 + int(event.values["recovery"]) // 20,
                "ans_charge": round(event.values["recovery"] / 10 - 5, 1),
            }
            for event in self._kept(grant, What.NIGHT)
        ]
        return answer({"recharges": rows}) if rows else Response(status=204)

    @at("GET", f"{API}/users/continuous-heart-rate", does="data")
    def heart_rates(self) -> Response:
        """Heart rate over the day, by ``from`` and ``to``."""
        grant = self._registered()
        days: dict[str, list[dict[str, Any]]] = {}
        for event in _between(self.world.events(grant, What.PULSE)):
            sample = {"heart_rate": event.values["bpm"], "sample_time": f"{event.local(event.start):%H:%M:%S}"}
            days.setdefault(event.day.isoformat(), []).append(sample)
        rows = [{"polar_user": self._address(grant), "date": day, "heart_rate_samples": samples}
                for day, samples in days.items()]  # fmt: skip
        return answer({"heart_rates": rows}) if rows else Response(status=204)

    @at("GET", f"{API}/users/physical-info", does="data")
    def body(self) -> Response:
        """Weight and height."""
        grant = self._registered()
        found = self._kept(grant, What.WEIGHT)
        if not found:
            return Response(status=204)
        row = {"polar_user": self._address(grant), "created": found[-1].start.isoformat(),
               "weight": found[-1].values["kg"], "height": 174.0}  # fmt: skip
        return answer({"physical_information": [row]})

    @at("GET", f"{API}/webhooks", does="subscribe")
    def webhooks(self) -> Response:
        """The app's webhook, if there is one."""
        self.check_credentials()
        made = self.world.subscriptions.of(self.type)
        return answer({"data": [_webhook(each) | {"active": each.ends_at > self.now} for each in made]})

    @at("POST", f"{API}/webhooks", does="subscribe")
    def make_webhook(self) -> Response:
        """One webhook for the app; its address must answer to a ping, and its secret is told this once."""
        self.check_credentials()
        asked = request.get_json(silent=True) or {}
        if self.world.subscriptions.of(self.type):
            return answer({"status": 409, "errorType": "conflict", "message": "Webhook already exists"}, 409)
        made = Subscription(self.type, self.world.subscriptions.new_id(self.type), str(asked.get("url")),
                            events=list(asked.get("events") or []), made_at=self.now)  # fmt: skip
        if not made.events or self.reached(self.notice("", "PING"), made.url) is None:
            return answer({"status": 400, "errorType": "bad_request", "message": "Webhook cannot be created"}, 400)
        self.world.subscriptions.add(made)
        return answer({"data": _webhook(made) | {"signature_secret_key": self.webhook_secret}}, 201)

    @at("POST", f"{API}/webhooks/activate", does="subscribe")
    def activate(self) -> Response:
        """A webhook that was switched off, on again."""
        self.check_credentials()
        made = self.world.subscriptions.of(self.type)
        for each in made:
            each.ends_at = math.inf
        return Response(status=200 if made else 204)

    @at("DELETE", f"{API}/webhooks/<id>", does="subscribe")
    def end_webhook(self, id: str) -> Response:
        """End it."""
        self.check_credentials()
        if not self.world.subscriptions.end(self.type, id=id):
            raise No("missing")
        return Response(status=204)

    def _kept(self, grant: Grant, what: What) -> list[Event]:
        since = self.world.moment(self.type) - KEPT
        return [event for event in self.world.events(grant, what, since) if event.start >= since]

    def _address(self, grant: Grant) -> str:
        return f"https://{API}/users/{self.account_id(grant.account)}"

    def _id(self, account: str, event: Event) -> str:
        return hexadecimal(self.type, account, event.key, length=8)

    def _exercise(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        return {
            "id": self._id(grant.account, event),
            "upload_time": f"{event.known_at:%Y-%m-%dT%H:%M:%SZ}",
            "polar_user": self._address(grant),
            "device": "Polar Vantage",
            "start_time": f"{event.local(event.start):%Y-%m-%dT%H:%M:%S}",
            "start_time_utc_offset": HOUR_EAST * 60,
            "duration": f"PT{event.seconds // 3600}H{event.seconds // 60 % 60}M",
            "calories": values["kcal"],
            "distance": values["metres"],
            "heart_rate": {"average": values["bpm"], "maximum": values["most"]},
            "sport": SPORTS[event.sport],
            "has_route": False,
        }

    def _night(self, grant: Grant, event: Event) -> dict[str, Any]:
        values = event.values
        return {
            "polar_user": self._address(grant),
            "date": event.day.isoformat(),
            "sleep_start_time": event.local(event.start).isoformat(),
            "sleep_end_time": event.local(event.end).isoformat(),
            "light_sleep": values["light"],
            "deep_sleep": values["deep"],
            "rem_sleep": values["rem"],
            "unrecognized_sleep_stage": 0,
            "total_interruption_duration": values["awake"],
            "sleep_score": values["score"],
        }

    def limit_headers(self, limited: No | None) -> dict[str, str]:
        quarter, day = self.used()
        reset = limited.wait if limited and limited.wait is not None else int(900 - self.now % 900)
        return {"RateLimit-Usage": f"{quarter}, {day}", "RateLimit-Limit": "520, 5100",
                "RateLimit-Reset": f"{reset}, {int(86400 - self.now % 86400)}"}  # fmt: skip

    def refuse(self, no: No) -> Response:
        if no.why in ("token", "expired"):
            return Response(status=401)
        if no.why == "not_shared":
            return Response(status=403)
        if no.why == "missing":
            return Response(status=404)
        if no.why == "limit":
            return answer({"error": "Too many requests"}, 429)
        return super().refuse(no)

    def notice(self, account: str, event: str) -> Notice:
        """Signed with a secret of its own; ``PING`` is sent before it is known, unsigned."""
        if event == "PING":
            return posted({"event": "PING", "timestamp": f"{self.world.moment(self.type):%Y-%m-%dT%H:%M:%SZ}"})
        told: dict[str, Any] = {"event": event, "user_id": int(self.account_id(account))}
        latest = self.latest(account, What.WORKOUT)
        if event == "EXERCISE" and latest:
            id = self._id(account, latest)
            told |= {"entity_id": id, "url": f"https://{API}/exercises/{id}"}
        else:
            told |= {"date": self.world.moment(self.type).date().isoformat()}
        sent = posted(told | {"timestamp": f"{self.world.moment(self.type):%Y-%m-%dT%H:%M:%SZ}"})
        signed = hexadecimal_signature(self.webhook_secret, sent.body)
        return sent.with_headers({"Polar-Webhook-Event": event, "Polar-Webhook-Signature": signed})


def _webhook(made: Subscription) -> dict[str, Any]:
    return {"id": made.id, "events": made.events, "url": made.url}


def _listed(rows: list[dict[str, Any]]) -> Response:
    """An array, or nothing at all where there is none."""
    return answer(rows) if rows else Response(status=204)


def _between(events: list[Event]) -> list[Event]:
    try:
        first, last = (
            date.fromisoformat(text) if (text := request.args.get(name)) else None for name in ("from", "to")
        )
    except ValueError:
        raise No("malformed", detail="from") from None
    return [each for each in events if (not first or each.day >= first) and (not last or each.day <= last)]


def _activity(event: Event) -> dict[str, Any]:
    values = event.values
    return {"start_time": f"{event.local(event.start):%Y-%m-%dT%H:%M:%S}",
            "end_time": f"{event.local(event.end):%Y-%m-%dT%H:%M:%S}", "steps": values["steps"],
            "calories": values["kcal"], "distance_from_steps": values["metres"]}  # fmt: skip
