"""What a person or a program meets when something does not work: a page or JSON, with an id that the log has too."""

import logging
from collections.abc import Callable

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, ServiceUnavailable
from werkzeug.http import HTTP_STATUS_CODES

from dashboard.errors import Refused
from dashboard.web import limits, webhooks
from dashboard.web.csrf import ForeignForm

log = logging.getLogger("dashboard")
PAGES = frozenset({400, 403, 404, 405, 413, 429, 500})
PROGRAMS = "dashboard.errors.for_programs"


def init_app(app: Flask) -> None:
    """Answer every error: with a page; below ``/v7.1/`` with what :func:`for_programs` was given; providers plainly."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ForeignForm, _foreign_form)
    app.register_error_handler(OperationalError, _database_down)


def for_programs(app: Flask, answer: Callable[[Exception, int], Response]) -> None:
    """Let the API answer the errors of its paths, those of no view of its own included.

    :param answer: makes the response from the error and its status.
    """
    app.extensions[PROGRAMS] = answer


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if isinstance(error, SecurityError) and wants_page():
        return Response("This site goes by another name. Open it by its own address.\n", status, mimetype="text/plain")
    cause = error.original_exception if isinstance(error, InternalServerError) else None
    if isinstance(cause, OperationalError):  # met after the view, where Flask asks nobody but us
        return _database_down(cause)
    if cause is not None:
        log.error("error %s", g.get("request_id", "-"), exc_info=cause)
    if error.response is not None and status < 400:
        return error.response
    response = _answer(error, status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    if isinstance(error, RateLimitExceeded):
        response.headers["Retry-After"] = str(limits.wait_seconds())
    return response


def _refused(error: Refused) -> ResponseReturnValue:
    return _answer(error, error.status)


def _foreign_form(error: ForeignForm) -> ResponseReturnValue:
    log.info("form refused: %s %s", error, g.request_id)
    return _answer(error, 400, reason="form")


def _database_down(error: OperationalError) -> ResponseReturnValue:
    log.error("the database does not answer %s", g.get("request_id", "-"), exc_info=error)
    return _answer(ServiceUnavailable(), 503)


def _answer(error: Exception, status: int, *, reason: str | None = None) -> Response:
    if wants_page():
        return page(status, reason=reason)
    if request.path.startswith(webhooks.PREFIX):
        return Response(f"{HTTP_STATUS_CODES.get(status, 'Error')}.\n", status, mimetype="text/plain")
    answer: Callable[[Exception, int], Response] = current_app.extensions[PROGRAMS]
    return answer(error, status)


def page(status: int, *, reason: str | None = None) -> Response:
    """The page of an error. ``reason`` picks more exact words where the status alone says too little."""
    shown = status if status in PAGES else (400 if status < 500 else 500)
    html = render_template("errors/page.html", status=status, kind=reason or str(shown), request_id=g.get("request_id"))
    return Response(html, status, mimetype="text/html")


def wants_page() -> bool:
    """Whether a person asks: everything but the API, and where providers call."""
    return not (request.path + "/").startswith(("/v7.1/", webhooks.PREFIX))
