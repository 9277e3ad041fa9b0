"""`flask --app wsgi wa ...`: templates at Twilio."""

import click
from flask.cli import AppGroup

from app.messages.catalogue import title_of
from app.messages.choose_gateway import template_office
from app.messages.gateway import OfficeUnreachable, TemplateOffice
from app.messages.whatsapp import templates

wa_cli = AppGroup("wa", help="WhatsApp.")
templates_cli = AppGroup("templates", help="The messages as Meta has to approve them.")
wa_cli.add_command(templates_cli)


@templates_cli.command("push")
def push() -> None:
    """Create and submit what is new or changed. Safe to run again."""
    office = _office()
    try:
        for line in templates.push(office):
            click.echo(line)
    except OfficeUnreachable as error:
        raise click.ClickException(f"Twilio: {error}") from None


@templates_cli.command("status")
def status() -> None:
    """Ask Twilio what Meta decided, then list."""
    office = _office()
    try:
        click.echo(f"{templates.refresh(office)} changed")
    except OfficeUnreachable as error:
        raise click.ClickException(f"Twilio: {error}") from None
    _show()


@templates_cli.command("list")
def show() -> None:
    """What we know, without asking."""
    _show()


def _office() -> TemplateOffice:
    office = template_office()
    if office is None:
        raise click.ClickException("WHATSAPP_GATEWAY is not twilio: there are no templates to approve")
    return office


def _show() -> None:
    for row in templates.rows():
        click.echo(f"{row.name:32} {row.provider_id:36} {row.status:12} {title_of(row.key)} {row.rejection}".rstrip())
