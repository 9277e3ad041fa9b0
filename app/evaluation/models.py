"""Rows of the registers and of the yearly evaluation."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id

# standard K
EDUCATION: dict[str, str] = {"slta": "SLTA", "s1": "S1", "s2": "S2"}
KNOWLEDGE: dict[str, str] = {
    "computer": "Bisa mengoperasikan komputer", "procedure": "Memahami sistem dan prosedur layanan",
    "communication": "Berkomunikasi dengan baik",
}
# standard J
FACILITIES: dict[str, str] = {
    "internet": "Jaringan internet", "supplies": "ATK", "computer": "Komputer", "printer": "Printer",
    "siak": "Aplikasi SIAK", "other": "Lainnya",
}
PLANNED, RUNNING, DONE, DROPPED = "planned", "running", "done", "dropped"
ACTION_STATES: dict[str, str] = {
    PLANNED: "Direncanakan", RUNNING: "Sedang dikerjakan", DONE: "Selesai", DROPPED: "Tidak jadi",
}
LETTERS = "ABCDEFGHIJKLMN"


class StaffCompetence(Base):
    """What standard K asks of one member of staff, as somebody checked it on a day."""

    __tablename__ = "staff_competence"

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    education: Mapped[str] = mapped_column(String(10), default="")
    computer: Mapped[bool] = mapped_column(default=False)
    procedure: Mapped[bool] = mapped_column(default=False)
    communication: Mapped[bool] = mapped_column(default=False)
    checked_on: Mapped[date] = mapped_column(Date)
    checked_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (CheckConstraint(f"education IN {('', *EDUCATION)}", name="known_education"),)


class StaffTraining(Base):
    """One training, with its proof as a sealed object of the photo store."""

    __tablename__ = "staff_training"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    content_type: Mapped[str] = mapped_column(String(60), default="")
    sealed_sha256: Mapped[str] = mapped_column(String(64), default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))


class Facility(Base):
    """One thing of standard J. `quantity` below `least` warns, and so does a contract near `valid_until`."""

    __tablename__ = "facility"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120), default="")
    quantity: Mapped[int] = mapped_column(default=1)
    least: Mapped[int] = mapped_column(default=0)
    valid_until: Mapped[date | None] = mapped_column(Date)
    repairer: Mapped[str] = mapped_column(String(120), default="")
    retired_on: Mapped[date | None] = mapped_column(Date)
    faults: Mapped[list["FacilityFault"]] = relationship(order_by="FacilityFault.began_on", viewonly=True)

    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(FACILITIES)}", name="known_kind"),
        CheckConstraint("quantity >= 0 AND least >= 0", name="counted_up"),
    )


class FacilityFault(Base):
    __tablename__ = "facility_fault"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), index=True)
    what: Mapped[str] = mapped_column(String(300))
    began_on: Mapped[date] = mapped_column(Date)
    repairer: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date | None] = mapped_column(Date)
    reported_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    mended_on: Mapped[date | None] = mapped_column(Date)
    mended_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class DataBreach(Base):
    """A failure of protection (UU 27/2022 art. 46): told to the people and the authority within 3 x 24 hours."""

    __tablename__ = "data_breach"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(String(500))
    people: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(500), default="")
    recorded_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))


class StandardVersion(Base):
    """The standard as it was approved. `content` is its text then; `content_hash` shows whether the city file still
    says the same."""

    __tablename__ = "standard_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(Date)
    approved_by: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(200), default="")
    change: Mapped[str] = mapped_column(String(1000))
    content: Mapped[list] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))


class Evaluation(Base):
    """The evaluation of one year. `figures` are frozen with their definitions, `fingerprint` is their SHA-256; after
    the signature nothing of it changes any more but what becomes of its actions."""

    __tablename__ = "evaluation"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    started_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    figures: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    conclusion: Mapped[str] = mapped_column(Text, default="")
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    findings: Mapped[list["Finding"]] = relationship(order_by="Finding.recorded_at", viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("(frozen_at IS NULL) = (fingerprint = '')", name="frozen_is_whole"),
        CheckConstraint("signed_at IS NULL OR frozen_at IS NOT NULL", name="signed_after_freezing"),
    )


class Finding(Base):
    """What was found, by a letter of the standard, and what is done about it: who, until when, and how far it is."""

    __tablename__ = "evaluation_finding"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    year: Mapped[int] = mapped_column(ForeignKey("evaluation.year"), index=True)
    letter: Mapped[str] = mapped_column(String(1))
    what: Mapped[str] = mapped_column(String(500))
    action: Mapped[str] = mapped_column(String(500))
    owner: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default=PLANNED)
    news: Mapped[str] = mapped_column(String(500), default="")
    state_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (
        CheckConstraint(f"state IN {tuple(ACTION_STATES)}", name="known_state"),
        CheckConstraint(f"letter IN {tuple(LETTERS)}", name="known_letter"),
    )
