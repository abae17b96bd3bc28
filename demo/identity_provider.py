"""The local identity provider of ``make run``: an OpenID Provider for one app on this computer. Any password works.

``python -m demo.identity_provider --port 8001 --client-redirect http://localhost:8000/login/callback/``
"""

import argparse
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

from flask import Flask, request
from flask_babel import Babel, get_locale
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo.identity import pages
from demo.identity.grants import Client
from demo.identity.keys import Keys

CLIENT_ID = "remote-connections"
CLIENT_SECRET = "demo-client-secret-known-to-everybody"
LANGUAGES = ("en", "de")
TRANSLATIONS = Path(__file__).parents[1] / "dashboard" / "translations"


def create_app(
    *,
    issuer: str,
    client_redirects: Sequence[str],
    post_logout_redirects: Sequence[str] | None = None,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
    state: Path | None = None,
) -> Flask:
    """The provider as a Flask app.

    :param issuer: its own address, without a slash at the end.
    :param client_redirects: the app's callbacks; no other gets a code.
    :param post_logout_redirects: where the app may send people after logout; by default ``/signed-out/`` beside
        each callback.
    :param state: a folder that keeps the keys over a restart; None: new keys each time.
    :raises OSError: the folder can't be used.
    """
    after_logout = post_logout_redirects or [urljoin(uri, "/signed-out/") for uri in client_redirects]
    keys = Keys.kept_in(state) if state else Keys.new()
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=keys.cookie_secret,
        SESSION_COOKIE_NAME="demo_identity",  # cookies know no ports: the dashboard's must not be overwritten
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=["localhost", "127.0.0.1", "[::1]"],
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    app.jinja_env.globals["get_locale"] = get_locale
    Babel(app, default_translation_directories=str(TRANSLATIONS), locale_selector=_language)
    client = Client(client_id, client_secret, tuple(client_redirects), tuple(after_logout))
    pages.init_app(app, issuer, client, keys)
    return app


def _language() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on this computer only; port 0 takes any that is free.

    :raises ValueError: ``host`` can be reached from outside.
    :raises OSError: the port is taken.
    """
    if host != "localhost" and not _is_loopback(host):
        raise ValueError(f"{host} can be reached from outside. This provider takes any password: loopback only.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Quiet(WSGIRequestHandler):
    """Logs errors only."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not worth a line."""


def server_for(app: Flask, listening: socket.socket) -> BaseWSGIServer:
    """A server for this app on this socket: ``serve_forever()``, ``shutdown()``."""
    host, port = listening.getsockname()[:2]
    return make_server(host, port, app, threaded=True, request_handler=Quiet, fd=listening.fileno())


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        listening = listen(options.host, options.port)
    except ValueError as error:
        sys.exit(str(error))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        sys.exit(f"The identity provider cannot listen on {options.host}, port {options.port}: {reason}.")
    try:
        app = create_app(
            issuer=options.issuer or f"http://localhost:{listening.getsockname()[1]}",
            client_redirects=options.client_redirect,
            post_logout_redirects=options.post_logout_redirect,
            client_id=options.client_id,
            client_secret=options.client_secret,
            state=options.state,
        )
    except OSError as error:
        sys.exit(f"The identity provider cannot keep its keys in {options.state}: {error.strerror}.")
    try:
        server_for(app, listening).serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("demo.identity_provider", description="The local identity provider of the demo.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="default: %(default)s")
    parser.add_argument("--issuer", help="its own address (default: http://localhost:PORT)")
    parser.add_argument("--client-redirect", action="append", required=True, metavar="URL", help="the app's callback")
    parser.add_argument(
        "--post-logout-redirect", action="append", metavar="URL", help="default: /signed-out/ of the app"
    )
    parser.add_argument("--client-id", default=CLIENT_ID, help="default: %(default)s")
    parser.add_argument("--client-secret", default=CLIENT_SECRET, help="default: %(default)s")
    parser.add_argument("--state", type=Path, metavar="FOLDER", help="keeps the keys over a restart")
    return parser


if __name__ == "__main__":
    main()
