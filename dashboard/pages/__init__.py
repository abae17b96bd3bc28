"""The door for people: one family of pages a module, one template a view."""

from flask import Flask

from dashboard.pages import account, activity, connect, connections, docs, login, mails, records, support, words


def init_app(app: Flask) -> None:
    """Register the families, and what templates may say."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    words.init_app(app)
    for family in (login, connections, connect, records, activity, account, mails, support, docs):
        app.register_blueprint(family.bp)
