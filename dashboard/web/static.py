"""Static files: served by WhiteNoise under a path that names their content, so that browsers keep them for ever."""

import hashlib
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise


def init_app(app: Flask, folder: Path) -> None:
    """Serve a folder; give templates ``static('css/parts.css')``, as a function and as a filter."""
    version = version_of(folder)
    noise = WhiteNoise(
        app.wsgi_app,
        root=folder,
        prefix=f"static/{version}/",
        max_age=31_536_000,
        immutable_file_test=lambda _path, _url: True,
    )
    app.wsgi_app = noise  # type: ignore[method-assign]
    base = app.config["STATIC_BASE"] = f"/static/{version}/"
    app.jinja_env.globals["static"] = app.jinja_env.filters["static"] = base.__add__


def version_of(folder: Path) -> str:
    """A short hash over names and contents of all files: another content, another path."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".gz", ".br"}:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
