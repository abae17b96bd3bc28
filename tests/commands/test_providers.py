"""``providers check``: each type is ok, or it is said what to do."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import ROOT
from dashboard import providers
from dashboard.commands import type_check
from dashboard.commands.setting_names import misspelt
from dashboard.providers import Agreement, Client, agreements
from tests.commands.conftest import Command
from tests.servers.third_parties import ThirdParties

CLIENT = Client("our-client", "our-secret", webhook_secret="our-word", subscription_key="our-key")


@pytest.fixture(autouse=True)
def back_to_the_settings(app: Flask) -> Iterator[None]:
    """What a test agrees with providers is its own."""
    yield
    providers.init_app(app)


def agree(**clients: Client) -> None:
    agreements.use({type: Agreement(client) for type, client in clients.items()})


def said(result: Any, about: str) -> list[str]:
    """The lines about one thing, each beginning with how it is."""
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    return [line.replace(f" {about}:", "", 1) for line in lines if line.split(":")[0].split(" ", 1)[1] == about]


def test_nothing_set_is_nothing_wrong(flask: Command) -> None:
    agree()

    result = flask("providers", "check")

    assert (result.exit_code, result.stderr) == (0, "")
    assert said(result, "strava") == ["hint not available: set STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET to offer it."]
    assert said(result, "ihealth")[0].startswith("hint cannot be connected: nothing confirmed is known for [oauth]")
    assert said(result, "fitbit") == ["hint closed by its provider on 2026-11-02; Google Health replaces it."]
    assert {one.type for one in providers.all_types()} == {line.split()[1][:-1] for line in result.stdout.splitlines()}


def test_every_type_that_can_be_connected_is_fine_with_all_its_settings(flask: Command) -> None:
    connectable = [one.type for one in providers.all_types() if one.connectable and one.retired_on is None]
    agree(**dict.fromkeys(connectable, CLIENT))

    result = flask("providers", "check")

    assert result.exit_code == 0
    assert all(said(result, type)[0] == "ok available" for type in connectable)


def test_one_type_by_name_says_what_to_register_there(flask: Command, app: Flask, simulated: ThirdParties) -> None:
    result = flask("providers", "check", "strava")

    assert result.exit_code == 0
    assert said(result, "redirect URI") == [f"ok register {app.config['PUBLIC_URL']}/connect/strava/callback/ there"]
    [webhook] = said(result, "webhook")
    assert webhook.startswith(f"ok {app.config['PUBLIC_URL']}/webhooks/strava/")
    assert "notices: none come" in result.stdout
    assert said(result, "terms") == ["hint read https://www.strava.com/legal/api_policy before you offer it."]


def test_one_type_by_name_without_credentials_is_wrong(flask: Command) -> None:
    agree()

    result = flask("providers", "check", "whoop")

    assert result.exit_code == 1
    assert said(result, "whoop") == ["TROUBLE not available: set WHOOP_CLIENT_ID and WHOOP_CLIENT_SECRET to offer it."]
    assert result.stderr == "1 thing to mend.\n"


def test_credentials_for_what_cannot_be_connected_are_wrong(flask: Command) -> None:
    agree(coros=CLIENT)

    result = flask("providers", "check")

    assert result.exit_code == 1
    assert said(result, "coros")[0].startswith("TROUBLE its file lacks oauth.token_endpoint_auth_method, [account]")


def test_credentials_for_what_has_closed_are_of_no_use(flask: Command) -> None:
    agree(fitbit=CLIENT)

    result = flask("providers", "check", "fitbit")

    assert result.exit_code == 0
    assert said(result, "fitbit")[0].endswith("Its credentials are of no use any more.")
    assert said(result, "redirect URI") == []


def test_suunto_needs_its_second_key_and_a_secret_for_notices(flask: Command) -> None:
    agree(suunto=Client("our-client", "our-secret"))

    result = flask("providers", "check")

    assert result.exit_code == 1
    assert said(result, "suunto") == [
        "TROUBLE set SUUNTO_SUBSCRIPTION_KEY, which it wants on each data call.",
        "hint its notices are not believed until SUUNTO_WEBHOOK_SECRET is set.",
    ]


def test_the_secret_that_subscribing_demands_is_named_before(flask: Command) -> None:
    agree(strava=Client("our-client", "our-secret"), withings=Client("our-client", "our-secret"))

    checked, subscribed = flask("providers", "check"), flask("providers", "subscribe", "strava")

    assert said(checked, "strava") == [
        "ok available",
        "hint set STRAVA_WEBHOOK_SECRET to a long random text before you ask for its notices.",
    ]
    assert said(checked, "withings")[0] == "ok available"
    assert "WITHINGS_WEBHOOK_SECRET" not in checked.stdout
    assert subscribed.stderr == "Error: Set STRAVA_WEBHOOK_SECRET to a long random text first, and restart the app.\n"


def test_a_grant_that_could_not_be_renewed_is_found_before_anybody_connects(
    flask: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """WHOOP gives a refresh token only to who asks for ``offline``: without it people had to come back each hour."""
    written = (Path(providers.__file__).parent / "types" / "whoop.toml").read_text()
    (tmp_path / "whoop.toml").write_text(written.replace('name = "offline"\n', 'name = "offline"\noptional = true\n'))
    [whoop] = providers.load(tmp_path)
    monkeypatch.setattr(providers, "all_types", lambda: (whoop,))
    monkeypatch.setattr(providers, "find", lambda key: whoop if key == "whoop" else None)
    agree(whoop=CLIENT)

    result = flask("providers", "check", "whoop")

    assert result.exit_code == 1
    assert said(result, "whoop")[0] == (
        "TROUBLE its file must ask for the scope 'offline' always; without it grants end soon."
    )


def test_who_cannot_be_told_of_an_end_is_named(flask: Command) -> None:
    agree(dexcom=CLIENT)

    assert "hint it knows no call to revoke, so people are told to remove the app there themselves." in said(
        flask("providers", "check"), "dexcom"
    )


def test_a_type_that_is_not_there_is_answered_with_those_that_are(flask: Command) -> None:
    result = flask("providers", "check", "strav")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no type 'strav'; there are: concept2, coros, ")


def test_a_misspelt_setting_is_found(flask: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAVA_CLIENT_SECRT", "s")

    result = flask("providers", "check", "strava")

    assert result.exit_code == 1
    assert said(result, "STRAVA_CLIENT_SECRT") == [
        "TROUBLE is no setting; did you mean STRAVA_CLIENT_SECRET? Rename or unset it."
    ]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("STRAVA_CLIENTID", "STRAVA_CLIENT_ID"),
        ("STRAVVA_CLIENT_ID", "STRAVA_CLIENT_ID"),
        ("GOOGLEHEALTH_CLIENT_ID", "GOOGLE_HEALTH_CLIENT_ID"),
        ("WITHINGS_WEBHOK_SECRET", "WITHINGS_WEBHOOK_SECRET"),
    ],
)
def test_slips_are_told_from_what_was_meant(name: str, right: str) -> None:
    [finding] = misspelt([name])

    assert f"did you mean {right}?" in finding.words


@pytest.mark.parametrize("name", ["PATH", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "STRAVA_CLIENT_ID", "AWS_CLIENT_ID"])
def test_other_names_are_nobody_s_slip(name: str) -> None:
    assert misspelt([name]) == []


def test_a_drawing_that_is_not_there_is_hinted_at(
    flask: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "static" / "tiles", tmp_path / "static" / "tiles")
    (tmp_path / "static" / "tiles" / "strava-light.svg").unlink()
    monkeypatch.setattr(type_check, "ROOT", tmp_path)
    agree(strava=CLIENT)

    result = flask("providers", "check")

    hints = ["hint its drawing is missing: add static/tiles/strava-light.svg, or pages show a broken picture."]
    assert said(result, "strava") == ["ok available", *hints]
    assert result.exit_code == 0
