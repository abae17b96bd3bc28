"""Remote Connections: the rooms of the app, from the ground up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from dashboard import api, commands, data, identity, jobs, mail, pages, providers, web

TOP = Path(__file__).resolve().parent.parent


def create_app(settings: Mapping[str, Any]) -> Flask:
    """The app with these settings, as :func:`config.load` checked them."""
    app = Flask(
        __name__, template_folder=str(TOP / "templates"), static_folder=None, instance_path=str(TOP / "instance")
    )
    app.config.update(settings)
    for room in (data, providers, mail, identity, web, pages, api, jobs, commands):
        room.init_app(app)
    return app
