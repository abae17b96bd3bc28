"""Errors as the API says them: sentences in JSON, never HTML, for every status from 400 up."""

from urllib.parse import quote

import orjson
from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from dashboard.api import hal
from dashboard.api.answer import CACHING, HAL, JSON, VARY
from dashboard.api.resource import challenge
from dashboard.errors import Refused

PAGED = frozenset({"remoteconnection", "remoteconnectiontype"})
RETRY_SECONDS = 10
SENTENCES = {
    400: "The request can't be understood.",
    406: f"This is available as {JSON} and {HAL}; the Accept header allows neither.",
    413: "The request body is too large. No request here needs one.",
    429: "Too many requests: wait as many seconds as the header Retry-After says.",
}


class BadParameters(Refused):
    """Query parameters that make no sense; a sentence for each names it."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class NoSuchResource(Refused):
    """An item of a collection, or a user, that is missing or someone else's."""

    status = 404

    def __init__(self, resource: str, pk: str) -> None:
        super().__init__(f"{resource} {pk} could not be found.")


def answer(error: Exception, status: int) -> Response:
    """The response to an error. Registered for all paths below ``/v7.1/``."""
    sentences = error.sentences if isinstance(error, BadParameters) else [_sentence(error, status)]
    body = hal.errors(
        sentences, self_href=self_href(request.path), documentation=current_app.config["DOCUMENTATION_URL"]
    )
    headers = {"Cache-Control": CACHING, "Vary": VARY}
    if words := challenge(error):
        headers["WWW-Authenticate"] = words
    if status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Response(orjson.dumps(body), status, headers, content_type=g.get("media_type", JSON))


def self_href(path: str) -> str:
    """What an error calls ``self``: of an item or a collection, the collection's first page; else the path itself."""
    resource = path.split("/")[2:3]
    if resource and resource[0] in PAGED:
        return hal.page_href(f"/v7.1/{resource[0]}/", hal.FIRST_PAGE)
    return quote(path)


def _sentence(error: Exception, status: int) -> str:
    if isinstance(error, Refused):
        return str(error)
    if status == 404:
        return f"There is nothing at {request.path}."
    if status == 405:
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
        return f"{request.method} is not possible here, only {allowed}."
    if status >= 500:
        return f"This did not work, and it is our fault. Quote {g.get('request_id', '-')} when you report it."
    if status in SENTENCES:
        return SENTENCES[status]
    return str(error.description) if isinstance(error, HTTPException) else SENTENCES[400]
