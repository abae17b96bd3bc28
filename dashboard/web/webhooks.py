"""The addresses at which providers tell us what is new: one a type, and none that could be guessed."""

import hmac
from hashlib import sha256

from flask import Flask, current_app

from dashboard.connections import subscribing

PREFIX = "/webhooks/"
KEY_LENGTH = 40
HINT_BYTES, RECORDS_BYTES = 1 << 20, 16 << 20
"""How large a notice may be; of a provider that pushes the records themselves, the second."""


def init_app(app: Flask) -> None:
    """Say where providers reach us."""
    subscribing.addresses.use(reachable)


def key(type: str, *, secret_key: str) -> str:
    """The last part of a type's address: a provider that signs nothing is known by it. It follows from SECRET_KEY."""
    return hmac.new(secret_key.encode(), b"webhook of " + type.encode(), sha256).hexdigest()[:KEY_LENGTH]


def is_key(type: str, given: str) -> bool:
    """Whether this is the key of the type's address. It takes as long for a wrong one."""
    right = key(type, secret_key=current_app.config["SECRET_KEY"])
    return hmac.compare_digest(right.encode(), given.encode(errors="replace"))


def path(type: str) -> str:
    """The path of a type's address."""
    return f"{PREFIX}{type}/{key(type, secret_key=current_app.config['SECRET_KEY'])}/"


def address(type: str) -> str:
    """The address to register at the type's provider."""
    return f"{current_app.config['PUBLIC_URL']}{path(type)}"


def reachable(type: str) -> str | None:
    """The address of a type, if its provider takes it: it must be https, except for the demo's simulated providers."""
    config = current_app.config
    taken = config["PUBLIC_URL"].startswith("https:") or config["SIMULATED_PROVIDERS"]
    return address(type) if taken else None
