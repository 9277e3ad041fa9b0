"""A registration in progress: found by an unguessable token of which only the hash is stored; going on with it on
another phone, by number and PIN or by a link one sent to oneself; and letting this phone forget it."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Staff
from app.base import clock, journal, limits
from app.base.database import db, once_a_page, transaction
from app.base.ids import new_id, new_token
from app.base.problems import StaleDecision
from app.base.services import city, sealer
from app.messages import proving
from app.registration.fields import KEPT
from app.registration.links import RESUME, new_link, use_up
from app.registration.models import Application
from app.registration.status import DRAFT
from app.registration.steps import BEGUN, count_step
from app.registration.transitions import lock_application

# how long the phone that sent it still shows number and PIN: it may be lent, sold, or a shop's
SENT_LIFE = timedelta(hours=1)


def draft_life() -> timedelta:
    """How long a draft can be gone on with; then it opens nowhere, and is erased (`app/retention`)."""
    return timedelta(days=city().retention.drafts_days)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


BY_TOKEN = (
    select(Application).where(Application.draft_token_hash == bindparam("hash")).options(joinedload(Application.photos))
)


@once_a_page
def find_by_token(token: str) -> Application | None:
    """The registration this browser holds: its draft, or for SENT_LIFE what became of it; else None."""
    application = db.session.scalar(BY_TOKEN, {"hash": token_hash(token)})
    if application is None or seconds_left(application) <= 0:
        return None
    return application


def was_moved_away(token: str) -> bool:
    """Whether the draft of this token is gone on with on another phone."""
    query = select(Application.id).where(Application.left_token_hash == token_hash(token), Application.status == DRAFT)
    return db.session.scalar(query.limit(1)) is not None


def seconds_left(application: Application) -> int:
    """How long the browser it was made in still knows it; 0 or less when no longer."""
    end = application.created_at + draft_life()
    if application.submitted_at is not None:
        end = min(end, application.submitted_at + SENT_LIFE)
    return math.ceil((end - clock.now()).total_seconds())


def start_at_counter(staff: Staff, reached_by: str = "") -> str:
    """Token of a new draft that this member of staff fills in for a resident who has no smartphone; whoever filed it
    may not decide it. The notice was read out to the resident. `reached_by`: by WhatsApp (""), or a key of
    WITHOUT_WHATSAPP."""
    notice = city().privacy
    return start_draft(
        notice_version=notice.version, notice_text=notice.text, survey_consent=False, filed_by=staff.id,
        reached_by=reached_by,
    )


def start_draft(
    *, notice_version: str, notice_text: str, survey_consent: bool, filed_by: str | None = None,
    reached_by: str = "", address: str = "",
) -> str:
    """Create a draft with the acknowledged notice (UU 27/2022 art. 21-22). Returns its token.

    `filed_by` is the member of staff who fills it in for a resident at the counter. `address` is the visitor's network
    address, which may begin so many a day. Raises TooManyTries.
    """
    token, actor = new_token(), journal.Actor("staff", filed_by) if filed_by else journal.VISITOR
    with transaction() as session:
        if address:
            limits.hit_here("drafts-address", address)
        application = Application(
            id=new_id(), status=DRAFT, draft_token_hash=token_hash(token),
            notice_version=notice_version,
            notice_hash=hashlib.sha256(notice_text.encode()).hexdigest(),
            notice_accepted_at=clock.now(), survey_consent=survey_consent, flags=[],
            filed_by=filed_by, reached_by=reached_by,
        )
        session.add(application)
        session.flush()
        journal.record(
            "notice_accepted", actor=actor, about=("application", application.id),
            detail={"version": notice_version},
        )
        count_step(BEGUN)
        proving.code_for(("application", application.id), is_new=True)
    return token


def move_draft(application_id: str) -> str:
    """The draft moves to another browser: a new token, and the old one opens nothing any more.

    Raises StaleDecision once it has been sent.
    """
    with transaction():
        return _moved(lock_application(application_id))


def resume_link(application_id: str) -> str:
    """A link that moves the draft once, as long as the draft lives."""
    with transaction():
        draft = lock_application(application_id)
        _demand_draft(draft)
        return new_link(draft.id, RESUME, draft.created_at + draft_life() - clock.now())


def move_by_link(token: str) -> str | None:
    """The new token of the draft, or None when the link no longer works."""
    with transaction():
        application_id = use_up(token)
        return _moved(lock_application(application_id)) if application_id else None


def forget_on_phone(application_id: str) -> bool:
    """No browser holds it any more, a copy of the cookie neither; number and PIN still open it.

    Returns whether it had been sent.
    """
    with transaction():
        application = lock_application(application_id)
        application.draft_token_hash = None
        journal.record("forgotten_on_phone", actor=journal.VISITOR, about=("application", application.id))
        return application.status != DRAFT


def _moved(draft: Application) -> str:
    _demand_draft(draft)
    token = new_token()
    draft.left_token_hash, draft.draft_token_hash = draft.draft_token_hash, token_hash(token)
    journal.record("draft_moved", actor=journal.VISITOR, about=("application", draft.id))
    return token


def _demand_draft(application: Application) -> None:
    if application.status != DRAFT:
        raise StaleDecision("Pendaftaran ini sudah dikirim. Lihat status di Lacak Pendaftaran.")


LONGEST = 1000  # characters of one field; a longer one is refused by its rule anyway
KEYS = {field.key for field in KEPT}


def keep_typed(application_id: str, values: Mapping[str, str]) -> None:
    """Remember these fields as they stand, right or wrong, sealed with the draft, until the step is saved; never the
    password. Raises StaleDecision once it has been sent."""
    given = {key: values[key][:LONGEST] for key in KEYS if key in values}
    if not given:
        return
    with transaction():
        application = lock_application(application_id)
        if application.status != DRAFT:
            raise StaleDecision("Pendaftaran ini sudah dikirim, jadi tidak diubah lagi di sini.")
        text = json.dumps({**typed_of(application), **given})
        application.typed_sealed = sealer().seal(text.encode(), _context(application.id))


def typed_of(application: Application) -> dict[str, str]:
    """Field -> what was typed; empty when nothing waits to be saved."""
    if application.typed_sealed is None:
        return {}
    return json.loads(sealer().open(application.typed_sealed, _context(application.id)))


def _context(application_id: str) -> str:
    return f"application:{application_id}:typed"
