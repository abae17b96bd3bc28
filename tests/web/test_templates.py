"""Templates are compiled once a language, with what is the same in all its responses put in."""

from collections.abc import Callable
from contextvars import Context

import pytest
from flask import Flask

from dashboard.web.templates import SpokenEnvironment
from tests.conftest import Browser

Compile = Callable[[str, str], str]


@pytest.fixture
def compiled(app: Flask) -> Compile:
    """The Python of a template as it is compiled for a browser's language."""

    def compile_for(language: str, source: str) -> str:
        with app.test_request_context("/", base_url="http://localhost", headers={"Accept-Language": language}):
            jinja = app.jinja_env
            assert isinstance(jinja, SpokenEnvironment)
            return str(jinja.of_the_response().compile(source, "a.html", raw=True))

    # Without the test's own app context, in which the language of the first one would stay.
    return lambda language, source: Context().run(compile_for, language, source)


def test_a_word_is_put_in_while_compiling(compiled: Compile) -> None:
    for language, word in (("en", "Search"), ("de", "Suche"), ("en", "Search")):
        python = compiled(language, "<p>{{ _('Search') }}</p>")

        assert f"yield '<p>{word}</p>'" in python
        assert "escape" not in python.partition("def root")[2]


def test_a_word_with_variables_is_put_together_for_each_response(compiled: Compile) -> None:
    assert "'%(name)s'" in compiled("de", "{{ _('%(name)s', name=name) }}")
    assert "call(" in compiled("de", "{{ _(word) }}")


def test_the_language_and_a_static_file_are_put_in_too(app: Flask, compiled: Compile) -> None:
    python = compiled("de", "{{ language() }} {{ static('css/parts.css') }} {{ 'js/watch.js'|static }}")

    base = app.config["STATIC_BASE"]
    assert f"yield 'de {base}css/parts.css {base}js/watch.js'" in python


def test_responses_in_several_languages_dont_mix(anybody: Browser) -> None:
    for language in ("en", "de", "en", "de"):
        page = anybody.get("/docs/", headers={"Accept-Language": language})

        assert page.html.html["lang"] == language
        assert ("Zum Inhalt springen" in page) == (language == "de")
