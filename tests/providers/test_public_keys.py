"""Notices that are signed with a key of the provider's own: Google's, whose key set is read, kept and read anew."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from dashboard.providers import NotGenuine
from tests.providers.calls import GOOGLE, GOOGLE_KEY, NOW, google_signed, read
from tests.providers.server import Reply, Server

pytestmark = pytest.mark.usefixtures("make")  # our client is known everywhere
BODY = json.dumps(GOOGLE).encode()
OTHER = ec.derive_private_key(8, ec.SECP256R1())
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SIGNATURE = "GOOGLE-HEALTH-API-SIGNATURE"


def published(key: ec.EllipticCurvePrivateKey = GOOGLE_KEY, number: int = 77, **changed: Any) -> dict[str, Any]:
    """A key set with one key, in Tink's JSON."""
    numbers = key.public_key().public_numbers()
    parameters = changed.pop("parameters", b"\x08\x03\x10\x02\x18\x02")
    value = b"\x12" + bytes([len(parameters)]) + parameters
    value += b"".join(bytes([tag, 33]) + each.to_bytes(33, "big") for tag, each in ((26, numbers.x), (34, numbers.y)))
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
        "value": base64.b64encode(changed.pop("value", value)).decode(),
        "keyMaterialType": "ASYMMETRIC_PUBLIC",
    }
    entry = {"keyData": data, "status": "ENABLED", "keyId": number, "outputPrefixType": "TINK"}
    return {"primaryKeyId": number, "key": [entry | changed]}


def is_proved(headers: dict[str, str], *, now: datetime = NOW) -> bool:
    return read("google_health", BODY, headers, now=now).notices[0].proved


def test_the_key_is_read_once_where_google_publishes_it(server: Server) -> None:
    server.reply(Reply(published()))

    assert is_proved(google_signed(BODY))
    assert is_proved(google_signed(BODY), now=NOW + DAY - MINUTE)
    [asked] = server.asked
    assert (asked.method, asked.host) == ("GET", "www.gstatic.com")
    assert asked.path == "/googlehealthapi/webhooks/webhooks_public_keyset.json"


def test_the_header_has_two_names(server: Server) -> None:
    server.reply(Reply(published()))
    headers = google_signed(BODY)

    assert is_proved({"Authorization": "our-word", "X-HEALTHAPI-SIGNATURE": headers[SIGNATURE]})


def test_a_signature_is_for_one_body_and_by_the_key_it_names(server: Server) -> None:
    server.reply(Reply(published()))

    for headers in (google_signed(BODY + b" "), google_signed(BODY, OTHER)):
        with pytest.raises(NotGenuine, match="wrong"):
            is_proved(headers)


@pytest.mark.parametrize("given", ["", "AQ==", "é", "====", base64.b64encode(b"\x00" * 80).decode(), "x" * 9000])
def test_what_is_no_signature_is_refused_unasked(server: Server, given: str) -> None:
    headers = google_signed(BODY) | {SIGNATURE: given}

    if not given:
        assert not is_proved(headers), "unsigned, it is a hint"
    else:
        with pytest.raises(NotGenuine):
            is_proved(headers)
    assert server.asked == []


def test_without_the_secret_no_key_is_asked_for(server: Server) -> None:
    with pytest.raises(NotGenuine):
        is_proved({SIGNATURE: google_signed(BODY)[SIGNATURE]})
    assert server.asked == []


def test_an_unknown_key_is_looked_for_once_a_minute(server: Server) -> None:
    server.reply(Reply(published(OTHER, 76)), Reply(published()))

    with pytest.raises(NotGenuine, match="nobody knows"):
        is_proved(google_signed(BODY))
    with pytest.raises(NotGenuine, match="nobody knows"):
        is_proved(google_signed(BODY), now=NOW + MINUTE / 2)
    assert len(server.asked) == 1
    assert is_proved(google_signed(BODY), now=NOW + MINUTE), "it was made just now"
    assert len(server.asked) == 2


def test_a_key_set_is_read_anew_each_day_and_an_old_key_ends(server: Server) -> None:
    server.reply(Reply(published()), Reply(published(OTHER, 78)))

    assert is_proved(google_signed(BODY))
    with pytest.raises(NotGenuine, match="nobody knows"):
        is_proved(google_signed(BODY), now=NOW + DAY)
    assert is_proved(google_signed(BODY, OTHER, 78), now=NOW + DAY)


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(b"<html>"), Reply([]), Reply({"key": 7}), Reply(status=404)]
)
def test_while_no_key_can_be_read_the_secret_alone_proves_it(server: Server, reply: Reply) -> None:
    server.reply(reply, Reply(published()))

    assert is_proved(google_signed(BODY, OTHER))
    assert is_proved(google_signed(BODY, OTHER), now=NOW + MINUTE / 2)
    assert len(server.asked) == 1, "nobody waits for it again and again"
    with pytest.raises(NotGenuine):
        is_proved(google_signed(BODY, OTHER), now=NOW + MINUTE)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "DISABLED"},
        {"outputPrefixType": "RAW"},
        {"keyId": "77"},
        {"keyData": None},
        {"value": b"\x12"},
        {"value": b"\xff" * 40},
        {"value": b""},
        {"parameters": b"\x08\x04\x10\x02\x18\x02"},
        {"parameters": b"\x08\x03\x10\x02\x18\x01"},
    ],
)
def test_a_key_of_another_kind_checks_nothing(server: Server, changed: dict[str, Any]) -> None:
    server.reply(Reply(published(**changed)))

    with pytest.raises(NotGenuine, match="nobody knows"):
        is_proved(google_signed(BODY))


def test_a_point_off_the_curve_is_no_key(server: Server) -> None:
    broken = published()
    value = bytearray(base64.b64decode(broken["key"][0]["keyData"]["value"]))
    value[-1] ^= 1
    broken["key"][0]["keyData"]["value"] = base64.b64encode(bytes(value)).decode()
    server.reply(Reply(broken))

    with pytest.raises(NotGenuine, match="nobody knows"):
        is_proved(google_signed(BODY))
