"""Templates of a site in several languages: each is compiled once a language, with its words put in while compiling.

A word of a template that holds no variable is then plain text of the page. Looked up for each response, the forty of
a page of cards cost a tenth of it (measured: 150 µs).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from gettext import NullTranslations
from typing import Any

from flask import Flask, current_app, has_request_context
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from dashboard.web.language import Speech, speech

Constant = Callable[..., str]


def init_app(app: Flask) -> None:
    """Use :class:`SpokenEnvironment`. Must come before anything asks for ``app.jinja_env``."""
    app.jinja_environment = SpokenEnvironment  # type: ignore[assignment]  # mypy takes the class for the only one


def part(name: str) -> Any:
    """The macros of a template in the language of the response, as attributes: what Python draws by them."""
    jinja = current_app.jinja_env
    assert isinstance(jinja, SpokenEnvironment)
    return jinja.of_the_response().get_template(name).module


class Constants(NodeTransformer):
    """Puts in what a call with constants says, where that is the same in every response of the language."""

    def __init__(self, constants: dict[str, Constant]) -> None:
        self._constants = constants

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  Jinja looks for this name
        """``_("Search")``, for one, becomes the word itself. What has variables stays a call."""
        self.generic_visit(node)
        constant = self._constants.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if constant is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        if not all(isinstance(each, nodes.Const) for each in node.args):
            return node
        said = constant(*(each.as_const() for each in node.args))
        return nodes.MarkSafeIfAutoescape(nodes.Const(said), lineno=node.lineno)


class SpokenGenerator(CodeGenerator):
    """Compiles a template for one language."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """The whole template."""
        assert isinstance(self.environment, SpokenEnvironment)
        super().visit_Template(Constants(self.environment.constants).visit(node), frame)


class SpokenEnvironment(Environment):
    """Flask's environment, with an overlay for each language. Its templates find each other within their overlay."""

    code_generator_class = SpokenGenerator

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.constants: dict[str, Constant] = {}
        self._overlays: dict[str, SpokenEnvironment] = {}

    def get_or_select_template(self, *args: Any, **kwargs: Any) -> Template:
        """The template in the language of the response: what ``render_template`` asks for."""
        return Environment.get_or_select_template(self.of_the_response(), *args, **kwargs)

    def of_the_response(self) -> SpokenEnvironment:
        """The overlay of the language that the response speaks; outside of a request, this."""
        if not has_request_context():
            return self
        told = speech()
        return self._overlays.get(told.language) or self._overlay_for(told)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template: those of the app, as they are when it is first used.

        Jinja looks through all of them at each import, which takes five times as long in its own ``ChainMap``.
        """
        return {**self.globals, **(d or {})}

    def _overlay_for(self, told: Speech) -> SpokenEnvironment:
        overlay = self.overlay()
        assert isinstance(overlay, SpokenEnvironment)
        overlay.constants = {
            "_": _words_of(told.catalogue),
            "language": lambda: told.language,
            "static": self.app.config["STATIC_BASE"].__add__,
        }
        self._overlays[told.language] = overlay
        return overlay


def _words_of(catalogue: NullTranslations) -> Constant:
    def words(message: str) -> str:
        return catalogue.gettext(message) % {}

    return words
