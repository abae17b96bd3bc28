"""What a page says after an act: a heading, what was done, and what is still open. Shown once, by the layout."""

from flask import flash, g
from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import providers
from dashboard.connections.connecting import Connected, How
from dashboard.connections.reading import Card, Ending
from dashboard.connections.revocation import Ended
from dashboard.connections.syncing import MustWait
from dashboard.connections.waiting import Waits
from dashboard.pages.accounts import account_name, connection_name
from dashboard.pages.revocations import Stands, link_label, nothing_to_end, stands
from dashboard.pages.times import clock
from dashboard.providers import ConnectionType
from dashboard.web.language import gettext


def say(
    heading: str,
    *sentences: str,
    state: str = "healthy",
    link: tuple[str, str] | None = None,
    meanwhile: str = "",
) -> None:
    """Keep a notice for the next page.

    :param state: whose shape and colour it wears: ``healthy``, ``delayed``, ``reconnect``.
    :param link: what to do next, label and address. None: nothing.
    :param meanwhile: what holds only until the sync is over that the next page shows.
    """
    notice = {"heading": heading, "sentences": [each for each in sentences if each], "state": state, "link": link}
    notice["meanwhile"] = meanwhile
    flash(notice, "notice")  # type: ignore[arg-type]  # any JSON is kept as it is


def ended(end: Ended, ending: Ending | None, *, among: bool) -> None:
    """A connection was cut.

    :param ending: how that stands at its provider by now.
    :param among: the person has others of its type.
    """
    told = stands(ending) if ending else nothing_to_end(end.type)
    say(
        _("%(name)s is disconnected", name=_named(ending) if ending and among else end.type.name),
        _("Nothing here has used its access since %(time)s.", time=clock(end.at)),
        *told.sentences,
        _shown_later(told),
        _records_deleted(end.deleted_records),
        state=_state(told),
        link=_link(told),
    )


def ended_before(ending: Ending, *, among: bool) -> None:
    """A page was asked for whose connection had been cut before. ``among``: the person has others of its type."""
    told = stands(ending)
    name = _named(ending) if among else providers.get(ending.type).name
    say(
        _("%(name)s was already disconnected", name=name),
        _("That was at %(time)s. Nothing was changed now.", time=clock(ending.queued_at)),
        *told.sentences,
        _shown_later(told),
        state=_state(told),
        link=_link(told),
    )


def sync_asked(card: Card, *, asked: bool) -> None:
    """A sync was asked for."""
    if asked:
        said = _("%(name)s is next in line", name=card.type.name)
        say(said, state="syncing", meanwhile=_("You can watch it here."))
    else:
        say(_("%(name)s is in line already", name=card.type.name), _("There is nothing more to do."), state="syncing")


def sync_waits(trouble: MustWait) -> None:
    """A sync was asked for, and would be in vain."""
    name = trouble.type.name
    say(
        _("%(name)s can’t be asked yet", name=name),
        _("It limits how often this site may ask, until %(time)s.", time=clock(trouble.opens_at)),
        _("The next sync comes by itself."),
        state="delayed",
    )


def connected(made: Connected) -> None:
    """A person came back from a provider, and a connection came of it."""
    name = made.type.name
    headings = {
        How.MADE: _("%(name)s is connected", name=name),
        How.RENEWED: _("%(name)s is reconnected", name=name),
        How.SAME_ACCOUNT: _("%(name)s was connected already", name=name),
    }
    sentences = {
        How.MADE: "",
        How.RENEWED: _("What was here before is here still."),
        How.SAME_ACCOUNT: _("This is the connection of that account. Its access was renewed; there is no second one."),
    }
    meanwhile = {
        How.MADE: _("You can watch the first sync here."),
        How.RENEWED: _("You can watch the next sync here."),
    }
    say(
        headings[made.how],
        sentences[made.how],
        _adopted(made.adopted_count),
        _missing(made),
        state="delayed" if made.missing else "healthy",
        meanwhile=meanwhile.get(made.how, "") if providers.may_ask(made.type) else "",
    )


def led_here_before(type: ConnectionType) -> None:
    """The way back from a provider was taken once more, as by the back button."""
    say(
        _("%(name)s is connected already", name=type.name),
        _("You came back from there before. Nothing was changed now."),
    )


def other_dropped(waits: Waits) -> None:
    """The account that a reconnect came back with was not wanted."""
    account, type = account_name(waits.account, waits.account_id), waits.type
    if not waits.is_theirs and not providers.can_revoke(type):
        removal_url = providers.removal_url(type, account_id=waits.account_id)
        say(
            _("Nothing was connected"),
            _("All is as it was. %(name)s offers us no way to give the other access back.", name=type.name),
            _("End our access in your account at %(name)s; nothing here uses it any more.", name=type.name),
            state="delayed",
            link=(link_label(), removal_url) if removal_url else None,
        )
        return
    if waits.is_theirs:
        what = _("All is as it was. The connection of the other account goes on.")
    elif account:
        what = _("All is as it was. The access to %(account)s is given back.", account=account)
    else:
        what = _("All is as it was. The access to the other account at %(name)s is given back.", name=type.name)
    say(_("Nothing was changed") if waits.is_theirs else _("Nothing was connected"), what)


def _named(ending: Ending) -> str:
    return connection_name(providers.get(ending.type).name, ending.account, ending.remote_account_id)


def _state(told: Stands) -> str:
    """No tick where something is left to do."""
    return "delayed" if told.to_do else "healthy"


def _adopted(count: int) -> str:
    """What an earlier connection of the same account had left."""
    if not count:
        return ""
    return ngettext(
        "%(num)d record that you had kept of this account belongs to it again.",
        "%(num)d records that you had kept of this account belong to it again.",
        count,
    )


def _missing(made: Connected) -> str:
    """What was left out at the provider."""
    if not made.missing:
        return ""
    left_out = "; ".join(gettext(label) for label in made.missing)
    return str(
        _("Not permitted, so it will not arrive: %(what)s. Add it later by “Change what it may send”.", what=left_out)
    )


def _shown_later(told: Stands) -> str:
    """Where it stands how it went on; empty where it is over."""
    if not told.is_open:
        return ""
    if g.get("looking"):
        return str(_("The activity of %(person)s shows how it ends.", person=g.looking.name))
    return str(_("Your activity shows how it ends."))


def _link(told: Stands) -> tuple[str, str] | None:
    return (link_label(), told.link) if told.link else None


def _records_deleted(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(num)d record was deleted.", "%(num)d records were deleted.", count)
