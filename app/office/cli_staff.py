"""`flask --app wsgi staff ...`: members of staff from the command line."""

import getpass

import click
from flask.cli import AppGroup

from app.accounts import sessions, staff_service
from app.accounts.passwords import hash_password
from app.accounts.sessions import STAFF
from app.accounts.staff_service import ONE_TIME_LENGTH, ONE_TIME_LIFE, existing_staff
from app.base import clock, journal
from app.base.database import transaction
from app.base.ids import readable_code
from app.base.problems import DomainError, FormRejected
from app.base.services import city
from app.city.dates import show_moment
from app.office import people
from app.office.contacts import tell
from app.office.resets import end_requests, forget_second_factor
from app.web.access import ROLES
from app.web.jabatan import JABATAN

staff_cli = AppGroup("staff", help="Members of staff.")


@staff_cli.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="Full name, shown to colleagues.")
@click.option("--jabatan", type=click.Choice(JABATAN), help="One of the five who oversee.")
def add_staff(username: str, role: str, name: str, jabatan: str | None) -> None:
    """Create a member of staff and print a one-time password."""
    print_password(lambda: staff_service.add_staff(username, role, name, jabatan or ""))


@staff_cli.command("invite")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="Full name, shown to colleagues.")
@click.option("--phone", default="", help="WhatsApp number, for messages about the own account and alarms.")
@click.option("--email", default="", help="The same by e-mail.")
def invite(username: str, role: str, name: str, phone: str, email: str) -> None:
    """Create a member of staff who chooses a password by a link. The link alone goes to standard output."""
    link = or_explain(lambda: people.invite_from_machine(username, role, name, phone, email))
    click.echo(link.address)


@staff_cli.command("disable")
@click.argument("username")
def disable_staff(username: str) -> None:
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
    except FormRejected as error:
        raise click.ClickException(error.sentences) from None
    except DomainError as error:
        raise click.ClickException(error.message) from None


# `flask --app wsgi staff reset`: the way for an office that has no second person (docs/accounts-and-traces.md, 4).

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


# A password made anew on the machine itself, by whoever keeps it: for an office without a second person.
#
# Whoever has the machine could write to its database anyway. So this is not kept from them but told: the
# journal names the system user, the colleague hears of it by WhatsApp and e-mail, and both the colleague and
# the supervisors read it on their first page for a week.

LONGEST_NAME = 40


def reset_staff(username: str, forget_phone: bool = False, reopen: bool = False, by: str = "") -> str:
    """A new one-time password; old sessions end, the second factor stays unless it is lost (docs/security.md A10),
    a closed account stays closed unless `reopen`. `by` is the user of the system who asks."""
    password = readable_code(ONE_TIME_LENGTH)
    password_hash = hash_password(password)
    with transaction():
        staff = existing_staff(username)
        staff.password_hash, staff.must_change_password = password_hash, True
        staff.one_time_until = clock.now() + ONE_TIME_LIFE
        if forget_phone:
            forget_second_factor(staff)
        if reopen:
            staff.disabled_at = None
        end_requests(staff.id)
        sessions.end_all_of(STAFF, staff.id)
        journal.record(
            "staff_reset_machine", actor=journal.SYSTEM, about=(STAFF, staff.id),
            detail={"second_factor": forget_phone, "reopened": reopen, "by": by[:LONGEST_NAME]},
        )
        tell(staff, "pegawai_sandi_diganti", tgl_jam=show_moment(clock.now()), kontak=city().contacts.phone)
    return password
