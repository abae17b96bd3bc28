"""Many processes that write to one log: ``python -m tests.events.writer URL USER_ID COUNT WRITERS``."""

import os
import sys

from flask import Flask

import config
from dashboard import data
from dashboard.data import transaction
from dashboard.events import Event, record
from dashboard.who import Who


class ChangedMind(Exception):
    """An act that comes to nothing."""


def write(user_id: int, count: int) -> None:
    """Do so many things, a third of them two at once; after every fourth, one that is rolled back."""
    who = Who(user_id, user_id)
    for number in range(count):
        with transaction():
            record(Event.LOGINS_ENDED, who, count=number)
            if number % 3 == 0:
                record(Event.LOGINS_ENDED, who, count=-number)
        if number % 4 == 0:
            try:
                with transaction():
                    record(Event.ACCOUNT_DELETED, who)
                    raise ChangedMind
            except ChangedMind:
                continue


def main(url: str, user_id: int, count: int, writers: int) -> int:
    """Split into so many processes, before any has opened the database; how many of them failed."""
    app = Flask(__name__)
    app.config.update(config.load({"DEMO": "1", "DATABASE_URL": url}))
    data.init_app(app)
    children = []
    for _number in range(writers):
        child = os.fork()
        if child == 0:
            with app.app_context():
                write(user_id, count)
            sys.exit(0)
        children.append(child)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
