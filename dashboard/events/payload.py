"""The bytes that are hashed. Writer and verifier make them by these functions, so that they can't differ."""

import hashlib
import hmac
import json
from collections.abc import Mapping

VERSION = 1
FIELDS = (
    "seq", "id", "at", "action", "outcome", "why", "sub", "act", "access", "object_kind", "object_id", "request",
    "session", "personal",
)  # fmt: skip
"""The fields of an event that its hash covers, besides the format's version and the chain."""
START = bytes(32)
"""What the first event of a chain is linked to."""

Value = str | int | bytes | None


def payload(event: Mapping[str, Value], *, chain: int) -> bytes:
    """An event as canonical JSON: sorted keys, no blanks, ASCII only, bytes in hex; whole numbers, never floats.

    :raises TypeError: a value is something else than text, a whole number, bytes or None.
    """
    fields = {name: _plain(event[name]) for name in FIELDS}
    return canonical({"v": VERSION, "chain": chain, **fields}).encode()


def canonical(value: object) -> str:
    """The one spelling of a JSON document. Control characters and what is not ASCII are escaped.

    :raises ValueError: a number is not finite.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def link(prev: bytes, payload: bytes) -> bytes:
    """The hash of an event: SHA-256 of the hash before it and its own bytes."""
    return hashlib.sha256(prev + payload).digest()


def digest(salt: bytes, text: str) -> bytes:
    """What stands in the payload for what is personal. Without the salt, the text can't be guessed from it."""
    return hmac.digest(salt, text.encode(), "sha256")


def _plain(value: Value) -> str | int | None:
    if isinstance(value, bytes):
        return value.hex()
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise TypeError(f"{value!r} has no place in an event")
    return value
