"""Check the signature of a webhook call, in constant time."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from dashboard.providers.failures import NotGenuine
from dashboard.providers.grant import Client
from dashboard.providers.ways import Signature


def proved_by(way: Signature, client: Client, *, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a signature proves the call; False if it carries none and need not.

    :param headers: by their names in small letters.
    :raises NotGenuine: the signature is missing, wrong or too old, or our secret is not set.
    """
    given = headers.get(way.header.lower(), "")
    if not given and way.optional:
        return False
    key = client.secret if way.key == "client_secret" else client.webhook_secret
    if not key:
        raise NotGenuine("no secret is set to check it with")
    timestamp, signature = _parts(way, given, headers)
    _fresh(way, timestamp, now)
    text = timestamp.encode() + (b"." if way.style == "t-v1" else b"") + body
    wanted = hmac.digest((key + way.key_suffix).encode(), text, way.algorithm)
    if not hmac.compare_digest(_written(way, wanted), _letters(way, signature)):
        raise NotGenuine("the signature is wrong")
    return True


def _parts(way: Signature, given: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """The timestamp, empty if none is signed, and the signature."""
    if way.style == "plain":
        return headers.get(way.timestamp_header.lower(), "") if way.timestamp_header else "", given
    found = re.fullmatch(r"t=([0-9]{1,12}),\s*v1=([0-9A-Fa-f]{1,128})", given)
    if found is None:
        raise NotGenuine("the signature is no signature")
    return found[1], found[2]


def _fresh(way: Signature, timestamp: str, now: datetime) -> None:
    if way.timestamp_header is None and way.style == "plain":
        return
    if not re.fullmatch(r"[0-9]{1,15}", timestamp):
        raise NotGenuine("the time of the signature is missing")
    seconds = int(timestamp) / (1000 if way.timestamp == "epoch_ms" else 1)
    if abs(now.timestamp() - seconds) > way.fresh_seconds:
        raise NotGenuine("the signature is too old")


def _written(way: Signature, digest: bytes) -> bytes:
    return digest.hex().encode() if way.encoding == "hex" else base64.b64encode(digest)


def _letters(way: Signature, signature: str) -> bytes:
    text = signature.strip()
    return (text.lower() if way.encoding == "hex" else text).encode()


def has_secret(client: Client, given: object) -> bool:
    """Whether a call holds the secret that we share with the provider.

    :raises NotGenuine: it does not, or none is set.
    """
    ours = client.webhook_secret
    if ours and isinstance(given, str) and hmac.compare_digest(given.encode(), ours.encode()):
        return True
    raise NotGenuine("the secret in it is not ours")
