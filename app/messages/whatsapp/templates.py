"""Our messages as templates that Meta approves: which may be sent as one, and getting them approved.

Each is created as a template, submitted, and followed as Meta decides. An approved template is never edited: a
changed text becomes the next version beside it, and the older one serves until the newer is approved.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select, update

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.messages import contacts, texts
from app.messages.addresses import WHATSAPP, contact_index
from app.messages.catalogue import MESSAGES, Message, message_for, title_of
from app.messages.choose_gateway import gateway, template_office
from app.messages.gateway import KnownTemplate, OfficeUnreachable, TemplateOffice, TemplateUse
from app.messages.models import MessageTemplate

SAMPLE_CODE = "ABCD-EFGH"
APPROVED, UNSUBMITTED = "approved", "unsubmitted"
# what an error at sending says about the template until the next look at Meta's list
STOPPED = {"63040": "rejected", "63041": "paused", "63042": "disabled"}
STATUS_LABELS = {
    "unsubmitted": "Belum diajukan", "received": "Sedang diperiksa Meta", "pending": "Sedang diperiksa Meta",
    "approved": "Disetujui", "rejected": "Ditolak Meta", "paused": "Dihentikan sementara",
    "disabled": "Dimatikan Meta", "missing": "Belum dibuat",
}


def use_of(message: Message, values: Mapping[str, str]) -> TemplateUse | None:
    """The newest approved version whose places `values` can fill; None when there is none.

    An older version serves until Meta has approved the newer one.
    """
    query = select(MessageTemplate).where(
        MessageTemplate.key == message.key, MessageTemplate.status == APPROVED
    )
    for row in db.session.scalars(query.order_by(MessageTemplate.version.desc())):
        if set(row.names) <= set(values):
            return TemplateUse(row.provider_id, tuple(values[name] for name in row.names))
    return None


def stop(key: str, code: str) -> None:
    """The provider refused the template itself: it is not used again before it is looked at."""
    newest = db.session.scalar(
        select(MessageTemplate.name)
        .where(MessageTemplate.key == key, MessageTemplate.status == APPROVED)
        .order_by(MessageTemplate.version.desc()).limit(1)
    )
    db.session.execute(
        update(MessageTemplate).where(MessageTemplate.name == newest)
        .values(status=STOPPED.get(code, "disabled"), checked_at=clock.now())
    )


def not_ready() -> list[tuple[Message, str]]:
    """Messages that could not go out as a template now, each with the status of its newest version."""
    newest: dict[str, MessageTemplate] = {}
    ready: set[str] = set()
    for row in db.session.scalars(select(MessageTemplate).order_by(MessageTemplate.version)):
        newest[row.key] = row
        if row.status == APPROVED:
            ready.add(row.key)
    return [
        (message, newest[key].status if key in newest else "missing")
        for key, message in MESSAGES.items() if key not in ready
    ]


def push(at: TemplateOffice) -> Iterator[str]:
    """Create and submit what is new or changed. Yields a line for each message; safe to run again."""
    known = {template.name: template for template in at.all()}
    for message in MESSAGES.values():
        row = _newest(message.key)
        if row is None or row.body_hash != body_hash(message):
            row = _create(at, message, known)
            yield f"{row.name}: created"
        name, provider_id, status = row.name, row.provider_id, row.status
        end_reading()
        if status == UNSUBMITTED:
            status = at.submit(provider_id, name, message.category) or "received"
            _note(name, status, "")
        yield f"{name}: {status}"


def refresh(at: TemplateOffice) -> int:
    """Take over what Meta says of our templates. Returns how many changed."""
    ours = {row.provider_id: (row.name, row.status) for row in db.session.scalars(select(MessageTemplate))}
    end_reading()
    changed = 0
    for template in at.all():
        name, status = ours.get(template.provider_id, ("", ""))
        if name and template.status != status:
            _note(name, template.status, template.rejection)
            changed += 1
    return changed


def follow() -> int:
    """The same from time to time, so that nobody has to ask: Meta decides, pauses and resumes on its own."""
    at = template_office()
    return refresh(at) if at else 0


def rows() -> list[MessageTemplate]:
    query = select(MessageTemplate).order_by(MessageTemplate.key, MessageTemplate.version)
    return list(db.session.scalars(query))


def body_hash(message: Message) -> str:
    """Changes whenever what Meta would approve changes."""
    expires = message.expires.total_seconds() if message.expires else None
    what = [texts.template_body(message), texts.template_names(message), message.category, expires]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _create(at: TemplateOffice, message: Message, known: Mapping[str, KnownTemplate]) -> MessageTemplate:
    """The next free version. One that is there with this very text (a code's text is Meta's), left by
    a push that was interrupted, is adopted."""
    version = getattr(_newest(message.key), "version", 0) + 1
    while (name := f"{message.key}_v{version}") in known:
        if message.is_code or known[name].body == texts.template_body(message):
            break
        version += 1
    end_reading()
    provider_id = known[name].provider_id if name in known else _make(at, message, name)
    status = known[name].status if name in known else UNSUBMITTED
    with transaction() as session:
        row = MessageTemplate(
            name=name, key=message.key, version=version, names=list(texts.template_names(message)),
            body_hash=body_hash(message), provider_id=provider_id, status=status, checked_at=clock.now(),
        )
        session.add(row)
    return row


def _make(at: TemplateOffice, message: Message, name: str) -> str:
    samples = {**message.variables, texts.CHECK_CODE: SAMPLE_CODE}
    numbered = {str(number): samples[key] for number, key in enumerate(texts.template_names(message), 1)}
    if message.is_code:
        return at.create_code(name, int(message.expires.total_seconds() // 60), numbered)
    return at.create_text(name, texts.template_body(message), numbered)


def _newest(key: str) -> MessageTemplate | None:
    query = select(MessageTemplate).where(MessageTemplate.key == key)
    return db.session.scalar(query.order_by(MessageTemplate.version.desc()).limit(1))


def _note(name: str, status: str, rejection: str) -> None:
    with transaction() as session:
        row = session.get(MessageTemplate, name, with_for_update=True)
        row.status, row.rejection, row.checked_at = status[:20], rejection[:300], clock.now()


# `flask --app wsgi wa ...`: templates at Twilio.

wa_cli = AppGroup("wa", help="WhatsApp.")
templates_cli = AppGroup("templates", help="The messages as Meta has to approve them.")
wa_cli.add_command(templates_cli)


@templates_cli.command("push")
def push_templates() -> None:
    """Create and submit what is new or changed. Safe to run again."""
    office = _office()
    try:
        for line in push(office):
            click.echo(line)
    except OfficeUnreachable as error:
        raise click.ClickException(f"Twilio: {error}") from None


@templates_cli.command("status")
def show_status() -> None:
    """Ask Twilio what Meta decided, then list."""
    office = _office()
    try:
        click.echo(f"{refresh(office)} changed")
    except OfficeUnreachable as error:
        raise click.ClickException(f"Twilio: {error}") from None
    _show()


@templates_cli.command("list")
def show_templates() -> None:
    """What we know, without asking."""
    _show()


def _office() -> TemplateOffice:
    office = template_office()
    if office is None:
        raise click.ClickException("WHATSAPP_GATEWAY is not twilio: there are no templates to approve")
    return office


def _show() -> None:
    for row in rows():
        click.echo(f"{row.name:32} {row.provider_id:36} {row.status:12} {title_of(row.key)} {row.rejection}".rstrip())


# Whether words of ours can travel in a short message, and how the person reads them then.
#
# Inside the window (docs/whatsapp.md, facts 2) as they were written; outside it by a template, on one line. What fits
# neither is for whoever writes to see before it is sent: nothing is cut.

FREE, TEMPLATE = "free", "template"
TOO_LONG, NO_TEMPLATE = "too_long", "no_template"
# stands where each message has a code of its own
ANY_CODE = "XXXX-XXXX"


@dataclass(frozen=True)
class Carried:
    """`way` is FREE, TEMPLATE or "" for not at all; then `why` says why. `until` is when free text ends. `surplus`
    is how many characters are too many."""

    text: str
    way: str
    why: str = ""
    until: datetime | None = None
    surplus: int = 0


def carry(key: str, variables: Mapping[str, str], address: str) -> Carried:
    """How this message would go to this number now, word for word but for its check code."""
    message, can = message_for(key), gateway(WHATSAPP).capabilities
    values, index = texts.cleaned(message, variables), contact_index(address)
    if not can.templates or contacts.window_is_open(index, can.window):
        text = texts.full_text(message, values, ANY_CODE)
        surplus, until = len(text) - texts.LONGEST_FREE, contacts.window_ends(index, can.window)
        return Carried(text, "" if surplus > 0 else FREE, TOO_LONG if surplus > 0 else "", until, max(0, surplus))
    values = texts.on_one_line(message, values)
    text = texts.full_text(message, values, ANY_CODE)
    if (surplus := len(text) - texts.LONGEST) > 0:
        return Carried(text, "", TOO_LONG, surplus=surplus)
    if use_of(message, {**values, texts.CHECK_CODE: ANY_CODE}) is None:
        return Carried(text, "", NO_TEMPLATE)
    return Carried(text, TEMPLATE)


def fits_template(message, values: Mapping[str, str]) -> bool:
    return len(texts.full_text(message, texts.on_one_line(message, values), ANY_CODE)) <= texts.LONGEST
