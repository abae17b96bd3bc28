"""``flask providers``: what is right and wrong with each connection type here, and what to register at it."""

import os

import click
from flask import current_app
from flask.cli import with_appcontext

from dashboard import providers
from dashboard.commands import notices, setting_names, type_check
from dashboard.commands.findings import Finding, Level, trouble
from dashboard.commands.plain import Group

group = Group("providers", help="Third parties: what can be connected here, and what to register there.")
group.add_command(notices.subscribe)
group.add_command(notices.unsubscribe)


@group.command("check")
@click.argument("type", required=False)
@click.pass_context
@with_appcontext
def check(ctx: click.Context, type: str | None) -> None:
    """Check all connection types, or one TYPE by its key. Exit code 1 if something is wrong.

    Without TYPE, a type without credentials is fine: it is shown as not available, and nothing is asked of a provider.
    With TYPE, its provider is asked whether it sends us notices.
    """
    troubles = 0
    for finding in _findings(type):
        click.echo(str(finding))
        troubles += finding.level is Level.TROUBLE
    if troubles:
        click.echo(f"{troubles} thing{'' if troubles == 1 else 's'} to mend.", err=True)
        ctx.exit(1)


def _findings(key: str | None) -> list[Finding]:
    try:
        types = providers.all_types()
    except providers.InvalidType as error:
        return [trouble("type files", f"{error} Mend that file.")]
    if key is None:
        found = [finding for one in types for finding in type_check.findings(one, wanted=False)]
        return found + setting_names.misspelt(os.environ)
    if (one := providers.find(key)) is None:
        raise click.ClickException(f"There is no type {key!r}; there are: {', '.join(each.type for each in types)}.")
    public_url = str(current_app.config["PUBLIC_URL"])
    return [
        *type_check.findings(one, wanted=True),
        *type_check.addresses(one, public_url=public_url),
        *(finding for finding in setting_names.misspelt(os.environ) if finding.about.startswith(f"{key.upper()}_")),
    ]
