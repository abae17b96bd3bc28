"""``flask doctor``: is everything there that the app needs, and if not, what to do."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from dashboard.commands import engine_check, log_check, mail_check, provider_check, settings_check, store_check
from dashboard.commands.findings import Finding, Level


@click.command("doctor")
@click.pass_context
@with_appcontext
def doctor(ctx: click.Context) -> None:
    """Check settings, database, keys, engine, log, mails, identity provider and clock. Exit code 1 if one is wrong."""
    troubles = 0
    for finding in _findings():
        click.echo(str(finding))
        troubles += finding.level is Level.TROUBLE
    if troubles:
        click.echo(f"{troubles} thing{'' if troubles == 1 else 's'} to mend.", err=True)
        ctx.exit(1)


def _findings() -> Iterator[Finding]:
    config = current_app.config
    yield from settings_check.settings(config)
    yield from settings_check.connection_types()
    stored = list(store_check.store())
    yield from stored
    if all(finding.level is Level.OK for finding in stored):
        yield from engine_check.engine()
        yield from engine_check.paused()
        yield from log_check.log()
        yield from mail_check.failing(config)
    yield from mail_check.mails(config)
    yield from provider_check.provider(config)
    yield from settings_check.limits(config)
    yield from settings_check.checkpoints(config)
