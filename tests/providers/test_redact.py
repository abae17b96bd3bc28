"""What a provider said is shown and kept; what opens a door is neither."""

import pytest

from dashboard.providers.redact import LONGEST, said

TOKEN = "dG9rZW4tdGhhdC1vcGVucy1kb29ycw-_9"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"error": "invalid_grant", "error_description": "It is over."}, "It is over.: invalid_grant"),
        ({"errors": [{"errorType": "expired_token", "message": f"Access token expired: {TOKEN}"}]},
         "expired_token Access token expired: …"),
        ({"message": "Bad Request", "errors": [{"resource": "RefreshToken", "field": "refresh_token", "code": "no"}]},
         "Bad Request: RefreshToken refresh_token no"),
        ({"title": "Bad Request", "detail": "Token already used"}, "Bad Request: Token already used"),
        ({"error": {"message": "Not linked", "status": "FAILED_PRECONDITION"}}, "Not linked: FAILED_PRECONDITION"),
        ({"errorMessage": "Endpoint not enabled"}, "Endpoint not enabled"),
        ({"data": [1, 2, 3]}, ""),
        (["one", {"message": "two"}], "one; two"),
        (7, ""),
    ],
)  # fmt: skip
def test_the_words_are_found_whatever_the_shape(document: object, words: str) -> None:
    assert said(document, "") == words


@pytest.mark.parametrize(
    "token", [TOKEN, "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoiYWRhIn0.c2ln", "a" * 41, "0123456789abcdef0123"]
)
def test_what_looks_like_a_token_is_hidden_though_nobody_knows_it(token: str) -> None:
    assert said(None, f"Invalid token {token}, sorry") == "Invalid token …, sorry"


def test_a_known_secret_is_hidden_however_it_looks() -> None:
    assert said(None, "The code abc-1 was spent", secrets=["abc-1", ""]) == "The code … was spent"


def test_addresses_and_long_words_stay_readable() -> None:
    text = "Visit https://dev.fitbit.com/docs/oauth2 about the authorization_code_grant_flow"

    assert said(None, text) == text


def test_it_is_one_short_line_of_letters() -> None:
    words = said(None, "line one\r\n\x1b[31mline\x00two " + "word " * 100)

    assert words.startswith("line one [31mline two word")
    assert len(words) == LONGEST
    assert words.endswith("…")


def test_words_that_lie_deeper_than_any_provider_puts_them_are_not_looked_for() -> None:
    """An answer may be nested as deeply as a thousand times."""
    lists: object = "words"
    errors: object = "words"
    lists_of_errors: object = "words"
    for _ in range(1000):
        lists, errors, lists_of_errors = [lists], {"error": errors}, {"errors": [[lists_of_errors]]}

    assert [said(each, "") for each in (lists, errors, lists_of_errors)] == ["", "", ""]


def test_a_page_of_html_says_nothing() -> None:
    assert said(None, " <!doctype html><title>502</title>") == ""
