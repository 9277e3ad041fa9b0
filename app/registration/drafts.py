"""A registration in progress: found by an unguessable token of which only the hash is stored."""

import hashlib
from datetime import timedelta

from sqlalchemy import select

from app import clock, journal
from app.extensions import db, transaction
from app.ids import new_id, new_token
from app.registration.models import Application
from app.registration.status import DRAFT

DRAFT_LIFE = timedelta(days=7)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_by_token(token: str) -> Application | None:
    """The registration this browser holds: its draft, or what became of it. None when too old."""
    application = db.session.scalar(
        select(Application).where(Application.draft_token_hash == token_hash(token))
    )
    if application is None or application.created_at + DRAFT_LIFE < clock.now():
        return None
    return application


def start_draft(*, notice_version: str, notice_text: str, survey_consent: bool) -> str:
    """Create a draft with the acknowledged notice (UU 27/2022 art. 21-22). Returns its token."""
    token = new_token()
    with transaction() as session:
        application = Application(
            id=new_id(), status=DRAFT, draft_token_hash=token_hash(token),
            notice_version=notice_version,
            notice_hash=hashlib.sha256(notice_text.encode()).hexdigest(),
            notice_accepted_at=clock.now(), survey_consent=survey_consent, flags=[],
        )
        session.add(application)
        session.flush()
        journal.record(
            "notice_accepted", actor=journal.VISITOR, about=("application", application.id),
            detail={"version": notice_version},
        )
    return token
