"""Records as files, written while they are read."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue

from dashboard.pages.records.blueprint import bp, chosen_connection, kind_named
from dashboard.records import export
from dashboard.records.export import Form
from dashboard.web.request import who

MIME_TYPES = {Form.CSV: "text/csv", Form.JSON: "application/json"}


@bp.get("/records.<any(csv, json):form>")
def download(form: str) -> ResponseReturnValue:
    """All records."""
    return _file("records", Form(form), export.pieces(Form(form), by=who, connection_id=chosen_connection()))


@bp.get("/<kind>.<any(csv, json):form>")
def download_kind(kind: str, form: str) -> ResponseReturnValue:
    """The records of one kind."""
    named, chosen = kind_named(kind), chosen_connection()
    return _file(kind, Form(form), export.pieces(Form(form), by=who, kind=named, connection_id=chosen))


def _file(name: str, form: Form, pieces: Iterator[str]) -> Response:
    dated = f"{name}-{datetime.now(UTC):%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{dated}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(pieces), mimetype=MIME_TYPES[form], headers=headers)
