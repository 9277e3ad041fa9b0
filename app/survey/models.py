"""Rows of the survey. An answer knows its month and nothing of who gave it: no row names both an answer and a
person, a registration, a complaint, a number or a link (docs/survey.md)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.survey.elements import CODES, PLACES, PROFILE, SERVICES, WAYS


class SurveyAnswer(Base):
    """One filled-in form. `month` is the first day of its month (WIB): a moment would lead back to a phone.
    `suggestion_sealed` is free text, in which people write names; `quotable` once somebody saw that it has none."""

    __tablename__ = "survey_answer"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    month: Mapped[date] = mapped_column(Date)
    way: Mapped[str] = mapped_column(String(10))
    service: Mapped[str] = mapped_column(String(12))
    u1: Mapped[int] = mapped_column(SmallInteger)
    u2: Mapped[int] = mapped_column(SmallInteger)
    u3: Mapped[int] = mapped_column(SmallInteger)
    u4: Mapped[int] = mapped_column(SmallInteger)
    u5: Mapped[int] = mapped_column(SmallInteger)
    u6: Mapped[int] = mapped_column(SmallInteger)
    u7: Mapped[int] = mapped_column(SmallInteger)
    sarpras: Mapped[int] = mapped_column(SmallInteger)
    aduan: Mapped[int] = mapped_column(SmallInteger)
    sex: Mapped[str] = mapped_column(String(10), default="")
    age: Mapped[str] = mapped_column(String(10), default="")
    education: Mapped[str] = mapped_column(String(10), default="")
    work: Mapped[str] = mapped_column(String(10), default="")
    suggestion_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    quotable: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        CheckConstraint(f"way IN {tuple(WAYS)}", name="known_way"),
        CheckConstraint(f"service IN {tuple(SERVICES)}", name="known_service"),
        CheckConstraint(" AND ".join(f"{code} BETWEEN 1 AND 4" for code in CODES), name="marks_1_to_4"),
        *(CheckConstraint(f"{key} IN {('', *choices)}", name=f"known_{key}")
          for key, (_, choices) in PROFILE.items()),
        Index("ix_survey_answer_month", "month"),
    )

    def mark(self, code: str) -> int:
        return getattr(self, code)


class SurveyLink(Base):
    """A link that may be used once. It is removed when it is, so that no row says which answer came by it. The
    same for a sheet that was sent twice: `token_hash` is the SHA-256 of what the browser brings."""

    __tablename__ = "survey_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    service: Mapped[str] = mapped_column(String(12))
    until: Mapped[date] = mapped_column(Date, index=True)

    __table_args__ = (CheckConstraint(f"service IN {tuple(SERVICES)}", name="known_service"),)


class SurveyInvitation(Base):
    """That somebody was asked about this case, so that nobody is asked twice. Not whether they answered."""

    __tablename__ = "survey_invitation"

    about_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    about_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    invited_on: Mapped[date] = mapped_column(Date)


class SurveyTap(Base):
    """How often one of five faces was tapped in a month: a counter, no row per person."""

    __tablename__ = "survey_tap"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    place: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(f"place IN {tuple(PLACES)}", name="known_place"),
        CheckConstraint("value BETWEEN 1 AND 5", name="value_1_to_5"),
    )


class SurveyNotice(Base):
    """An answer that says somebody paid, or gives an element the worst mark: a supervisor looks at it."""

    __tablename__ = "survey_notice"

    answer_id: Mapped[str] = mapped_column(ForeignKey("survey_answer.id"), primary_key=True)
    opened_on: Mapped[date] = mapped_column(Date)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    remark_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class RatingNotice(Base):
    """A complaint whose answer was rated 1: a supervisor looks at it, and may open it again."""

    __tablename__ = "rating_notice"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    remark_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
