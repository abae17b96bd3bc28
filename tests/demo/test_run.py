"""``make run``: everything starts with one command, is connected with each other, and ends with one key."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo import __main__ as starting

ROOT = Path(__file__).parents[2]
SECONDS = 60


def three_free_ports() -> int:
    """The first of three ports in a row that nobody uses."""
    for port in range(20000 + os.getpid() % 20000, 60000, 3):
        probes = [socket.socket() for _ in range(3)]
        try:
            for place, probe in enumerate(probes):
                probe.bind(("127.0.0.1", port + place))
            return port
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no port is free")


def read_until(running: subprocess.Popen[bytes], word: str) -> str:
    """What a process prints up to and with a word."""
    assert running.stdout is not None
    text = ""
    while word not in text:
        ready, _, _ = select.select([running.stdout], [], [], SECONDS)
        part = os.read(running.stdout.fileno(), 4096).decode() if ready else ""
        assert part, f"it ended or hangs, after: {text}"
        text += part
    return text


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = three_free_ports()
    environ = {**os.environ, "PORT": str(port), "DEMO_FOLDER": str(tmp_path)}
    command = [sys.executable, "-m", "demo"]
    running = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    yield running, port
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=SECONDS)


def test_one_command_starts_it_and_one_key_ends_all_of_it(demo: tuple[subprocess.Popen[bytes], int]) -> None:
    running, port = demo
    said = read_until(running, "Ctrl-C stops it.")
    addresses = set(re.findall(r"http://localhost:\S+", said))

    assert addresses == {
        f"http://localhost:{port}", f"http://localhost:{port + 2}", f"http://localhost:{port + 2}/mails/"
    }  # fmt: skip
    assert all(requests.get(address, timeout=10).status_code == 200 for address in addresses)
    told = requests.post(f"http://localhost:{port + 2}/control/strava", json={"send": {"event": "create"}}, timeout=20)
    assert told.json()["send"]["status"] == 200, "the dashboard takes the notices of the third parties"

    for key in (signal.SIGINT, signal.SIGTERM):  # who is told twice, as by make and the keyboard, ends as well
        running.send_signal(key)
    rest, _nothing = running.communicate(timeout=SECONDS)
    assert (running.returncode, b"Traceback" in rest) == (0, False), rest.decode()
    for place in range(3):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://localhost:{port + place}/", timeout=5)


def test_credentials_of_ones_own_win_over_those_of_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURA_CLIENT_ID", "my-own")

    environ = starting.environ_of(8000)

    assert (environ["OURA_CLIENT_ID"], environ["STRAVA_CLIENT_ID"]) == ("my-own", "demo-strava")
