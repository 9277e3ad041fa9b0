"""`flask --app wsgi mail ...`: a letter read as the worker reads it, so that an office can send us what went wrong
without its mailbox."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.base.services import settings
from app.mailbox.box import Fetched
from app.mailbox.letters import Letter, open_letter

mail_cli = AppGroup("mail", help="Letters.")


@mail_cli.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read(files: tuple[Path, ...]) -> None:
    """One JSON line for each letter (.eml); writes nothing."""
    for path in files:
        raw = path.read_bytes()
        letter = open_letter(Fetched(0, None, len(raw), raw), settings().mail)
        click.echo(json.dumps(described(str(path), letter), ensure_ascii=False))


def described(file: str, letter: Letter) -> dict[str, object]:
    """`machine` is null for a person's letter; `kept_raw` whether its bytes are kept with the ticket."""
    return {
        "file": file, "machine": letter.automatic or None, "name": letter.name, "sender": letter.sender,
        "answer_to": letter.answer_to, "subject": letter.subject, "text": letter.text, "quoted": letter.quoted,
        "files": [attached.name for attached in letter.files], "kept_raw": not letter.automatic and bool(letter.raw),
    }
