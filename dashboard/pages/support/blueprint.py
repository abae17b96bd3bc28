"""The family's blueprint, and what its pages say in templates."""

from datetime import datetime, timedelta
from math import ceil

from flask import Blueprint, g, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup, escape

from dashboard.pages.support import ending_words, mail_words, words
from dashboard.pages.times import clock, day, exact
from dashboard.support.gate import NotPrefetched
from dashboard.web.language import of_the_actor, speech

bp = Blueprint("support", __name__, url_prefix="/support")


@bp.record
def _say(state: BlueprintSetupState) -> None:
    jinja = state.app.jinja_env
    jinja.filters |= {"brief": brief, "minutes": minutes}
    jinja.filters |= {name: getattr(words, name) for name in words.FILTERS}
    jinja.filters |= {name: getattr(mail_words, name) for name in mail_words.FILTERS}
    jinja.filters |= {name: getattr(ending_words, name) for name in ending_words.FILTERS}
    jinja.globals["watch"] = watch


@bp.before_request
def _refuse_prefetch() -> None:
    """The pages of people are on the record as read by whoever opens them."""
    if request.path.startswith("/support/users/") and "prefetch" in request.headers.get("Sec-Purpose", ""):
        raise NotPrefetched("A page about a person is not prefetched.")


def watch() -> Markup:
    """The banner of a running look, in the language of whoever is at the keyboard; empty where nobody looks."""
    if not g.get("looking"):
        return Markup()
    with of_the_actor():
        return Markup(render_template("support/_watch.html", looking=g.looking))  # noqa: S704  a template of ours


def minutes(left: timedelta) -> int:
    """How many minutes a time has, the begun one included."""
    return max(1, ceil(left.total_seconds() / 60))


def brief(at: datetime) -> Markup:
    """ "14:03" today, else "18 November, 06:10", with the year if it is long ago; the exact time on hover."""
    zone = speech().zone
    own, today = at.astimezone(zone), datetime.now(zone).date()
    if own.date() == today:
        text = clock(at)
    else:
        text = f"{day(at)}, {clock(at)}" if abs(today - own.date()) < timedelta(days=300) else exact(at)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        own.isoformat("T", "seconds"), exact(at), escape(text)
    )
