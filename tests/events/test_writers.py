"""Many processes write to one log, and it stays one chain."""

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

import config
from dashboard.data import chain, transaction
from dashboard.events import Event, record
from dashboard.events.proof import verify
from dashboard.identity import account
from dashboard.who import Who
from tests.events.conftest import do, scalar

WRITERS, UNITS = 8, 30
EVENTS = WRITERS * (UNITS + UNITS // 3)


def test_eight_processes_break_no_link_and_leave_no_gap(app: Flask, user: Any) -> None:
    numbers = [str(number) for number in (user.id, UNITS, WRITERS)]
    command = [sys.executable, "-m", "tests.events.writer", app.config["DATABASE_URL"], *numbers]
    meanwhile = []
    with subprocess.Popen(command, cwd=config.ROOT) as writers:
        while writers.poll() is None:
            meanwhile.append(verify())

    assert writers.returncode == 0
    assert any(1 < proof.count <= EVENTS for proof in meanwhile), "some of the proofs were made while they wrote"
    assert [proof.broken for proof in meanwhile] == [None] * len(meanwhile), "a proof while they write sees one moment"
    proof = verify()
    assert (proof.broken, proof.count, proof.last_seq) == (None, EVENTS + 1, EVENTS + 1)
    assert scalar("SELECT count(DISTINCT seq) FROM events") == EVENTS + 1
    assert scalar("SELECT count(*) FROM events WHERE action = 'account.deleted'") == 0, "rolled back, never written"
    assert scalar("SELECT count(*) FROM parties") == 1


def test_an_act_that_is_rolled_back_leaves_no_event(user: Any) -> None:
    do(user)

    def change_ones_mind() -> None:
        with transaction():
            record(Event.LOGIN_ENDED, Who(user.id, user.id))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_ones_mind()

    do(user)
    assert (verify().broken, verify().last_seq) == (None, 3)


def test_an_event_that_can_not_be_written_takes_the_act_with_it(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(chain, "append", full)
    with pytest.raises(OSError, match="full"):
        account.change_settings(Who(user.id, user.id), time_zone=None, language=None, theme="dark", mails_wanted=True)

    assert scalar("SELECT theme FROM users WHERE id = :id", id=user.id) is None


def test_the_events_of_one_act_stand_in_its_order_and_are_sealed_last(user: Any) -> None:
    with transaction():
        record(Event.LOGIN_STARTED, Who(user.id, user.id))
        record(Event.LOGIN_ENDED, Who(user.id, user.id))
        assert chain.head().seq == 0

    assert [scalar(f"SELECT action FROM events WHERE seq = {seq}") for seq in (1, 2, 3)] == [
        Event.LOG_STARTED, Event.LOGIN_STARTED, Event.LOGIN_ENDED,
    ]  # fmt: skip


def test_an_inner_transaction_does_not_seal(user: Any) -> None:
    with transaction():
        do(user)
        assert chain.head().seq == 0

    assert chain.head().seq == 2
