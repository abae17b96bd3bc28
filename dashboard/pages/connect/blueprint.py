"""The family's blueprint, and what its views share."""

from flask import Blueprint, current_app, url_for

from dashboard import identity

bp = Blueprint("connect", __name__, url_prefix="/connect")


def redirect_uri(type: str) -> str:
    """Where a provider sends people back to; to be registered there as it stands."""
    return str(current_app.config["PUBLIC_URL"] + url_for("connect.callback", type=type))


def session_id() -> int | None:
    """The number of the login session at the keyboard: what it began, no other may end."""
    actor = identity.actor()
    return actor.session_id if actor else None
