"""``flask keys …``: the keys that encrypt provider tokens."""

import click

from dashboard.commands.plain import Group
from dashboard.connections import keys

group = Group("keys", help="The keys that encrypt provider tokens (TOKEN_ENCRYPTION_KEYS).")
LOST = {
    "connections": "people must reconnect these connections",
    "revocations": "these providers are not told of the end",
    "authorization_requests": "whoever is on the way to a provider begins anew",
    "login_sessions": "these logins go on, and the provider may ask people once more when they sign out",
}
"""What it means that a secret can't be read any more, by the table where it stands."""


@group.command("make")
def make() -> None:
    """Print a new key. Put it first in TOKEN_ENCRYPTION_KEYS, restart, and rotate."""
    click.echo(keys.make())


@group.command("rotate")
def rotate() -> None:
    """Encrypt everything anew under the first key. The app may run meanwhile; it must know that key already."""
    rotated = keys.rotate()
    click.echo(f"{rotated.count:,} stored secrets are now encrypted with the first key.")
    if not rotated.unreadable:
        return
    for place in rotated.unreadable:
        click.echo(f"unreadable: {place}", err=True)
    count = len(rotated.unreadable)
    tables = {place.partition(".")[0] for place in rotated.unreadable}
    raise click.ClickException(
        f"No key opens {count:,} stored secret{'' if count == 1 else 's'}. Keep the old keys in TOKEN_ENCRYPTION_KEYS; "
        f"where a key is lost for good, {'; '.join(words for table, words in LOST.items() if table in tables)}."
    )
