"""Writes the invented past: a few thousand rows in one transaction, each state by the table of states and each end by
the clock of the product, each act with its line of the journal and its message. `fsck` finds nothing to say about it.
"""

import json
from collections import Counter
from datetime import datetime
from random import Random

from sqlalchemy import func, select

from app.accounts.models import Citizen, Staff
from app.base import journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.ids import new_id, new_pin, readable_code
from app.base.journal_line import JournalLine
from app.base.sealing import seal_record
from app.base.services import city, sealer, settings
from app.city.dates import show_date, show_moment
from app.city.worktime import Calendar
from app.demo import past_guarantee
from app.demo.past import Act, Story
from app.messages import states, texts
from app.messages.addresses import WHATSAPP, contact_index
from app.messages.catalogue import message_for
from app.messages.models import OutboxMessage
from app.messages.outbox import Payload
from app.registration.mend_plan import last_day_after
from app.registration.models import Application, Photo, Reason, StatusChange
from app.registration.personal import name_word_rows, seal_for_citizen, seal_personal, seal_pin
from app.registration.photo_kinds import KINDS
from app.registration.reasons import reason_of
from app.registration.receipt import RECEIPT
from app.registration.status import COMPLETE, DRAFT, PROMISE, REGISTRATION
from app.registration.steps import COUNTED as STEPS
from app.registration.steps import StepCount
from app.registration.transitions import GivenReason
from app.review import messages
from app.review.models import AccountBasis

LOST_CODES = ("63016", "63024", "63049")
LOST = 0.02
SITE_PAGE = "/lacak"


class Book:
    """Everything that is to be written, until `write` puts it down in the order of time."""

    def __init__(self, calendar: Calendar, rng: Random):
        self.calendar, self.rng = calendar, rng
        staff = db.session.scalars(select(Staff).order_by(Staff.username)).all()
        self.staff = {role: [one.id for one in staff if one.role == role and not one.jabatan]
                      for role in dict.fromkeys(one.role for one in staff)}
        self.applications: list[Application] = []
        self.rows: list = []
        self.after: list = []  # leads to rows by its key
        self.changes: list[tuple[StatusChange, tuple[str, str] | None]] = []
        self.lines: list[JournalLine] = []

    def known(self) -> int:
        """How many people of an earlier past have accounts or registrations."""
        return db.session.scalar(select(func.count()).select_from(Application))

    def tell(self, stories: list[Story]) -> None:
        for story in stories:
            self._story(story)

    def write(self) -> None:
        """In one transaction. The journal goes on from its head."""
        self.changes.sort(key=lambda pair: pair[0].at)
        self._count_steps()
        self.lines.sort(key=lambda line: line.at)
        with transaction() as session:
            for rows in (self.applications, self.rows, self.after):
                session.add_all(rows)
                session.flush()
            session.add_all(change for change, _ in self.changes)
            session.flush()
            session.add_all(
                Reason(change_id=change.id, item=given[0], code=given[1]) for change, given in self.changes if given
            )
            if self.lines:
                journal.record_past(self.lines)
        db.session.expunge_all()  # else every later commit looks at all of them again

    def line(self, at: datetime, action: str, about: tuple[str, str], by: journal.Actor, detail: dict | None = None):
        self.lines.append(JournalLine(
            at=at, actor_kind=by.kind, actor_id=by.id, action=action, about_kind=about[0], about_id=about[1],
            detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False), device="", address_mark="",
        ))

    def message(self, at: datetime, template: str, number: str, about: tuple[str, str], values: dict[str, str]) -> None:
        """One that went out then; a few never arrived."""
        message, row_id = message_for(template), new_id()
        lost = self.rng.random() < LOST
        payload = Payload(number, texts.cleaned(message, values))
        self.rows.append(OutboxMessage(
            id=row_id, channel=WHATSAPP, template=template, about_kind=about[0], about_id=about[1],
            to_index=contact_index(number), created_at=at, next_try_at=at, state_at=at, first_try_at=at, attempts=1,
            share=message.share, state=states.FAILED if lost else states.DELIVERED,
            error_code=self.rng.choice(LOST_CODES) if lost else None, check_code=readable_code(8),
            payload_sealed=seal_record(sealer(), payload, f"outbox:{row_id}"),
        ))

    def _count_steps(self) -> None:
        """For each form that was sent, those that were begun and given up on the way."""
        counts: Counter = Counter()
        for application in self.applications:
            day = application.created_at.astimezone(WIB).date()
            given_up = self.rng.choices(range(len(STEPS) + 1), (5, 9, 6, 3, 11, 2, 64))[0]
            for number in (len(STEPS), given_up):
                counts.update((day, step) for step in list(STEPS)[:number])
        for (day, step), number in counts.items():
            row = db.session.get(StepCount, (day, step)) or StepCount(day=day, step=step, number=0)
            row.number += number
            self.rows.append(row)

    def _story(self, story: Story) -> None:
        application = self._application(story)
        about = ("application", application.id)
        for act in story.acts:
            by = journal.Actor("staff", self.rng.choice(self.staff[act.by])) if act.by else journal.VISITOR
            by = journal.SYSTEM if act.name == "expire" else by
            before, application.status = application.status, REGISTRATION.next_state(act.name, application.status)
            self.changes.append((StatusChange(
                application_id=application.id, act=act.name, from_status=before, to_status=application.status,
                at=act.at, actor_kind=by.kind, actor_id=by.id,
            ), act.reason))
            said = {"reasons": [":".join(act.reason)]} if act.reason else {"reasons": []}
            self.line(act.at, f"application_{act.name}", about, by, {"from": before, "to": application.status, **said})
            self._moments(application, act, by.id)
            if spoken := self._spoken(application, story, act):
                self.message(act.at, spoken[0], story.person.whatsapp_number, about, spoken[1])
            if act.name == "approve":
                self._account(application, story, act.at)
        if application.decided_at and application.decided_at > application.due_at:
            past_guarantee.follow(self, application, story.person.whatsapp_number, story.person.full_name)

    def _application(self, story: Story) -> Application:
        sent, notice = story.acts[0].at, city().privacy
        application = Application(
            id=new_id(), status=DRAFT, number=readable_code(8), flags=[], notice_version=notice.version,
            notice_hash="0" * 64, notice_accepted_at=sent, survey_consent=self.rng.random() < 0.4, created_at=sent,
            updated_at=story.acts[-1].at, submitted_at=sent, password_hash="",
        )
        seal_personal(application, story.person)
        seal_pin(application, new_pin())
        over = max(story.acts[-1].at, sent)
        self.applications.append(application)
        self.rows += name_word_rows(application, story.person.full_name)
        self.rows += [Photo(
            id=new_id(), application_id=application.id, kind=kind, storage_key=new_id(), thumbnail_key=new_id(),
            sealed_sha256="", fingerprint=new_id(), perceptual_hash="", width=0, height=0, created_at=sent,
            erased_at=over,
        ) for kind in KINDS]
        self.line(over, "photos_erased", ("application", application.id), journal.SYSTEM)
        return application

    def _moments(self, application: Application, act: Act, staff_id: str) -> None:
        if act.name == "resubmit":
            application.mended = True
        elif act.name == "declare_complete":
            application.declared_complete_at, application.declared_complete_by = act.at, staff_id
            application.due_at, application.warn_at = PROMISE.moments(self.calendar, application)
        elif act.name in ("approve", "reject"):
            application.decided_at, application.decided_by = act.at, staff_id

    def _spoken(self, application: Application, story: Story, act: Act) -> tuple[str, dict[str, str]] | None:
        """The message of this act: its template and values."""
        name, site = story.person.full_name, settings().public_base_url
        if act.name == "submit":
            return RECEIPT, {"nama": name, "kode": application.number, "tgl_jam": show_moment(act.at),
                             "tautan": f"{site}{SITE_PAGE}"}
        if application.status == COMPLETE:
            return messages.DECLARED, {"nama": name, "kode": application.number, "tgl_jam": show_moment(act.at),
                                       "batas": show_moment(application.due_at)}
        if act.name == "return":
            return messages.RETURNED, {
                "nama": name, "kode": application.number, "daftar_alasan": reason_of(act.reason[1]).in_short,
                "tautan": f"{site}{SITE_PAGE}", "tgl": show_date(last_day_after(act.at)),
                "kontak": city().contacts.phone,
            }
        if act.name == "approve":
            return messages.APPROVED, messages.approved(application)
        return (messages.REJECTED, messages.rejected(application, GivenReason(*act.reason))) if act.reason else None

    def _account(self, application: Application, story: Story, at: datetime) -> None:
        citizen_id = new_id()
        self.rows += [
            Citizen(
                id=citizen_id, application_id=application.id, nik_index=application.nik_index,
                phone_index=application.phone_index, password_hash="", created_at=at,
                personal_sealed=seal_for_citizen(citizen_id, story.person),
            ),
            AccountBasis(
                application_id=application.id, declared_by=application.declared_complete_by,
                decided_by=application.decided_by, alone=False, nik="equal", ktp="ya", name="ya", face="ya", card="ya",
                signature="ya", siak="found", open_doubles=0, at=at,
            ),
        ]
        self.line(at, "account_created", ("citizen", citizen_id), journal.SYSTEM)
