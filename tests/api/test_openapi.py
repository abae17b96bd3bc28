"""The API does what its OpenAPI document says: schemathesis asks all that it allows, and forbids."""

from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from dashboard.providers import all_types
from tests import factories
from tests.api.conftest import Program


def test_anybody_may_read_the_document(stranger: Program) -> None:
    document = stranger.get("/v7.1/openapi.json")

    assert document.status_code == 200
    assert document.json["openapi"].startswith("3.1.")
    assert document.json["servers"] == [{"url": "http://localhost:8000"}]


def test_the_document_names_every_address_of_the_api_and_no_other(app: Flask, stranger: Program) -> None:
    document = stranger.get("/v7.1/openapi.json").json
    served = {
        (rule.rule.replace("<", "{").replace(">", "}") + "/", method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v7.1/") and not rule.rule.endswith(".json")
        for method in rule.methods - {"HEAD"}
    }

    assert served == {(path, method) for path, methods in document["paths"].items() for method in methods}


def test_the_examples_are_what_the_api_answers(ada_s: Program) -> None:
    row = factories.Connection(user=ada_s.user)
    document = ada_s.get("/v7.1/openapi.json").json
    for path, methods in document["paths"].items():
        answer = ada_s.get(
            path.replace("{pk}", str(row.id) if "type" not in path else "1").replace("{user_id}", "self")
        )
        example = methods["get"]["responses"]["200"]["content"]["application/json"]["example"]
        assert shape(answer.json) == shape(example), path
    total = document["paths"]["/v7.1/remoteconnectiontype/"]["get"]["responses"]["200"]["content"]["application/json"]
    assert total["example"]["total_count"] == len(all_types())


def shape(document: Any) -> Any:
    """Keys in their order, without values, links or how many there are."""
    if isinstance(document, dict):
        return [(key, shape(value)) for key, value in document.items() if key not in {"next", "prev"}]
    if isinstance(document, list):
        return [shape(document[0])] if document else []
    return None


def test_schemathesis_finds_nothing_that_the_document_does_not_say(live: str, ada_s: Program) -> None:
    """All its checks in all its phases: examples, boundary values, random data, and sequences along the links."""
    factories.Connection(id=555, user=ada_s.user)
    for _ in range(25):
        factories.Connection(user=ada_s.user)
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "generation": {"max-examples": 12, "database": "none", "deterministic": True},
            "base-url": live,
            "headers": {"Authorization": f"Bearer {ada_s.token}"},
        }
    )
    schema = schemathesis.openapi.from_url(f"{live}/v7.1/openapi.json", config=config)

    told = list(from_schema(schema).execute())

    failures = {str(failure) for event in told for failure in failures_of(event)}
    errors = [str(event.info) for event in told if isinstance(event, events.NonFatalError | events.FatalError)]
    assert not failures, "\n\n".join(failures)
    assert not errors, errors
    assert sum(isinstance(event, events.ScenarioFinished) for event in told) >= 12


def failures_of(event: Any) -> Iterator[Any]:
    """What the checks of one scenario found wrong."""
    for checks in event.recorder.checks.values() if isinstance(event, events.ScenarioFinished) else ():
        yield from (check.failure_info.failure for check in checks if check.failure_info)
