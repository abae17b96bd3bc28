"""The distributed engine: procrastinate's workers, as many processes on as many machines as wanted.

Jobs are wake-ups, put into the queue with the row that became due (:mod:`dashboard.jobs.queue`). Every few seconds one
worker sweeps: what is due and has no job gets one, and jobs of workers that were killed are thrown away, whose rows
the sweep finds once their leases have run out.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from threading import get_ident
from typing import Any

from flask import Flask
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import JobDeferrer, Status
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from dashboard.jobs import chores, queue, work
from dashboard.jobs.queue import ALIVE_SECONDS, BY_CLOCK, SCHEMA, NoQueue, lock_of
from dashboard.jobs.threads import Threads
from dashboard.jobs.work import Piece

SWEEP = "* * * * * */10"
"""When the sweep runs, as a crontab with seconds at its end: a row whose wake-up was lost waits so long at most."""
SWEEP_LIMIT = 5000
"""So many rows of each kind a sweep puts in line at most; the next one goes on."""
STOP_SECONDS = 5.0
"""How long a worker waits, when it is stopped, for what it has begun."""
log = logging.getLogger(__name__)


class Workers:
    """The engine of many processes. In a web process it only wakes; ``flask worker`` runs it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._conninfo: str = app.config["DATABASE_URL"].replace("postgresql+psycopg:", "postgresql:", 1)
        self._under_way: dict[int, Piece] = {}
        """By thread: a piece may have two jobs, of which the second finds it taken and is done at once."""
        self._stopped = False

    def start(self) -> None:
        """Web processes leave the work to the workers."""

    def stop(self) -> None:
        """Nothing was started."""

    def tell(self, piece: Piece, at: datetime) -> None:
        """A row becomes due, in the unit of work that is open."""
        queue.tell(piece, at)

    def workers_alive(self) -> int | None:
        """How many workers run, on all machines."""
        return queue.workers_alive(self._conninfo)

    def run(self) -> None:
        """Work in the foreground until SIGTERM or SIGINT. What is not done within seconds then is handed back.

        :raises NoQueue: the queue can't be used, or the database went away; start anew.
        """
        queue.make_schema(self._conninfo)
        with self._app.app_context():
            chores.plan()
        # The clock has a thread of its own: slow providers must not make it late.
        threads, clock = Threads(self._app.config["ENGINE_THREADS"]), Threads(1)
        try:
            asyncio.run(self._serve(threads, clock))
        except ConnectorException as error:
            raise NoQueue(f"The worker lost its queue ({error.__cause__}). Start it again.") from error
        finally:
            if not (threads.end(seconds=0.5) and clock.end(seconds=0.5)):  # who has nothing to do ends at once
                work.hand_back(self._app, set(self._under_way.values()))
        if not self._stopped:
            raise NoQueue("The worker lost its queue. Start it again.")

    async def _serve(self, threads: Threads, clock: Threads) -> None:
        app = App(connector=PsycopgConnector(conninfo=self._conninfo, configure=_use_schema, min_size=1, max_size=4))
        self._add_tasks(app, threads, clock)
        async with app.open_async():
            # Two more than there are threads: for the sweep and a chore.
            worker = asyncio.create_task(
                app.run_worker_async(
                    concurrency=self._app.config["ENGINE_THREADS"] + 2,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    update_heartbeat_interval=ALIVE_SECONDS / 3,
                    stalled_worker_timeout=ALIVE_SECONDS,
                )
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self._stop, worker)
            with suppress(asyncio.CancelledError):
                await worker

    def _stop(self, worker: asyncio.Task[None]) -> None:
        self._stopped = True
        worker.cancel()

    def _add_tasks(self, app: App, threads: Threads, clock: Threads) -> None:
        for kind in work.WORK:
            app.task(name=kind)(self._task(kind, clock if kind == "chore" else threads))
        sweep = app.task(name="sweep", queueing_lock="sweep", priority=BY_CLOCK, pass_context=True)(self._sweep)
        app.periodic(cron=SWEEP)(sweep)

    def _task(self, kind: str, threads: Threads) -> Callable[..., Awaitable[None]]:
        async def do(id: int | str) -> None:
            await asyncio.wrap_future(threads.do(partial(self._do, Piece(kind, id))))

        return do

    def _do(self, piece: Piece) -> None:
        self._under_way[get_ident()] = piece
        work.do(self._app, piece)
        del self._under_way[get_ident()]

    async def _sweep(self, context: Any, timestamp: int) -> None:
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=ALIVE_SECONDS):
            log.warning("The worker of “%s” is dead; its row is found anew.", job.queueing_lock)
            with suppress(ConnectorException):  # another sweep was quicker
                await manager.finish_job(job, Status.FAILED, delete_job=True)
        await manager.prune_stalled_workers(ALIVE_SECONDS)
        waiting = await asyncio.to_thread(self._waiting)
        in_line = await _in_line(context.app, waiting)
        await _put_in_line(context.app, [piece for piece in waiting if lock_of(piece) not in in_line])

    def _waiting(self) -> list[Piece]:
        with self._app.app_context():
            return work.waiting(limit=SWEEP_LIMIT)


async def _in_line(app: App, pieces: Sequence[Piece]) -> set[str]:
    """The locks of those pieces that wait in the queue already."""
    query = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%(locks)s)"
    rows = await app.connector.execute_query_all_async(query, locks=[lock_of(piece) for piece in pieces])
    return {row["queueing_lock"] for row in rows}


async def _put_in_line(app: App, pieces: Sequence[Piece]) -> None:
    """Give each of them a job: all at once, or one by one if a web process was quicker with one of them."""
    jobs = [_job(app, piece).make_new_job(id=piece.id) for piece in pieces]
    if not jobs:
        return
    try:
        await app.job_manager.batch_defer_jobs_async(jobs)
    except AlreadyEnqueued:
        for piece in pieces:
            with suppress(AlreadyEnqueued):
                await _job(app, piece).defer_async(id=piece.id)


def _job(app: App, piece: Piece) -> JobDeferrer:
    priority = BY_CLOCK if piece.kind == "chore" else None
    return app.configure_task(piece.kind, queueing_lock=lock_of(piece), priority=priority)


async def _use_schema(connection: AsyncConnection[Any]) -> None:
    await connection.execute(SQL("SET search_path TO {}").format(Identifier(SCHEMA)))
    await connection.commit()
