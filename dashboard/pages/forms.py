"""The parent of all forms. The CSRF token is checked for every request by ``web/csrf.py``, not per form."""

from flask_wtf import FlaskForm

from dashboard.identity.people import one_line


def in_one_line(text: str | None) -> str:
    """A filter of fields: see :func:`one_line`."""
    return one_line(text or "")


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form whose labels and errors speak the person's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF's own token is off: ours is masked per response."""

        csrf = False
