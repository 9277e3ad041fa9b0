"""Acts of the office on one application. Each writes status, journal line and message together.

Every act names the version the page showed and the token of the claim; whoever is late changes
nothing. The message waits a minute, so that the act can be taken back before anybody hears of it.
"""

from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.base.services import city
from app.casework import claims, notes, undo
from app.casework.acting import acting
from app.casework.desk import Seen
from app.citizen_account.account import create_citizen
from app.city.dates import show_moment
from app.messages import outbox
from app.registration import bursts
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal, open_pin, reached_at
from app.registration.reasons import REJECT, RETURN, offered
from app.registration.receipt import account_of, tell_received
from app.registration.service import renew_pin
from app.registration.status import COMPLETE, REGISTRATION, SUBMITTED
from app.registration.transitions import GivenReason, change_status
from app.review import evidence as case_evidence
from app.review import messages, rechecks, rights
from app.review.desk import DESK, find_case
from app.review.evidence import Evidence
from app.review.models import RETURNED_LATE, SecondLook
from app.review.rights import own_bar
from app.web.access import holds


def open_case(application_id: str, staff: Staff, claim: bool = True) -> Application:
    """One application for the desk. Opening it is a journal line (UU 27/2022 art. 31), and claims it
    for who may work on it when it is free."""
    with transaction():
        application = find_case(application_id)
        journal.record("case_viewed", actor=journal.Actor("staff", staff.id), about=("application", application.id))
        if claim and rights.works_on(application, staff):
            claims.take(DESK, application.id, staff.id)
    return application


def declare_complete(seen: Seen, given: Evidence) -> None:
    """Start the promised clock (standar pelayanan C: 1 hari kerja sejak dinyatakan lengkap).

    Raises FormRejected naming what has not been looked at.
    """
    keep_answers(seen, given)
    with undo.doing(DESK, seen) as done:
        application = done.case
        REGISTRATION.next_state("declare_complete", application.status)
        case_evidence.rest_on_answers(application, seen.staff)
        _change(done, "declare_complete", seen)
        close_second_look(application)
        values = messages.declared(application, application.declared_complete_at)
        _tell(done, messages.DECLARED, values)
        if not rights.works_on(application, seen.staff):
            claims.let_go(DESK, application)


def approve(seen: Seen, given: Evidence, why_alone: str = "") -> None:
    """Create the account, provisionally when SIAK could not be opened. Raises AccountExists (409) when the NIK
    has one already, FormRejected as for the declaration."""
    keep_answers(seen, given)
    with undo.doing(DESK, seen) as done:
        application = done.case
        REGISTRATION.next_state("approve", application.status)
        look = case_evidence.rest_on_answers(application, seen.staff, why_alone)
        case_evidence.say_why_alone(application, seen.staff, why_alone)
        _change(done, "approve", seen)
        _decided(application)
        citizen = create_citizen(application)
        case_evidence.write_basis(application, seen.staff, look)
        if case_evidence.is_provisional(look):
            rechecks.open_recheck(application, citizen, seen.staff)
        _tell(done, messages.APPROVED, messages.approved(application))


def return_for_mending(seen: Seen, reasons: tuple[GivenReason, ...], why_declared: str = "") -> None:
    """Send back the named items. Raises FormRejected when none is named, a code is foreign, or, after
    a declaration, `why_declared` does not say why it was declared complete."""
    with undo.doing(DESK, seen) as done:
        application = done.case
        after_declaration = application.status == COMPLETE
        if after_declaration and not REGISTRATION.open_to("return", COMPLETE, partial(holds, seen.staff)):
            raise NotAllowed("Berkas sudah dinyatakan lengkap. Pengembalian dilakukan oleh operator.")
        check_reasons(reasons, RETURN, application)
        if after_declaration:
            _explain(application, seen, why_declared)
        now = _change(done, "return", seen, reasons).at
        close_second_look(application)
        claims.drop(DESK, application.id)
        values = messages.returned(application, reasons, now, messages.return_link(application, now))
        _tell(done, messages.RETURNED, values)


def reject(seen: Seen, reason: GivenReason, why_alone: str = "") -> None:
    """Refuse with one listed ground. Raises FormRejected for a ground that is not in the list."""
    with undo.doing(DESK, seen) as done:
        application = done.case
        check_reasons((reason,), REJECT, application)
        case_evidence.say_why_alone(application, seen.staff, why_alone)
        _change(done, "reject", seen, (reason,))
        _decided(application)
        _tell(done, messages.REJECTED, messages.rejected(application, reason))


def still_held(seen: Seen) -> Application:
    """The case, when an act on this page would not be too late now. Raises what the act would."""
    with acting(DESK, seen) as application:
        return application


def keep_answers(seen: Seen, given: Evidence) -> None:
    """Before an act, in a transaction of its own: what was answered stays answered although the act is
    refused, so that seeing the answers of others cannot be undone. Raises what the act would."""
    with acting(DESK, seen) as application:
        case_evidence.keep(application, given, seen.staff)


def close_second_look(application: Application) -> None:
    """Somebody went on with the case: nobody is waited for any more. Inside the caller's transaction."""
    db.session.execute(
        update(SecondLook).where(SecondLook.application_id == application.id, SecondLook.closed_at.is_(None))
        .values(closed_at=clock.now())
    )


def save_work(seen: Seen, given: Evidence, note: str | None = None) -> Evidence:
    """Keep answers and draft note while somebody works. Raises ClaimLost; needs no version."""
    with transaction():
        application = find_case(seen.case_id, lock=True)
        claims.check(DESK, application, seen.token, seen.staff)
        if note is not None:
            notes.save_working_note(("application", application.id), note, seen.staff.id)
        return case_evidence.keep(application, given, seen.staff)


def check_reasons(reasons: tuple[GivenReason, ...], act: str, application: Application) -> None:
    """Raises FormRejected unless there is a reason and all stand in the catalogue for this act and this person."""
    if not reasons:
        raise FormRejected({"reasons": ["Pilih paling sedikit satu alasan."]})
    known = {(one.code, one.item if act == RETURN else "") for one in offered(act, application.reached_by)}
    for reason in reasons:
        if (reason.code, reason.item if act == RETURN else "") not in known:
            raise FormRejected({"reasons": ["Alasan ini tidak ada dalam daftar."]})


def _explain(application: Application, seen: Seen, why_declared: str) -> None:
    """Returning after the declaration is counted by these notes, so that the clock cannot be gamed."""
    if not why_declared:
        raise FormRejected({"why_declared": ["Tulis mengapa berkas ini dinyatakan lengkap."]})
    note = notes.add_note(("application", application.id), RETURNED_LATE, why_declared, seen.staff.id)
    journal.record(
        "returned_after_declaration", actor=seen.actor, about=("application", application.id),
        detail={"note": note.id},
    )


def _decided(application: Application) -> None:
    close_second_look(application)
    claims.drop(DESK, application.id)


def _change(done: undo.Doing, act: str, seen: Seen, reasons: tuple[GivenReason, ...] = ()) -> StatusChange:
    change = change_status(done.case, act, seen.actor, reasons)
    done.act, done.event_id = act, change.id
    return change


def _tell(done: undo.Doing, template: str, values: dict[str, str]) -> None:
    done.sent.append(messages.tell(done.case, template, values, done.not_before))


def mark_looked(application_id: str, version: int, staff: Staff) -> None:
    """Move the case to its place in the queue; its receipt and the journal line are written with it.

    Raises StaleDecision when somebody did so before or the resident withdrew it, NotAllowed for one's own.
    """
    with transaction():
        application = find_case(application_id, lock=True)
        if not application.to_look or application.status != SUBMITTED or application.version != version:
            raise StaleDecision()
        if (bar := rights.bar_to(application, staff)) != rights.LOOK_FIRST:
            raise NotAllowed(bar)
        application.to_look = False
        look = bursts.look_of(application.id)
        look.looked_at, look.looked_by = clock.now(), staff.id
        journal.record(
            "application_looked_at", actor=journal.Actor("staff", staff.id), about=("application", application.id),
            detail={"signs": look.signs},
        )
        tell_received(application, account_of(application))


# A new PIN, for a resident who lost the receipt and came to the counter with the card.

PIN_GIVEN = "pin_renewed"
PIN_SHOWN_FOR = timedelta(minutes=10)  # to whoever gave it, should the page be loaded again
CARD_FIRST = "Cocokkan dulu orangnya dengan KTP asli, lalu beri tanda centang."


def give_pin(application_id: str, staff: Staff, card_seen: bool) -> None:
    """The old PIN and the pages opened with it end; the resident is told where they hear from us.

    Raises FormRejected until the card was looked at, NotAllowed for one's own registration or that of one's KK,
    StaleDecision for one that is erased.
    """
    if not card_seen:
        raise FormRejected({"card_seen": [CARD_FIRST]})
    with transaction():
        application, now = find_case(application_id, lock=True), clock.now()
        if (barred := own_bar(application, staff)) is not None:
            raise NotAllowed(barred)
        if application.pin_sealed is None:
            raise StaleDecision("Data pendaftaran ini sudah dihapus, jadi tidak ada PIN.")
        renew_pin(application)
        about, person = ("application", application.id), open_personal(application)
        journal.record(PIN_GIVEN, actor=journal.Actor("staff", staff.id), about=about)
        outbox.enqueue("pin_diganti", to=reached_at(person), about=about, variables={
            "nama": person.greeting_name, "kode": application.number, "tgl_jam": show_moment(now),
            "kontak": city().contacts.phone,
        })


def pin_just_given(application: Application, staff: Staff) -> str:
    """The PIN, for whoever gave it a moment ago; else nothing."""
    query = select(JournalLine.actor_id).where(
        JournalLine.about_kind == "application", JournalLine.about_id == application.id,
        JournalLine.action == PIN_GIVEN, JournalLine.at > clock.now() - PIN_SHOWN_FOR,
    ).order_by(JournalLine.seq.desc()).limit(1)
    return open_pin(application) if db.session.scalar(query) == staff.id else ""
