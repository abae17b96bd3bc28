"""Starts the servers that tests ask for, once a run, and stops them whatever ends it.

Load it in the top conftest: ``pytest_plugins = ["tests.servers.plugin"]``. Under pytest-xdist the controller starts
both before its workers, which find them by environment variables; without it, each starts at its first use.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers import openid_provider as provider_module
from tests.servers import postgresql as postgresql_module
from tests.servers.errors import CannotStart
from tests.servers.openid_provider import OpenIDProvider
from tests.servers.postgresql import PostgreSQL
from tests.servers.third_parties import ThirdParties


class Servers:
    """The servers of one run. What :meth:`stop` leaves alone is what another process started."""

    def __init__(self) -> None:
        self._postgresql: PostgreSQL | None = None
        self._openid_provider: OpenIDProvider | None = None
        self._exported: list[str] = []

    def postgresql(self) -> PostgreSQL:
        """The run's PostgreSQL, started now if it is the first time."""
        if self._postgresql is None:
            server = PostgreSQL()
            server.start()
            self._postgresql = server
            self._export(postgresql_module.URL_VARIABLE, server.url())
        return self._postgresql

    def openid_provider(self) -> OpenIDProvider:
        """The run's OpenID Provider, started now if it is the first time."""
        if self._openid_provider is None:
            server = OpenIDProvider()
            if issuer := os.environ.get(provider_module.ISSUER_VARIABLE):
                server.use(issuer)
            else:
                server.start()
            self._openid_provider = server
            self._export(provider_module.ISSUER_VARIABLE, server.issuer)
        return self._openid_provider

    def start_all(self) -> None:
        """Start both at once."""
        with ThreadPoolExecutor() as pool:
            starting = pool.submit(self.postgresql), pool.submit(self.openid_provider)
            starting[0].result()
            starting[1].result()

    def stop(self) -> None:
        """Stop what was started here. Safe to repeat."""
        for name in self._exported:
            os.environ.pop(name, None)
        for server in (self._postgresql, self._openid_provider):
            if server:
                server.stop()
        self._postgresql = self._openid_provider = None

    def _export(self, name: str, value: str) -> None:
        """Tell the processes that come after us: workers, and commands under test."""
        if name not in os.environ:
            os.environ[name] = value
            self._exported.append(name)


SERVERS = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """Called in each process; what is started here is stopped when pytest ends, by Ctrl-C too."""
    servers = config.stash[SERVERS] = Servers()
    config.add_cleanup(servers.stop)
    if _has_workers(config):
        _or_exit(servers.start_all)


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> PostgreSQL:
    """A running PostgreSQL: ``create(name)`` gives the url of a new database."""
    return pytestconfig.stash[SERVERS].postgresql()


@pytest.fixture(scope="session")
def openid_provider(pytestconfig: pytest.Config) -> OpenIDProvider:
    """A running OpenID Provider that we did not write: ``issuer``, ``client_id``, ``client_secret``, ``sign_in``."""
    return pytestconfig.stash[SERVERS].openid_provider()


@pytest.fixture(scope="session")
def third_parties_process() -> Iterator[ThirdParties]:
    """Simulated third parties, a process for each process of tests. Tests ask for ``third_parties``."""
    with ThirdParties() as running:
        yield running


@pytest.fixture
def third_parties(third_parties_process: ThirdParties) -> Iterator[ThirdParties]:
    """Simulated third parties that remember nothing yet: ``url``, ``control``, ``log``, ``give``, ``consent``."""
    yield third_parties_process
    third_parties_process.reset()  # for the next test; and lets go what still hangs


def _has_workers(config: pytest.Config) -> bool:
    distributes = getattr(config.option, "tx", None) and getattr(config.option, "dist", "no") != "no"
    return bool(distributes) and not config.option.collectonly


def _or_exit(start: Callable[[], None]) -> None:
    try:
        start()
    except CannotStart as error:
        raise pytest.UsageError(str(error)) from error
