"""`flask --app wsgi staff reset`: the way for an office that has no second person (docs/accounts-and-traces.md, 4)."""

import getpass

import click

from app.accounts.cli_staff import print_password, staff_cli
from app.office.machine_resets import reset_staff


@staff_cli.command("reset")
@click.argument("username")
@click.option("--second-factor", is_flag=True, help="Forget the authenticator app too (lost phone).")
@click.option("--reopen", is_flag=True, help="Open a closed account again.")
def reset(username: str, second_factor: bool, reopen: bool) -> None:
    """End all sessions and print a new one-time password. The colleague and the supervisors are told."""
    print_password(lambda: reset_staff(username, second_factor, reopen, _system_user()))


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in some containers
        return ""
