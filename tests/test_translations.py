"""Every word that a person reads is marked, and stands whole in the German catalog."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import config

GERMAN = config.ROOT / "dashboard/translations/de/LC_MESSAGES/messages.po"
PAGES = sorted((config.ROOT / "dashboard/pages").rglob("*.py"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+>")
SAYING = {
    "say": slice(None), "flash": slice(1), "SelectChoice": slice(1, None), "ValidationError": slice(1),
    "Length": slice(2, None),
}  # fmt: skip
"""Calls that say something to a person, and which of their arguments do. So do wtforms' fields and ``…Required``."""
SAYING_BY_NAME = {"message", "label", "description", "heading"}
MARKS = {"_", "_l", "ngettext", "lazy_gettext", "gettext"}


def messages(catalog: Catalog) -> list[Message]:
    """The messages of a catalog, its head left out."""
    return [message for message in catalog if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """A message's text, or its forms for one and for many."""
    return [text] if isinstance(text, str) else list(text)


@pytest.fixture(scope="module")
def german() -> Catalog:
    """The German catalog as it is written."""
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every word that is marked for translation now, collected as ``make words`` does it."""
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    mapping = str(config.ROOT / "babel.cfg")
    extract = ["extract", "-F", mapping, "-k", "_l", "-k", "N_", "-o", str(template), str(config.ROOT)]
    CommandLineInterface().run(["pybabel", "-q", *extract])
    with template.open("rb") as file:
        return {forms(message.id)[0] for message in messages(read_po(file))}


def test_every_word_is_in_the_german_catalog_and_nothing_else_is(words: set[str], german: Catalog) -> None:
    known = {forms(message.id)[0] for message in messages(german)}

    assert len(words) > 500
    assert words - known == set(), "missing: run make words, then translate them in messages.po"
    assert known - words == set(), "said nowhere any more: run make words"
    assert not german.obsolete, "obsolete: run make words"


def test_every_word_is_translated_and_none_is_a_guess(german: Catalog) -> None:
    for message in messages(german):
        assert all(forms(message.string)), f"not translated: {message.id!r}"
        assert len(forms(message.string)) == len(forms(message.id)), message.id
        assert not message.fuzzy, f"a guess: {message.id!r}"


def test_placeholders_and_markup_are_the_same_in_every_form(german: Catalog) -> None:
    for message in messages(german):
        for english, said in zip(forms(message.id), forms(message.string), strict=True):
            assert Counter(PLACEHOLDER.findall(said)) == Counter(PLACEHOLDER.findall(english)), message.id


def test_german_has_german_quotes_and_says_du(german: Catalog) -> None:
    for message in messages(german):
        for english, said in zip(forms(message.id), forms(message.string), strict=True):
            assert not re.search("[“”\"']", re.sub("„[^„“”]+“", "", said)), f"quotes: {said}"
            assert not re.search(r"\b(Ihnen|Ihre?[mnrs]?)\b", said), f"formal: {said}"
            assert said[-1:] == english[-1:] or not {said[-1:], english[-1:]} & set(".?!:"), f"ends otherwise: {said}"


def test_the_catalog_was_compiled_after_the_last_change(german: Catalog) -> None:
    with GERMAN.with_suffix(".mo").open("rb") as file:
        compiled = {forms(message.id)[0]: forms(message.string) for message in messages(read_mo(file))}

    written = {forms(message.id)[0]: forms(message.string) for message in messages(german)}
    assert compiled == written, "run make dashboard/translations/de/LC_MESSAGES/messages.mo"


def unmarked(source: str) -> Iterator[str]:
    """The words in calls that a person reads which are not marked for translation."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from (word for said in _read_by_people(node) for word in _literals(said))


def _read_by_people(call: ast.Call) -> list[ast.expr]:
    name = ast.unparse(call.func).rpartition(".")[2]
    if name not in SAYING and not name.endswith(("Field", "Required")):
        return []
    by_name = [each.value for each in call.keywords if each.arg in SAYING_BY_NAME]
    return [*call.args[SAYING.get(name, slice(1))], *by_name]


def _literals(said: ast.expr) -> Iterator[str]:
    """The texts in an expression that no mark stands round. What has no small letters, as UTC, is a name."""
    if isinstance(said, ast.Call) and ast.unparse(said.func) in MARKS:
        return
    if isinstance(said, ast.Constant) and isinstance(said.value, str) and re.search("[a-zß-ÿ]", said.value):
        yield said.value
    for part in ast.iter_child_nodes(said):
        if isinstance(part, ast.expr):
            yield from _literals(part)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(config.ROOT)))
def test_what_python_says_on_pages_is_marked(path: Path) -> None:
    assert list(unmarked(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        'say("Word")',
        'say(_("Fine"), "Word")',
        'notices.say(_("Fine"), f"Word {count}")',
        'flash("Word", category)',
        'StringField("Word")',
        'RadioField(_l("Fine"), validators=[InputRequired("Word")])',
        'SelectChoice("value", "Word")',
        'Length(1, 100, message="Word")',
        'raise ValidationError("Word")',
        'say(_("Fine") if done else "Word")',
    ],
)
def test_a_word_that_is_not_marked_is_found(source: str) -> None:
    assert [each.strip() for each in unmarked(source)] == ["Word"]


@pytest.mark.parametrize(
    "source",
    [
        'say(_("Fine"), ngettext("One", "Many", count), state="syncing")',
        'RadioField(_l("Fine"), default="keep", choices=[SelectChoice("keep", _l("Keep"))])',
        'SelectChoice("UTC", "UTC")',
        'record(Event.LOGIN_ENDED, by, name="value")',
        'Length(1, 100, _l("Fine"))',
    ],
)
def test_what_is_marked_or_no_word_is_left_alone(source: str) -> None:
    assert list(unmarked(source)) == []
