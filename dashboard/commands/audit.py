"""``flask audit …``: proving the log, telling the outside how far it is, and pruning it."""

from typing import TextIO

import click
from flask import current_app

from dashboard.commands.plain import Group
from dashboard.events import checking, proof, retention
from dashboard.events import checkpoint as checkpoints
from dashboard.events.checkpoint import Checkpoint
from dashboard.events.proof import Proof
from dashboard.support import ending

group = Group("audit", help="The log of events: its proof, its checkpoints, its age.")


@group.command("verify")
@click.option(
    "--anchor", type=click.File("r"), help="Checkpoints that were kept elsewhere, or the app's log; - reads stdin."
)
@click.pass_context
def verify(ctx: click.Context, anchor: TextIO | None) -> None:
    """Prove the log, or name the first event that is wrong and what is wrong about it. Exit code 1 if it is broken.

    The doctor and the metrics tell how it went, until the next proof.
    """
    proved = proof.verify(_anchors(anchor))
    checking.keep(proved)
    if proved.broken:
        wrong = proved.broken
        click.echo(f"BROKEN at event {wrong.seq}, check {wrong.check}: {wrong.words}.")
        click.echo(f"Until then {_counted(proved.count)} were checked, from event {proved.base_seq + 1} on.")
        ctx.exit(1)
    for line in _words(proved):
        click.echo(line)


@group.command("checkpoint")
def checkpoint() -> None:
    """Say how far the log is: to stdout, the app's log and, by AUDIT_WEBHOOK, the outside. The engine does it too.

    Looks that are over though nobody noticed are ended first, so that the log says so within the hour.
    """
    ending.sweep()
    click.echo(checkpoints.checkpoint(webhook=current_app.config["AUDIT_WEBHOOK"]).line())


@group.command("prune")
@click.option("--anchored", type=click.File("r"), help="Remove nothing above the last checkpoint in this file.")
def prune(anchored: TextIO | None) -> None:
    """Remove what is older than AUDIT_RETENTION_DAYS, on the record. The proof goes on from there."""
    days = current_app.config["AUDIT_RETENTION_DAYS"]
    if not days:
        click.echo("AUDIT_RETENTION_DAYS is 0: everything is kept.")
        return
    pruned = retention.prune(days=days, anchors=_anchors(anchored), webhook=current_app.config["AUDIT_WEBHOOK"])
    if pruned.through is not None:
        click.echo(pruned.through.line())
    click.echo(
        f"Removed {_counted(pruned.count)} older than {days} days." if pruned.count else "Nothing is old enough."
    )


def _anchors(file: TextIO | None) -> list[Checkpoint]:
    return [] if file is None else checkpoints.checkpoints(file)


def _words(proved: Proof) -> list[str]:
    if not proved.count:
        lines = ["Nothing is in the chain yet."]
    else:
        first, last = proved.base_seq + 1, proved.last_seq
        lines = [f"Proved from event {first} to {last}: {_counted(proved.count)}, none missing, none changed."]
    if proved.base_seq:
        lines.append(f"What is older, up to event {proved.base_seq}, was pruned on the record.")
    if proved.erased:
        lines.append(f"Of {_counted(proved.erased)} the personal part was erased, on the record.")
    if proved.unhashed:
        lines.append(f"{_counted(proved.unhashed).capitalize()} older than the chain were never hashed: not proved.")
    if proved.anchored_seq is not None:
        lines.append(f"Checkpoints kept elsewhere confirm it up to event {proved.anchored_seq}.")
    return [*lines, f"Last hash: {proved.hash}"]


def _counted(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"
