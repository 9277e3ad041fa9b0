"""Sending the e-mails that are due: claim, talk to the server with no transaction open, write down
what it said."""

from collections.abc import Callable

import structlog

from app.base.database import db, end_reading
from app.complaints.ticket.models import MailOut
from app.messages.email import claims, delivery, trouble
from app.messages.email.outbox import open_mail, references_of
from app.messages.email.smtp import Letter, Outcome, Post, Unclear, post

log = structlog.get_logger()
ROUND = 3


def deliver_due(limit: int = ROUND, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Send up to `limit` due e-mails, one after the other. Returns how many were tried."""
    way, tried = post(), 0
    if way is None:
        return 0
    while tried < limit and not should_stop() and not trouble.resting("smtp"):
        claim = claims.claim_next()
        if claim is None:
            break
        delivery.record(claim, _outcome(way, claim.mail_id))
        tried += 1
    return tried


def lose_expired() -> None:
    """E-mails of dead workers become unknown; run every few seconds."""
    for mail_id in claims.expired():
        delivery.lose(mail_id)


def _outcome(way: Post, mail_id: str) -> Outcome:
    letter = _letter(db.session.get(MailOut, mail_id))
    end_reading()  # plain values only from here on: the slow call holds no connection
    try:
        return way.send(letter)
    except Exception as error:  # an unforeseen failure says nothing about whether it was sent
        log.exception("mail_failed", mail=mail_id, kind=type(error).__name__)
        return Unclear("exception")


def _letter(row: MailOut) -> Letter:
    mail = open_mail(row)
    return Letter(
        to=mail.to, subject=mail.subject, text=mail.text, message_id=mail.message_id,
        references=tuple(references_of(row)), automatic=mail.automatic, at=row.created_at,
    )
