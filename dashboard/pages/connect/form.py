"""The permissions of a type as a form: what it can't do without is asked for in any case, the rest is the person's."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from dashboard.pages.forms import Form
from dashboard.providers import ConnectionType
from dashboard.web.language import gettext


class PermissionsForm(Form):
    """The optional permissions, ticked at first: the person unticks what is not to be sent."""

    permissions = SelectMultipleField(
        choices=[],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=True,
        description=_l("Untick what it is not to send."),
    )

    required: tuple[str, ...] = ()

    def wanted(self) -> list[str]:
        """The permissions to ask for, as the provider spells them."""
        return [*self.required, *(self.permissions.data or [])]


def permissions_form(type: ConnectionType, *, ticked: Collection[str] | None = None) -> PermissionsForm:
    """The form of a type.

    :param ticked: the optional permissions that are ticked at first. None: all.
    """
    optional = [each for each in type.scopes if each.optional]
    at_first = [each.name for each in optional if ticked is None or each.name in ticked]
    form = PermissionsForm(data={"permissions": at_first})
    form.permissions.choices = [SelectChoice(each.name, gettext(each.label)) for each in optional]
    form.required = tuple(each.name for each in type.scopes if not each.optional)
    return form
