"""A slip in a type file is an error that names the file, the key, and what to do."""

from datetime import date
from pathlib import Path

import pytest

from dashboard.providers import InvalidType, OAuthEndpoints, Scope, Terms, load

PULSEBAND = """\
id = 1
type = "pulseband"
name = "Pulseband"
recorder_type_key = "pulseband"
brings = "Pulse"
intro_copy_heading = "Bring in your pulse"
intro_copy_body = "You sign in at Pulseband."
disconnect_copy = "New pulses stop arriving."
disconnect_confirm = "Disconnect Pulseband"
disconnect_cancel = "Keep it connected"
quiet_hint = "Wear the band."
quiet_after_days = 3
sync_interval_hours = 6
"""
SCOPE = '[[scopes]]\nname = "pulse"\nlabel = "Pulse"\n'
OAUTH = """\
[oauth]
authorization_endpoint = "https://pulseband.example/authorize"
token_endpoint = "https://pulseband.example/token"
"""


def write(folder: Path, text: str, name: str = "pulseband") -> None:
    (folder / f"{name}.toml").write_text(text, "utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(InvalidType) as refused:
        load(folder)
    return str(refused.value)


def test_a_file_with_the_required_keys_is_a_whole_type(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND)

    (one,) = load(tmp_path)

    assert (one.id, one.type, one.name, one.brings, one.quiet_after_days) == (1, "pulseband", "Pulseband", "Pulse", 3)
    assert (one.scopes, one.terms, one.oauth, one.retired_on, one.known) == ((), Terms(), None, None, True)


def test_a_file_with_every_key_is_read_in_full(tmp_path: Path) -> None:
    more = 'can_pull = false\nretired_on = 2026-01-02\nremoval_url = "https://pulseband.example/apps"\n'
    terms = '[terms]\nmay_keep_records = false\nkeep_days = 7\nurl = "https://pulseband.example/terms"\n'
    oauth = 'scope_separator = ","\nauthorization_parameters = { prompt = "consent" }\n'
    write(tmp_path, PULSEBAND + more + SCOPE + "optional = true\n" + terms + OAUTH + oauth)

    (one,) = load(tmp_path)

    assert (one.can_pull, one.retired_on, one.removal_url) == (
        False,
        date(2026, 1, 2),
        "https://pulseband.example/apps",
    )
    assert one.scopes == (Scope(name="pulse", label="Pulse", optional=True),)
    assert one.terms == Terms(may_keep_records=False, keep_days=7, url="https://pulseband.example/terms")
    assert one.oauth == OAuthEndpoints(
        authorization_endpoint="https://pulseband.example/authorize",
        token_endpoint="https://pulseband.example/token",
        scope_separator=",",
        authorization_parameters=(("prompt", "consent"),),
    )


@pytest.mark.parametrize("key", [line.split(" = ")[0] for line in PULSEBAND.splitlines()])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    write(tmp_path, "".join(line for line in PULSEBAND.splitlines(True) if not line.startswith(f"{key} =")))

    assert refusal(tmp_path) == f"pulseband.toml: {key}: is missing; add it."


def test_a_key_that_was_misspelt_is_recognised(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND.replace("quiet_after_days", "quit_after_days"))

    said = "pulseband.toml: quiet_after_days: is missing; add it. Or is it 'quit_after_days' that is there?"
    assert refusal(tmp_path) == said


@pytest.mark.parametrize(
    ("before", "after", "key", "remedy"),
    [
        ("id = 1", 'id = "1"', "id", "write a whole number of 1 or more."),
        ("id = 1", "id = 0", "id", "write a whole number of 1 or more."),
        ("id = 1", "id = true", "id", "write a whole number of 1 or more."),
        ('"pulseband"\nname', '"Pulse Band"\nname', "type", "write a key of small letters"),
        ('"pulseband"\nname', '"pulse"\nname', "type", "must be the name of the file; write 'pulseband'"),
        ('name = "Pulseband"', "name = 7", "name", "write one line of text in quotes"),
        ('brings = "Pulse"', 'brings = ""', "brings", "write one line of text in quotes"),
        ('brings = "Pulse"', 'brings = " Pulse"', "brings", "with no space around it"),
        ('brings = "Pulse"', 'brings = "Pulse\\nand more"', "brings", "write one line of text"),
        ("hours = 6", "hours = 1.5", "sync_interval_hours", "write a whole number of 1 or more."),
        ("hours = 6", "hours = 6\ncan_pull = 0", "can_pull", "write true or false."),
        ("hours = 6", "hours = 6\nretired_on = 2018-01-01T00:00:00Z", "retired_on", "write a date such as"),
        ("hours = 6", 'hours = 6\nretired_on = "2018-01-01"', "retired_on", "write a date such as"),
        ("hours = 6", 'hours = 6\nsuccessor = "oura"', "successor", "needs `retired_on`"),
        ("hours = 6", "hours = 6\nscopes = 3", "scopes", "write an array."),
        ("hours = 6", "hours = 6\nscopes = [3]", "scopes", "write a table."),
        ("hours = 6", "hours = 6\nterms = 3", "terms", "write a table."),
        (
            "hours = 6",
            'hours = 6\ncolour = "red"',
            "colour",
            "is not known; correct or remove it. Known here: id, type",
        ),
        ("id = 1", "id = ", "the file", "is not TOML in UTF-8; correct it:"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_do(tmp_path: Path, before: str, after: str, key: str, remedy: str) -> None:
    assert before in PULSEBAND
    write(tmp_path, PULSEBAND.replace(before, after))

    assert refusal(tmp_path).startswith(f"pulseband.toml: {key}: ")
    assert remedy in refusal(tmp_path)


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        (SCOPE.replace('label = "Pulse"', ""), "scopes[1].label"),
        (SCOPE + SCOPE, "scopes[2].name"),
        (SCOPE + 'title = "Pulse"\n', "scopes[1].title"),
        ('[terms]\nkeep_days = "7"\n', "terms.keep_days"),
        ("[terms]\nkeep = true\n", "terms.keep"),
        (OAUTH + 'client_secret = "s"\n', "oauth.client_secret"),
        (OAUTH + 'token_endpoint_auth_method = "basic"\n', "oauth.token_endpoint_auth_method"),
        (OAUTH + 'code_challenge_methods_supported = ["S512"]\n', "oauth.code_challenge_methods_supported"),
        (OAUTH + 'scope_separator = "+"\n', "oauth.scope_separator"),
        (OAUTH + "authorization_parameters = { prompt = 1 }\n", "oauth.authorization_parameters"),
        (OAUTH.replace("token_endpoint", "token_url"), "oauth.token_endpoint"),
    ],
)
def test_a_slip_within_a_table_is_named_by_its_path(tmp_path: Path, tables: str, key: str) -> None:
    write(tmp_path, PULSEBAND + tables)

    assert refusal(tmp_path).startswith(f"pulseband.toml: {key}: ")


@pytest.mark.parametrize(
    "address",
    [
        "http://pulseband.example/apps",
        "pulseband.example/apps",
        "https:///apps",
        "https://ada:secret@pulseband.example/apps",
        "https://pulseband.example/apps#top",
        "https://pulseband.example/my apps",
        "https://pulseband.example/{client_id}",
        "https://pulseband.example:port/apps",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_bad_address_is_refused(tmp_path: Path, address: str) -> None:
    write(tmp_path, PULSEBAND + f'removal_url = "{address}"\n')

    assert refusal(tmp_path).startswith("pulseband.toml: removal_url: write a full https:// address")


def test_two_files_cannot_share_an_id(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND)
    write(tmp_path, PULSEBAND.replace("pulseband", "ring").replace("Pulseband", "Ring"), "ring")

    assert refusal(tmp_path) == "ring.toml: id: 1 belongs to pulseband.toml; choose another."


def test_two_files_cannot_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND)
    write(tmp_path, PULSEBAND.replace("pulseband", "ring").replace("id = 1", "id = 2"), "ring")

    assert refusal(tmp_path) == "ring.toml: name: 'Pulseband' belongs to pulseband.toml; choose another."


@pytest.mark.parametrize("successor", ["ring", "pulseband"])
def test_a_successor_is_another_type_with_a_file(tmp_path: Path, successor: str) -> None:
    write(tmp_path, PULSEBAND + f'retired_on = 2018-01-01\nsuccessor = "{successor}"\n')

    assert refusal(tmp_path).startswith(f"pulseband.toml: successor: there is no other type '{successor}';")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "pulseband.toml").write_bytes(PULSEBAND.replace("Pulse", "Púlse").encode("latin-1"))

    assert refusal(tmp_path).startswith("pulseband.toml: the file: is not TOML in UTF-8;")


def test_a_folder_without_types_is_an_error_too(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path}: *.toml: holds no type file;")
