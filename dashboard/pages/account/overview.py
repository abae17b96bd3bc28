"""Who the person is here, and how pages look and speak to them."""

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from dashboard.identity import account, api_tokens
from dashboard.identity.people import TIME_ZONES
from dashboard.pages import notices
from dashboard.pages.account.blueprint import bp
from dashboard.pages.forms import Form
from dashboard.support import consent
from dashboard.web.language import language_for
from dashboard.web.request import who

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
NO_PLACE = frozenset({"Factory", "localtime", "UTC"})
"""Names among the zones that say nothing to a person, and UTC, which stands before the regions."""


def _zone_choices() -> list[SelectChoice]:
    """Every zone, by region and place, as people look for one; old names come last."""
    placed, old = [], []
    for zone in sorted(TIME_ZONES - NO_PLACE):
        region, _slash, place = zone.partition("/")
        if place and region in REGIONS:
            placed.append(SelectChoice(zone, place.replace("_", " "), optgroup=region))
        else:
            old.append(SelectChoice(zone, zone, optgroup=_l("Other names")))
    return [SelectChoice("UTC", "UTC"), *placed, *old]


ZONES = _zone_choices()
CHOICES = ("time_zone", "language", "theme")


class SettingsForm(Form):
    """An empty choice is none: what the identity provider or the device says counts."""

    time_zone = SelectField(_l("Time zone"))
    language = SelectField(_l("Language"))
    theme = SelectField(
        _l("Appearance"),
        choices=[
            SelectChoice("", _l("As the device")),
            SelectChoice("light", _l("Light")),
            SelectChoice("dark", _l("Dark")),
        ],
    )
    mails_wanted = SelectField(
        _l("Mail me when a connection needs me"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
    )

    def chosen(self) -> dict[str, str | None]:
        """How the site looks and speaks; None: no choice."""
        return {name: self.data[name] or None for name in CHOICES}


def _settings_form(person: account.PersonRow) -> SettingsForm:
    """The form as the person left it; the first choice of each list says what counts without one."""
    name, zone = current_app.config["OIDC_NAME"], person.claimed_time_zone or _("nothing, so UTC")
    kept = {each: getattr(person, each) or "" for each in CHOICES}
    form = SettingsForm(data=kept | {"mails_wanted": "yes" if person.mails_wanted else "no"})
    form.time_zone.choices = [SelectChoice("", _("As %(name)s says: %(zone)s", name=name, zone=zone)), *ZONES]
    languages = [SelectChoice(tag, own_name) for tag, own_name in account.LANGUAGES.items()]
    form.language.choices = [SelectChoice("", _("As %(name)s or the browser says", name=name)), *languages]
    return form


@bp.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Profile and settings, and the ways to everything else of the account."""
    person = account.profile(who.subject_id)
    form = _settings_form(person)
    if form.validate_on_submit():
        chosen = form.chosen()
        changed = account.change_settings(who, **chosen, mails_wanted=form.mails_wanted.data == "yes")
        with force_locale(language_for(chosen["language"] or person.claimed_language)):
            _say_saved(changed=changed)
        return redirect(url_for(".index"), 303)
    facts = {
        "sessions": account.sessions(who.subject_id),
        "tokens": api_tokens.tokens(who.subject_id),
        "support": consent.of(person, default=current_app.config["SUPPORT_CONSENT"]),
    }
    return render_template("account/index.html", person=person, form=form, **facts), 422 if form.errors else 200


def _say_saved(*, changed: bool) -> None:
    """In the language of the next page, which may be a new one."""
    if changed:
        notices.say(_("Your settings are saved"))
    else:
        notices.say(_("Nothing was changed"), _("Your settings were so before."))
