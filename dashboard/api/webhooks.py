"""Where providers tell what is new. The answer is plain and comes at once: the work itself is left to the engine."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import NotFound, TooManyRequests, Unauthorized

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
HINT_BYTES, RECORDS_BYTES = 1 << 20, 16 << 20
"""How large a notice may be; of a provider that pushes the records themselves, the second."""


@bp.route("/<type>/<key>/", methods=["GET", "POST"])
@public
@csrf.exempt
def index(type: str, key: str) -> ResponseReturnValue:
    """Take a provider's notice, or pass its test of this address."""
    _stop_guessing()
    found = providers.find(type)
    if found is None or not webhooks.is_key(type, key):
        raise _wrong(NotFound())
    request.max_content_length = HINT_BYTES if found.can_pull else RECORDS_BYTES
    try:
        answered = _read(found)
    except NotGenuine as error:
        log.warning("a notice to %s is not genuine: %s", type, error)
        raise _wrong(Unauthorized()) from None
    noticing.notice(type, answered)
    return Response(answered.body, answered.status, content_type=answered.content_type)


def _read(type: ConnectionType) -> Answered:
    return providers.read_notice(
        type,
        method=request.method,
        headers=dict(request.headers),
        query=request.args.to_dict(),
        body=request.get_data(),
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
