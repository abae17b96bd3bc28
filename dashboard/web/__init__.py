"""What every response passes: names and numbers, headers, forms, errors, language, limits, static files."""

from pathlib import Path

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard.web import (
    addresses,
    bodies,
    csrf,
    errors,
    headers,
    health,
    language,
    limits,
    logs,
    mails,
    metrics,
    request,
    static,
    templates,
    webhooks,
)


def init_app(app: Flask) -> None:
    """Wire the shell round the app."""
    templates.init_app(app)
    logs.init_app(app)
    request.init_app(app)
    addresses.init_app(app)
    csrf.init_app(app)
    errors.init_app(app)
    language.init_app(app)
    limits.init_app(app)
    mails.init_app(app)
    webhooks.init_app(app)
    health.init_app(app)
    metrics.init_app(app)
    _compress(app)
    static.init_app(app, Path(app.root_path).parent / "static")
    headers.init_app(app)
    bodies.init_app(app)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]


def _compress(app: Flask) -> None:
    app.config.setdefault("COMPRESS_MIMETYPES", ["text/html", "text/csv", "application/json", "application/hal+json"])
    app.config.setdefault("COMPRESS_ALGORITHM", ["zstd", "br", "gzip"])
    app.config.setdefault("COMPRESS_BR_LEVEL", 4)
    app.config.setdefault("COMPRESS_ZSTD_LEVEL", 3)
    app.config.setdefault("COMPRESS_MIN_SIZE", 500)
    Compress(app)
