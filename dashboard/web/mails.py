"""Mails written out: from their templates, in the language and by the clock of whom they go to."""

import re
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.routing import MapAdapter

from dashboard.mail import Letter, Reader, Written, office, stopping
from dashboard.web.language import gettext, spoken_to

STOP = "mails.stop"
"""The endpoint of the link that stops them."""
TOO_MANY_LINES = re.compile(r"\n{3,}")


def init_app(app: Flask) -> None:
    """Give mails their writer."""
    office.write_with(write)


def write(letter: Letter, reader: Reader) -> Written:
    """A mail as its reader gets it: subject, text, and the same as HTML, with whole addresses."""
    addresses = _addresses()
    stop_url = None
    if letter.stops is not None:
        stop_url = addresses.build(STOP, {"token": stopping.signer.token(letter.stops)}, force_external=True)
    with spoken_to(reader.language, reader.time_zone):
        said = {
            "reader": reader,
            "stop_url": stop_url,
            "address": addresses.build,
            "help_url": _help(),
            **letter.values,
        }
        subject = said["subject"] = gettext(letter.subject, **letter.values)
        text, html = (_filled(f"mail/{letter.name}.{kind}", said) for kind in ("txt", "html"))
    return Written(subject, TOO_MANY_LINES.sub("\n\n", text).strip() + "\n", html, stop_url)


def _filled(template: str, said: dict[str, object]) -> str:
    return current_app.jinja_env.get_template(template).render(said)


def _addresses() -> MapAdapter:
    """Builds addresses as people open them, though no request says by which name we go."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    return current_app.url_map.bind(public.netloc, url_scheme=public.scheme)


def _help() -> str:
    """HELP_URL as a whole address. Empty: there is none."""
    url: str = current_app.config["HELP_URL"]
    return current_app.config["PUBLIC_URL"] + url if url.startswith("/") else url
