"""The headers of every response."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
YEAR_SECONDS = 31_536_000


def init_app(app: Flask) -> None:
    """Add the headers to everything that passes Flask; static files get theirs from :mod:`dashboard.web.static`."""
    for_programs = [(name.lower(), (name, value)) for name, value in common(app).items()]
    for_people = [*for_programs, ("cache-control", ("Cache-Control", "no-store"))]

    @app.after_request
    def add(response: Response) -> Response:
        said = {name.lower() for name, _value in response.headers}
        ours = for_programs if request.path.startswith("/v7.1/") else for_people
        response.headers.extend([header for name, header in ours if name not in said])
        return response


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
