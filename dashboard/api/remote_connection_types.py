"""Remote Connection Type: what can be connected, in the words that the pages use too."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from dashboard import providers
from dashboard.api import hal, paging
from dashboard.api.answer import answer
from dashboard.api.errors import NoSuchResource
from dashboard.api.resource import on
from dashboard.identity.api_tokens import READ

bp = Blueprint("api_remote_connection_types", __name__)


@on(bp, "/remoteconnectiontype", scope=READ)
def collection() -> ResponseReturnValue:
    """One page of all types, by id."""
    page, static = paging.wanted_page(), current_app.config["STATIC_BASE"]
    types = sorted(providers.all_types(), key=lambda each: each.id)
    shown = types[page.offset : page.offset + page.limit]
    items = [hal.connection_type(each, say=gettext, static=static) for each in shown]
    documentation = current_app.config["DOCUMENTATION_URL"]
    return answer(
        hal.collection(
            hal.TYPES, "remoteconnectiontypes", items, page=page, total=len(types), documentation=documentation
        ),
        language=str(get_locale()),
    )


@on(bp, "/remoteconnectiontype/<pk>", scope=READ)
def item(pk: str) -> ResponseReturnValue:
    """One type."""
    found = providers.by_id(paging.read_id(pk) or 0)
    if found is None:
        raise NoSuchResource("remoteconnectiontype", pk)
    config = current_app.config
    shown = hal.connection_type(
        found, say=gettext, static=config["STATIC_BASE"], documentation=config["DOCUMENTATION_URL"]
    )
    return answer(shown, language=str(get_locale()))
