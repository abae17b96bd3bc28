"""Workers that start at once: ``python -m tests.jobs.herd``, which has imported everything, and forks one a line.

Each line of its input starts a worker: its settings as JSON, with the file it logs to as ``LOG``. The answer is its
process id. All end with the input. What takes the real engine half a minute takes seconds here: the sweep, and the
silence after which a worker is dead.
"""

import contextlib
import json
import os
import signal
import sys

import config
from dashboard import create_app
from dashboard.jobs import embedded, queue, workers

STOP_SECONDS = 0.5
SILENT_SECONDS = 4


def main() -> None:
    """Fork workers until the input ends; then end them too."""
    embedded.STOP_SECONDS = workers.STOP_SECONDS = STOP_SECONDS
    workers.SWEEP = "* * * * * *"
    queue.ALIVE_SECONDS = workers.ALIVE_SECONDS = SILENT_SECONDS
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    children = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(json.loads(line))
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def work(environ: dict[str, str]) -> None:
    """Be a worker, and nothing else."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing, log = os.open(os.devnull, os.O_RDWR), os.open(environ["LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number, file in enumerate((nothing, nothing, log)):
        os.dup2(file, number)
    try:
        create_app(config.load(environ)).extensions["engine"].run()
    finally:
        os._exit(1 if sys.exc_info()[0] else 0)


if __name__ == "__main__":
    main()
