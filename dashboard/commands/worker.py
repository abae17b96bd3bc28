"""``flask worker``: the engine in a process of its own."""

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from dashboard.commands.plain import failing_plainly


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Sync, revoke, mail and keep the clock, until SIGTERM. Any number of workers may run, on any machine.

    With ENGINE=workers they are woken by the web processes. With ENGINE=embedded this one works besides them.
    """
    # Doors don't import each other: what runs is said by the room of the clock.
    engine: Any = current_app.extensions["engine"]
    threads = current_app.config["ENGINE_THREADS"]
    click.echo(f"The engine runs, {current_app.config['ENGINE']}, with {threads} threads. SIGTERM or Ctrl-C ends it.")
    with failing_plainly():
        engine.run()
    click.echo("The engine has stopped.")
