"""Simulated third parties that follow the standards and add nothing of their own: Concept2, Dexcom, COROS."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import Response, request

from demo.providers.accounts import number, uid
from demo.providers.grants import Grant, Rotation, Rules
from demo.providers.life import Event, What
from demo.providers.notices import Notice
from demo.providers.oauth import OAuthParty
from demo.providers.party import No, answer, at


class Standard(OAuthParty):
    """What they share: they send no notices, and know no call to revoke."""

    def notice(self, account: str, event: str) -> Notice:
        raise NotImplementedError(f"{self.name} sends no notices.")


class Concept2(Standard):
    """The Concept2 logbook, as log.concept2.com/developers describes it."""

    type, name = "concept2", "Concept2"
    rules = Rules(access_seconds=604800, rotation=Rotation.ONCE)
    separator = ","
    scopes: ClassVar[dict[str, str]] = {"user:read": "Profile", "results:read": "Workouts of your logbook"}
    authorization_endpoint = "log.concept2.com/oauth/authorize"
    token_endpoint = "log.concept2.com/oauth/access_token"

    @at("GET", "log.concept2.com/api/users/me", does="account")
    def user(self) -> Response:
        """Who it is."""
        grant = self.permitted("user:read")
        person = self.account(grant)
        return answer({"data": {"id": int(self.account_id(grant.account)), "username": person.key,
                                "first_name": person.first_name, "email": person.mail}})  # fmt: skip

    @at("GET", "log.concept2.com/api/users/me/results", does="data")
    def results(self) -> Response:
        """Workouts, newest first, by page and dates."""
        grant = self.permitted("results:read")
        first, last = request.args.get("from", ""), request.args.get("to", "9999")
        page = request.args.get("page", 1, type=int)
        found = [event for event in self.world.events(grant, What.WORKOUT)[::-1]
                 if first <= event.day.isoformat() <= last]  # fmt: skip
        rows = [self._result(grant, event) for event in found[(page - 1) * 50 : page * 50]]
        pages = -(-len(found) // 50) or 1
        pagination = {
            "total": len(found),
            "count": len(rows),
            "per_page": 50,
            "current_page": page,
            "total_pages": pages,
        }
        return answer({"data": rows, "meta": {"pagination": pagination}})

    def _result(self, grant: Grant, event: Event) -> dict[str, Any]:
        id = number(self.type, grant.account, event.key)
        return {"id": id, "type": "rower", "timezone": "Europe/Berlin",
                "date": f"{event.local(event.end):%Y-%m-%d %H:%M:%S}", "time": event.seconds * 10,
                "date_utc": f"{event.end:%Y-%m-%d %H:%M:%S}", "distance": event.values["metres"] or 5000,
                "heart_rate": {"average": event.values["bpm"]}}  # fmt: skip


class Dexcom(Standard):
    """Dexcom for the United States, as developer.dexcom.com describes it."""

    type, name = "dexcom", "Dexcom"
    rules = Rules(access_seconds=7200, rotation=Rotation.ONCE, refresh_seconds=7776000)
    limits = ((60000, 3600),)
    makes = (What.GLUCOSE,)
    scopes: ClassVar[dict[str, str]] = {"offline_access": "Glucose values and events, while you are away too"}
    authorization_endpoint = "api.dexcom.com/v2/oauth2/login"
    token_endpoint = "api.dexcom.com/v2/oauth2/token"

    def account_id(self, key: str) -> str:
        return uid(self.type, key)

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        body = super().token_body(grant, first=first)
        del body["scope"]
        return body

    @at("GET", "api.dexcom.com/v3/users/self/egvs", does="data")
    def glucose(self) -> Response:
        """Values between two moments, at most 30 days apart."""
        grant = self.permitted()
        start, end = (_utc(name) for name in ("startDate", "endDate"))
        if not 0 <= (end - start).days <= 30:
            raise No("malformed", detail="endDate")
        found = [each for each in self.world.events(grant, What.GLUCOSE, start) if start <= each.start < end]
        return self._records("egv", grant, [self._value(grant, event) for event in found[::-1]])

    @at("GET", "api.dexcom.com/v3/users/self/events", does="data")
    def events(self) -> Response:
        """Meals and the like: none here."""
        return self._records("event", self.permitted(), [])

    @at("GET", "api.dexcom.com/v3/users/self/dataRange", does="account")
    def data_range(self) -> Response:
        """The first and the last value."""
        grant = self.permitted()
        found = self.world.events(grant, What.GLUCOSE)
        times = [{"systemTime": f"{each.start:%Y-%m-%dT%H:%M:%S}"} for each in (found[0], found[-1])] if found else []
        egvs = {"start": times[0], "end": times[1]} if times else None
        return answer({"recordType": "dataRange", "recordVersion": "3.0", "userId": self.account_id(grant.account),
                       "egvs": egvs})  # fmt: skip

    def _records(self, type: str, grant: Grant, rows: list[dict[str, Any]]) -> Response:
        return answer({"recordType": type, "recordVersion": "3.0", "userId": self.account_id(grant.account),
                       "records": rows})  # fmt: skip

    def _value(self, grant: Grant, event: Event) -> dict[str, Any]:
        return {"recordId": uid(self.type, grant.account, event.key), "unit": "mg/dL", "value": event.values["mgdl"],
                "systemTime": f"{event.start:%Y-%m-%dT%H:%M:%SZ}", "trend": "flat",
                "displayTime": event.local(event.start).isoformat()}  # fmt: skip


class Coros(Standard):
    """COROS: only where to agree and where to get tokens is known."""

    type, name = "coros", "COROS"
    rules = Rules(access_seconds=2592000, rotation=Rotation.SAME)
    scopes: ClassVar[dict[str, str]] = {}
    authorization_endpoint = "open.coros.com/oauth2/authorize"
    token_endpoint = "open.coros.com/oauth2/accesstoken"

    def token_body(self, grant: Grant, *, first: bool) -> dict[str, Any]:
        return super().token_body(grant, first=first) | {"openId": self.account_id(grant.account)}


def _utc(name: str) -> datetime:
    try:
        return datetime.fromisoformat(request.args.get(name, "")).replace(tzinfo=UTC)
    except ValueError:
        raise No("malformed", detail=name) from None
