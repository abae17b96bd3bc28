"""What the log looks like: one line an entry on standard error, with its time and level."""

from logging.config import dictConfig

from flask import Flask


def init_app(app: Flask) -> None:
    """Send what ``dashboard`` logs, from LOG_LEVEL up, to standard error. The server's own log is its own matter.

    Of the job queue only what went wrong: what it does is told by the rows.
    """
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "loggers": {
                "dashboard": {"level": app.config["LOG_LEVEL"], "handlers": ["stderr"]},
                "procrastinate": {"level": "WARNING", "handlers": ["stderr"]},
            },
        }
    )
