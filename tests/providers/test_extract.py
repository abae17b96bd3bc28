"""Translators get every word of the type files, with the line where it stands."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from dashboard import providers
from dashboard.providers.extract import extract

TYPES = Path(providers.__file__).parent / "types"
MAPPING = """\
[extractors]
types = dashboard.providers.extract:extract

[types: **.toml]
"""


def extracted(folder: Path) -> Catalog:
    """What ``pybabel extract`` makes of the type files."""
    mapping, template = folder / "babel.cfg", folder / "messages.pot"
    mapping.write_text(MAPPING, "utf-8")
    command = ["pybabel", "-q", "extract", "-F", str(mapping), "-o", str(template), str(TYPES)]
    CommandLineInterface().run(command)
    with template.open("rb") as file:
        return read_po(file)


def words_read_by_people() -> set[str]:
    words = set()
    for one in providers.all_types():
        words |= {one.brings, one.intro_copy_heading, one.intro_copy_body, one.quiet_hint}
        words |= {one.disconnect_copy, one.disconnect_confirm, one.disconnect_cancel}
        words |= {scope.label for scope in one.scopes}
    return words


def test_pybabel_finds_every_word_that_a_person_reads_and_nothing_else(tmp_path: Path) -> None:
    found = {message.id for message in extracted(tmp_path) if message.id}

    assert found == words_read_by_people()


def test_each_word_is_found_on_the_line_where_it_stands(tmp_path: Path) -> None:
    for message in extracted(tmp_path):
        for file, line in message.locations:
            text = (TYPES / Path(file).name).read_text("utf-8").split("\n")[line - 1]
            assert f'= "{message.id}"' in text


def test_no_word_could_be_taken_for_a_format_string(tmp_path: Path) -> None:
    assert [message.id for message in extracted(tmp_path) if message.id and "%" in message.id] == []


def test_comments_long_values_and_other_keys_do_not_mislead_it() -> None:
    file = b"""\
# label = "a comment"
name = "label = 1"
brings = 'Pulse' # and a remark
disconnect_copy = \"\"\"\\
  New pulses
  label = "inside"\\
\"\"\"

[[scopes]]
  label="Pulse \\u2013 all of it"
"""

    assert list(extract(BytesIO(file), (), (), {})) == [
        (3, None, "Pulse", []),
        (4, None, 'New pulses\n  label = "inside"', []),
        (10, None, "Pulse \u2013 all of it", []),
    ]
