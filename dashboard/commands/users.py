"""``flask users …``: who is here, and what they may do."""

from collections.abc import Iterator

import click

from dashboard.commands.plain import Group, moment, table
from dashboard.connections import export
from dashboard.identity import api_tokens, directory, roles
from dashboard.identity.directory import PersonRow
from dashboard.who import Role

group = Group("users", help="People and their roles.")
HEADINGS = ("ID", "MAIL", "NAME", "ROLE", "ROLE FROM", "LAST LOGIN")
ROLES = [role.name.lower() for role in Role]
GRANTED = [name for name in ROLES if name != "user"]


@group.command("list")
@click.option("--role", type=click.Choice(ROLES), help="Only people of this role.")
def list_people(role: str | None) -> None:
    """List everybody, oldest first."""
    for line in table(HEADINGS, _rows(Role[role.upper()] if role else None)):
        click.echo(line)


@group.command("show")
@click.argument("person", metavar="MAIL|ID")
def show(person: str) -> None:
    """Show what is known of a person."""
    found = directory.find(person)
    for line in table(("id", str(found.id)), _facts(found)):
        click.echo(line)


@group.command("grant")
@click.argument("person", metavar="MAIL|ID")
@click.argument("role", type=click.Choice(GRANTED))
def grant(person: str, role: str) -> None:
    """Give a person a role."""
    found = directory.find(person)
    changed = roles.grant(found.id, Role[role.upper()])
    now = directory.find(str(found.id))
    click.echo(f"{_named(found)} {f'was given the role {role}' if changed else f'had the role {role} already'}.")
    if directory.role(now) > Role[role.upper()]:
        click.echo(f"The identity provider makes them {_role(now)} all the same.")


@group.command("revoke")
@click.argument("person", metavar="MAIL|ID")
def revoke(person: str) -> None:
    """Take a person's role."""
    found = directory.find(person)
    lost = f"lost the role {_role(found)}" if roles.revoke(found.id) else "had no role"
    click.echo(f"{_named(found)} {lost}.")
    if found.claimed_role > Role.USER:
        again = Role(found.claimed_role).name.lower()
        click.echo(f"The identity provider makes them {again} again at their next login: take it from them there.")


def _rows(having: Role | None) -> Iterator[tuple[str, ...]]:
    for person in directory.people(having=having):
        origin = _origin(person)
        yield str(person.id), person.email, person.name, _role(person), origin, moment(person.last_login_at)


def _facts(person: PersonRow) -> list[tuple[str, str]]:
    return [
        ("name", person.name),
        ("mail", person.email),
        ("username", person.username),
        ("issuer", person.issuer),
        ("subject", person.subject),
        ("role", f"{_role(person)}, {_origin(person)}" if _origin(person) != "-" else _role(person)),
        ("language", person.language or person.claimed_language or "-"),
        ("time zone", person.time_zone or person.claimed_time_zone or "-"),
        ("since", moment(person.created_at)),
        ("last login", moment(person.last_login_at)),
        ("connections", str(export.count(person.id))),
        ("API tokens", str(len(api_tokens.tokens(person.id)))),
    ]


def _named(person: PersonRow) -> str:
    return f"{person.name} ({person.email}, id {person.id})"


def _role(person: PersonRow) -> str:
    return directory.role(person).name.lower()


def _origin(person: PersonRow) -> str:
    role = directory.role(person)
    sources = [("claim", person.claimed_role), ("granted", person.granted_role)]
    return " and ".join(name for name, value in sources if role and value == role) or "-"
