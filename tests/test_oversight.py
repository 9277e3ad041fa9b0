"""Those who oversee: figures that agree with what is counted by hand, charts with their tables, a month signed off, the
weekly note, notices of the office, and what everybody may read."""

import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median

import pytest
from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db, transaction
from app.city.office_calendar import calendar_for
from app.demo import command, past
from app.demo.past_rows import Book
from app.office.contacts import Contact, keep_contact
from app.oversight import charts, figures, notices, pages, public, summary, weekly
from app.process import fsck
from app.registration import minutes
from app.registration.models import Application, StatusChange
from app.registration.status import ACTIVE, REJECTED
from app.registration.steps import StepCount
from app.review.models import SiakOutage
from tests.accounts import staff_sign_in, submit
from tests.browser import Page
from tests.builders import add_staff, an_application, photo_files
from tests.prepared import Prepared
from tests.resident_pages import messages

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)  # Friday, 09.00 WIB


def months(app) -> None:
    """Some 220 registrations of the last months, as the demo invents them."""
    for role in ("petugas", "operator"):
        for number in (1, 2):
            add_staff(app, f"{role}{number}", role)
    with app.app_context():
        rng, calendar = Random(5), calendar_for()
        book = Book(calendar, rng)
        book.tell(past.plan(220, date(2026, 9, 1), NOW.date(), NOW, calendar, rng))
        book.write()


MONTHS = Prepared(months)


@pytest.fixture
def months_of_work(app, time):
    time.moment = NOW
    MONTHS.into(app)
    return app


def by_hand(app, first: datetime, last: datetime) -> tuple[int, int, int]:
    """(approved, promises kept, promises that ended), counted over the rows without any query of the product's."""
    with app.app_context():
        rows = list(db.session.scalars(select(Application)))
    approved = [row for row in rows if row.status == ACTIVE and first <= row.decided_at < last]
    promised = [row for row in rows if row.status in (ACTIVE, REJECTED)]
    kept = [row for row in promised if row.decided_at <= row.due_at and first <= row.decided_at < last]
    broken = [row for row in promised if row.decided_at > row.due_at and first <= row.due_at < last]
    return len(approved), len(kept), len(kept) + len(broken)


def test_the_past_of_the_demo_is_one_the_product_could_have_made(months_of_work):
    with months_of_work.app_context():
        assert fsck.check() == []


def test_every_figure_of_the_head_agrees_with_a_count_by_hand(months_of_work, staff_client):
    app = months_of_work
    approved, kept, of = by_hand(app, datetime(2026, 10, 31, 17, tzinfo=UTC), NOW)
    assert of > kept > 0
    client = staff_client("supervisor", jabatan="kepala_dinas")
    assert client.get("/petugas/").location == "/petugas/ringkasan"
    page = Page(client.get("/petugas/ringkasan"))
    page.audit(fragment=False)
    assert f"{kept} dari {of} janji yang berakhir" in page.text
    assert f"{kept * 1000 // of / 10:g}".replace(".", ",") in page.text
    told = Page(app.test_client().get("/kinerja"))
    told.audit(fragment=False)
    assert f"{kept} dari {of}." in told.text and f"Akun selesai {approved}" in told.text


def test_the_backlog_is_what_had_been_sent_and_was_not_yet_decided(months_of_work):
    with months_of_work.app_context():
        for day in (3, 11, 20):
            moment = datetime(2026, 11, day, 9, tzinfo=UTC)
            newest: dict[str, str] = {}
            for change in db.session.scalars(select(StatusChange).where(StatusChange.at < moment)
                                             .order_by(StatusChange.id)):
                newest[change.application_id] = change.to_status
            waiting = sum(status in ("submitted", "complete") for status in newest.values())
            assert figures.backlog(datetime(2026, 10, 1, tzinfo=UTC), moment)[1] == waiting


def test_the_charts_by_week_day_and_hour_agree_with_a_count_by_hand(months_of_work):
    """Every row looked at in Python, none by a query of the product's; half of them decided by a version that stored
    no minutes."""
    with months_of_work.app_context():
        assert minutes.count_old() and minutes.count_old() == 0
        rows = [row for row in db.session.scalars(select(Application)) if row.decided_at]
        weeks = figures.shown_weeks()
        by_week = [[row for row in rows if week.first <= row.decided_at < week.last] for week in weeks]
        took = [sorted(row.minutes_until_decided for row in those) for those in by_week]
        with transaction():
            for row in rows[::2]:
                minutes.forget_minutes(row)
        first_time = [[not row.mended for row in those if row.status == ACTIVE] for those in by_week]
        sent = [change.at.astimezone(WIB) for change in db.session.scalars(select(StatusChange))
                if change.act == "submit" and change.at >= NOW - timedelta(days=90)]
        promise, _ = pages.times_charts()
        by_hour, by_day = pages.sent_by_hour_and_day()
        right, share = pages.first_time_right(), summary.share_chart()
    middle = [round(median(found) / 60, 1) if found else None for found in took]
    assert sum(value is not None for value in middle) > 8
    assert promise.lines[1].values == pytest.approx(middle, abs=0.1)
    assert right.lines[0].values == [1000 * sum(of) // len(of) / 10 if of else None for of in first_time]
    assert by_hour.bars[0].values == [sum(at.hour == hour for at in sent) for hour in range(24)]
    assert by_day.bars[0].values == [sum(at.weekday() == day for at in sent) for day in range(7)]
    hand = [by_hand(months_of_work, week.first, week.last) for week in weeks]
    assert share.lines[0].values == [1000 * kept // of / 10 if of else None for _, kept, of in hand]


def test_a_day_without_siak_is_shaded_and_hides_nothing(months_of_work):
    with months_of_work.app_context():
        by = db.session.scalars(select(Staff.id)).first()
        with transaction() as session:
            session.add(SiakOutage(began_at=datetime(2026, 11, 12, 2, tzinfo=UTC), recorded_by=by, source="uji",
                                   ended_at=datetime(2026, 11, 12, 7, tzinfo=UTC)))
        plain = summary.flow_chart()
    place = plain.labels.index("12 Nov")
    assert plain.spans == [(place, place, "SIAK mati 12 Nov")]


def test_no_name_nik_or_case_of_a_resident_stands_on_a_page_of_figures(months_of_work, staff_client):
    for jabatan, path in (("kepala_dinas", "ringkasan"), ("sekretaris", "beban-kerja"),
                          ("analis_kebijakan", "analisis"), ("operator_go", "sistem")):
        page = Page(staff_client("supervisor", jabatan=jabatan).get(f"/petugas/{path}"))
        page.audit(fragment=False)
        assert not re.search(r"\b\d{16}\b|\+628|petugas/pendaftaran/", str(page.soup)), path
        assert not set(past.SECOND_NAMES) & set(page.text.split()), path


def test_every_chart_has_its_table_one_tap_away_with_the_same_numbers(months_of_work, staff_client):
    page = Page(staff_client("supervisor", jabatan="analis_kebijakan").get("/petugas/analisis"))
    figures_shown = page.soup.select("figure.chart")
    assert len(figures_shown) >= 5
    for figure in figures_shown:
        assert figure.select_one("details.numbers table") and figure.select_one("svg[role=img][aria-label]")
    with months_of_work.app_context():
        chart = summary.share_chart()
        drawn = sum(len(line.dots) for line in chart.sizes[0].lines)
        assert drawn == sum(value is not None for value in chart.lines[0].values)
    assert "script" not in " ".join(str(figure) for figure in figures_shown)


def test_a_chart_keeps_its_bars_and_words_inside_the_picture():
    chart = charts.Chart("x", [str(n) for n in range(20)], lines=[charts.Series("a", [3, None, 0, 97.5] * 5, "line")],
                         bars=[charts.Series("b", [0, 7, 12, 3] * 5, "solid")], wall=100)
    for drawing in chart.sizes:
        assert all(x >= 0 and x + width <= drawing.width and y >= 0 and y + height <= drawing.floor + 0.2
                   for x, y, width, height, _ in drawing.rects)
        assert all(0 <= x <= drawing.width and 0 <= y <= drawing.floor for x, y in drawing.lines[0].dots)
        assert len(drawing.lines[0].pieces) == 6  # a missing value breaks the line
    assert charts.said(96.4, "%") == "96,4%" and charts.said(100.0) == "100" and charts.said(None) == "-"
    assert figures.percent(999, 1000) == 99.9 and figures.percent(9999, 10000) == 99.9 and figures.percent(0, 0) is None


def test_nothing_is_told_in_public_below_ten_cases(app, client):
    page = Page(client.get("/kinerja"))
    assert "Belum cukup banyak untuk ditampilkan: kurang dari 10" in page.text and "0%" not in page.text
    assert "Kinerja kami bulan" not in Page(client.get("/")).text


def test_public_figures_are_counted_once_in_ten_minutes(months_of_work, monkeypatch):
    client, counted, real = months_of_work.test_client(), [], public._counted
    monkeypatch.setattr(public, "_counted", lambda: counted.append(1) or real())
    for _ in range(3):
        assert "Kinerja kami bulan November" in Page(client.get("/")).text
    client.get("/kinerja")
    assert len(counted) == 1


def test_a_month_is_signed_off_once_by_each_with_a_remark(months_of_work, staff_client):
    client = staff_client("supervisor", jabatan="kepala_dinas")
    answer = submit(client, "/petugas/bulan", month="2026-10", remark="Janji naik. <b>Pertahankan</b>")
    assert answer.status_code == 303
    page = Page(client.get("/petugas/bulan"))
    assert "Janji naik. <b>Pertahankan</b>" in page.text and "Kepala Dinas" in page.text
    again = submit(client, "/petugas/bulan", month="2026-10", remark="")
    assert again.status_code == 409
    early = submit(client, "/petugas/bulan", month="2026-11", remark="tetap tersimpan")
    assert early.status_code == 422 and "Bulan ini belum selesai." in early.text and "tetap tersimpan" in early.text


def test_nobody_signs_off_a_month_with_decisions_of_their_own(months_of_work):
    app = months_of_work
    with app.app_context(), transaction() as session:
        operator = session.scalars(select(Staff).where(Staff.username == "operator1")).one()
        operator.jabatan = "operator_go"
    client = app.test_client()

    staff_sign_in(client, "operator1")
    token = Page(client.get("/petugas/bulan")).field("csrf_token")
    own = client.post("/petugas/bulan", data={"csrf_token": token, "month": "2026-10"})
    assert own.status_code == 403 and "keputusan Anda sendiri" in own.text
    before = client.post("/petugas/bulan", data={"csrf_token": token, "month": "2026-07"})
    assert before.status_code == 303


def test_the_weekly_note_goes_once_on_the_first_morning_of_work_with_figures_only(months_of_work, time):
    app = months_of_work
    kadis = add_staff(app, "kadis", "supervisor", jabatan="kepala_dinas")
    add_staff(app, "tanpa-kontak", "supervisor", jabatan="sekretaris")
    with app.app_context(), transaction() as session:
        keep_contact(session.get_one(Staff, kadis), Contact("+6281200009001", ""))
    for moment, number in ((datetime(2026, 11, 29, 20, tzinfo=UTC), 0), (datetime(2026, 11, 30, 1, tzinfo=UTC), 1),
                           (datetime(2026, 12, 1, 1, tzinfo=UTC), 1), (datetime(2026, 12, 7, 1, tzinfo=UTC), 2)):
        time.moment = moment
        with app.app_context():
            # the note of the week in which it is switched on is not what is asked here
            if number == 0:
                with transaction() as session:
                    session.add(weekly.WeeklyNote(week=date(2026, 11, 23), staff_id=kadis))
            weekly.write_notes()
        assert len(messages(app, "catatan_mingguan")) == number, moment
    text = messages(app, "catatan_mingguan")[0][2]
    assert "Senin, 23 November 2026" in text and "janji yang berakhir" in text and not re.search(r"\d{16}", text)


def test_a_notice_stands_on_every_page_for_as_long_as_it_says(app, time, staff_client):
    time.moment = NOW
    client = staff_client("supervisor", jabatan="sekretaris")
    page = "/petugas/pengumuman"
    bad = submit(client, page, title="", instead="Telepon kami.", begins="", ends="2026-11-20T10:00")
    assert bad.status_code == 422 and "Telepon kami." in bad.text and "sesudah sekarang" in bad.text
    good = submit(client, page, title="Kantor tutup <hari ini>", instead="Kirim lewat situs ini.", begins="",
                  ends="2026-11-27T16:00")
    assert good.status_code == 303
    for path in ("/", "/lacak", "/daftar", "/kinerja", "/petugas/masuk"):
        shown = Page(app.test_client().get(path))
        assert "Kantor tutup <hari ini>" in shown.text and "Kirim lewat situs ini." in shown.text, path
    time.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    assert "Kantor tutup" not in Page(app.test_client().get("/lacak")).text


def test_a_page_that_failed_is_counted_with_its_code_for_the_operator_go(app, monkeypatch, staff_client):
    def fails():
        raise RuntimeError("not foreseen")

    monkeypatch.setattr("app.oversight.public.of_now", fails)
    shown = [app.test_client().get("/kinerja") for _ in range(2)]
    assert [one.status_code for one in shown] == [500, 500]
    code = re.search(r"\b[0-9a-f]{8}\b", Page(shown[1]).text)[0]
    page = Page(staff_client("operator", jabatan="operator_go").get("/petugas/sistem"))
    line = next(one for one in page.soup.select("tr") if "performance.performance" in one.get_text())
    assert [cell.get_text() for cell in line.select("td")][::2] == ["2", code]


def test_a_notice_that_is_taken_down_is_gone_at_once(app, time, staff_client):
    time.moment = NOW
    client = staff_client("supervisor", jabatan="sekretaris")
    submit(client, "/petugas/pengumuman", title="Listrik padam", instead="Coba sore.", begins="",
           ends="2026-11-28T16:00")
    with app.app_context():
        notice_id = notices.all_of_them()[0].id
    assert submit(client, f"/petugas/pengumuman/{notice_id}/cabut", page="/petugas/pengumuman").status_code == 303
    assert "Listrik padam" not in Page(app.test_client().get("/")).text
    again = submit(client, f"/petugas/pengumuman/{notice_id}/cabut", page="/petugas/pengumuman")
    assert again.status_code == 409


def test_where_people_give_up_the_form_is_counted_and_who_is_not(app, client):
    an_application(app, send=False, photos={"ktp": photo_files()["ktp"]})
    an_application(app)
    with app.app_context():
        reached = dict(pages.steps.reached(clock.today(), clock.today()))
        assert list(reached.values()) == [2, 2, 2, 1, 1, 1]
        assert {column.name for column in StepCount.__table__.columns} == {"day", "step", "number"}


def test_the_year_is_written_once(app, monkeypatch):
    for when, numbers in (("YEAR", (12, 4, 8)), ("EARLIER", (6, 2, 4)), ("PAST", (5, 2, 3))):
        for what, number in zip(("REGISTRATIONS", "COMPLAINTS", "ANSWERS"), numbers, strict=True):
            monkeypatch.setattr(command, f"{when}_{what}", number)
    monkeypatch.setattr(command, "PEOPLE", ())
    monkeypatch.setattr(command, "seed", lambda few: command._make_staff())
    run = app.test_cli_runner().invoke
    first, second = run(args=["demo", "year"]), run(args=["demo", "year"])
    assert (first.exit_code, first.output) == (0, "the invented year is written\n")
    assert second.exit_code == 1
    with app.app_context():
        oldest = db.session.scalar(select(Application.submitted_at).order_by(Application.submitted_at))
        assert oldest < clock.now() - timedelta(days=400), "the year before is there to be compared with"
