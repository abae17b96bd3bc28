"""Why a look is over, was refused, or can't begin: a sentence for each cause."""

from flask_babel import gettext as _

from dashboard.support.why import Why


def over(why: Why, name: str) -> str:
    """Why a look has ended. ``name`` is the person's; empty: their account is gone."""
    words = {
        Why.BY_ACTOR: _("You have ended this look, in another tab or browser"),
        Why.LOGOUT: _("You have signed out, which ended this look"),
        Why.BY_PERSON: _("%(name)s no longer lets support look", name=name),
        Why.PASS_RAN_OUT: _("The day for which %(name)s let support look is over", name=name),
        Why.DEFAULT_CHANGED: _("Support may no longer look at the pages of %(name)s", name=name),
        Why.EXPIRED: _("The time for this look is over"),
        Why.ROLE_LOST: _("You are no longer support staff"),
        Why.SESSION_GONE: _("This look belongs to another login of yours"),
        Why.SUBJECT_GONE: _("This account no longer exists"),
        Why.SUBJECT_IS_STAFF: _("%(name)s is a member of staff now", name=name),
        Why.OFF: _("Looking through people’s eyes was switched off"),
    }
    return str(words.get(why, _("This look is over")))


def refused(why: Why, name: str = "") -> str:
    """Why a look can't begin."""
    name = name or str(_("This person"))
    words = {
        Why.OFF: _("The operator of this site has switched off looking through people’s eyes."),
        Why.RUNNING: _("You are looking through a person’s eyes already. End that look first: there is one at a time."),
        Why.SELF: _("This is you. Your own pages show you what you see."),
        Why.SUBJECT_GONE: _("This account no longer exists."),
        Why.SUBJECT_IS_STAFF: _("%(name)s is a member of staff. Nobody looks through their eyes.", name=name),
        Why.NOT_ALLOWED: _(
            "%(name)s does not let support look at the moment. A setting on their account page opens it.", name=name
        ),
        Why.STALE_LOGIN: _("It is too long ago that you proved who you are. Sign in anew first."),
        Why.TOO_MANY: _("You have begun as many looks within an hour as this site allows. Wait, or ask a colleague."),
        Why.SESSION_GONE: _("Your login has ended meanwhile."),
    }
    return str(words.get(why, _("This look was refused.")))
