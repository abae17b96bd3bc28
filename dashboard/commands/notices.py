"""``flask providers subscribe`` and ``unsubscribe``: notices that are asked for once, for our client."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext

from dashboard import providers
from dashboard.commands.findings import Finding, hint, ok, trouble
from dashboard.commands.plain import moment
from dashboard.providers import Client, ConnectionType, subscribing
from dashboard.providers.failures import Failure
from dashboard.providers.subscribing import Operator, Subscribed
from dashboard.web import webhooks

_project = click.option("--project", metavar="NUMBER", help="Google only: the number or id of the Cloud project.")


@click.command("subscribe")
@click.argument("type")
@_project
@with_appcontext
def subscribe(type: str, project: str | None) -> None:
    """Ask the provider of TYPE to tell us what is new, at the address that “check TYPE” prints.

    The app must run there: the provider tries the address before it agrees. Safe to repeat. Google wants an access
    token of an account that may administer the project: gcloud auth print-access-token | flask … --project NUMBER
    """
    one, client = _asked(type)
    _check_secret(one, client)
    operator = _operator(one, project)
    address = webhooks.address(type)
    with _saying(f"{one.name} does not send notices"):
        secret = subscribing.subscribe(one, address=address, operator=operator)
    click.echo(f"{one.name} sends its notices to {address}")
    if secret:
        click.echo(
            f"It signs them with a secret that it tells this once. Set it and restart:\n{_setting(one)}={secret}"
        )


@click.command("unsubscribe")
@click.argument("type")
@_project
@click.option("--all", "every", is_flag=True, help="End those at other addresses of our client too.")
@with_appcontext
def unsubscribe(type: str, project: str | None, every: bool) -> None:
    """End the notices that “subscribe TYPE” asked for."""
    one, _ = _asked(type)
    operator = _operator(one, project)
    with _saying(f"{one.name} goes on"):
        listed = subscribing.listed(one, operator=operator)
        ended = [each for each in listed if every or each.address == webhooks.address(type)]
        for each in ended:
            subscribing.unsubscribe(one, each, operator=operator)
    click.echo(f"{one.name} sends no notices to this address any more." if ended else "There was nothing to end.")
    if left := len(listed) - len(ended):
        click.echo(f"It sends to other addresses: {left}. --all ends those too.")


def standing(type: ConnectionType) -> Iterator[Finding]:
    """Whether the provider tells what is new, as far as it can be asked."""
    by = subscribing.by(type)
    if by == "grant":
        if webhooks.reachable(type.type):
            yield ok("notices", "asked for with each connection by itself")
        else:
            yield hint("notices", "none come: the provider wants an https address; syncs go by the clock.")
    elif by == "operator":
        yield hint("notices", f"ask for them by: flask --app wsgi providers subscribe {type.type} --project NUMBER")
    elif by == "client":
        yield _listed(type)


def lacks_secret(type: ConnectionType, client: Client) -> bool:
    """Whether “subscribe” wants a secret of ours that is not set: the provider does not choose one."""
    way = type.webhook.subscription if type.webhook else None
    ours = way is not None and way.by != "grant" and not way.told_secret
    return ours and not client.webhook_secret


def _listed(type: ConnectionType) -> Finding:
    try:
        listed = subscribing.listed(type)
    except Failure as failure:
        return trouble("notices", f"{type.name} does not say whether it sends them: {failure}")
    ours = [each for each in listed if each.address == webhooks.address(type.type)]
    if not ours:
        others = f" It sends to {len(listed)} other address(es)." if listed else ""
        return hint("notices", f"none come; ask for them by: flask --app wsgi providers subscribe {type.type}{others}")
    if not all(each.active for each in ours):
        return trouble("notices", f"switched off by the provider; repeat: providers subscribe {type.type}")
    return ok("notices", f"subscribed: {len(ours)}{_until(ours)}")


def _until(ours: list[Subscribed]) -> str:
    ends = [each.ends_at for each in ours if each.ends_at]
    return f", the first until {moment(min(ends))}; renewed by itself" if ends else ""


def _asked(key: str) -> tuple[ConnectionType, Client]:
    """A type that can be subscribed to, and our client there."""
    one = providers.find(key)
    if one is None:
        raise click.ClickException(f"There is no type {key!r}; “providers check” lists them.")
    if (client := providers.agreements.client(key)) is None:
        raise click.ClickException(f"{one.name} is not available: set {key.upper()}_CLIENT_ID and …_CLIENT_SECRET.")
    by = subscribing.by(one)
    if by == "grant":
        raise click.ClickException(f"{one.name} is asked with each connection, by itself. There is nothing to do.")
    if by is None and one.webhook is None:
        raise click.ClickException(f"{one.name} sends no notices.")
    if by is None:
        raise click.ClickException(f"{one.name} is told the address in its developer portal: {webhooks.address(key)}")
    return one, client


def _check_secret(type: ConnectionType, client: Client) -> None:
    """Whether our secret suits, where the provider does not choose it."""
    if lacks_secret(type, client):
        raise click.ClickException(f"Set {_setting(type)} to a long random text first, and restart the app.")
    if subscribing.by(type) == "operator" and " " not in (client.webhook_secret or ""):
        raise click.ClickException(f"{_setting(type)} must begin with its scheme, such as: Bearer and a random text.")


def _setting(type: ConnectionType) -> str:
    return f"{type.type.upper()}_WEBHOOK_SECRET"


def _operator(type: ConnectionType, project: str | None) -> Operator | None:
    if subscribing.by(type) != "operator":
        return None
    if not project:
        raise click.ClickException("--project is missing: the number or id of the project that our client belongs to.")
    if sys.stdin.isatty():
        return Operator(project, click.prompt("Access token", hide_input=True))
    if not (access_token := sys.stdin.readline().strip()):
        raise click.ClickException("No access token came. Pipe it in: gcloud auth print-access-token | flask …")
    return Operator(project, access_token)


@contextmanager
def _saying(what: str) -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        raise click.ClickException(f"{what}: {failure}") from None
