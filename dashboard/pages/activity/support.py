"""The sentences of what support did, and of what was done with the log."""

from collections.abc import Callable

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from dashboard.events import Event, Happened


def _started(happened: Happened) -> str:
    reason = _text(happened, "reason")
    if not reason:
        return str(_("Support began to look at your account."))
    return str(_("Support began to look at your account. The reason given: “%(reason)s”", reason=reason))


def _viewed(happened: Happened) -> str:
    pages = {
        "connections": _("Support looked at your connections."),
        "connect": _("Support looked at what you can connect."),
        "account": _("Support looked at your account page."),
        "activity": _("Support looked at your activity."),
    }
    family = _text(happened, "route").partition(".")[0]
    return str(pages.get(family, _("Support looked at a page of yours.")))


def _ended(happened: Happened) -> str:
    sentences = {
        "by_actor": _("Support stopped looking at your account."),
        "by_person": _("You ended support’s look at your account."),
        "logout": _("Support signed out, and no longer looks at your account."),
        "expired": _("Support’s time to look at your account was over."),
    }
    return str(sentences.get(happened.why, _("Support can no longer look at your account.")))


def _refused(happened: Happened) -> str:
    if happened.why == "not_allowed":
        return str(_("Support wanted to look at your account. You had not allowed it, so it was refused."))
    if happened.why == "not_staff":
        return str(_("You wanted to look through another person’s eyes, which only support may. It was refused."))
    if happened.why == "closed":
        return str(_("Support tried to open something that is closed to support. It was refused."))
    return str(_("Support wanted to look at your account, and was refused."))


def _case_read(happened: Happened) -> str:
    named = happened.actor_name if current_app.config["SUPPORT_SHOWS_NAMES"] else ""
    sentence = ngettext(
        "%(who)s opened your case, which says how your connections are doing.",
        "%(who)s opened your case, which says how your connections are doing, %(num)s times within an hour.",
        happened.count, who=of_support(named),
    )  # fmt: skip
    return str(sentence)


def of_support(name: str) -> str:
    """Who of support it was, at the beginning of a sentence. ``name`` may be empty: it is not to be told."""
    if not name:
        return str(pgettext("who looked, at the beginning of a sentence", "Support"))
    return str(_("%(name)s of support", name=name))


def _setting_changed(happened: Happened) -> str:
    sentences = {
        "always": _("You let support look at your account at any time."),
        "ask": _("You let support look at your account only while you allow it."),
        "never": _("You closed your pages to support."),
    }
    usual = _("When support may look at your account is as this site has it again.")
    return str(sentences.get(_text(happened, "setting"), usual))


SENTENCES: dict[Event, Callable[[Happened], str]] = {
    Event.ACCESS_STARTED: _started,
    Event.ACCESS_VIEWED: _viewed,
    Event.ACCESS_REFUSED: _refused,
    Event.ACCESS_ENDED: _ended,
    Event.CASE_READ: _case_read,
    Event.USER_SEARCHED: lambda _happened: _("You looked for a person, as support."),
    Event.SUPPORT_SETTING_CHANGED: _setting_changed,
    Event.SUPPORT_PASS_GIVEN: lambda _happened: _("You allowed support to look at your account for a day."),
    Event.SUPPORT_PASS_WITHDRAWN: lambda _happened: _("You no longer allow support to look at your account."),
    Event.LOG_STARTED: lambda _happened: _("The log began."),
    Event.LOG_READ: lambda _happened: _("You read the log, as an administrator."),
    Event.LOG_EXPORTED: lambda _happened: _("You exported the log, as an administrator."),
    Event.LOG_PRUNED: lambda _happened: _("Old entries of the log were deleted."),
    Event.PERSON_ERASED: lambda _happened: _("A person was erased from the log."),
}


def _text(happened: Happened, name: str) -> str:
    value = happened.details.get(name)
    return value if isinstance(value, str) else ""
