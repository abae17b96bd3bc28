"""``flask tokens …``: API tokens for programs of the operator's."""

import click

from dashboard.commands.plain import Group
from dashboard.identity import api_tokens, directory
from dashboard.who import Who

group = Group("tokens", help="API tokens.")


@group.command("create")
@click.option("--user", "person", required=True, metavar="MAIL|ID", help="Whose connections it opens.")
@click.option("--scope", "scopes", required=True, multiple=True, type=click.Choice(api_tokens.SCOPES))
@click.option("--days", type=click.IntRange(1, 3650), help="How long it works.  [default: 90]")
@click.option("--never", "endless", is_flag=True, help="It works until it is revoked.")
@click.option(
    "--name", default="Made by the operator", show_default=True, help="What the person's account page calls it."
)
def create(person: str, scopes: tuple[str, ...], days: int | None, endless: bool, name: str) -> None:
    """Make a token and print it, and nothing else. It can't be read again."""
    if endless and days is not None:
        raise click.UsageError("--days and --never exclude each other.")
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise click.UsageError("--name takes 1 to 100 printable characters.")
    found = directory.find(person)
    expiry = None if endless else days or 90
    click.echo(api_tokens.make(Who(None, found.id), name=name.strip(), scopes=scopes, days=expiry))
