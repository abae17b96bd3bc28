"""User: the caller, so that no ``user`` link dangles."""

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from dashboard.api import hal
from dashboard.api.answer import answer
from dashboard.api.errors import NoSuchResource
from dashboard.api.resource import on
from dashboard.identity import people
from dashboard.identity.api_tokens import READ

bp = Blueprint("api_users", __name__)


@on(bp, "/user/<user_id>", scope=READ)
def item(user_id: str) -> ResponseReturnValue:
    """The caller, by id or as ``self``. Nobody else is shown."""
    own_id = g.bearer.user_id
    person = people.person(own_id) if user_id in {"self", str(own_id)} else None
    if person is None:
        raise NoSuchResource("user", user_id)
    return answer(hal.user(person, documentation=current_app.config["DOCUMENTATION_URL"]))
