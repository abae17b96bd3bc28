"""Settings that are right alone and wrong together: the start says so, in a sentence for each."""

import pytest

import config

SERVED = {
    "SECRET_KEY": "s" * 40,
    "PUBLIC_URL": "https://connections.example.org",
    "DATABASE_URL": "sqlite:////var/lib/rc/rc.db",
    "OIDC_ISSUER": "https://id.example.org",
    "OIDC_CLIENT_ID": "connections",
    "OIDC_CLIENT_SECRET": "x" * 40,
    "TOKEN_ENCRYPTION_KEYS": "b25seS11c2VkLWJ5LXRoaXMtdGVzdC0xMjM0NTY3ODk=",
}


def test_a_lease_that_a_slow_provider_outlives_is_refused() -> None:
    with pytest.raises(config.WrongSettings) as refused:
        config.load(SERVED | {"LEASE_SECONDS": "59"})

    [sentence] = refused.value.sentences
    assert sentence.startswith("LEASE_SECONDS is a whole number from 60 to 3600: a provider may take half a minute")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [(SERVED, 300), (SERVED | {"LEASE_SECONDS": "60"}, 60), ({"DEMO": "1", "LEASE_SECONDS": "2"}, 2)],
)
def test_a_lease_that_is_long_enough_or_the_demos_is_taken(environ: dict[str, str], seconds: int) -> None:
    assert config.load(environ)["LEASE_SECONDS"] == seconds


def test_a_lease_that_is_no_number_is_told_of_once() -> None:
    with pytest.raises(config.WrongSettings) as refused:
        config.load(SERVED | {"LEASE_SECONDS": "soon"})

    assert refused.value.sentences == ["LEASE_SECONDS is a whole number from 2 to 3600."]


@pytest.mark.parametrize(
    "token", ["short-but-no-letter", "twenty letters with blanks", "zwanzig-größere-Zeichen", "x" * 19]
)
@pytest.mark.parametrize("others", [SERVED, {"DEMO": "1"}], ids=["served", "demo"])
def test_a_token_for_the_metrics_that_could_be_guessed_or_fits_no_header_is_refused(
    others: dict[str, str], token: str
) -> None:
    with pytest.raises(config.WrongSettings) as refused:
        config.load(others | {"METRICS_TOKEN": token})

    [sentence] = refused.value.sentences
    assert sentence.startswith("METRICS_TOKEN has 20 plain letters, digits and signs at least, or is empty")
    assert token not in sentence


@pytest.mark.parametrize("token", ["", "x" * 20, "b3VyLW1ldHJpY3M/dG9rZW4+=="])
def test_a_good_token_for_the_metrics_is_taken_and_none_is_none(token: str) -> None:
    assert config.load(SERVED | {"METRICS_TOKEN": token})["METRICS_TOKEN"] == token
