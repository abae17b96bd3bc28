"""Whatever the answer is: a proxy can send the request to its end."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from dashboard.web.webhooks import RECORDS_BYTES


class Gone(BytesIO):
    """The body of somebody who has gone."""

    def read(self, _size: int | None = -1, /) -> bytes:
        """Nothing comes any more."""
        raise ConnectionResetError

    def readinto(self, _buffer: object, /) -> int:
        """The same."""
        raise ConnectionResetError


def post(app: Flask, path: str, body: BytesIO, **environ: Any) -> int:
    """Post a body; the status of the answer."""
    made = EnvironBuilder(path, "http://localhost", method="POST", input_stream=body).get_environ()
    made["CONTENT_LENGTH"] = str(len(body.getbuffer()))
    return int(run_wsgi_app(app.wsgi_app, made | environ)[1].split()[0])


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v7.1/remoteconnection/", 405), ("/nowhere/", 404), ("/connections/", 405), ("/account/tokens/", 303)],
)
def test_what_a_view_does_not_read_is_read_for_the_proxy_that_sends_it(app: Flask, path: str, status: int) -> None:
    body = BytesIO(b"x" * 1_100_000)

    assert post(app, path, body) == status
    assert not body.read()


def test_so_is_a_body_that_is_sent_in_chunks(app: Flask) -> None:
    body = BytesIO(b"x" * 1_100_000)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

    assert post(app, "/nowhere/", body, **chunked) == 404
    assert not body.read()


def test_who_sends_without_end_is_not_listened_to(app: Flask) -> None:
    body = BytesIO(bytes(35_000_000))
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

    assert post(app, "/nowhere/", body) == 404
    assert body.tell() == 0
    assert post(app, "/nowhere/", body, **chunked) == 404
    assert body.tell() == 2 * RECORDS_BYTES


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}], ids=["any", "gunicorn"])
def test_who_has_gone_is_no_error(app: Flask, server: dict[str, bool]) -> None:
    assert post(app, "/nowhere/", Gone(b"x" * 1000), **server) == 404
