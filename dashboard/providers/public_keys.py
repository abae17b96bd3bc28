"""Check the signature of a webhook call with a key that its provider publishes: ECDSA, as Tink writes it.

developers.google.com/health/webhooks. A signature is the byte 1, the key's number in four bytes, and a DER signature; a
key is a protocol buffer within JSON (tink-crypto/tink, proto/ecdsa.proto).
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from dashboard.providers.clients import agreements
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import Failure, NotGenuine, Unavailable
from dashboard.providers.http import call
from dashboard.providers.judging import judge
from dashboard.providers.ways import PublicKeys

KEPT = timedelta(days=1)
"""So long a key set is believed; its keys change every month."""
PAUSE = timedelta(minutes=1)
"""A key set is asked for once in that time at most, whatever comes."""
ECDSA_KEY = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
SHA256_P256_DER = {1: 3, 2: 2, 3: 2}
log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeySet:
    """The keys of one address, as this process knows them."""

    keys: Mapping[int, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    read_at: datetime | None = None
    asked_at: datetime | None = None
    lock: Lock = field(default_factory=Lock)

    def fresh(self, now: datetime) -> bool:
        """Whether its keys are young enough to be believed."""
        return self.read_at is not None and now - self.read_at < KEPT

    def turn(self, now: datetime) -> bool:
        """Whether the caller is to read it anew: of several at once one, and nobody soon after."""
        with self.lock:
            if self.asked_at is not None and now - self.asked_at < PAUSE:
                return False
            self.asked_at = now
            return True


_kept: dict[str, KeySet] = {}


def check(way: PublicKeys, type: ConnectionType, *, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the call is signed. A signature that can't be checked now, as the keys can't be read, counts.

    :param headers: by their names in small letters.
    :raises NotGenuine: the signature is wrong.
    """
    given = next((headers[name.lower()] for name in way.headers if headers.get(name.lower())), None)
    if given is None:
        return False
    number, signature = _parts(given)
    try:
        key = _key(type, way.url, number, now)
    except Failure as failure:
        log.warning("the keys of %s can't be read, so its notices are known by their secret alone: %s", type, failure)
        return True
    if key is None:
        raise NotGenuine("it is signed with a key that nobody knows")
    try:
        key.verify(signature, body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise NotGenuine("the signature is wrong") from None
    return True


def _parts(given: str) -> tuple[int, bytes]:
    """The number of the key, and the signature."""
    try:
        signed = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise NotGenuine("the signature is no signature") from None
    if len(signed) < 6 or signed[0] != 1:
        raise NotGenuine("the signature is no signature")
    return int.from_bytes(signed[1:5], "big"), signed[5:]


def _key(type: ConnectionType, url: str, number: int, now: datetime) -> ec.EllipticCurvePublicKey | None:
    """The key of a number. None: there is no such key.

    :raises Failure: the key set can't be read now.
    """
    kept = _kept.setdefault(agreements.address(url), KeySet())
    if (not kept.fresh(now) or number not in kept.keys) and kept.turn(now):
        kept.keys, kept.read_at = _read(type, url), now
    if not kept.fresh(now):
        raise Unavailable("they could not be read a moment ago")
    return kept.keys.get(number)


def _read(type: ConnectionType, url: str) -> dict[int, ec.EllipticCurvePublicKey]:
    found = call(type, "GET", url)
    judge(type, "data", found)
    entries = found.json.get("key") if isinstance(found.json, dict) else None
    if not isinstance(entries, list):
        raise Unavailable("that is no key set", code="odd_answer")
    keys = (_entry(entry) for entry in entries if isinstance(entry, dict))
    return {number: key for number, key in keys if key is not None}


def _entry(entry: Mapping[str, Any]) -> tuple[int, ec.EllipticCurvePublicKey | None]:
    """The number and the key of an entry; None for a key that is of another kind or not to be used."""
    number, data = entry.get("keyId"), entry.get("keyData")
    usable = entry.get("status") == "ENABLED" and entry.get("outputPrefixType") == "TINK"
    if not isinstance(number, int) or not isinstance(data, dict) or data.get("typeUrl") != ECDSA_KEY or not usable:
        return 0, None
    try:
        key = _fields(base64.b64decode(str(data.get("value")), validate=True))
        if _fields(_bytes(key.get(2))) != SHA256_P256_DER:
            return 0, None
        x, y = (int.from_bytes(_bytes(key.get(place)), "big") for place in (3, 4))
        return number, ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        log.warning("a public key can't be read")
        return 0, None


def _fields(message: bytes) -> dict[int, int | bytes]:
    """The numbers and byte strings of a protocol buffer, by their place.

    :raises ValueError: it is none, or has fields of other kinds.
    """
    found: dict[int, int | bytes] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == 0:
            found[tag >> 3] = value
        elif tag & 7 == 2 and at + value <= len(message):
            found[tag >> 3] = message[at : at + value]
            at += value
        else:
            raise ValueError("no protocol buffer")
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of up to 32 bits in groups of seven, and where what follows it begins."""
    value = 0
    for place, byte in enumerate(message[at : at + 5]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("no protocol buffer")


def _bytes(value: int | bytes | None) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("no protocol buffer")
    return value
