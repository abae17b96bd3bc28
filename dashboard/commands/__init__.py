"""The door for operators: ``flask --app wsgi …``, one group a module."""

from flask import Flask

from dashboard.commands import audit, connections, demo, doctor, keys, providers, tokens, users, worker


def init_app(app: Flask) -> None:
    """Register the groups of commands."""
    for room in (demo, users, tokens, connections, keys, providers):
        app.cli.add_command(room.group)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(audit.group)
    app.cli.add_command(worker.worker)
