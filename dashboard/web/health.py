"""Health for load balancers: alive, and ready to serve."""

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.data import db
from dashboard.web.request import public

bp = Blueprint("health", __name__, url_prefix="/health")


def init_app(app: Flask) -> None:
    """Add ``/health/live/`` and ``/health/ready/``."""
    app.register_blueprint(bp)


@bp.get("/live/")
@public
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/ready/")
@public
def ready() -> ResponseReturnValue:
    """The database answers too; else 503, so that no request is sent here."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return {"status": "the database does not answer"}, 503
    return {"status": "ok"}
