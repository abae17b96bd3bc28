"""What a page says after an act: a heading, what was done, and what is still open. Shown once, by the layout."""

from datetime import datetime

from flask import flash, g
from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import providers
from dashboard.connections.reading import Card, Ending
from dashboard.connections.revocation import Ended
from dashboard.pages.times import clock


def say(heading: str, *sentences: str, state: str = "healthy") -> None:
    """Keep a notice for the next page.

    :param state: whose shape and colour it wears: ``healthy``, ``delayed``, ``reconnect``.
    """
    notice = {"heading": heading, "sentences": [each for each in sentences if each], "state": state}
    flash(notice, "notice")  # type: ignore[arg-type]  # any JSON is kept as it is


def ended(end: Ended) -> None:
    """A connection was cut."""
    if end.already:
        _ended_already(end.type.name, end.at, to_be_told=end.to_be_told)
        return
    say(
        _("%(name)s is disconnected", name=end.type.name),
        _("Nothing here has used its access since %(time)s.", time=clock(end.at)),
        _told(end.type.name, end.to_be_told),
        _records_deleted(end.deleted_records),
    )


def ended_before(ending: Ending) -> None:
    """A page was asked for whose connection had been cut before."""
    open_still = ending.due_at is not None and ending.done_at is None
    _ended_already(providers.get(ending.type).name, ending.queued_at, to_be_told=open_still)


def sync_asked(card: Card, *, asked: bool) -> None:
    """A sync was asked for."""
    if asked:
        say(_("%(name)s is next in line", name=card.type.name), _("The sync has not started yet."), state="syncing")
    else:
        say(_("%(name)s is in line already", name=card.type.name), _("There is nothing more to do."), state="syncing")


def _ended_already(name: str, at: datetime, *, to_be_told: bool) -> None:
    say(
        _("%(name)s was already disconnected", name=name),
        _("That was at %(time)s. Nothing was changed now.", time=clock(at)),
        _told(name, to_be_told),
    )


def _told(name: str, to_be_told: bool) -> str:
    if to_be_told and g.get("looking"):
        return _(
            "%(name)s has not been told yet. It is in line, and the activity of %(person)s shows how it ends.",
            name=name, person=g.looking.name,
        )  # fmt: skip
    if to_be_told:
        return _("%(name)s has not been told yet. It is in line, and your activity shows how it ends.", name=name)
    return _("There was no access left that %(name)s would have to end.", name=name)


def _records_deleted(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(num)d record was deleted.", "%(num)d records were deleted.", count)
