"""The WSGI entry point: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

import os
import sys

import config
from dashboard import create_app
from dashboard.providers import InvalidType

try:
    settings = config.load(os.environ)
except config.WrongSettings as error:
    sys.exit("The settings can't be used:\n" + "\n".join(f"  {line}" for line in error.sentences))

try:
    app = create_app(settings)
except InvalidType as error:
    sys.exit(f"A connection type can't be used:\n  {error}")
