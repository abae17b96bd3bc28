"""What is left of a request's body when its answer is ready."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_content_length, get_input_stream

from dashboard.web.webhooks import RECORDS_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHUNK_BYTES = 65536


class ReadToEnd:
    """WSGI middleware that reads what a view left unread before the answer goes out.

    A server closes a connection whose request was not read. A proxy that still sends then meets a broken pipe: nginx
    says 502 in place of our answer, and for a while takes the server for one that is down.

    :param most_bytes: a body beyond it is left: whoever sends that much meets the closed connection.
    """

    def __init__(self, app: WSGIApplication, most_bytes: int) -> None:
        self._app = app
        self._most = most_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as PEP 3333 says."""
        if not (environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ):
            return self._app(environ, start_response)
        environ["wsgi.input"] = body = get_input_stream(environ)
        answer = self._app(environ, start_response)
        if (get_content_length(environ) or 0) <= self._most:
            self._read(body)
        return answer

    def _read(self, body: IO[bytes]) -> None:
        left = self._most
        with suppress(ClientDisconnected, OSError):  # who has gone gets no answer, and needs none
            while left > 0 and (chunk := body.read(min(left, CHUNK_BYTES))):
                left -= len(chunk)


def init_app(app: Flask) -> None:
    """Read twice what a request may bring. Must come after whatever else answers in place of Flask."""
    most = 2 * max(app.config["MAX_CONTENT_LENGTH"], RECORDS_BYTES)
    app.wsgi_app = ReadToEnd(app.wsgi_app, most)  # type: ignore[method-assign]
