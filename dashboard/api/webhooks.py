"""Where providers tell what is new. The answer is plain and comes at once: the work itself is left to the engine."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, TooManyRequests, Unauthorized

from dashboard import providers
from dashboard.connections import noticing
from dashboard.providers import Answered, ConnectionType
from dashboard.providers.failures import NotGenuine
from dashboard.web import csrf, webhooks
from dashboard.web.limits import caller, limiter
from dashboard.web.request import public

bp = Blueprint("webhooks", __name__, url_prefix=webhooks.PREFIX.rstrip("/"))
log = logging.getLogger("dashboard.webhooks")
WRONG_CALLS = RateLimitItemPerMinute(60)
"""How often an address may be wrong. What is right is not counted: providers send much, and from few addresses."""
SCOPE = "webhooks"


@bp.route("/<type>/<key>/", methods=["GET", "POST"])
@public
@csrf.exempt
def index(type: str, key: str) -> ResponseReturnValue:
    """Take a provider's notice, or pass its test of this address."""
    _stop_guessing()
    found = providers.find(type)
    if found is None or not webhooks.is_key(type, key):
        raise _wrong(NotFound())
    body = _body(webhooks.HINT_BYTES if found.can_pull else webhooks.RECORDS_BYTES)
    try:
        answered = _read(found, body)
    except NotGenuine as error:
        log.warning("a notice to %s is not genuine: %s", type, error)
        raise _wrong(Unauthorized()) from None
    noticing.notice(type, answered)
    return Response(answered.body, answered.status, content_type=answered.content_type)


def _body(most: int) -> bytes:
    """The notice. One byte more is let through and then refused: of a body in chunks nobody says how long it is."""
    request.max_content_length = most + 1
    body = request.get_data()
    if len(body) > most:
        raise RequestEntityTooLarge
    return body


def _read(type: ConnectionType, body: bytes) -> Answered:
    return providers.read_notice(
        type,
        method=request.method,
        headers=dict(request.headers),
        query=request.args.to_dict(),
        body=body,
        now=datetime.now(UTC),
    )


def _stop_guessing() -> None:
    """Refuse who was wrong too often, before anything is looked at."""
    if limiter.enabled and not limiter.limiter.test(WRONG_CALLS, caller(), SCOPE):
        raise TooManyRequests(retry_after=60)


def _wrong(error: NotFound | Unauthorized) -> NotFound | Unauthorized:
    """Count a wrong call."""
    if limiter.enabled:
        limiter.limiter.hit(WRONG_CALLS, caller(), SCOPE)
    return error
