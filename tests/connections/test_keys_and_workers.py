"""An old encryption key is rotated out while workers run: no token is lost, and none stays under the old key."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from dashboard.connections import keys, syncing
from dashboard.data import clock, sealed, vault
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

TYPE = "whoop"
"""Each of its refresh tokens holds once."""
WORKERS, SYNCS = 4, 6


@pytest.fixture
def new_key(app: Flask) -> Iterator[str]:
    """A new key stands before the old one, as while an operator changes them."""
    old, new = app.config["TOKEN_ENCRYPTION_KEYS"][0], Fernet.generate_key().decode()
    vault.use([new, old])
    yield new
    vault.use(app.config["TOKEN_ENCRYPTION_KEYS"])


@pytest.fixture
def sealed_with_the_old(app: Flask, simulated: ThirdParties, new_key: str) -> list[int]:
    """Connections whose tokens were sealed with the old key."""
    old = Fernet(app.config["TOKEN_ENCRYPTION_KEYS"][0])
    made = []
    for number in range(WORKERS):
        id = road.connect(simulated, TYPE, factories.User(), account=f"person-{number}").connection_id
        row = road.row(id)
        tokens = {name: str(vault.open(getattr(row, name))) for name in ("access_token", "refresh_token")}
        road.change(id, **{name: old.encrypt(token.encode()) for name, token in tokens.items()})
        made.append(id)
    return made


def test_workers_go_on_and_the_new_key_alone_is_enough_then(
    app: Flask, simulated: ThirdParties, new_key: str, sealed_with_the_old: list[int]
) -> None:
    over = Flag()

    def work(connection_id: int) -> None:
        with app.app_context():
            for _ in range(SYNCS):
                road.due_now(connection_id, access_expires_at=clock.now() - timedelta(seconds=1))
                syncing.sync(connection_id)

    def rotate() -> None:
        with app.app_context():
            while not over.is_set():
                keys.rotate()

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        rotating = pool.submit(rotate)
        for each in [pool.submit(work, id) for id in sealed_with_the_old]:
            each.result()
        over.set()
        rotating.result()

    vault.use([new_key])
    assert all(
        vault.open(each.value) for column in sealed.COLUMNS for each in sealed.page(column, after_id=0, limit=99)
    )
    log = simulated.log(TYPE)
    assert (sum(log["refreshed"].values()), log["spent_twice"]) == (WORKERS * SYNCS, {})
    assert [road.row(id).failure_code for id in sealed_with_the_old] == [None] * WORKERS


def test_a_token_that_no_key_opens_is_the_operators_matter(simulated: ThirdParties, app: Flask) -> None:
    made = road.connect(simulated, TYPE, factories.User()).connection_id
    road.due_now(made, access_token=Fernet(Fernet.generate_key()).encrypt(b"lost"))

    syncing.sync(made)

    row = road.row(made)
    assert (row.failure_code, row.refused_at) == ("unreadable_token", None)
    assert row.paused_at is not None
