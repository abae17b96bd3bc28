"""The OpenAPI 3.1 document, built once per app from ``operations.py`` and ``schemas.py``."""

from typing import Any

from flask import Blueprint, Flask, current_app, g
from flask.typing import ResponseReturnValue

from dashboard.api import hal
from dashboard.api.answer import HAL, JSON, answer
from dashboard.api.operations import ALWAYS, OPERATIONS, PARAMETERS, REFUSALS, WITH_TOKEN, Operation
from dashboard.api.resource import on
from dashboard.api.schemas import SCHEMAS, examples
from dashboard.connections.document import COLLECTION

bp = Blueprint("api_openapi", __name__)
EXTENSION = "openapi"
SECURITY = "bearer"
TAG_WORDS = {
    "Remote Connection": "What a person has connected.",
    "Remote Connection Type": "What can be connected.",
    "User": "The person whose token it is.",
}


def publish(app: Flask) -> None:
    """Build the document of this app. ``/docs/`` finds it in ``app.extensions["openapi"]``."""
    app.extensions[EXTENSION] = document(
        public_url=app.config["PUBLIC_URL"],
        documentation=app.config["DOCUMENTATION_URL"],
        static=app.config["STATIC_BASE"],
    )


@on(bp, "/openapi.json", scope=None)
def index() -> ResponseReturnValue:
    """The document. Anybody may read it."""
    g.media_type = JSON
    return answer(current_app.extensions[EXTENSION])


def document(*, public_url: str, documentation: str, static: str) -> dict[str, Any]:
    """The document of an app.

    :param documentation: where its ``documentation`` links lead.
    :param static: where its static files are served.
    """
    shown = examples(documentation, static)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, shown)
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": public_url}],
        "tags": [{"name": name, "description": words} for name, words in TAG_WORDS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {SECURITY: _security_scheme()},
            "schemas": SCHEMAS,
            "responses": {f"{status}": _refusal(status, documentation) for status in REFUSALS},
        },
    }


def _info() -> dict[str, Any]:
    return {
        "title": "Remote Connections",
        "version": "7.1",
        "description": "A person's connections with third parties: list them, read them, end them. Documents are HAL; "
        "each value of _links is a list. Addresses work with and without the trailing slash.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _security_scheme() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token of the account page, or a JWT access token (RFC 9068) of the identity provider.",
    }


def _operation(operation: Operation, shown: dict[str, Any]) -> dict[str, Any]:
    refusals = {*ALWAYS, *operation.refusals, *(WITH_TOKEN if operation.scope else ())}
    answers = _found(operation.schema, shown) if operation.schema else {"204": _ended()}
    answers |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)}
    return {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{SECURITY: [operation.scope]}] if operation.scope else [],
        "parameters": [PARAMETERS[name] for name in operation.parameters],
        "responses": answers,
    }


def _found(schema: str, shown: dict[str, Any]) -> dict[str, Any]:
    media = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": shown[schema]}
    etag = {"description": "Send it as If-None-Match; 304 says that nothing changed.", "schema": {"type": "string"}}
    headers = {"ETag": etag}
    return {
        "200": {"description": "The document.", "headers": headers, "content": {JSON: media, HAL: media}},
        "304": {
            "description": "Nothing changed since the ETag that was sent. The answer is empty.",
            "headers": headers,
        },
    }


def _ended() -> dict[str, Any]:
    return {"description": "The connection is ended. The answer is empty."}


def _refusal(status: int, documentation: str) -> dict[str, Any]:
    words, sentence = REFUSALS[status]
    example = hal.errors([sentence], self_href=hal.page_href(COLLECTION, hal.FIRST_PAGE), documentation=documentation)
    media = {"schema": {"$ref": "#/components/schemas/Errors"}, "example": example}
    refusal: dict[str, Any] = {"description": words, "content": {JSON: media, HAL: media}}
    if headers := _headers(status):
        refusal["headers"] = {
            name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()
        }
    return refusal


def _headers(status: int) -> dict[str, str]:
    if status in {401, 403}:
        return {"WWW-Authenticate": "The Bearer challenge of RFC 6750 §3, with the error where a token was sent."}
    return {"Retry-After": "Seconds to wait."} if status in {429, 503} else {}
