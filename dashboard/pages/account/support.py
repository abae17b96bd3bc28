"""Whether support may look through the person's eyes."""

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from dashboard.pages import notices
from dashboard.pages.account.blueprint import bp
from dashboard.pages.forms import Form
from dashboard.pages.times import exact
from dashboard.support import consent
from dashboard.support.consent import Consent
from dashboard.web.request import who

DEFAULT = "default"
WORDS = {Consent.ALWAYS: _l("Always"), Consent.ASK: _l("Only while I allow it"), Consent.NEVER: _l("Never")}


class SupportForm(Form):
    """The operator's default stands first: who chooses it follows the operator, whatever that will be."""

    setting = RadioField(validators=[InputRequired(_l("Choose when support may look."))])


def _support_form(chosen: consent.Chosen) -> SupportForm:
    form = SupportForm(data={"setting": chosen.setting.value if chosen.by_person else DEFAULT})
    form.setting.choices = [
        SelectChoice(DEFAULT, _("As this site has it")),
        *(SelectChoice(each.value, words) for each, words in WORDS.items()),
    ]
    return form


@bp.route("/support/", methods=["GET", "POST"])
def support() -> ResponseReturnValue:
    """Choose when support may look. A look that is no longer allowed ends at once."""
    default = current_app.config["SUPPORT_CONSENT"]
    chosen = consent.chosen(who.subject_id, default=default)
    form = _support_form(chosen)
    if form.validate_on_submit():
        setting = None if form.setting.data == DEFAULT else form.setting.data
        _say_chosen(consent.choose(setting, by=who), consent.chosen(who.subject_id, default=default))
        return redirect(url_for(".support"), 303)
    facts = {"default": WORDS[Consent(default)], "on": current_app.config["SUPPORT_ACCESS_MINUTES"]}
    page = render_template("account/support.html", form=form, chosen=chosen, **facts)
    return page, 422 if form.errors else 200


@bp.post("/support/pass/")
def give_pass() -> ResponseReturnValue:
    """Let support look for a day."""
    until = consent.give_pass(who)
    notices.say(_("Support may look for a day"), _("That is until %(time)s.", time=exact(until)))
    return redirect(url_for(".support"), 303)


@bp.post("/support/pass/end/")
def end_pass() -> ResponseReturnValue:
    """Take it back."""
    if consent.withdraw_pass(who):
        notices.say(_("Support may no longer look"), _("If somebody was looking, that has ended."))
    else:
        notices.say(_("Support may not look"), _("It was so before. Nothing was changed now."))
    return redirect(url_for(".support"), 303)


def _say_chosen(changed: bool, now: consent.Chosen) -> None:
    if not changed:
        notices.say(_("Nothing was changed"), _("Your choice was so before."))
    elif now.setting is Consent.ALWAYS:
        notices.say(_("Support may look at your pages"), _("Each look is listed in your activity."))
    elif now.setting is Consent.ASK:
        notices.say(_("Support may look only while you allow it"), _("Nobody may look now."))
    else:
        notices.say(_("Support may not look at your pages"), _("If somebody was looking, that has ended."))
