"""The door for operators: ``flask --app wsgi …``, one group a module."""

from flask import Flask

from dashboard.commands import audit, connections, demo, doctor, keys, tokens, users


def init_app(app: Flask) -> None:
    """Register the groups of commands."""
    for room in (demo, users, tokens, connections, keys):
        app.cli.add_command(room.group)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(audit.group)
