"""From a document to a response: its media type, its ETag, and 304 where the client has it already."""

import hashlib
from functools import lru_cache
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

from dashboard.connections.document import as_json

JSON = "application/json"
HAL = "application/hal+json"
CACHING = "private, no-cache"
VARY = "Accept, Accept-Language, Authorization"
CODINGS = ("", ":gzip", ":br", ":zstd")
"""What Flask-Compress adds to the ETag of a compressed body."""


def answer(document: Any, *, language: str | None = None) -> Response:
    """The document as JSON, or an empty 304 (RFC 9110 §13.1.2).

    :param language: of its words, where it has any.
    """
    body, media_type = as_json(document), g.media_type
    etag = hashlib.blake2b(body, digest_size=16, key=media_type.encode()).hexdigest()
    headers = {"Cache-Control": CACHING, "Vary": VARY, "ETag": f'"{etag}"'}
    if language:
        headers["Content-Language"] = language
    if "If-None-Match" in request.headers and (known := _known(etag)):
        return Response(status=304, headers=headers | {"ETag": f'"{known}"'})
    return Response(body, 200, headers, content_type=media_type)


def no_content() -> Response:
    """204: it is done, and there is nothing to say."""
    response = Response(status=204, headers={"Cache-Control": CACHING})
    del response.headers["Content-Type"]
    return response


@lru_cache(maxsize=512)
def media_type(accept: str) -> str:
    """Which of our media types an ``Accept`` header prefers; plain JSON where it does not care (RFC 9110 §12.5.1).

    :raises NotAcceptable: it allows neither.
    """
    if not accept:
        return JSON
    ranges = {
        name.partition(";")[0].strip().lower(): quality for name, quality in reversed(parse_accept_header(accept))
    }
    plain, hal = _quality(ranges, JSON), _quality(ranges, HAL)
    if max(plain, hal) <= 0:
        raise NotAcceptable
    return HAL if hal > plain else JSON


def _quality(ranges: dict[str, float], name: str) -> float:
    """The quality of the most specific range that names it; 0 if none does."""
    return next((ranges[each] for each in (name, "application/*", "*/*") if each in ranges), 0.0)


def _known(etag: str) -> str | None:
    """The form of this ETag that the client has. None: it has another one, or none."""
    tags = request.if_none_match
    return next((etag + coding for coding in CODINGS if tags.contains_weak(etag + coding)), None)
