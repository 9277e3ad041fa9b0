"""Everything the page of one case shows to one person. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.casework import claims, history, notes, undo
from app.casework.claims import Holder
from app.casework.clocks import TimeLeft, length_of, time_left
from app.casework.figures import worked
from app.casework.kinds import Label
from app.city.office_calendar import calendar_for
from app.city.worktime import working_minutes_between
from app.messages import proving
from app.registration import bursts
from app.registration.fields import ON_DESK, WITHOUT_WHATSAPP, Personal, asked
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal
from app.registration.status import OPEN, REGISTRATION, SUBMITTED, WAITING, Spans, spans_among
from app.registration.transitions import changes_of
from app.review import evidence as ev
from app.review import messages, photos, rechecks, rights, second_look
from app.review.beside import read_beside
from app.review.case_parts import (
    AnswersPage,
    KeptRegistration,
    NikEvidence,
    answers_page,
    flag_text,
    hint_text,
    nik_evidence,
    others_of_person,
)
from app.review.checklist import proposed_reasons
from app.review.desk import DESK
from app.review.doubles import Other, others_of
from app.review.photos import Mended, mended_items
from app.web.access import holds

PRESENT = timedelta(seconds=90)  # the page of who holds it tells once a minute
# lines of the journal that say only who looked
LOOKS = (
    "case_viewed", "photo_viewed", "photos_asked_for", "tracking_opened", "own_data_viewed", "account_request_viewed",
    "guarantee_viewed",
)


@dataclass(frozen=True)
class Acts:
    """Which acts stand on the page; `held` says whether their buttons work."""

    declare: bool
    approve: bool
    give_back: bool
    reject: bool
    held: bool

    @property
    def primary(self) -> str:
        """Last part of the address that the work form posts to."""
        return "lengkap" if self.declare else "setujui" if self.approve else ""


@dataclass(frozen=True)
class Spent:
    """Working time until it was declared complete, in words: with the office, whose clock stands still while the
    resident mends, and with the resident."""

    office: str
    resident: str


@dataclass(frozen=True)
class CasePage:
    """`rows` are (label, value, note) of the form; what names the person is masked unless `is_open`. `lines`
    are acts and `looks` views. `person` are other registrations of
    the same NIK, Nomor KK or number. `signs` say why it waits in *Perlu dilihat*."""

    application: Application
    label: Label
    left: TimeLeft | None
    rows: tuple[tuple[str, str, str], ...]
    is_open: bool
    sees_photos: bool
    nik: NikEvidence
    flags: tuple[str, ...]
    mended: tuple[Mended, ...]
    holder: Holder | None
    token: str
    bar: str | None
    acts: Acts
    evidence: ev.Evidence
    answers: AnswersPage
    second: second_look.Request | None
    recheck: rechecks.Recheck | None
    proposed: frozenset[str]
    previews: dict[str, str]
    others: tuple[Other, ...]
    note: str
    here: list[tuple[str, bool]]
    note_by: str
    filed_by: str
    declared_by: str
    last: StatusChange | None
    take_back_until: datetime | None
    lines: history.Page
    looks: history.Page
    person: tuple[KeptRegistration, ...]
    seen_at: datetime
    signs: tuple[str, ...]
    spent: "Spent | None"

    @property
    def mine(self) -> bool:
        return bool(self.token)

    @property
    def clock_name(self) -> str:
        clock_here = REGISTRATION.clock_of(self.application.status)
        return clock_here.label if clock_here else ""

    @property
    def done(self) -> str:
        """What was done last, while it can be taken back."""
        if self.last is None:
            return ""
        act = REGISTRATION.act(self.last.act, self.last.from_status)
        return act.done if act else ""

    @property
    def may_look(self) -> bool:
        return self.bar == rights.LOOK_FIRST


def case_page(application: Application, staff: Staff, before: tuple[int, int] = (0, 0)) -> CasePage:
    """`staff` is who looks at it, `before` where the page of the acts and that of the looks end (history.page_of)."""
    read_beside(application, staff)
    person, is_open = open_personal(application), holds(staff, "take_case")
    holder = claims.holder_of(application)
    token = application.claim_token if holder is not None and holder.id == staff.id else ""
    bar = rights.bar_to(application, staff) if is_open else None
    known = _evidence_for(application, staff)
    nik = nik_evidence(application, person, known, is_open)
    acts = _acts(application, staff, bar, bool(token))
    proposed = proposed_reasons(known.answers, known.siak, bool(nik.read and nik.differing))
    draft = notes.working_note(("application", application.id))
    return CasePage(
        application=application, label=REGISTRATION.labels[application.status], bar=bar,
        left=_time_left(application),
        rows=_rows(application, person, is_open), is_open=is_open,
        sees_photos=is_open or photos.has_reason(application.id, staff.id),
        nik=nik, flags=_flags(application), mended=mended_items(application) if is_open else (),
        holder=holder, token=token, acts=acts, evidence=known,
        answers=answers_page(application, staff), second=second_look.request_of(application.id),
        recheck=rechecks.recheck_of(application.id),
        proposed=proposed, previews=_previews(application, acts, proposed) if is_open else {},
        others=tuple(others_of(application.id)) if is_open else (),
        note=notes.read_note(draft) if draft and is_open else "",
        note_by=claims.name_of(draft.staff_id) if draft else "",
        here=claims.others_present(("application", application.id), staff, PRESENT),
        filed_by=_name(application.filed_by), declared_by=_name(application.declared_complete_by),
        last=next(reversed(changes_of(application.id)), None),
        take_back_until=undo.open_until(DESK, application, staff),
        lines=history.page_of(("application", application.id), before[0], but=LOOKS),
        looks=history.page_of(("application", application.id), before[1], only=LOOKS),
        person=others_of_person(application) if is_open else (),
        seen_at=clock.now(),
        signs=bursts.sentences_of(application.id) if application.to_look and application.status == SUBMITTED else (),
        spent=_spent(application),
    )


def _evidence_for(application: Application, staff: Staff) -> ev.Evidence:
    """One's own while the case is at work; who answers nothing reads what was found last."""
    if application.status in WAITING and holds(staff, "take_case"):
        return ev.evidence_of(application, staff.id)
    return ev.latest_evidence(application)


def last_act(page: CasePage) -> tuple[str, str, datetime] | None:
    """(who, what, when) of the newest act, for somebody who came too late."""
    change = page.last
    if change is None:
        return None
    return history.who(change.actor_kind, change.actor_id), REGISTRATION.labels[change.to_status].office, change.at


def _time_left(application: Application) -> TimeLeft | None:
    """A decided case keeps the moment it was due, but nothing runs any more."""
    if application.status not in WAITING:
        return None
    return time_left(application.due_at, application.warn_at)


def _spent(application: Application) -> Spent | None:
    """None for what never went back to its resident."""
    calendar, away = calendar_for(), _away(application)
    if not away:
        return None
    until = application.declared_complete_at or (clock.now() if application.status in OPEN else application.updated_at)
    resident = sum(worked(calendar, away))
    whole = working_minutes_between(calendar, application.submitted_at, until)
    return Spent(length_of(max(0, whole - resident)), length_of(resident))


def _away(application: Application) -> Spans:
    moves = ((move.application_id, move.act, move.at) for move in changes_of(application.id))
    return spans_among(moves).get(application.id, ())


def _acts(application: Application, staff: Staff, bar: str | None, held: bool) -> Acts:
    def is_open(act: str) -> bool:
        return bar is None and REGISTRATION.open_to(act, application.status, partial(holds, staff))

    return Acts(
        declare=is_open("declare_complete"), approve=is_open("approve"), give_back=is_open("return"),
        reject=is_open("reject"), held=held,
    )


def _rows(application: Application, person: Personal, is_open: bool) -> tuple[tuple[str, str, str], ...]:
    about = ("application", application.id)
    proven = "terbukti" if proving.is_proven(about, person.whatsapp_number) else "belum terbukti"
    way = [("Kabar lewat", WITHOUT_WHATSAPP[person.reached_by], "")] if person.reached_by else []
    return (*way, *(
        (field.label, (field.show if is_open else field.mask)(getattr(person, field.key)),
         proven if field.key == "whatsapp_number" and not way else "")
        for field in asked(person.reached_by) if field in ON_DESK or field.key == "whatsapp_number"
    ))


def _flags(application: Application) -> tuple[str, ...]:
    hints = [hint_text(photo.kind, hint) for photo in application.photos for hint in photo.hints]
    return (*(flag_text(code) for code in dict.fromkeys(application.flags)), *hints)


def _previews(application: Application, acts: Acts, proposed: frozenset[str]) -> dict[str, str]:
    """Text of the message by act, as far as it is known before anybody chooses a reason."""
    texts = {}
    if acts.give_back and (reasons := messages.given_reasons(proposed)):
        texts["kembalikan"] = messages.preview_return(application, reasons)
    if acts.declare:
        texts["lengkap"] = messages.preview(application, messages.DECLARED, messages.declared(application, clock.now()))
    if acts.approve:
        texts["setujui"] = messages.preview(application, messages.APPROVED, messages.approved(application))
    return texts


def _name(staff_id: str | None) -> str:
    return db.session.get_one(Staff, staff_id).name if staff_id else ""
