"""`flask --app wsgi staff ...`: members of staff from the command line (`reset` stands in office/cli_reset.py)."""

import click
from flask.cli import AppGroup

from app.accounts import staff_service
from app.base.problems import DomainError
from app.web.access import ROLES

staff_cli = AppGroup("staff", help="Members of staff.")


@staff_cli.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="Full name, shown to colleagues.")
def add(username: str, role: str, name: str) -> None:
    """Create a member of staff and print a one-time password."""
    print_password(lambda: staff_service.add_staff(username, role, name))


@staff_cli.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Close the account and end all its sessions at once."""
    or_explain(lambda: staff_service.disable_staff(username))
    click.echo(f"{username} can no longer sign in", err=True)


def print_password(make) -> None:
    """The password alone goes to standard output, so that a script can pass it on."""
    password = or_explain(make)
    hours = int(staff_service.ONE_TIME_LIFE.total_seconds() // 3600)
    click.echo(f"One-time password, valid {hours} hours, to be replaced at the first sign-in:", err=True)
    click.echo(password)


def or_explain(act):
    try:
        return act()
    except DomainError as error:
        raise click.ClickException(error.message) from None
