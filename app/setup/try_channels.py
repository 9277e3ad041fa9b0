"""`flask --app wsgi try-channels`: does a message leave this house? Sent past the outbox, as there is no case yet."""

import click
from flask.cli import with_appcontext

from app.base import clock
from app.base.ids import new_id
from app.base.problems import FormRejected
from app.base.services import city
from app.messages.addresses import EMAIL, WHATSAPP
from app.messages.choose_gateway import CHANNELS, gateway
from app.messages.email.smtp import new_message_id
from app.messages.gateway import Accepted, Heading, Outgoing
from app.office.contacts import parse_contact

TITLE = "Pesan percobaan dari Loket"
TEXT = "Ini pesan percobaan dari Loket {name}. Jika Anda membacanya, saluran ini berjalan."


@click.command("try-channels")
@click.option("--phone", default="", help="A WhatsApp number that gets a test message.")
@click.option("--email", default="", help="An address that gets a test letter.")
@with_appcontext
def try_channels_command(phone: str, email: str) -> None:
    """Send one test message by each channel named. Exit code 1 when one is not taken."""
    try:
        contact = parse_contact(phone, email)
    except FormRejected as rejected:
        raise click.ClickException(rejected.sentences) from None
    sent = [_try(key, to) for key, to in ((WHATSAPP, contact.phone), (EMAIL, contact.email)) if to]
    raise SystemExit(0 if all(sent) else 1)


def _try(key: str, to: str) -> bool:
    way, label = gateway(key), CHANNELS[key].label
    if way is None:
        click.echo(f"{label}: belum disetel.")
        return False
    text = TEXT.format(name=city().short_name)
    outcome = way.send(Outgoing(
        reference=new_id(), to=to, title=TITLE, text=text, masked=text,
        heading=Heading(new_message_id(), (), True, clock.now()),
    ))
    if isinstance(outcome, Accepted):
        click.echo(f"{label}: diterima. Periksa apakah pesannya sampai.")
        return True
    click.echo(f"{label}: ditolak ({CHANNELS[key].error(outcome.code).meaning}).")
    return False
