"""Webhook calls as providers send them, and a way to have one read."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from dashboard import providers
from dashboard.providers import Answered

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STRAVA = {"aspect_type": "update", "object_type": "activity", "object_id": 136, "owner_id": 134815, "updates": {}}
WHOOP = {"user_id": 10129, "id": "6d7e", "type": "sleep.updated", "trace_id": "t"}
OURA = {"event_type": "create", "data_type": "sleep", "object_id": "6d7e", "user_id": "u-1"}
POLAR = {"event": "EXERCISE", "user_id": 475, "entity_id": "aQlC83"}
FITBIT = [{"collectionType": "activities", "date": "2010-03-01", "ownerId": "184X36", "ownerType": "user"}]
SUUNTO = {"type": "WORKOUT_CREATED", "username": "ada", "workout": {"workoutKey": "k"}}
WAHOO = {"event": "workout_summary", "user": {"id": 13374242}, "webhook_token": "our-word", "workout_summary": {}}
GOOGLE = {"data": {"healthUserId": "77", "operation": "UPSERT", "dataType": "steps", "intervals": []}}

Headers = dict[str, str]


def digest(text: bytes, key: str, algorithm: str = "sha256") -> bytes:
    return hmac.digest(key.encode(), text, algorithm)


def strava_signed(body: bytes, at: datetime = NOW) -> Headers:
    stamp = str(int(at.timestamp()))
    return {"X-Strava-Signature": f"t={stamp},v1={digest(stamp.encode() + b'.' + body, 'our-secret').hex()}"}


def whoop_signed(body: bytes, at: datetime = NOW) -> Headers:
    stamp = str(int(at.timestamp() * 1000))
    signature = base64.b64encode(digest(stamp.encode() + body, "our-secret")).decode()
    return {"X-WHOOP-Signature": signature, "X-WHOOP-Signature-Timestamp": stamp}


def oura_signed(body: bytes, at: datetime = NOW) -> Headers:
    stamp = str(int(at.timestamp()))
    return {"x-oura-signature": digest(stamp.encode() + body, "our-secret").hex().upper(), "x-oura-timestamp": stamp}


GOOGLE_KEY = ec.derive_private_key(7, ec.SECP256R1())


def google_signed(body: bytes, key: ec.EllipticCurvePrivateKey = GOOGLE_KEY, number: int = 77) -> Headers:
    """With our secret, and as Tink signs."""
    signed = b"\x01" + number.to_bytes(4, "big") + key.sign(body, ec.ECDSA(SHA256()))
    return {"Authorization": "our-word", "GOOGLE-HEALTH-API-SIGNATURE": base64.b64encode(signed).decode()}


SIGNED: dict[str, tuple[Any, Callable[[bytes], Headers]]] = {
    "strava": (STRAVA, strava_signed),
    "whoop": (WHOOP, whoop_signed),
    "oura": (OURA, oura_signed),
    "polar": (POLAR, lambda body: {"Polar-Webhook-Signature": digest(body, "our-word").hex()}),
    "suunto": (SUUNTO, lambda body: {"X-HMAC-SHA256-Signature": digest(body, "our-word").hex()}),
    "fitbit": (FITBIT, lambda body: {
        "X-Fitbit-Signature": base64.b64encode(digest(body, "our-secret&", "sha1")).decode()}),
    "google_health": (GOOGLE, google_signed),
    "garmin": ({"deregistrations": [{"userId": "u"}]}, lambda body: {"garmin-client-id": "our-client"}),
}  # fmt: skip
ACCOUNTS = {"strava": "134815", "whoop": "10129", "oura": "u-1", "polar": "475", "suunto": "ada", "fitbit": "184X36",
            "google_health": "77", "garmin": "u"}  # fmt: skip
each_signed = pytest.mark.parametrize("type", SIGNED)


def read(
    type: str,
    body: Any = b"",
    headers: Headers | None = None,
    *,
    method: str = "POST",
    now: datetime = NOW,
    **query: str,
) -> Answered:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = {name.replace("__", "."): value for name, value in query.items()}
    return providers.read_notice(
        providers.get(type), method=method, headers=headers or {}, query=query, body=content, now=now
    )


def proved(type: str, body: Any) -> Answered:
    """What a call says that is signed as the provider signs."""
    content = json.dumps(body).encode()
    return read(type, content, SIGNED[type][1](content))
