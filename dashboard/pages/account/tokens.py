"""API tokens: making one, which is shown once, and revoking."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from dashboard.errors import NoSuchThing
from dashboard.identity import api_tokens, shown_once
from dashboard.identity.receipts import is_receipt
from dashboard.pages import notices
from dashboard.pages.account.blueprint import bp
from dashboard.pages.forms import Form, in_one_line
from dashboard.web.request import is_prefetch, who

SCOPE_LABELS = {api_tokens.READ: _l("Read your connections"), api_tokens.WRITE: _l("Disconnect and change them")}
NEVER = "never"


def _one_at_least(_form: Form, field: SelectMultipleField) -> None:
    """``InputRequired`` would have browsers ask for every box to be ticked."""
    if not field.data:
        raise ValidationError(_("Choose what it may do."))


class TokenForm(Form):
    """The safe choice stands first: reading only, for a month."""

    name = StringField(
        _l("What is it for?"),
        filters=[in_one_line],
        validators=[
            DataRequired(_l("Give it a name, so that you can tell it apart later.")),
            Length(1, shown_once.NAME_LENGTH, _l("A name has 1 to 100 characters.")),
        ],
    )
    scopes = SelectMultipleField(
        default=[api_tokens.READ],
        choices=[SelectChoice(scope, label) for scope, label in SCOPE_LABELS.items()],
        validators=[_one_at_least],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    days = RadioField(
        default="30",
        choices=[
            SelectChoice("30", _l("30 days")),
            SelectChoice("90", _l("90 days")),
            SelectChoice("365", _l("A year")),
            SelectChoice(NEVER, _l("Until you revoke it")),
        ],
        validators=[InputRequired(_l("Choose how long it works."))],
    )


@bp.route("/tokens/", methods=["GET", "POST"])
def tokens() -> ResponseReturnValue:
    """The tokens, and a form for another. The new one is shown by the page after the form, once."""
    form = TokenForm()
    if form.validate_on_submit():
        days = None if form.days.data == NEVER else int(form.days.data)
        if not shown_once.make_token(who, name=form.name.data or "", scopes=form.scopes.data or [], days=days):
            notices.say(_("The token was made already"), _("The form came twice. There is one token of this name."))
        return redirect(url_for(".tokens"), 303)
    new = None if request.method == "HEAD" or is_prefetch() else shown_once.take_token()
    facts = {"tokens": api_tokens.tokens(who.subject_id), "labels": SCOPE_LABELS, "new": new}
    return render_template("account/tokens.html", form=form, **facts), 422 if form.errors else 200


@bp.post("/tokens/<key:token_id>/revoke/")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Revoke one. What is revoked already stays revoked."""
    try:
        name = api_tokens.revoke(token_id, by=who)
    except NoSuchThing:
        if not is_receipt(request.form.get("receipt", ""), "token", token_id, owner_id=who.subject_id):
            raise
        notices.say(_("That token was revoked already"), _("Nothing was changed now."))
    else:
        notices.say(_("“%(name)s” is revoked", name=name), _("Nothing can be read or changed with it any more."))
    return redirect(url_for(".tokens"), 303)
