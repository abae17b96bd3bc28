"""What can be connected, and what each service brings."""

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from dashboard import providers

bp = Blueprint("connect", __name__, url_prefix="/connect")


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every service, searchable."""
    text = request.args.get("q", "").strip()[:100]
    keys = set(providers.search(text)) if text else None
    found = [each for each in providers.all_types() if keys is None or each.type in keys]
    return render_template("connect/index.html", types=found, text=text, today=datetime.now(UTC).date())


@bp.get("/<type>/")
def detail(type: str) -> ResponseReturnValue:
    """One service in its own words, and whether it can be connected here."""
    found = providers.find(type)
    if found is None:
        abort(404)
    successor = providers.find(found.successor) if found.successor else None
    return render_template("connect/detail.html", type=found, successor=successor, today=datetime.now(UTC).date())
