"""The WSGI entry point: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

import os
import sys
from typing import NoReturn

import config
from dashboard import create_app
from dashboard.providers import InvalidType

CANNOT_START = 3
"""The exit code by which gunicorn knows that starting again is of no use. After others it does so for ever."""


def _end(what: str, sentences: list[str]) -> NoReturn:
    sys.stderr.write("\n".join([f"{what} can't be used:", *(f"  {each}" for each in sentences), ""]))
    sys.exit(CANNOT_START)


try:
    settings = config.load(os.environ)
except config.WrongSettings as error:
    _end("The settings", error.sentences)

try:
    app = create_app(settings)
except InvalidType as error:
    _end("A connection type", [str(error)])
