"""What the processes are started with and looked after by: `flask --app wsgi serve`, `worker`, `fsck`, `demo` ..."""

import ctypes
import re
import sys
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.base import clock, clock_guard, journal, journal_line, journal_proof, schema
from app.base.database import db
from app.base.problems import DomainError
from app.base.services import settings
from app.journal import anchors
from app.keys.proof import prove_at_start
from app.photos import pool
from app.process import fsck, metrics, serve, worker
from app.process.watchman import Watchman


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@with_appcontext
def serve_command(host: str) -> None:
    """Run the production web process. A demo listens on this machine only."""
    app = current_app._get_current_object()
    if settings().demo and host not in serve.LOOPBACK:
        click.echo(
            f"Loket listens on {serve.LOOPBACK[0]} only, not on {host}: LOKET_ENV is demo.", err=True,
        )
        host = serve.LOOPBACK[0]
    if misfit := schema.find_misfit():
        raise click.ClickException(misfit.sentence)
    prove_at_start()
    db.session.remove()
    db.engine.dispose()  # the process that answers opens its own
    give_memory_back()
    metrics.begin(settings().instance)

    def begin() -> None:
        pool.start()
        if not settings().demo:
            Watchman(app).start()

    serve.serve(app, host, settings().port, on_ready=begin)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
def worker_command(once: bool) -> None:
    """Run the background worker: messages, reminders, retention. Any number may run."""
    prove_at_start()
    db.session.remove()
    if once:
        worker.run_once(current_app._get_current_object())
        return
    worker.yield_to_pages()
    give_memory_back()
    metrics.begin(settings().instance)
    pool.start()
    worker.run(current_app._get_current_object(), worker.stop_on_signals())


@click.command("fsck")
@click.option("--sweep", is_flag=True, help="Remove photos that no row names and that are older than an hour.")
@click.option("--resume", is_flag=True, help="Go on where the last run was ended.")
@with_appcontext
def fsck_command(sweep: bool, resume: bool) -> None:
    """Check that rows, photos, outbox and journal agree. Exit code 0 when they do."""
    number = before = fsck.found_before() if resume else 0
    for finding in fsck.findings(sweep, resume):
        number += 1
        click.echo(finding)
    told = f", {before} of them told by the run that was ended" if before else ""
    click.echo(f"{number} findings{told}" if number else "consistent")
    raise SystemExit(1 if number else 0)


clock_cli = AppGroup("clock", help="Whether this machine's clock is believed.")


@clock_cli.command("confirm")
def confirm_clock() -> None:
    """Say that the clock is right after it jumped, for instance because the machine was off for a week."""
    if found := clock_guard.doubt():
        click.echo(found)
    clock_guard.confirm(journal.SYSTEM)
    click.echo(f"confirmed: it is {clock.now():%Y-%m-%d %H:%M} UTC")


@click.group("demo", invoke_without_command=True)
@click.option("--few", is_flag=True, help="Only a handful who wait and a thinner past: a quicker first start.")
@click.pass_context
@with_appcontext
def demo_command(context: click.Context, few: bool) -> None:
    """Prepare the database, invent people and half a year, and serve with the worker in one process."""
    from app.demo import command as demo

    if not settings().demo:
        raise click.ClickException("demo runs only with LOKET_ENV=demo")
    if context.invoked_subcommand is not None:
        return
    app = current_app._get_current_object()
    if not schema.is_current():
        from flask_migrate import upgrade  # loads Alembic

        upgrade()
    prove_at_start()
    give_memory_back()
    demo.seed(few)
    db.session.remove()
    db.engine.dispose()  # a connection left in this process would hold its view, and the WAL would grow for ever
    pool.stop()  # the process that answers has a box of its own
    beside = worker.Beside(app)

    def begin() -> None:
        pool.start()
        beside.start()
        demo.say_ready()

    serve.serve(app, "127.0.0.1", settings().port, on_ready=begin, at_end=beside.stop)


@demo_command.command("year")
@click.pass_context
@with_appcontext
def demo_year_command(context: click.Context) -> None:
    """Fill the demo with a year of invented work: 2,000 registrations, 300 complaints, 400 answers. Once."""
    from flask_migrate import upgrade

    from app.demo import command as demo

    upgrade()
    try:
        demo.seed(context.parent.params["few"])
        demo.seed_year()
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo("the invented year is written")


# `flask --app wsgi journal ...`: is the chain whole, and who may touch it (docs/security.md L3).

journal_cli = AppGroup("journal", help="The append-only journal.")

# every table to the app, the journal only to read and append; structure belongs to the owner alone
GRANTS = """\
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE ALL ON journal_line, alembic_version FROM {role};
GRANT SELECT, INSERT ON journal_line TO {role};
GRANT SELECT ON alembic_version TO {role};"""


@journal_cli.command("verify")
@click.option("--anchors", "kept", type=click.File(), help="A file of anchors kept elsewhere, or - to paste them.")
def verify(kept: TextIO | None) -> None:
    """Check every line against the one before. Exit code 1 names the first broken line.

    With --anchors also that every line which once was the last is still there: that finds a tail cut off.
    """
    broken = journal_proof.first_broken_line()
    if broken is not None:
        click.echo(f"line {broken} is missing, moved or altered")
        raise SystemExit(1)
    last = journal_proof.last_sealed_line()
    hash = last.hash if last else journal_line.FIRST_HASH
    click.echo(f"{journal_proof.count_lines()} lines, unbroken; hash of the last: {hash}")
    if kept is not None:
        _compare(list(anchors.read(kept)))


def _compare(known: list[anchors.Anchor]) -> None:
    """Ends with exit code 1 where the journal is not the one the anchors were taken of."""
    if not known:
        click.echo("the file holds no anchor, so it proves nothing")
        raise SystemExit(1)
    broken = anchors.broken_anchor(known)
    if broken is not None:
        click.echo(
            f"line {broken.seq} was the last at {broken.at:%Y-%m-%d %H:%M} UTC and is gone or altered: "
            "the journal was cut off or written anew"
        )
        raise SystemExit(1)
    click.echo(f"{len(known)} anchors agree; the newest is line {max(anchor.seq for anchor in known)}")


@journal_cli.command("grants")
@click.argument("role")
def grants(role: str) -> None:
    """Print the SQL that lets ROLE run the app on PostgreSQL without being able to change the journal.

    The owner of the tables runs it after each `db upgrade`; DATABASE_URL of the app names ROLE.
    """
    if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", role):
        raise click.ClickException("a role is small letters, digits and underscores")
    click.echo(GRANTS.format(role=role))


# How the C library of a long-lived process keeps its memory.
#
# By default glibc gives many threads many pools of their own and, once a large block was freed, keeps blocks of up to
# 32 MB in them: a server that handles a few pictures at once ends up with hundreds of megabytes nobody uses.

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE_BYTES, POOLS = 1 << 20, 2


def give_memory_back() -> None:
    """Large blocks go back to the system when they are freed. Call it before threads are started; nothing where the
    C library is another one."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, POOLS)
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
