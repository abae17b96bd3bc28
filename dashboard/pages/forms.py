"""The parent of all forms. The CSRF token is checked for every request by ``web/csrf.py``, not per form."""

from flask_wtf import FlaskForm


def one_line(text: str | None) -> str:
    """A filter: single spaces, and none of the letters that show nothing but may be obeyed, as ESC in a terminal."""
    return " ".join("".join(each for each in text or "" if each.isprintable() or each.isspace()).split())


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form whose labels and errors speak the person's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Flask-WTF's own token is off: ours is masked per response."""

        csrf = False
