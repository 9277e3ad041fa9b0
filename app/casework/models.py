"""What every kind of case shares in rows: who works on it, notes, drafts, presence.

`about_kind` and `case_id` name the case as the journal does; the rows go with it when it is erased.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, column, table
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime

# of the staff the engine knows no more than this
STAFF = table("staff", column("id"), column("name"), column("disabled_at"))


class Worked:
    """Columns of a case on a desk, written beside its version. The claim says who works on it now, `assigned_to`
    whose it lastingly is, `taken_up_at` when somebody first began. `warn_at` is when its clock warns,
    `next_warning_at` when the worker looks next."""

    claim_token: Mapped[str | None] = mapped_column(String(32))
    claim_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_warning_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr
    def claimed_by(cls) -> Mapped[str | None]:
        return mapped_column(ForeignKey("staff.id"))

    @declared_attr
    def assigned_to(cls) -> Mapped[str | None]:
        return mapped_column(ForeignKey("staff.id"))


class CaseEvent:
    """Columns of a table of acts on cases of one kind: who, when, from, to. Never changed
    afterwards."""

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(20))
    from_status: Mapped[str] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str] = mapped_column(String(32), default="")


class CaseNote(Base):
    """What a member of staff wrote about a case, sealed. `kind` says which note it is. `staff_id` is None when the
    house itself notes something; `sealed_as` says what the words are bound to."""

    BY_ROW = "row"

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_as: Mapped[str] = mapped_column(String(60), default="", server_default="")

    __table_args__ = (Index("ix_case_note_case", "case_id", "about_kind", "kind"),)


class CaseDraft(Base):
    """What somebody typed into a form of a case and has not sent yet, sealed: one of each form and person."""

    __tablename__ = "case_draft"

    about_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    typed_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class CaseAct(Base):
    """One act that can, or could, be taken back within a minute. `event_id` is the kind's own row of the act,
    `version` what it made of the case, `before` the columns as they stood, `messages` ids of what it sends."""

    __tablename__ = "case_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[str] = mapped_column(String(32))
    act: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[int]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int]
    before: Mapped[dict] = mapped_column(JSON)
    messages: Mapped[list] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_case_act_case", "case_id", "about_kind", "id"),)


class CasePresence(Base):
    """Who has a case open, and since when they type. A row older than some seconds means nothing."""

    __tablename__ = "case_presence"

    about_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    writing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseView(Base):
    """How somebody looks at a list: tab, filters and order as its address has them. Named ones are kept on purpose;
    the one without a name is how this person last looked."""

    __tablename__ = "case_view"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    list_name: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    parameters: Mapped[dict] = mapped_column(JSON)


class CaseLabel(Base):
    """A short word of the office on a case; it says nothing of a person."""

    __tablename__ = "case_label"

    about_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(30), primary_key=True)

    __table_args__ = (Index("ix_case_label_word", "about_kind", "label", "case_id"),)


class CaseReminder(Base):
    """A colleague was reminded of a case of theirs, while it had this version."""

    __tablename__ = "case_reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    about_kind: Mapped[str] = mapped_column(String(20))
    case_id: Mapped[str] = mapped_column(String(32))
    to_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    by_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    version: Mapped[int]

    __table_args__ = (Index("ix_case_reminder_to", "to_id", "about_kind", "at"),)


class CaseBulk(Base):
    """One act on many cases at once; what was typed for all of them is sealed."""

    __tablename__ = "case_bulk"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    list_name: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    typed_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseBulkItem(Base):
    """What became of one case of it: done, refused with the reason, or taken back with `before`."""

    __tablename__ = "case_bulk_item"

    bulk_id: Mapped[str] = mapped_column(ForeignKey("case_bulk.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict] = mapped_column(JSON)
