"""`flask --app wsgi journal ...`: is the chain whole, and who may touch it (docs/security.md L3)."""

import re
from typing import TextIO

import click
from flask.cli import AppGroup

from app.base import journal
from app.base.database import db
from app.base.journal import JournalHead
from app.process import anchors

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
    broken = journal.first_broken_line()
    if broken is not None:
        click.echo(f"line {broken} is missing, moved or altered")
        raise SystemExit(1)
    head = db.session.get(JournalHead, 1)
    click.echo(f"{head.seq} lines, unbroken; hash of the last: {head.hash}")
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
