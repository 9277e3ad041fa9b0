"""`flask retention`: what is due to be erased, and erasing it now."""

import click
from flask.cli import AppGroup

from app.base import clock_guard
from app.city.dates import show_date
from app.retention import service

retention_cli = AppGroup("retention", help="Erase data whose time is over.")


@retention_cli.command("report")
def report_command() -> None:
    """Show what is due now. Erases nothing."""
    for due in service.report():
        rule = due.rule
        oldest = f", oldest {show_date(due.oldest)}" if due.oldest else ""
        click.echo(f"{rule.key:14} {due.count:6} due{oldest}")
        click.echo(f"{'':14} {rule.data}: {due.days} days after {rule.since}; goes: {rule.erased}; stays: {rule.kept}")


@retention_cli.command("run")
def run_command() -> None:
    """Erase what is due now, as the worker does every day. Exit code 1 when some kinds failed."""
    try:
        clock_guard.refuse_doubted()
        done = service.run()
    except clock_guard.ClockDoubted as doubt:
        raise click.ClickException(f"{doubt} Nothing was erased. If the clock is right: clock confirm") from None
    except service.RetentionIncomplete as failure:
        raise click.ClickException(f"could not be erased: {failure}; see the log") from None
    for key, count in done.items():
        click.echo(f"{key:14} {count:6} erased")
