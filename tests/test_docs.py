"""What the documents say is so: settings, make targets, commands and links."""

import re
import subprocess
from pathlib import Path

import click
import pytest
from flask import Flask

import config
from dashboard.data import db

ROOT = config.ROOT
README = ROOT / "README.md"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
OPERATORS = [README, ROOT / "docs/operating.md"]
MAKERS = [README, ROOT / "CONTRIBUTING.md"]
FROM_LIBRARIES = {"db"}
"""Groups whose commands are Flask-Migrate's to describe; that they are there is ours to say."""

SETTING_ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \|.*$", re.M)
MAKE = re.compile(r"(?:`|```sh\n)make ([a-z]+)")
COMMAND = re.compile(r"flask --app wsgi ((?:[a-z]+ ?)+)")
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)\"""")
HEADING = re.compile(r"^#+ (.+)$", re.M)


def text_of(documents: list[Path]) -> str:
    return "\n".join(path.read_text() for path in documents)


def row_of(setting: config.Setting) -> str:
    """The setting as the README's table must show it."""
    default = "**must be set**" if setting.default is None else f"`{setting.default}`" if setting.default else "empty"
    return f"| `{setting.name}` | {default} | {setting.meaning}{'; **secret**' if setting.private else ''} |"


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_stands_in_the_readme_once_with_default_and_meaning(setting: config.Setting) -> None:
    rows = [row[0] for row in SETTING_ROW.finditer(README.read_text()) if row[1] == setting.name]

    assert rows == [row_of(setting)]


def test_the_readme_names_no_setting_that_is_none() -> None:
    assert set(SETTING_ROW.findall(README.read_text())) == {setting.name for setting in config.SETTINGS}


def test_each_setting_of_a_connection_type_stands_in_the_readme() -> None:
    rows = [f"| `…_{setting.suffix}` | {setting.meaning} |" for setting in config.PROVIDER_SETTINGS]

    assert "\n".join(rows) in README.read_text()


def make_targets() -> set[str]:
    """What ``make help`` prints, which it takes from the rules themselves."""
    printed = subprocess.run(["make", "help"], cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert printed.returncode == 0, printed.stderr
    return {line.split()[1] for line in printed.stdout.splitlines()}


def test_make_help_prints_every_target() -> None:
    [declared] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)

    assert make_targets() == set(declared.split())


def test_each_make_target_is_explained_and_no_other() -> None:
    assert set(MAKE.findall(text_of(MAKERS))) == make_targets()


def paths_of(name: str, command: click.Command) -> set[str]:
    """The commands of a group by their whole names."""
    if isinstance(command, click.Group) and name not in FROM_LIBRARIES:
        return {f"{name} {path}" for each, child in command.commands.items() for path in paths_of(each, child)}
    return {name}


def our_commands(app: Flask) -> set[str]:
    return {path for name, command in app.cli.commands.items() for path in paths_of(name, command)}


def test_each_command_is_explained_to_operators(app: Flask) -> None:
    shown = text_of(OPERATORS)

    missing = {path for path in our_commands(app) if not re.search(rf"flask --app wsgi {path}\b", shown)}

    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_that_a_document_names_is_there(app: Flask, document: Path) -> None:
    known = our_commands(app)

    for words in COMMAND.findall(document.read_text()):
        name, *rest = words.split()
        path = name if name in known or name in FROM_LIBRARIES else " ".join([name, *rest[:1]])
        assert path in known, f"flask --app wsgi {words}"


def test_each_table_is_explained_and_no_other() -> None:
    _, _, section = (ROOT / "docs/operating.md").read_text().partition("## What is in which table")
    first_cells = re.findall(r"^\| (`.+?) \|", section.partition("\n## ")[0], re.M)

    named = {name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)}

    assert named == set(db.metadata.tables) | {"alembic_version", "jobs.*"}


def slug(heading: str) -> str:
    """The anchor that a heading gets on GitHub and in most viewers of Markdown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_to_a_file_and_each_anchor_to_a_heading(document: Path) -> None:
    for found in LINK.findall(document.read_text()):
        link = found[0] or found[1]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        file = (document.parent / name).resolve() if name else document
        assert file.exists(), link
        assert file.is_relative_to(ROOT), link
        assert not anchor or anchor in map(slug, HEADING.findall(file.read_text())), link
