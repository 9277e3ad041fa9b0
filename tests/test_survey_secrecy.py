"""Nobody can say who answered: over the schema, and over a dump of the database."""

import re
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.survey import inviting
from app.survey.elements import CODES
from app.survey.models import RatingNotice, SurveyAnswer, SurveyLink, SurveyNotice
from tests.builders import RESIDENT
from tests.survey import GOOD, Respondent, decided


def test_no_table_joins_an_answer_to_a_person():
    """Over the schema: an answer has no key to anything, and only the notice about it has one to it."""
    answer = db.metadata.tables["survey_answer"]
    assert not answer.foreign_keys
    naming = {table.name for table in db.metadata.tables.values() for key in table.foreign_keys
              if key.column.table is answer}
    assert naming == {"survey_notice"}
    others = {key.column.table.name for key in db.metadata.tables["survey_notice"].foreign_keys}
    assert others == {"survey_answer", "staff"}, "the member of staff who settled it"
    told = {"id", "month", "way", "service", *CODES, "sex", "age", "education", "work", "suggestion_sealed",
            "quotable"}
    assert set(answer.columns.keys()) == told
    assert not db.metadata.tables["survey_link"].foreign_keys


@pytest.mark.usefixtures("on_sqlite")
def test_a_dump_of_the_database_leads_from_no_person_to_an_answer(app, client, time, tmp_path):
    time.moment = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    application_id = decided(app, time, consent=True)
    with app.app_context():
        time.moves(days=1, minutes=1)
        inviting.invite_due()
        link = open_payload(db.session.scalars(select(OutboxMessage)).one()).variables["tautan"]
        db.session.remove()
    path = "/survei/t/" + link.rsplit("/", 1)[1]
    Respondent(client).answers({**GOOD, "u4": 1}, start=path, suggestion="Rahasia saya")
    dump = list(sqlite3.connect(tmp_path / "loket.sqlite3").iterdump())
    with app.app_context():
        answer_id = db.session.scalar(select(SurveyAnswer.id))
        assert db.session.scalar(select(func.count()).select_from(SurveyLink)) == 0, "the link is gone with its answer"
    of_answer = [line for line in dump if answer_id in line]
    assert {re.match(r'INSERT INTO "(\w+)"', line)[1] for line in of_answer} == {"survey_answer", "survey_notice"}
    row = next(line for line in of_answer if '"survey_answer"' in line)
    for secret in (application_id, "2026-11-24", path[-32:], "Rahasia", RESIDENT["nik"], "81200001001"):
        assert secret not in row
    assert "'2026-11-01'" in row, "the month, and nothing nearer"


def test_the_notice_of_an_answer_knows_the_day_and_no_moment():
    assert str(SurveyNotice.__table__.c.opened_on.type) == "DATE"
    assert {column.name for column in RatingNotice.__table__.columns}.isdisjoint({"answer_id"})
