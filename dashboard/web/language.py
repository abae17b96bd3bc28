"""Which language and time zone a response speaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from gettext import NullTranslations
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, request
from flask_babel import Babel, get_locale, get_translations, refresh
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from dashboard import identity
from dashboard.identity.account import LANGUAGES as LANGUAGES


@dataclass(frozen=True, slots=True)
class Speech:
    """What a response speaks: its language, the clock of its reader, and the catalogue of its words."""

    locale: Locale
    language: str
    zone: tzinfo
    catalogue: NullTranslations


class Reader(NamedTuple):
    """Whom a text speaks to that answers no request."""

    language: str
    time_zone: str | None


def init_app(app: Flask) -> None:
    """Install gettext: the person's choice, else the provider's claim, else the browser, else English."""
    Babel(app, default_domain="messages", locale_selector=lambda: _locale(language()), timezone_selector=time_zone)
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}


def speech() -> Speech:
    """The speech of this response. Found once a request, and anew where Flask-Babel is told another language.

    Flask-Babel's own functions look all of it up for every word, which a page of cards does five hundred times.
    """
    known = g._get_current_object()
    found: Speech | None = getattr(known, "speech", None)
    if found is None or known.speech_locale is not known._flask_babel.babel_locale:
        locale = known.speech_locale = get_locale()
        assert locale is not None
        found = known.speech = _speech(locale, time_zone())
    return found


@lru_cache(maxsize=1024)
def _speech(locale: Locale, zone: str | None) -> Speech:
    """The speech of the language of this response and a time zone; None means UTC."""
    return Speech(locale, str(locale), ZoneInfo(zone) if zone else UTC, get_translations())


def gettext(message: str, **variables: Any) -> str:
    """A message in the language of this response; Flask-Babel's own does the same at twenty times the price."""
    said = _said(speech().catalogue, message)
    return said % variables if variables else said


@lru_cache(maxsize=4096)
def _said(catalogue: NullTranslations, message: str) -> str:
    """A message of a catalogue; the catalogue works out anew each time which plural form one thing takes."""
    return catalogue.gettext(message)


@lru_cache(maxsize=4096)
def _said_of(catalogue: NullTranslations, one: str, many: str, num: int) -> str:
    return catalogue.ngettext(one, many, num)


def N_(message: str) -> str:  # noqa: N802  Babel looks for this name
    """Mark a message that is translated where it is shown."""
    return message


@pass_eval_context
def _gettext(about: EvalContext, message: str, **variables: Any) -> str:
    """Jinja's gettext of the new style, without the three calls that Jinja makes of one."""
    return _filled(about, _said(speech().catalogue, message), variables)


@pass_eval_context
def _ngettext(about: EvalContext, one: str, many: str, num: int, **variables: Any) -> str:
    return _filled(about, _said_of(speech().catalogue, one, many, num), {"num": num} | variables)


def _filled(about: EvalContext, text: str, variables: dict[str, Any]) -> str:
    """The text with its variables, which are escaped in markup; the text itself is ours."""
    said = Markup(text) if about.autoescape else text  # noqa: S704
    return said % variables if variables or "%" in text else said


@contextmanager
def of_the_actor() -> Iterator[None]:
    """Speak to whoever is at the keyboard meanwhile, even while they look through another person's eyes."""
    eyes, g.eyes = g.get("eyes"), None
    _forget()
    try:
        yield
    finally:
        g.eyes = eyes
        _forget()


@contextmanager
def spoken_to(tag: str | None, zone: str | None) -> Iterator[None]:
    """Speak to somebody who asks for nothing at the moment, as in a mail. No request has a say in it.

    :param tag: their language. One that is not ours, or None: English.
    :param zone: their time zone. None: UTC.
    """
    with current_app.app_context():
        g.reader = Reader(supported(tag) or "en", zone)
        yield


def _forget() -> None:
    """Find the speech of the response anew: somebody else reads on."""
    refresh()
    g.pop("speech", None)


def language() -> str:
    """The language of this response, one of :data:`LANGUAGES`."""
    known = g._get_current_object()
    if "reader" in known:
        return str(known.reader.language)
    person = (
        known.get("bearer")
        or known.get("eyes")
        or (identity.actor() if request and not request.path.startswith("/v7.1/") else None)
    )
    return language_for(person.language if person else None)


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def language_for(tag: str | None) -> str:
    """The language for who asks for this tag: it if it is ours, else the browser's, else English."""
    return supported(tag) or _of_browser() or "en"


def _of_browser() -> str | None:
    """The first of the browser's languages that is ours, ``de-AT`` being German. None: none of them."""
    asked = (tag for tag, quality in request.accept_languages if quality)
    return next((found for tag in asked if (found := supported(tag))), None)


def time_zone() -> str | None:
    """The time zone of this response; None means UTC."""
    person = g.get("reader") or g.get("eyes") or identity.actor()
    return person.time_zone if person else None


@lru_cache(maxsize=1024)
def supported(tag: str | None) -> str | None:
    """The language of ours that a tag such as ``de-AT`` or ``de_AT`` asks for. None: none of ours."""
    if not tag:
        return None
    try:
        name = Locale.parse(tag.replace("-", "_")).language
    except (UnknownLocaleError, ValueError):
        return None
    return name if name in LANGUAGES else None
