"""Late work is somebody's work: told at once, escalated with names, handed out; who is off hands everything back."""

from datetime import datetime

import pytest
from sqlalchemy import select

from app import create_app
from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.guarantee.models import Guarantee
from app.messages.models import OutboxMessage
from app.messages.outbox import text_of
from app.office import late
from app.office.contacts import Contact, keep_contact
from app.process import worker
from app.review.promises import record_warnings
from app.settings.reading import BadSetting
from tests.builders import TEST_SETTINGS
from tests.desk import a_case, declare, journalled, name_staff, nik_of, officer, row

TUESDAY = datetime(2026, 11, 24, 16, 0, 1, tzinfo=WIB)


def told(app, template: str) -> list[str]:
    with app.app_context():
        query = select(OutboxMessage).where(OutboxMessage.template == template).order_by(OutboxMessage.created_at)
        return [text_of(one) for one in db.session.scalars(query)]


def reachable(app, username: str, jabatan: str = "") -> None:
    with app.app_context(), transaction() as session:
        staff = session.scalar(select(Staff).where(Staff.username == username))
        staff.jabatan = jabatan
        keep_contact(staff, Contact("+6281200007777", ""))


def works(app) -> None:
    with app.app_context():
        record_warnings()
        late.escalate()


def test_late_work_is_told_escalated_with_names_and_handed_out(app, time):
    case, other = a_case(app, 1), a_case(app, 2)
    for number, one in ((1, case), (2, other)):
        declare(app, one, nik_of(number))
    bayu = officer(app, "bayu")
    name_staff(app, "bayu", "Bayu Contoh")
    bayu.opens_case(case)
    sri = officer(app, "sri", "supervisor")
    officer(app, "kabid", "supervisor")
    reachable(app, "sri")
    reachable(app, "kabid", "kepala_bidang")
    sri.open("/petugas/bertugas")
    sri.send("/petugas/bertugas", {"late_notice": "y", "counter": ""})
    time.moment = TUESDAY
    works(app)
    works(app)
    assert len(told(app, "kerja_terlambat")) == 2 and told(app, "kerja_terlambat_lama") == [], "once for each case"
    assert row(app, case).number in "".join(told(app, "kerja_terlambat"))
    time.moment = datetime(2026, 11, 25, 11, 29, tzinfo=WIB)
    works(app)
    assert told(app, "kerja_terlambat_lama") == []
    time.moves(minutes=2)
    works(app)
    works(app)
    higher = told(app, "kerja_terlambat_lama")
    assert len(higher) == 2 and any("Petugas Contoh" in text for text in higher)
    assert "promise_escalated" in journalled(app, case)

    sri = officer(app, "sri", "supervisor")
    dewi = officer(app, "dewi")
    name_staff(app, "dewi", "Dewi Contoh")
    page = sri.open("/petugas/terlambat")
    assert row(app, case).number in page.text and "lewat" in page.text
    assert "2 pendaftaran terlambat dari janji" in page.text
    share = {"list": "registrations", "bulk": "bagikan", "confirm": "ya", "case": [case, other]}
    refused = sri.send("/petugas/massal/kerjakan", share)
    assert refused.status == 422 and "Pilih petugas yang bertugas." in refused.text
    assert "Tulis alasannya." in refused.text
    with app.app_context():
        dewi_id = db.session.scalar(select(Staff.id).where(Staff.username == "dewi"))
    sri.open("/petugas/terlambat")
    given = sri.send("/petugas/massal/kerjakan", {**share, "people": [dewi_id], "reason": "Bayu cuti mendadak."})
    assert given.heading == "Bagikan: 2 dari 2 berhasil" and "kepada Dewi Contoh" in given.text
    assert row(app, case).assigned_to == row(app, other).assigned_to == dewi_id

    dewi.open("/petugas/bertugas")
    page = dewi.send("/petugas/bertugas", {"act": "off"})
    assert "2 perkara kembali ke antrean" in page.text and "menurut standar 6 orang" in page.text
    assert row(app, case).assigned_to is None and row(app, case).claimed_by is None
    dewi.open("/petugas/")
    assert "Tidak ada berkas yang menunggu" in dewi.send("/petugas/berikutnya", {}).text, "out of the sharing"
    assert "Dewi Contoh" not in sri.open("/petugas/terlambat").soup.select_one("#people, .empty").get_text()
    dewi.open("/petugas/bertugas")
    dewi.send("/petugas/bertugas", {"act": "on"})
    dewi.open("/petugas/")
    assert dewi.send("/petugas/berikutnya", {}).heading != "Antrean pendaftaran"


@pytest.mark.usefixtures("on_sqlite")
def test_the_demo_runs_ahead_of_the_machine_says_so_and_shows_what_happens_when_a_promise_is_late(app, tmp_path):
    declare(app, a_case(app, 1), nik_of(1))
    before = clock.now()
    ahead = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DEMO_CLOCK": "+20d"})
    try:
        assert (clock.now() - before).days == 20 and (clock.machine_time() - before).days == 0
        assert "Jam demo digeser" in ahead.test_client().get("/").text
        with ahead.app_context(), transaction():  # a line of a later day than the machine has
            journal.record("case_viewed", actor=journal.SYSTEM, about=("application", "0" * 32))
        worker.run_once(ahead)
        with ahead.app_context():
            assert db.session.scalars(select(Guarantee.status)).all() == ["opened"]
    finally:
        clock.run_ahead(before - before)


@pytest.mark.parametrize("wrong", [{"DEMO_CLOCK": "3 hari"}, {"DEMO_CLOCK": "-1d"}, {"DEMO_CLOCK": "+3w"}])
def test_an_offset_that_is_none_is_refused_by_name(tmp_path, wrong):
    with pytest.raises(BadSetting) as refused:
        create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **wrong})
    assert refused.value.name == "DEMO_CLOCK"
