"""Each event's sentence, the kind it is filed under, and what is to be added to it."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard.connections.past import Past
from dashboard.events import Event, Happened
from dashboard.identity import api_tokens
from dashboard.pages.activity import connections, mails, support
from dashboard.pages.activity.naming import called
from dashboard.pages.devices import device
from dashboard.pages.revocations import stands
from dashboard.support.told import Look


class Kind(StrEnum):
    """Where an event is filed; the value stands in the page's address."""

    SIGN_INS = "sign-ins"
    CONNECTIONS = "connections"
    ACCOUNT = "account"
    SUPPORT = "support"


Sentence = Callable[[Happened, Past], str]


def said(happened: Happened, past: Past) -> str:
    """The sentence of an event; a neutral one for an event that this version does not know."""
    if happened.event is None:
        return str(_("Something happened that this version can’t name."))
    return SENTENCES[happened.event][1](happened, past)


def of_kind(kind: Kind) -> list[Event]:
    """The events filed under a kind."""
    return [event for event, (its_kind, _sentence) in SENTENCES.items() if its_kind is kind]


def kinds() -> dict[Kind | None, str]:
    """The filter's choices in words; None is all of them."""
    return {
        None: str(_("All")),
        Kind.SIGN_INS: str(_("Sign-ins")),
        Kind.CONNECTIONS: str(_("Connections")),
        Kind.ACCOUNT: str(_("Account")),
        Kind.SUPPORT: str(_("Support")),
    }


def connection_ids(happened: Iterable[Happened]) -> set[int]:
    """The connections that these events name."""
    named = (each.details.get("connection") for each in happened)
    return {each for each in named if isinstance(each, int)}


def notes(happened: Happened, past: Past, look: Look | None) -> tuple[str, ...]:
    """What is to be added: how the end stands at the provider, and who did it, and why, if it was not the person.

    :param look: the look by support during which it happened. None: it was during none.
    """
    added = []
    if happened.event is Event.CONNECTION_ENDED:
        added.append(_told(happened, past))
    if happened.event not in _SAID_BY_WHOM and not happened.by_subject:
        added.append(_not_by_you(happened, look))
        if reason := _text(happened, "reason"):
            added.append(str(_("The reason given: “%(reason)s”", reason=reason)))
    return tuple(note for note in added if note)


def _not_by_you(happened: Happened, look: Look | None) -> str:
    if not happened.by_staff:
        return str(_("Not done by you, but by the operator of this site."))
    if look is None or not look.name:
        return str(_("Not done by you, but by support."))
    return str(_("Not done by you, but by %(name)s of support.", name=look.name))


def _told(happened: Happened, past: Past) -> str:
    """How far telling the provider is; nothing where nothing is known."""
    ending = past.endings.get(_number(happened, "connection"))
    return stands(ending).marked_up() if ending else ""


def _signed_out(happened: Happened, _past: Past) -> str:
    if not happened.details.get("elsewhere"):
        return str(_("You signed out."))
    browser, address = device(_text(happened, "browser")), _text(happened, "browser_address")
    if not address:
        return str(_("The login session of %(device)s was ended.", device=browser))
    return str(_("The login session of %(device)s at %(address)s was ended.", device=browser, address=address))


def _others_ended(happened: Happened, _past: Past) -> str:
    count = _number(happened, "count")
    return str(ngettext("%(num)s other login session was ended.", "%(num)s other login sessions were ended.", count))


def _imported(happened: Happened, past: Past) -> str:
    if count := _number(happened, "count"):
        return str(ngettext("%(num)s connection was imported.", "%(num)s connections were imported.", count))
    return str(_("%(name)s was imported.", name=_name(happened, past)))


def _disconnected(happened: Happened, past: Past) -> str:
    name = _name(happened, past)
    kept = happened.details.get("kept")
    if kept is None:
        return str(_("%(name)s was disconnected.", name=name))
    if kept:
        return str(_("%(name)s was disconnected. What it had sent was kept.", name=name))
    return str(_("%(name)s was disconnected. What it had sent was deleted.", name=name))


def _sync_requested(happened: Happened, past: Past) -> str:
    if past.type_of(_number(happened, "connection")) is None:
        return str(_("A sync was asked for."))
    return str(_("A sync of %(name)s was asked for.", name=_name(happened, past)))


def _token_made(happened: Happened, _past: Past) -> str:
    if api_tokens.WRITE in _text(happened, "scopes").split():
        return str(_("The API token “%(name)s” was made. It may change things.", name=_text(happened, "name")))
    return str(_("The API token “%(name)s” was made. It may only read.", name=_text(happened, "name")))


def _settings_changed(happened: Happened, _past: Past) -> str:
    words = {"time_zone": _("time zone"), "language": _("language"), "theme": _("appearance")}
    words["mails_wanted"] = _("mails")
    changed = [str(words.get(name, name)) for name in _text(happened, "changed").split()]
    return str(_("Your settings were changed: %(what)s.", what=", ".join(changed) or _("nothing known")))


def _role_granted(happened: Happened, _past: Past) -> str:
    words = {"support": _("Support"), "admin": _("Administrator")}
    role = _text(happened, "role")
    return str(_("You were given the role “%(role)s”.", role=words.get(role, role)))


def _named(sentence: Callable[[Happened, str], str]) -> Sentence:
    return lambda happened, past: sentence(happened, _name(happened, past))


def _without_past(sentence: Callable[[Happened], str]) -> Sentence:
    return lambda happened, _past: sentence(happened)


SENTENCES: dict[Event, tuple[Kind, Sentence]] = {
    Event.LOGIN_STARTED: (Kind.SIGN_INS, lambda _happened, _past: _("You signed in.")),
    Event.LOGIN_ENDED: (Kind.SIGN_INS, _signed_out),
    Event.LOGIN_ENDED_BY_PROVIDER: (
        Kind.SIGN_INS,
        lambda _happened, _past: _("%(name)s ended a login session.", name=current_app.config["OIDC_NAME"]),
    ),
    Event.LOGINS_ENDED: (Kind.SIGN_INS, _others_ended),
    Event.CONNECTION_IMPORTED: (Kind.CONNECTIONS, _imported),
    Event.CONNECTION_ENDED: (Kind.CONNECTIONS, _disconnected),
    Event.SYNC_REQUESTED: (Kind.CONNECTIONS, _sync_requested),
    Event.TOKEN_MADE: (Kind.ACCOUNT, _token_made),
    Event.TOKEN_REVOKED: (
        Kind.ACCOUNT,
        lambda happened, _past: _("The API token “%(name)s” was revoked.", name=_text(happened, "name")),
    ),
    Event.SETTINGS_CHANGED: (Kind.ACCOUNT, _settings_changed),
    Event.DATA_DOWNLOADED: (Kind.ACCOUNT, lambda _happened, _past: _("Your data was downloaded.")),
    Event.ACCOUNT_DELETED: (Kind.ACCOUNT, lambda _happened, _past: _("An account was deleted.")),
    Event.ROLE_GRANTED: (Kind.ACCOUNT, _role_granted),
    Event.ROLE_REVOKED: (Kind.ACCOUNT, lambda _happened, _past: _("Your role here was taken from you.")),
    **{event: (Kind.CONNECTIONS, _named(sentence)) for event, sentence in connections.SENTENCES.items()},
    **{event: (Kind.CONNECTIONS, _named(sentence)) for event, sentence in mails.SENTENCES.items()},
    **{event: (Kind.SUPPORT, _without_past(sentence)) for event, sentence in support.SENTENCES.items()},
}


_SAID_BY_WHOM = {Event.LOGIN_ENDED_BY_PROVIDER, *connections.BY_ITSELF, *mails.SENTENCES, *support.SENTENCES}
"""Events whose sentences say themselves who did it."""


def _name(happened: Happened, past: Past) -> str:
    """The provider's name, from the event or from what is known of the connection."""
    name = called(_number(happened, "connection"), past, type=_text(happened, "type"))
    return name or str(_("A connection"))


def _text(happened: Happened, name: str) -> str:
    value = happened.details.get(name)
    return value if isinstance(value, str) else ""


def _number(happened: Happened, name: str) -> int:
    value = happened.details.get(name)
    return value if isinstance(value, int) else 0
