"""The client that all talk goes through: nothing is slower, larger or further away than it may be."""

import gzip
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dashboard.providers import ConnectionType, Unavailable, agreements, http
from tests.providers.server import Reply, Server

ME = "https://api.pulseband.example/me"


def failure(type: ConnectionType, url: str = ME) -> str:
    """The code with which a call fails."""
    with pytest.raises(Unavailable) as failed:
        http.call(type, "GET", url, access_token="token-1")
    return failed.value.code


def raw(*parts: bytes, wait: float = 0.0):
    """A reply of bytes on the line, with a pause before each but the first."""

    def write(request: BaseHTTPRequestHandler) -> None:
        try:
            for place, part in enumerate(parts):
                time.sleep(wait if place else 0)
                request.wfile.write(part)
                request.wfile.flush()
        except OSError:
            pass  # the client has had enough

    return write


def test_an_answer_is_read_whole(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"id": 7}, headers={"X-Words": "hello"}))

    answer = http.call(pulseband, "GET", ME, access_token="token-1", parameters={"a": "b"})

    assert (answer.status, answer.json, answer.headers["x-words"]) == (200, {"id": 7}, "hello")
    [asked] = server.asked
    assert (asked.host, asked.path, asked.query) == ("api.pulseband.example", "/me", {"a": "b"})
    assert asked.headers["authorization"] == "Bearer token-1"


def test_connections_are_kept_and_used_again(pulseband: ConnectionType, server: Server) -> None:
    for _ in range(5):
        http.call(pulseband, "GET", ME)

    assert (len(server.asked), len(server.ports)) == (5, 1)


def test_no_cookie_of_one_call_goes_along_with_the_next(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({}, headers={"Set-Cookie": "whose=ada"}))

    http.call(pulseband, "GET", ME)
    http.call(pulseband, "GET", ME)

    assert "cookie" not in server.asked[1].headers


def test_passwords_of_this_computer_stay_here(
    pulseband: ConnectionType, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login root password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    http.call(pulseband, "GET", ME, access_token="token-1")
    http.call(pulseband, "GET", ME)

    assert [asked.headers.get("authorization") for asked in server.asked] == ["Bearer token-1", None]


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/me",
        "https://api.pulseband.example.elsewhere.example/me",
        "https://api.pulseband.example@elsewhere.example/me",
        "https://pulseband.example/me",
    ],
)
def test_a_host_that_the_file_does_not_name_is_never_asked(pulseband: ConnectionType, server: Server, url: str) -> None:
    with pytest.raises(ValueError, match="is no host of pulseband"):
        http.call(pulseband, "GET", url, access_token="token-1")

    assert server.asked == []


def test_without_simulation_too_only_its_own_hosts_are_asked(pulseband: ConnectionType) -> None:
    agreements.use({})

    with pytest.raises(ValueError, match="is no host"):
        http.call(pulseband, "GET", "https://api.pulseband.example:8443/me")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(pulseband: ConnectionType, server: Server, status: int) -> None:
    server.reply(Reply({}, status, {"Location": f"{server.url}/api.pulseband.example/elsewhere"}))

    assert http.call(pulseband, "GET", ME, access_token="token-1").status == status
    assert len(server.asked) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "reply",
    [
        raw(b"", b"HTTP/1.1 200 OK\r\n\r\n", wait=3),
        raw(*[bytes([letter]) for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], wait=0.2),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", *[b" "] * 20, wait=0.2),
    ],
    ids=["silence", "headers that drip", "a body that drips"],
)
def test_a_slow_answer_ends_in_time(pulseband: ConnectionType, server: Server, reply: object) -> None:
    server.reply(reply)  # type: ignore[arg-type]
    began = time.monotonic()

    assert failure(pulseband) == "timeout"
    assert time.monotonic() - began < 2


def test_silence_lasts_no_longer_than_the_whole_may(
    pulseband: ConnectionType, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "limits", http.Limits(read_seconds=30, total_seconds=0.5))
    server.reply(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"", wait=3))
    began = time.monotonic()

    assert failure(pulseband) == "timeout"
    assert time.monotonic() - began < 2


def test_nobody_there_is_unreachable(pulseband: ConnectionType) -> None:
    agreements.use({}, simulated="http://127.0.0.1:9")

    assert failure(pulseband) == "unreachable"


def test_a_line_that_is_hung_up_is_unreachable(pulseband: ConnectionType, server: Server) -> None:
    server.reply(raw())

    assert failure(pulseband) == "unreachable"


@pytest.mark.parametrize(
    "reply",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
    ],
    ids=["short", "half a chunk", "no gzip"],
)
def test_an_answer_that_breaks_off_is_odd(pulseband: ConnectionType, server: Server, reply: object) -> None:
    server.reply(reply)  # type: ignore[arg-type]

    assert failure(pulseband) == "odd_answer"


def test_no_answer_is_read_beyond_the_limit(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(b" " * (http.limits.body_bytes + 1)))

    assert failure(pulseband) == "too_large"


def test_what_is_small_only_when_packed_is_not_read_either(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply(gzip.compress(bytes(50 * 1024 * 1024)), headers={"Content-Encoding": "gzip"}))

    assert failure(pulseband) == "too_large"


@pytest.mark.parametrize("body", [b"", b"<html>Sorry</html>", b"[NaN]", b"{", b"\xff", b"[" * 5000 + b"]" * 5000])
def test_what_is_no_json_is_none(pulseband: ConnectionType, server: Server, body: bytes) -> None:
    server.reply(Reply(body))

    assert http.call(pulseband, "GET", ME).json is None


def test_nothing_that_was_sent_in_secret_is_said(pulseband: ConnectionType, server: Server) -> None:
    server.reply(Reply({"error_description": "Access token expired: tok-1. Ask ada"}, 401))

    answer = http.call(pulseband, "GET", ME, access_token="tok-1")

    assert answer.said == "Access token expired: …. Ask ada"
    assert "tok-1" not in repr(answer)
