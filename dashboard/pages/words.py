"""What templates may say besides their own words: times, numbers, names and strips."""

from datetime import UTC, datetime

from flask import Flask
from flask_babel import format_decimal

from dashboard import providers
from dashboard.pages import states, times
from dashboard.pages.accounts import account_name, connection_name
from dashboard.pages.cards import cards
from dashboard.pages.drawing import svg
from dashboard.pages.filters import options
from dashboard.pages.terms import all_at_once, kept_for, terms, terms_for_staff
from dashboard.providers import ConnectionType
from dashboard.web.language import gettext

TIMES = ("ago", "moment", "at_time", "day", "since", "since_when", "connected", "clock", "exact", "took")
STATES = ("state_word", "badge", "reason", "meaning")
SAID = ("OPERATOR_NAME", "HELP_URL", "PRIVACY_URL", "DOCUMENTATION_URL", "OIDC_NAME", "PUBLIC_URL", "DEMO")
"""The settings that pages may name; the others are none of a template's business."""


def init_app(app: Flask) -> None:
    """Give templates the filters and the names that every page needs."""
    app.jinja_env.filters |= {name: getattr(times, name) for name in TIMES}
    app.jinja_env.filters |= {"said": said, "provider_name": provider_name, "scope_label": scope_label}
    app.jinja_env.filters |= {"account_name": account_name, "connection_name": connection_name}
    app.jinja_env.filters |= {name: getattr(states, name) for name in STATES}
    app.jinja_env.filters |= {"number": format_decimal, "svg": svg, "cards": cards, "options": options}
    app.jinja_env.filters |= {
        "terms": terms,
        "terms_for_staff": terms_for_staff,
        "all_at_once": all_at_once,
        "kept_for": kept_for,
    }
    app.jinja_env.filters |= {"keepable": providers.may_keep_records, "can_be_told": providers.can_revoke}
    app.jinja_env.filters |= {"may_ask": providers.may_ask}
    app.jinja_env.globals["now"] = lambda: datetime.now(UTC)
    app.jinja_env.globals["settings"] = {name: app.config[name] for name in SAID}


def said(words: str) -> str:
    """The words of a type's file in the language of the response."""
    return gettext(words)


def provider_name(key: str) -> str:
    """The readable name of a connection type."""
    return providers.get(key).name


def scope_label(type: ConnectionType, scope: str) -> str:
    """A permission in plain words; as the provider spells it where we have no words for it."""
    return said(type.scope_label(scope))
