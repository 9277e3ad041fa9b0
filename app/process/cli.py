"""Operator commands: `flask --app wsgi ...`."""

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from app.base import schema
from app.base.services import settings
from app.demo import command as demo
from app.doctor.cli_doctor import doctor_command
from app.messages.whatsapp.commands import wa_cli
from app.office.cli_reset import staff_cli
from app.photos import pool
from app.process import fsck, memory, serve, worker
from app.process.cli_journal import journal_cli
from app.retention.cli_retention import retention_cli


def init_commands(app: Flask) -> None:
    app.cli.add_command(staff_cli)
    app.cli.add_command(journal_cli)
    app.cli.add_command(wa_cli)
    app.cli.add_command(retention_cli)
    for command in (serve_command, worker_command, fsck_command, doctor_command, demo_command):
        app.cli.add_command(command)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
def serve_command(host: str) -> None:
    """Run the production web process. Without LOKET_ENV=production it listens on this machine only."""
    app = current_app._get_current_object()
    if settings().demo and host not in serve.LOOPBACK:
        click.echo(
            f"Loket listens on {serve.LOOPBACK[0]} only, not on {host}: LOKET_ENV is not production.", err=True,
        )
        host = serve.LOOPBACK[0]
    if misfit := schema.find_misfit():
        raise click.ClickException(misfit.sentence)
    memory.give_memory_back()
    serve.serve(app, host, settings().port, on_ready=pool.start)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker_command(once: bool) -> None:
    """Run the background worker: messages, reminders, retention. Any number may run."""
    if once:
        worker.run_once(current_app._get_current_object())
        return
    worker.yield_to_pages()
    memory.give_memory_back()
    pool.start()
    worker.run(current_app._get_current_object(), worker.stop_on_signals())


@click.command("fsck")
@click.option("--sweep", is_flag=True, help="Remove photos that no row names and that are older than an hour.")
def fsck_command(sweep: bool) -> None:
    """Check that rows, photos, outbox and journal agree. Exit code 0 when they do."""
    findings = fsck.check(sweep=sweep)
    for finding in findings:
        click.echo(finding)
    click.echo("consistent" if not findings else f"{len(findings)} findings")
    raise SystemExit(1 if findings else 0)


@click.command("demo")
def demo_command() -> None:
    """Prepare the database, invent a few people, and serve with the worker in one process."""
    if not settings().demo:
        raise click.ClickException("demo runs only with LOKET_ENV=demo")
    app = current_app._get_current_object()
    upgrade()
    memory.give_memory_back()
    demo.seed()
    pool.stop()  # the process that answers has a box of its own
    beside = worker.Beside(app)

    def begin() -> None:
        pool.start()
        beside.start()
        demo.say_ready()

    serve.serve(app, "127.0.0.1", settings().port, on_ready=begin, at_end=beside.stop)
