"""`flask --app wsgi journal ...`: is the chain whole, and who may touch it (reference/security.md L3)."""

import re

import click
from flask.cli import AppGroup

from app import journal
from app.extensions import db
from app.journal import JournalHead

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
def verify() -> None:
    """Check every line against the one before. Exit code 1 names the first broken line."""
    broken = journal.first_broken_line()
    if broken is not None:
        click.echo(f"line {broken} is missing, moved or altered")
        raise SystemExit(1)
    head = db.session.get(JournalHead, 1)
    # noted on paper, these two tell later whether lines at the end were cut off
    click.echo(f"{head.seq} lines, unbroken; hash of the last: {head.hash}")


@journal_cli.command("grants")
@click.argument("role")
def grants(role: str) -> None:
    """Print the SQL that lets ROLE run the app on PostgreSQL without being able to change the journal.

    The owner of the tables runs it after each `db upgrade`; DATABASE_URL of the app names ROLE.
    """
    if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", role):
        raise click.ClickException("a role is small letters, digits and underscores")
    click.echo(GRANTS.format(role=role))
