"""What the tests of talking share: a type of their own, a server to answer it, and short patience."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard import providers
from dashboard.providers import Agreement, Client, ConnectionType, http, public_keys
from dashboard.providers.clients import agreements
from tests.providers.server import Server
from tests.servers.third_parties import ThirdParties

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

[[scopes]]
name = "pulse"
label = "Pulse"

[oauth]
authorization_endpoint = "https://pulseband.example/authorize"
token_endpoint = "https://api.pulseband.example/token"
revocation_endpoint = "https://api.pulseband.example/revoke"
token_endpoint_auth_method = "client_secret_basic"
code_challenge_methods_supported = ["S256"]

[account]
told = "call"
url = "https://api.pulseband.example/me"
id = "id"
name = ["mail"]

[revocation]
way = "rfc7009"
ends = "grant"
"""
SOURCE = """\
[[sources]]
name = "pulses"
url = "https://api.pulseband.example/pulses"
list = "pulses"

[[sources.records]]
kind = "heart_rate"
id = "id"
at = "at"
value = ["bpm"]
"""
CLIENT = Client("our-client", "our-secret", webhook_secret="our-word", subscription_key="our-key")
Make = Callable[..., ConnectionType]


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that stands in for every third party."""
    with Server().running() as running:
        yield running


@pytest.fixture
def make(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """``make(toml)``: a standard third party with more lines in its file; ``server`` answers for it."""
    monkeypatch.setattr(public_keys, "_kept", {})  # another test's server may have had this port

    def made(more: str = SOURCE, *, base: str = PULSEBAND) -> ConnectionType:
        (tmp_path / "pulseband.toml").write_text(base + more, "utf-8")
        (one,) = providers.load(tmp_path)
        return one

    agreements.use(dict.fromkeys([each.type for each in providers.all_types()] + ["pulseband"], Agreement(CLIENT)),
                   simulated=server.url)  # fmt: skip
    yield made
    agreements.use({})


@pytest.fixture
def pulseband(make: Make) -> ConnectionType:
    """A standard third party with one source of records."""
    return make()


@pytest.fixture
def real(third_parties: ThirdParties) -> Iterator[ThirdParties]:
    """The simulated third parties, and our client at each."""
    agreements.use({each.type: Agreement(demo_client(each.type)) for each in providers.all_types()},
                   simulated=third_parties.url)  # fmt: skip
    yield third_parties
    agreements.use({})


def demo_client(type: str) -> Client:
    """Our client at a simulated third party."""
    return Client(
        f"demo-{type}",
        f"demo-secret-{type}",
        webhook_secret=f"{'Bearer ' * (type == 'google_health')}demo-webhook-secret-{type}",
        subscription_key=f"demo-subscription-key-{type}",
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time, and little room for an answer."""
    monkeypatch.setattr(http, "limits", http.Limits(connect_seconds=1, read_seconds=0.5, total_seconds=1))
