"""``flask demo …``: what the local demo needs."""

import click
from flask import current_app

from dashboard.commands.plain import Group

group = Group("demo", help="The local demo.")


@group.command("load")
def load() -> None:
    """Load the demo's people and connections, once. Refused outside the demo: their passwords are no secret."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("This is not the demo (DEMO=1 is not set), so no demo data is loaded.")
    from demo import load as loading

    fresh = loading.load(current_app.config["OIDC_ISSUER"])
    click.echo("The demo's people are here now." if fresh else "The demo's people are here already.")
