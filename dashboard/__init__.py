"""Remote Connections: the rooms of the app, from the ground up."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from dashboard import api, commands, data, identity, jobs, mail, pages, providers, web

TOP = Path(__file__).resolve().parent.parent


class Site(Flask):
    """Flask, for views that are all plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Leave a function as it is. Flask finds out fifteen times a request that none is a coroutine."""
        return func


def create_app(settings: Mapping[str, Any]) -> Flask:
    """The app with these settings, as :func:`config.load` checked them."""
    app = Site(
        __name__, template_folder=str(TOP / "templates"), static_folder=None, instance_path=str(TOP / "instance")
    )
    app.config.update(settings)
    for room in (data, providers, mail, identity, web, pages, api, jobs, commands):
        room.init_app(app)
    return app
