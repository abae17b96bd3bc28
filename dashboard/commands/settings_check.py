"""The doctor on the settings: secrets, connection types, and where the limits are counted."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import config as settings_of
from dashboard import providers
from dashboard.commands.findings import Finding, hint, ok, trouble

TIMEOUT_SECONDS = 5
REDIS_PORT = 6379


def settings(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the secrets are secret. That each setting is well formed was checked before the app was made."""
    if config["DEMO"]:
        yield ok("settings", "the local demo, whose secrets everybody knows; it serves localhost only")
        return
    known = [each.name for each in settings_of.SETTINGS if each.private and _is_demo(each, config[each.name])]
    for name in known:
        yield trouble("settings", f"{name} has the demo's value, which everybody knows; set one of your own.")
    if not known:
        yield ok("settings", f"all {len(settings_of.SETTINGS)} are well formed, and no secret is the demo's")
    if config["SECURE"] and not config["TRUSTED_PROXIES"]:
        yield hint("settings", "if a proxy stands in front, set TRUSTED_PROXIES, else every visitor has its address.")


def connection_types() -> Iterator[Finding]:
    """Whether every file of a connection type can be read."""
    try:
        count = len(providers.all_types())
    except providers.InvalidType as error:
        yield trouble("connection types", f"{error} Mend that file.")
    else:
        yield ok("connection types", f"{count} are known")


def limits(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether requests are counted where all processes see it."""
    storage = urlsplit(config["RATE_LIMIT_STORAGE"])
    if storage.scheme == "memory":
        if config["DATABASE_URL"].startswith("postgresql"):
            yield hint("limits", "each process counts on its own; RATE_LIMIT_STORAGE=redis://… makes the limits exact.")
        else:
            yield ok("limits", "counted in the process")
        return
    address = (storage.hostname or "localhost", storage.port or REDIS_PORT)
    try:
        socket.create_connection(address, timeout=TIMEOUT_SECONDS).close()
    except OSError:
        where = f"{address[0]}:{address[1]}"
        yield trouble("limits", f"nothing answers at {where}; start it, or change RATE_LIMIT_STORAGE.")
    else:
        yield ok("limits", f"{storage.scheme} answers")


def checkpoints(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the hourly checkpoints of the log get out of here at all."""
    level = config["LOG_LEVEL"]
    if level in {"WARNING", "ERROR"} and not config["AUDIT_WEBHOOK"]:
        yield hint("checkpoints", f"nobody keeps one: LOG_LEVEL={level} leaves them out; set AUDIT_WEBHOOK, or INFO.")


def _is_demo(setting: settings_of.Setting, value: Any) -> bool:
    return setting.demo is not None and value == setting.parse(setting.demo)
