"""A worker for the mailbox campaign: the real one, with the one job of the mailbox and a short lease, because it is
killed with -9 and started again at once."""

from datetime import timedelta

from app import create_app
from app.base import jobs
from app.base.jobs import Job
from app.process import worker

if __name__ == "__main__":
    jobs.LEASE = timedelta(seconds=1)
    worker.PAUSE_SECONDS = 0.1
    worker.JOBS = tuple(Job(job.name, 1, job.function) for job in worker.JOBS if job.name == "read-mailbox")
    worker.run(create_app(), worker.stop_on_signals())
