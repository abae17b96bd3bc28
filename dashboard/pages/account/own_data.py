"""The person's data: taking it along, and leaving for good."""

from tempfile import SpooledTemporaryFile

from flask import current_app, redirect, render_template, send_file, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired

from dashboard import identity
from dashboard.connections import download as everything
from dashboard.connections import leaving
from dashboard.errors import NoSuchThing, NotFresh
from dashboard.identity import account
from dashboard.pages.account.blueprint import bp
from dashboard.pages.account.read_me import read_me
from dashboard.pages.forms import Form
from dashboard.web.request import public, who

IN_MEMORY_BYTES = 1_000_000
LEFT = "left"


@bp.get("/data/")
def data() -> ResponseReturnValue:
    """What can be done with all of it."""
    return render_template("account/data.html")


@bp.post("/download/")
def download() -> ResponseReturnValue:
    """Everything held on the person. A large file waits on disk, not in memory."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - closed when the response is
    everything.write(file, by=who, read_me=read_me(), names_staff=current_app.config["SUPPORT_SHOWS_NAMES"])
    size = file.tell()
    file.seek(0)
    answer = send_file(file, mimetype="application/zip", as_attachment=True, download_name="my-data.zip")
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    return answer


class DeleteForm(Form):
    """Typing the address takes the moment that a click does not."""

    typed = StringField(
        _l("Type your mail address to confirm"), validators=[InputRequired(_l("Type your mail address to confirm."))]
    )


@bp.route("/delete/", methods=["GET", "POST"])
def delete() -> ResponseReturnValue:
    """Ask, have it typed, then delete. Afterwards the browser is nobody's."""
    form, person = DeleteForm(), account.profile(who.subject_id)
    if form.validate_on_submit():
        try:
            _leave(form.typed.data or "")
            return redirect(url_for(".deleted"), 303)
        except NotFresh:
            form.typed.errors = [_l("This is not the address of your account. Nothing was deleted.")]
    count = leaving.connection_count(who.subject_id)
    page = render_template("account/delete.html", form=form, asked=leaving.confirmation(person), count=count)
    return page, 422 if form.errors else 200


def _leave(typed: str) -> None:
    """Delete, once: of a double click, the second finds the account gone, which is what was asked for."""
    try:
        left = leaving.delete_account(who, typed=typed)
    except NoSuchThing:
        account.forget_browser()
    else:
        account.forget_browser()
        session[LEFT] = {"connections": left.connection_count, "untold": left.untold_count}


@bp.get("/deleted/")
@public
def deleted() -> ResponseReturnValue:
    """What was done, told once; after that, only that it was."""
    if identity.actor() is not None:
        return redirect(url_for(".index"), 303)
    return render_template("account/deleted.html", left=session.pop(LEFT, None))
