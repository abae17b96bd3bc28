"""What people see at the address itself: which third parties there are, what they gave out, and how to break them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from demo.providers import control, mails, words
from demo.providers.accounts import account_of
from demo.providers.control import party, world
from demo.providers.faults import NARROW

STATIC = Path(__file__).parents[2] / "static"
STYLES = ("tokens.css", "layout.css", "parts.css")

bp = Blueprint("panel", __name__, template_folder="templates")


@bp.get("/")
def index() -> ResponseReturnValue:
    """All third parties, with what they gave out and what is broken."""
    with world().lock:
        rows = [
            {"party": each, "grants": len(world().grants.of(each.type)), "faults": list(each.faults.all)}
            for each in current_app.extensions["parties"].values()
        ]
    return render_template("providers/index.html", rows=rows, words=words, mails=mails.letters())


@bp.get("/<type>/")
def one(type: str) -> ResponseReturnValue:
    """One third party: what it gave out, and every way to break it."""
    at = party(type)
    with world().lock:
        page = {
            "grants": [_grant_row(grant) for grant in reversed(world().grants.all) if grant.type == type],
            "on": dict(at.faults.all),
            "log": at.log.as_json(),
            "listener": control.listener(type),
        }
    return render_template("providers/party.html", party=at, words=words, narrow=NARROW, **page)


def _grant_row(grant: Any) -> dict[str, Any]:
    ends_at = max(grant.access.values(), default=0)
    return {
        "grant": grant,
        "account": account_of(grant.account),
        "ends_at": datetime.fromtimestamp(ends_at, UTC),
        "over": ends_at <= world().now(grant.type),
    }


@bp.post("/<type>/")
def act(type: str) -> ResponseReturnValue:
    """One button: what it does is in ``act``."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    form, at = request.form, party(type)
    account = {"account": form.get("account", "ada")}
    acts = {
        "fault": lambda: control.misbehave(at, {form["name"]: _fault(form)}),
        "mend": lambda: control.misbehave(at, {form["name"]: None} if "name" in form else None),
        "revoke": lambda: control.revoke(at, account),
        "expire": lambda: control.expire(at, account),
        "happen": lambda: control.happen(at, account | _happening(form)),
        "send": lambda: control.send(at, account | {"event": form["event"], "forged": "forged" in form}),
        "deregister": lambda: control.deregister(at, account),
    }
    try:
        acts[form["act"]]()
    except (KeyError, ValueError) as error:
        abort(400, str(error))
    with world().lock:
        world().keep()
    return redirect(url_for(".one", type=type, _anchor=form["act"]), 303)


def _fault(form: Any) -> dict[str, Any]:
    known = words.FAULTS[form["name"]]
    wanted: dict[str, Any] = {known.key: int(form["number"])} if known.key and form.get("number") else {}
    if form.get("times") == "once":
        wanted["times"] = 1
    if form.get("on"):
        wanted["on"] = [form["on"]]
    return wanted


def _happening(form: Any) -> dict[str, Any]:
    return {"what": form["what"], "count": int(form["count"]), "days_ago": int(form["days_ago"])}


@bp.get("/mails/")
def mail_list() -> ResponseReturnValue:
    """The mails that the app wrote, newest first."""
    return render_template("providers/mails.html", letters=mails.letters(), folder=mails.folder())


@bp.get("/mails/<name>/")
def mail(name: str) -> ResponseReturnValue:
    """One mail."""
    letter = mails.letter(name) or abort(404)
    return render_template("providers/mail.html", letter=letter)


@bp.get("/css/<name>")
def style(name: str) -> ResponseReturnValue:
    """The dashboard's style sheets, so that all look alike."""
    return send_from_directory(STATIC / "css", name if name in STYLES else "")


@bp.get("/tiles/<name>")
def tile(name: str) -> ResponseReturnValue:
    """The dashboard's logos."""
    return send_from_directory(STATIC / "tiles", name)
