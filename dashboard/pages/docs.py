"""The API, explained to people: the OpenAPI document as a page."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from dashboard import providers
from dashboard.identity.api_tokens import DEMO_TOKEN
from dashboard.web.request import public

bp = Blueprint("docs", __name__, url_prefix="/docs")
Document = dict[str, Any]


class Shown(NamedTuple):
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str | None
    parameters: list[Document]
    example: str | None
    """The document of a good answer. None: it is empty."""
    statuses: list[str]


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Every operation of the API with its parameters, answers and errors, and an example to start with."""
    document: Document = current_app.extensions["openapi"]
    token = DEMO_TOKEN if current_app.config["DEMO"] else "$TOKEN"
    known = {"groups": _groups(document), "errors": _errors(document), "types": providers.all_types()}
    return render_template("docs/index.html", token=token, today=datetime.now(UTC).date(), **known)


def _groups(document: Document) -> dict[str, list[Shown]]:
    """The operations under their tags, in the document's order."""
    groups: dict[str, list[Shown]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(_shown(path, method.upper(), operation))
    return groups


def _shown(path: str, method: str, operation: Document) -> Shown:
    answers = operation["responses"]
    scopes = [scope for needed in operation["security"] for scope in next(iter(needed.values()))]
    return Shown(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        scope=scopes[0] if scopes else None,
        parameters=operation["parameters"],
        example=_pretty(answers["200"]) if "200" in answers else None,
        statuses=list(answers),
    )


def _errors(document: Document) -> list[tuple[str, str, str]]:
    """Status, meaning and sentence of every error."""
    responses = document["components"]["responses"].items()
    return [(status, said["description"], _example(said)["errors"][0]) for status, said in responses]


def _pretty(response: Document) -> str:
    return json.dumps(_example(response), indent=2, ensure_ascii=False)


def _example(response: Document) -> Any:
    return response["content"]["application/json"]["example"]
