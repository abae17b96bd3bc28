"""The family's blueprint, what its pages say in templates, and what its addresses mean."""

from flask import Blueprint, abort, request
from flask.blueprints import BlueprintSetupState

from dashboard.pages.records import amounts, charts, days, details
from dashboard.pages.times import exact
from dashboard.records.kinds import KINDS, Kind

bp = Blueprint("records", __name__, url_prefix="/records")
LARGEST_ID = 2**63 - 1
DAYS = ("on_day", "on_axis", "sources_said", "has_moment", "dated", "origin", "short_lived")
"""Filters of the days."""


@bp.record
def _say(state: BlueprintSetupState) -> None:
    filters = {"amount": amounts.amount, "amount_of": amounts.amount_of, "rule": amounts.rule, "exact": exact}
    filters |= {name: getattr(days, name) for name in DAYS}
    filters |= {"called": details.called, "details": details.details}
    state.app.jinja_env.filters |= filters | {"chart": charts.chart}


def kind_named(key: str) -> Kind:
    """The kind of an address. What nobody measures is a 404."""
    return KINDS.get(key) or abort(404)


def chosen_connection() -> int | None:
    """The connection whose records alone are asked for. What makes no sense there is as good as not said."""
    value = request.args.get("connection", "")
    if not value.isascii() or not value.isdigit() or len(value) > len(str(LARGEST_ID)):
        return None
    return min(int(value), LARGEST_ID)
