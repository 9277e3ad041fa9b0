"""Time left is said in the same words on every page of every desk."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.base import clock
from app.casework.clocks import time_left, time_left_of_all_hours
from tests.aging import ended
from tests.builders import CITIZEN_PASSWORD, RESIDENT
from tests.complaints import Handler, a_ticket
from tests.desk import a_case, officer
from tests.rights_pages import DESK, Clerk, Owner

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LENGTH = r"(\d+ hari kerja|\d+ hari( \d+ jam)?|\d+ jam( \d+ menit)?|\d+ menit)"
WORDS = re.compile(rf"^([A-Z][a-z ]+: )?(sisa|lewat) {LENGTH} \(?[a-z ]*[A-Z][a-z]{{2}} \d\d/\d\d \d\d\.\d\d\)?$")
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10.00 in Probolinggo


def said_on(page) -> list[str]:
    found = [" ".join(one.get_text().split()).removeprefix("! ") for one in page.soup.select(".left")]
    assert found, page.text
    return found


def test_every_list_and_every_case_says_time_left_with_the_same_words(app, time):
    ended(app, "active")
    application_id, ticket_id = a_case(app, 2), a_ticket(app)
    owner = Owner(app.test_client())
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    owner.asks("restriction")
    for days in (0, 1, 40):
        time.moves(days=days)
        person = officer(app, "rina")
        clerk, handler = Clerk(person.client), Handler(person.client)
        pages = (
            person.open("/petugas/"), person.opens_case(application_id), handler.open("/petugas/pengaduan"),
            handler.reads(ticket_id), clerk.open(DESK), clerk.opens_first(),
        )
        for page in pages:
            assert all(WORDS.match(words) for words in said_on(page)), said_on(page)


def test_an_answered_complaint_says_when_it_closes_in_the_same_words(app, staff_client):
    handler, ticket_id = Handler(staff_client("petugas")), a_ticket(app)
    handler.answers(ticket_id)
    (words,) = said_on(handler.open("/petugas/pengaduan?tab=dijawab"))
    assert WORDS.match(words) and "sisa 10 hari kerja ditutup otomatis" in words


def test_no_template_but_the_one_part_says_it():
    own = [
        path.relative_to(TEMPLATES).as_posix() for path in sorted(TEMPLATES.rglob("*.html"))
        if re.search(r"""class=["'][^"']*\bleft\b""", path.read_text())
    ]
    assert own == ["casework/parts.html"]


@pytest.mark.parametrize(("left", "words"), [
    (timedelta(hours=72), "sisa 3 hari"), (timedelta(hours=25, minutes=59), "sisa 1 hari 1 jam"),
    (timedelta(minutes=59), "sisa 59 menit"), (timedelta(hours=3, minutes=20), "sisa 3 jam 20 menit"),
    (timedelta(), "baru lewat"), (timedelta(minutes=-1), "lewat 1 menit"),
    (timedelta(hours=-30), "lewat 1 hari 6 jam"),
])
def test_a_clock_of_the_law_counts_nights_and_holidays(monkeypatch, left, words):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    assert time_left_of_all_hours(MONDAY + left).words == words


@pytest.mark.parametrize(("due", "words"), [
    (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "sisa 5 jam"),
    (datetime(2026, 12, 7, 9, 0, tzinfo=UTC), "sisa 10 hari kerja"),
    (datetime(2026, 11, 23, 2, 40, tzinfo=UTC), "lewat 20 menit"),
    (datetime(2026, 11, 9, 9, 0, tzinfo=UTC), "lewat 10 hari kerja"),
])
def test_a_clock_of_the_office_counts_its_hours_and_beyond_a_week_its_days(app_context, monkeypatch, due, words):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    assert time_left(due).words == words


def test_who_is_near_the_end_is_told_by_tone_and_words(app_context, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    due = MONDAY + timedelta(hours=2)
    assert [time_left(due, warn_at).tone for warn_at in (None, due, MONDAY)] == ["", "", "soon"]
    assert time_left(MONDAY, MONDAY).tone == "late" and time_left(None) is None
