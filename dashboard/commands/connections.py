"""``flask connections …``: taking connections over from another service, and writing them out."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from flask import current_app

from dashboard.commands.plain import Group
from dashboard.connections import export, taking_over
from dashboard.connections.staging import Staging
from dashboard.connections.taking_over import BadRecords, TakenOver
from dashboard.identity import directory
from dashboard.identity.directory import PersonRow
from dashboard.who import Who

group = Group("connections", help="Taking connections over, and writing them out.")
STEPS = 200
"""A bar is drawn anew at most so often."""


@group.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--user", "person", required=True, metavar="MAIL|ID", help="Whose connections they become.")
def import_connections(file: BinaryIO, person: str) -> None:
    """Take over the connections of FILE (- for stdin): all of them, or none.

    FILE holds JSON as the API writes it: a collection, an item, or several one after the other. Whoever repeats an
    import changes nothing.
    """
    owner = directory.find(person)
    with Staging() as staged:
        with _bar("Checking", _size(file)) as progress:
            total = taking_over.read(file, into=staged, now=datetime.now(UTC), progress=progress)
        found = staged.record_count
        try:
            with _bar("Storing", found) as progress:
                done = taking_over.take_over(staged, by=Who(None, owner.id), progress=progress)
        except BadRecords:
            for problem in staged.problems():
                click.echo(f"line {problem.line}: {problem.reason}", err=True)
            raise
    _tell(done, owner)
    if total is not None and total > found:
        click.echo(f"The file speaks of {total:,} connections and holds {found:,}: are there more pages?", err=True)


@group.command("export")
@click.option("--user", "person", required=True, metavar="MAIL|ID", help="Whose connections.")
@click.option("--file", "out", type=click.Path(dir_okay=False, path_type=Path), help="Where to.  [default: stdout]")
def export_connections(person: str, out: Path | None) -> None:
    """Write all connections of a person as one collection of the API, which import reads back."""
    owner = directory.find(person)
    pieces = export.collection(owner.id, documentation=current_app.config["DOCUMENTATION_URL"])
    if out is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    part = out.with_name(out.name + ".part")
    with part.open("wb") as file:
        file.writelines(pieces)
    part.replace(out)


def _tell(done: TakenOver, owner: PersonRow) -> None:
    click.echo(f"Imported {_counted(done.imported)} for {owner.name} ({owner.email}).")
    if done.already_here:
        click.echo(f"{_counted(done.already_here)} had been imported before.")
    if done.ended_here:
        click.echo(f"{_counted(done.ended_here)} had been imported before, and disconnected here since: left so.")
    if done.imported:
        click.echo("The permissions were not part of the file: each must be reconnected once.")


def _counted(count: int) -> str:
    return f"{count:,} connection{'' if count == 1 else 's'}"


@contextmanager
def _bar(label: str, length: int | None) -> Iterator[Callable[[int], object]]:
    """A progress bar on stderr, if a person can see it and the length is known. Yields what moves it on."""
    if not length or not sys.stderr.isatty():
        yield lambda _count: None
        return
    with click.progressbar(
        length=length, label=label, file=sys.stderr, update_min_steps=max(1, length // STEPS)
    ) as bar:
        yield bar.update


def _size(file: BinaryIO) -> int | None:
    """How many bytes there are to read. None: nobody knows, as of a pipe."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
