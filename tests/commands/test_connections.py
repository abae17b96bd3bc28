"""``connections import|export``."""

import json
from pathlib import Path

import pytest

from dashboard.data import cards
from tests import factories
from tests.commands.conftest import Command

BODY = """{
    "_embedded": {
        "remoteconnection": [
            {
                "created_datetime": "2014-04-20T03:12:00+00:00",
                "last_sync_time": "2014-05-04T17:31:06+00:00",
                "remote_id": "555",
                "_links": {"self": [{"href": "/v7.1/remoteconnection/555/", "id": "555"}]},
                "type": "withings"
            },
            {
                "created_datetime": "2014-04-22T22:24:00+00:00",
                "last_sync_time": "2014-05-07T14:41:05+00:00",
                "remote_id": "666",
                "_links": {"self": [{"href": "/v7.1/remoteconnection/666/", "id": "666"}]},
                "type": "jawboneup"
            }
        ]
    },
    "total_count": 2
}
"""


@pytest.fixture
def ada(app: object) -> factories.User:
    """Ada, who moves here."""
    return factories.User(email="ada@demo.test", name="Ada Brandt")


def test_an_import_says_what_it_did(flask: Command, ada: factories.User, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text(BODY)

    first = flask("connections", "import", str(tmp_path / "page.json"), "--user", "ada@demo.test")
    again = flask("connections", "import", "-", "--user", str(ada.id), stdin=BODY)

    assert first.stdout.splitlines() == [
        "Imported 2 connections for Ada Brandt (ada@demo.test).",
        "The permissions were not part of the file: each must be reconnected once.",
    ]
    assert again.stdout.splitlines() == [
        "Imported 0 connections for Ada Brandt (ada@demo.test).",
        "2 connections had been imported before.",
    ]
    assert (first.stderr, again.stderr) == ("", "")
    assert [row.id for row in cards.api_rows_after(ada.id, None, limit=9)] == [555, 666]


def test_bad_records_are_listed_by_line_and_nothing_is_imported(flask: Command, ada: factories.User) -> None:
    result = flask("connections", "import", "-", "--user", "ada@demo.test", stdin=BODY.replace("jawboneup", "abacus"))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "line 11: unknown type 'abacus'",
        "Error: 1 bad record; nothing was imported.",
    ]
    assert cards.count(ada.id) == 0


def test_one_page_of_several_is_noticed(flask: Command, ada: factories.User) -> None:
    page = BODY.replace('"total_count": 2', '"total_count": 45')

    result = flask("connections", "import", "-", "--user", "ada@demo.test", stdin=page)

    assert result.exit_code == 0
    assert result.stderr == "The file speaks of 45 connections and holds 2: are there more pages?\n"


@pytest.mark.parametrize(
    ("file", "person", "sentence"),
    [
        ("missing.json", "ada@demo.test", "No such file or directory"),
        ("-", "nobody@demo.test", "Nobody here has the mail address nobody@demo.test"),
    ],
)
def test_without_file_or_person_it_says_so(
    flask: Command, ada: factories.User, file: str, person: str, sentence: str
) -> None:
    result = flask("connections", "import", file, "--user", person, stdin=BODY)

    assert result.exit_code in {1, 2}
    assert sentence in result.stderr


def test_an_export_is_the_api_s_collection_and_goes_to_stdout_or_a_file(
    flask: Command, ada: factories.User, tmp_path: Path
) -> None:
    flask("connections", "import", "-", "--user", "ada@demo.test", stdin=BODY)

    printed = flask("connections", "export", "--user", "ada@demo.test")
    flask("connections", "export", "--user", "ada@demo.test", "--file", str(tmp_path / "out.json"))

    assert (tmp_path / "out.json").read_text() == printed.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    told = json.loads(printed.stdout)
    assert list(told) == ["_links", "_embedded", "total_count"]
    assert told["_links"]["documentation"] == [{"href": "/docs/"}]
    assert told["_embedded"]["remoteconnection"][0] == {
        "created_datetime": "2014-04-20T03:12:00+00:00",
        "last_sync_time": "2014-05-04T17:31:06+00:00",
        "remote_id": "555",
        "_links": {
            "self": [{"href": "/v7.1/remoteconnection/555/", "id": "555"}],
            "user": [{"href": f"/v7.1/user/{ada.id}/", "id": str(ada.id)}],
        },
        "type": "withings",
    }


def test_an_export_that_cannot_be_written_says_so(flask: Command, ada: factories.User, tmp_path: Path) -> None:
    result = flask("connections", "export", "--user", "ada@demo.test", "--file", str(tmp_path / "no" / "out.json"))

    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path}/no/out.json.part: No such file or directory.\n"
