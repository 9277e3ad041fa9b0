"""A worker for fault campaigns: the real one, with its waits shortened so that hours fit in seconds.

Started as a process of its own, because it is killed with -9.
"""

from dataclasses import replace
from datetime import timedelta

from app import create_app
from app.base import jobs
from app.base.jobs import Job
from app.messages import channel, delivery, errors, resolver
from app.messages.choose_gateway import CHANNELS
from app.messages.errors import Retry
from app.messages.whatsapp import client
from app.process import worker

# the others have their own tests, and would only take the database's write lock every second
JOBS_OF_MESSAGES = ("lose-expired-messages", "resolve-unknown-messages", "drop-unmatched-reports", "ask-for-calls")


def shorten_waits() -> None:
    """Keeps every order of magnitude between the waits: a lease outlives a call, doubt outlives a lease."""
    client.TIMEOUT = (0.5, 0.5)
    for key, known in CHANNELS.items():
        CHANNELS[key] = replace(known, lease=timedelta(seconds=3))
    delivery.BEFORE_LOOKING = timedelta(seconds=2)
    resolver.BETWEEN_LOOKS, resolver.SURE_AFTER = timedelta(seconds=1), timedelta(seconds=5)
    resolver.PATIENCE = timedelta(seconds=60)
    channel.REST = timedelta(seconds=0.2)
    channel.FIRST_PAUSE, channel.LONGEST_PAUSE = timedelta(seconds=0.01), timedelta(seconds=0.1)
    delays = tuple(timedelta(seconds=seconds) for seconds in (0, 0.1, 0.3, 0.5, 1))
    errors.PLANS[Retry.BACKOFF] = errors.Plan(delays, timedelta(hours=4))
    jobs.LEASE = timedelta(seconds=3)
    worker.PAUSE_SECONDS = 0.1
    worker.JOBS = tuple(Job(job.name, 1, job.function) for job in worker.JOBS if job.name in JOBS_OF_MESSAGES)


if __name__ == "__main__":
    shorten_waits()
    worker.yield_to_pages()
    worker.run(create_app(), worker.stop_on_signals())
