"""The door for programs: the HAL API below ``/v7.1/``, its OpenAPI document, back-channel logout, and webhooks."""

from flask import Flask

from dashboard.api import (
    backchannel_logout,
    errors,
    openapi,
    remote_connection_types,
    remote_connections,
    users,
    webhooks,
)
from dashboard.web.errors import for_programs


def init_app(app: Flask) -> None:
    """Register the resources, what answers their errors, and the document that describes them."""
    for_programs(app, errors.answer)
    openapi.publish(app)
    for room in (remote_connections, remote_connection_types, users, openapi, backchannel_logout, webhooks):
        app.register_blueprint(room.bp)
