"""Getting our messages approved: create each as a template, submit it, and follow what Meta says.

An approved template is never edited: a changed text becomes the next version beside it, and the
older one serves until the newer is approved.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.services import settings
from app.messages import texts
from app.messages.catalogue import MESSAGES, Message
from app.messages.models import MessageTemplate
from app.messages.templates import UNSUBMITTED

SAMPLE_CODE = "ABCD-EFGH"


class OfficeUnreachable(Exception):
    """The provider refused or was not reachable. The text is safe to print."""


@dataclass(frozen=True)
class KnownTemplate:
    """A template as the provider lists it; `body` is empty for an authentication template."""

    name: str
    provider_id: str
    body: str
    status: str
    rejection: str


class TemplateOffice(Protocol):
    def create_text(self, name: str, body: str, samples: Mapping[str, str]) -> str: ...

    def create_code(self, name: str, minutes: int, samples: Mapping[str, str]) -> str: ...

    def submit(self, provider_id: str, name: str, category: str) -> str: ...

    def all(self) -> Iterator[KnownTemplate]: ...


def office() -> TemplateOffice | None:
    """None when the gateway of the settings knows no templates."""
    if settings().twilio is None:
        return None
    from app.messages.whatsapp.twilio_templates import TwilioTemplates

    return TwilioTemplates(settings().twilio)


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
    at = office()
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
