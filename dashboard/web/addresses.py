"""The addresses that templates name: Flask's ``url_for``, with those that never vary built once."""

from functools import cache

import flask
from flask import Flask, has_request_context, request


def init_app(app: Flask) -> None:
    """Give templates ``url_for``. Without values an address depends on nothing but where the app is mounted."""

    @cache
    def plain(endpoint: str, _mounted_at: str) -> str:
        return flask.url_for(endpoint)

    def url_for(endpoint: str, **values: object) -> str:
        if values or endpoint.startswith(".") or not has_request_context():
            return flask.url_for(endpoint, **values)  # type: ignore[arg-type]  # Flask's own options are among them
        return plain(endpoint, request.root_path)

    app.jinja_env.globals["url_for"] = url_for
