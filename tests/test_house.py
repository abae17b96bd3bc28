"""Tests about the whole: what is true of every file, route, page and word."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import config

ROOT = config.ROOT
CODE = sorted(path for folder in ("dashboard", "demo", "tests") for path in (ROOT / folder).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FILE_LINES, FUNCTION_LINES, VIEW_LINES, TEMPLATE_LINES = 300, 30, 15, 80


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """The functions of a file, methods included."""
    yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def body_lines(function: ast.FunctionDef) -> int:
    """The lines of a function without its docstring and decorators."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_in_a_head_and_a_function_on_a_screen(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LINES

    for function in functions(path):
        makes_a_class = any(isinstance(node, ast.ClassDef) for node in function.body)
        assert makes_a_class or body_lines(function) <= FUNCTION_LINES, function.name


def test_a_view_is_short() -> None:
    for path in (ROOT / "dashboard/pages").rglob("*.py"):
        for function in functions(path):
            routed = any("bp." in ast.unparse(each) for each in function.decorator_list)
            assert not routed or body_lines(function) <= VIEW_LINES, f"{path.name}: {function.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_short_and_its_words_are_marked(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= TEMPLATE_LINES

    for said in re.sub(
        r"(?s)<pre.*?</pre>|<code.*?</code>|{%-? *trans.*?endtrans *-?%}|{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|&\w+;",
        "\n",
        text,
    ).splitlines():
        assert not re.search(r"[^\W\d_]{2,}", said), f"unmarked: {said.strip()!r}"


def test_every_address_is_lower_case_words_and_ends_with_a_slash(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v7.1/"):
            continue  # the wire contract: answered without the slash too
        plain = re.sub(r"<[^>]+>", "x", rule.rule)
        assert re.fullmatch(r"(/[a-z0-9.-]+)*/([a-z]+\.(json|csv|x))?", plain), rule.rule


def test_every_page_has_the_template_of_its_name(app: Flask) -> None:
    seen = 0
    for rule in app.url_map.iter_rules():
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        family, _, name = rule.endpoint.partition(".")
        if not view.__module__.startswith("dashboard.pages"):
            continue
        named = set(re.findall(r"render_template\(\s*\"([^\"]+)\"", inspect.getsource(view)))
        assert not named or f"{family}/{name}.html" in named, f"{rule.endpoint} renders {named}"
        seen += bool(named)

    assert seen > 15


def test_every_part_has_its_section_in_the_style_sheet() -> None:
    sheet = (ROOT / "static/css/parts.css").read_text()

    for path in (ROOT / "templates/parts").glob("*.html"):
        assert re.search(rf"/\* {path.stem}: ", sheet), f"parts.css has no section “{path.stem}: …”"


def test_no_style_sheet_holds_a_colour_of_its_own() -> None:
    for name in ("layout.css", "parts.css"):
        rules = re.sub(r"(?s)/\*.*?\*/", "", (ROOT / "static/css" / name).read_text())
        assert not re.search(r"#[0-9a-f]{3,8}\b|oklch\(|rgb\(|hsl\(", rules), name
