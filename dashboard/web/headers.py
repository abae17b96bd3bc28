"""The headers of every response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
YEAR_SECONDS = 31_536_000


class Headers:
    """WSGI middleware that adds them to every answer, static files and errors too; what an answer has itself stays."""

    def __init__(self, app: WSGIApplication, headers: Mapping[str, str]) -> None:
        self._app = app
        self._for_programs = [(name.lower(), (name, value)) for name, value in headers.items()]
        self._for_people = [*self._for_programs, ("cache-control", ("Cache-Control", "no-store"))]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as PEP 3333 says."""
        ours = self._for_programs if environ["PATH_INFO"].startswith("/v7.1/") else self._for_people

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            said = {name.lower() for name, _value in headers}
            return start_response(status, headers + [header for name, header in ours if name not in said], exc_info)

        return self._app(environ, start)


def init_app(app: Flask) -> None:
    """Add the headers. Must come after whatever else answers in place of Flask."""
    app.wsgi_app = Headers(app.wsgi_app, common(app))  # type: ignore[method-assign]


def common(app: Flask) -> dict[str, str]:
    """Header names and values for every response. Forms may go to us and, at logout, on to the OpenID Provider.

    A browser applies ``form-action`` to the redirect that answers a form too, so logging out there must be named.
    """
    issuer = "/".join(app.config["OIDC_ISSUER"].split("/")[:3])
    headers = {
        "Content-Security-Policy": POLICY.format(forms=f"'self' {issuer}"),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if app.config["SECURE"]:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    return headers
