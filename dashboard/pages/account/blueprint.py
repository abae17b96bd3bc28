"""The family's blueprint, and what its pages say in templates."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from dashboard.identity.receipts import receipt
from dashboard.pages.devices import device
from dashboard.web.request import who

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.record
def _say(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters["device"] = device
    state.app.jinja_env.globals["receipt"] = lambda thing, thing_id: receipt(thing, thing_id, owner_id=who.subject_id)
