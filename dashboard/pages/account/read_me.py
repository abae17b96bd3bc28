"""The words that go along with a person's data."""

from flask_babel import gettext as _


def read_me() -> str:
    """What each file of the zip is, as plain text."""
    files = {
        "profile.json": _("who the identity provider says you are, and what you chose here"),
        "connections.json": _("your connections, without the secrets that open them"),
        "ended-connections.json": _("what you disconnected, when its provider is to be told, and when it confirmed"),
        "ways-to-providers.json": _("when you went to a provider to connect, lately"),
        "syncs.json": _("what each sync did"),
        "sync-days.json": _("the same by day (UTC)"),
        "records.json": _("what was imported; each value in the unit of its kind"),
        "login-sessions.json": _("where you are signed in"),
        "api-tokens.json": _("your API tokens, without the tokens themselves"),
        "support-accesses.json": _("who of support looked through your eyes, when and why"),
        "mails.json": _("which mails were sent to you, without their text"),
        "activity.json": _("what happened to your account"),
    }
    lines = [f"{name:24}{words}" for name, words in files.items()]
    heading = _("This is everything that Remote Connections holds on you. Times are in UTC (ISO 8601).")
    return "\n".join([heading, "", *lines, ""])
