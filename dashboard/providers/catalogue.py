"""The catalogue of connection types: read once, asked often."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.loading import load

_FOLDER = Path(__file__).parent / "types"


@cache
def all_types() -> tuple[ConnectionType, ...]:
    """Every type that has a file, by name. Nothing is read again until the process ends.

    :raises InvalidType: a file is wrong. Ask once at start, so that no visitor meets it.
    """
    return load(_FOLDER)


def get(key: str) -> ConnectionType:
    """The type of a key. For a key that has no file any more, a general one named by the key (``known`` is False)."""
    return _by_key().get(key) or _unknown(key)


def find(key: str) -> ConnectionType | None:
    """The type of a key, or None if no file describes it."""
    return _by_key().get(key)


def by_id(type_id: int) -> ConnectionType | None:
    """The type of an id of the API, or None."""
    return _by_id().get(type_id)


def search(text: str) -> tuple[str, ...]:
    """Keys of the types whose name or key contains the text, by name. Case and outer blanks do not matter."""
    wanted = text.strip().casefold()
    return tuple(one.type for one in all_types() if wanted in one.name.casefold() or wanted in one.type)


@cache
def _by_key() -> dict[str, ConnectionType]:
    return {one.type: one for one in all_types()}


@cache
def _by_id() -> dict[int, ConnectionType]:
    return {one.id: one for one in all_types()}


def _unknown(key: str) -> ConnectionType:
    return ConnectionType(
        id=0,
        type=key,
        name=key,
        recorder_type_key=key,
        brings=N_("Not described here any more"),
        intro_copy_heading=N_("This service cannot be connected here"),
        intro_copy_body=N_("Nothing here knows how to talk to it. What it sent before stays in your account."),
        disconnect_copy=N_("Nothing new arrives from this service. What is here already stays, unless you delete it."),
        disconnect_confirm=N_("Disconnect this service"),
        disconnect_cancel=N_("Keep it connected"),
        quiet_hint=N_("Nothing new arrives from this service."),
        quiet_after_days=14,
        sync_interval_hours=24,
        can_pull=False,
        known=False,
    )


def N_(text: str) -> str:  # noqa: N802  Babel looks for this name
    """Mark a message id for Babel, which knows this name. It is translated where it is shown."""
    return text
