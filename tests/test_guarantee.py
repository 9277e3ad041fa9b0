"""The guarantee of the standard (I): a promise missed becomes a letter at the door, and /lacak tells the truth."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import select

from app.accounts.models import Staff
from app.base.clock import WIB
from app.base.database import db
from app.guarantee import views
from app.guarantee.models import Breach, Guarantee
from app.guarantee.moves import handover_code
from app.messages.models import OutboxMessage
from app.messages.outbox import text_of
from app.process import worker
from app.review.promises import record_warnings
from app.survey.inviting import qr_svg
from tests.desk import a_case, declare, journalled, name_staff, nik_of, officer, row
from tests.prepared import Prepared
from tests.resident_pages import Follower, number_and_pin
from tests.survey import GOOD, Respondent

# the clock of the tests stands at Monday 23 November 2026, 10.00 WIB
MISSED = datetime(2026, 11, 24, 16, 0, 1, tzinfo=WIB)


def guarantee(app) -> Guarantee | None:
    with app.app_context():
        found = db.session.scalars(select(Guarantee)).one_or_none()
        if found is not None:
            db.session.expunge(found)
        return found


def code_of(app) -> str:
    with app.app_context():
        return handover_code(db.session.scalars(select(Guarantee)).one())


def breaches(app) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(Breach).where(Breach.void_at.is_(None)).order_by(Breach.id))
        return [(one.breach, one.source) for one in rows]


def sent(app, template: str) -> list[str]:
    with app.app_context():
        return [text_of(one) for one in db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.template == template).order_by(OutboxMessage.created_at)
        )]


def lacak(app, application_id: str) -> Follower:
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, application_id))
    return follower


def status_text(app, application_id: str) -> str:
    return lacak(app, application_id).open("/lacak").text


def promised(app) -> str:
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    return case


PROMISED = Prepared(promised)


def a_missed_promise(app, time) -> str:
    case = PROMISED.into(app)
    time.moment = MISSED
    with app.app_context():
        assert record_warnings() == 1
    return case


def test_a_promise_found_broken_days_later_names_a_day_that_lies_ahead(app, time):
    declare(app, a_case(app, 1), nik_of(1))
    time.moment = datetime(2026, 11, 26, 9, 0, tzinfo=WIB)  # the worker was away for two days
    with app.app_context():
        record_warnings()
    assert guarantee(app).due_at == datetime(2026, 11, 27, 16, 30, tzinfo=WIB)
    assert "paling lambat Jumat, 27 November 2026" in sent(app, "melewati_batas")[0]


def test_two_workers_find_a_broken_promise_once(pg_app, time):
    app = pg_app
    declare(app, a_case(app, 1), nik_of(1))
    time.moment, together = MISSED, Barrier(2)

    def works() -> None:
        with app.app_context():
            together.wait(10)
            record_warnings()

    with ThreadPoolExecutor(2) as pool:
        for found in [pool.submit(works) for _ in range(2)]:
            found.result(60)
    assert breaches(app) == [("time", "promise")] and len(sent(app, "melewati_batas")) == 1


class Desk:
    """Somebody of the office at the guarantee, one page after the other."""

    def __init__(self, app, name: str = "bayu", role: str = "operator"):
        self.app, self.someone = app, officer(app, name, role)

    def acts(self, act: str, **fields):
        case = guarantee(self.app)
        page = self.someone.open(f"/petugas/jaminan/{case.id}")
        assert page.status == 200
        return self.someone.send(f"/petugas/jaminan/{case.id}/{act}", {"version": str(case.version), "claim_token": "",
                                                                      **fields})

    def at_door(self, act: str, once: str = "catatan-1", multipart: bool = False, **fields):
        case = guarantee(self.app)
        self.someone.open("/petugas/antar")
        self.someone.open(f"/petugas/antar/{case.id}")
        return self.someone.send(f"/petugas/antar/{case.id}/{act}", {"once": once, **fields}, multipart)


def hand_over(app, day: str = "2026-11-25", courier: str = "hadi") -> Desk:
    """The letter is printed and Hadi carries it."""
    carrier = Desk(app, courier, "petugas")
    with app.app_context():
        courier_id = db.session.scalar(select(Staff.id).where(Staff.username == courier))
    desk = Desk(app)
    if guarantee(app).status == "opened":
        page = desk.acts("surat")
        assert page.status == 200 and "Tanda terima" in page.text
    page = desk.acts("kurir", courier=courier_id, day=day, since="13:00", until="15:00")
    assert page.status == 200 and guarantee(app).status == "carried", page.text
    return carrier


def test_a_missed_promise_becomes_a_letter_at_the_door(app, time):
    """Missed at 16.00.01, decided, printed, carried, not met, delivered with the code, closed; the resident's page
    tells the truth at each step, and figures count it once."""
    name_staff_later = "Hadi Purnomo"
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    time.moment = datetime(2026, 11, 24, 16, 0, tzinfo=WIB).replace(hour=15, minute=59, second=59)
    with app.app_context():
        record_warnings()
    assert guarantee(app) is None and "terlambat" not in status_text(app, case)
    time.moment = MISSED
    with app.app_context():
        record_warnings()
        record_warnings()
    found = guarantee(app)
    assert (found.status, found.due_at) == ("opened", datetime(2026, 11, 25, 16, 0, tzinfo=WIB))
    assert breaches(app) == [("time", "promise")]
    [message] = sent(app, "melewati_batas")
    assert "Selasa, 24 November 2026 pukul 16.00 WIB" in message and "paling lambat Rabu, 25 November 2026" in message
    assert "Kepala Bidang PIAK" in message and "clock_late" in journalled(app, case)
    told = status_text(app, case)
    assert "Mohon maaf, kami terlambat" in told and "Jika akun Anda disetujui, suratnya kami antar" in told
    assert "Paling lambat Rabu, 25 November 2026 pukul 16.00 WIB" in told and "Kode 6 angka Anda" not in told

    time.moment = datetime(2026, 11, 25, 8, 0, tzinfo=WIB)
    desk = Desk(app)
    assert row(app, case).number in desk.someone.open("/petugas/jaminan").text
    assert "Akunnya belum aktif" in desk.acts("surat").text
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    assert "Akunnya belum aktif" in desk.acts("surat").text, "the approval can still be taken back"
    time.moves(minutes=2)
    assert desk.someone.open("/petugas/").soup.select_one("#kepala-jaminan").get_text().startswith("1")
    hadi = hand_over(app)
    name_staff(app, "hadi", name_staff_later)
    told = status_text(app, case)
    code = code_of(app)
    assert f"{name_staff_later}, petugas" in told and "Rabu, 25 November 2026 pukul 13.00–15.00 WIB" in told
    assert f"{code[:3]} {code[3:]}" in told and "Akun Anda sudah aktif" in told
    assert code in sent(app, "surat_diantar")[0] and "gratis" in sent(app, "surat_diantar")[0]

    time.moment = datetime(2026, 11, 25, 13, 20, tzinfo=WIB)
    hadi = Desk(app, "hadi", "petugas")
    page = hadi.at_door("tidak-bertemu", once="a", reason="away", next_day="2026-11-28")
    assert page.status == 422 and "Pilih hari kerja" in page.text
    hadi.at_door("tidak-bertemu", once="a", reason="away", next_day="2026-11-26")
    assert "Petugas tidak bertemu Anda" in status_text(app, case) and code not in status_text(app, case)
    assert "Kamis, 26 November 2026" in sent(app, "surat_belum_diterima")[0]
    assert guarantee(app).due_at == datetime(2026, 11, 26, 16, 0, tzinfo=WIB)

    time.moment = datetime(2026, 11, 26, 9, 0, tzinfo=WIB)
    hand_over(app, "2026-11-26")
    time.moment = datetime(2026, 11, 26, 15, 10, tzinfo=WIB)
    late = status_text(app, case)
    assert "Seharusnya Kamis, 26 November 2026 pukul 13.00–15.00 WIB" in late and "suratnya belum sampai" in late
    time.moment = datetime(2026, 11, 26, 13, 30, tzinfo=WIB)
    hadi, code = Desk(app, "hadi", "petugas"), code_of(app)
    wrong = hadi.at_door("diterima", relation="self", code=f"{(int(code) + 1) % 10 ** 6:06d}")
    assert wrong.status == 422 and "Kode tidak cocok" in wrong.text
    assert guarantee(app).status == "carried"
    door = {"relation": "self", "code": f"{code[:3]} {code[3:]}", "happened_at": "2026-11-26T06:10:00.000Z"}
    hadi.at_door("diterima", once="b", **door)
    closed = guarantee(app)
    assert (closed.status, closed.proof, closed.relation) == ("delivered", "code", "self")
    assert closed.delivered_at == datetime(2026, 11, 26, 13, 10, tzinfo=WIB) and closed.closed_at is not None
    again = hadi.someone.send(f"/petugas/antar/{closed.id}/diterima", {"once": "b", **door})
    assert again.status == 200 and guarantee(app).version == closed.version, "the phone may send its note twice"
    told = status_text(app, case)
    assert "Suratnya sudah diterima Kamis, 26 November 2026 pukul 13.10 WIB" in told
    assert "Tidak perlu diantar" not in told
    time.moves(days=1)
    figures = officer(app, "sri", "supervisor").open("/petugas/angka?dari=2026-11-01&sampai=2026-11-30").text
    assert re.search(r"Di antaranya terlewati\s*1\b", figures) and re.search(r"Jaminan dibuka\s*1\b", figures)


def test_the_letter_opens_the_account_once_and_asks_for_an_answer(app, time, monkeypatch):
    drawn = []
    monkeypatch.setattr(views, "qr_svg", lambda address, title: drawn.append(address) or qr_svg(address, title))
    case = a_missed_promise(app, time)
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    page = Desk(app).acts("surat")
    code = page.soup.select_one(".letter .code").get_text(strip=True)
    assert row(app, case).number in page.text and nik_of(1) not in page.text and len(code) == 9
    time.moves(days=7, minutes=1)
    over = Follower(app.test_client())
    over.open("/masuk/surat")
    assert over.send("/masuk/surat", {"number": row(app, case).number, "code": code,
                                     "new_password": "layang-layang-putus"}).status == 422, "seven days are over"
    page = Desk(app).acts("surat")
    code = page.soup.select_one(".letter .code").get_text(strip=True)
    link = drawn[-1]
    assert page.soup.select_one(".letter .qr") and re.fullmatch(r"http\S+/survei/t/[0-9a-f]{32}", link)
    path = link[link.index("/survei"):]
    assert Respondent(app.test_client()).answers(GOOD, start=path).heading == "Terima kasih"
    assert Respondent(app.test_client()).open(path).status == 410, "the code of a letter is for one answer"
    resident = Follower(app.test_client())
    resident.open("/masuk/surat")
    number, new = row(app, case).number, "layang-layang-putus"
    wrong = resident.send("/masuk/surat", {"number": number, "code": "2222-2222", "new_password": new})
    assert wrong.status == 422 and "tidak cocok" in wrong.text
    assert "Silakan masuk" in resident.send("/masuk/surat", {"number": number, "code": code.lower(),
                                                            "new_password": new}).text
    resident.open("/masuk/surat")
    assert resident.send("/masuk/surat", {"number": number, "code": code, "new_password": new + "2"}).status == 422
    resident.signs_in(nik_of(1), new)
    assert resident.open("/akun").status == 200


def test_the_resident_may_refuse_the_delivery(app, time):
    case = a_missed_promise(app, time)
    follower = lacak(app, case)
    follower.open("/lacak/tidak-perlu-diantar")
    assert "Surat dapat diambil di kantor" in follower.send("/lacak/tidak-perlu-diantar", {}).text
    assert (guarantee(app).status, guarantee(app).closed_at is not None) == ("declined", True)
    follower.open("/lacak/tidak-perlu-diantar")
    assert follower.send("/lacak/tidak-perlu-diantar", {}).status == 200
    assert guarantee(app).status == "declined"
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    assert "Tanda terima" in Desk(app).acts("surat").text, "the letter may be fetched, as was said"
    assert guarantee(app).status == "declined" and guarantee(app).letter_hash


@pytest.mark.parametrize(("act", "fields", "rule", "words"), [
    ("tolak", {"ground": "BUKAN_WARGA_KOTA"}, "rejected",
     "tidak disetujui, jadi tidak ada surat yang diantar"),
    ("kembalikan", {"reasons": ["KTP_BURAM"], "why_declared": "Salah lihat."}, "returned",
     "dikembalikan untuk diperbaiki, jadi belum ada surat"),
])
def test_what_has_no_product_is_owed_an_apology_and_its_rule(app, time, act, fields, rule, words):
    case = a_missed_promise(app, time)
    bayu = officer(app, "bayu")
    bayu.acts(case, act, **fields)
    assert (guarantee(app).status, guarantee(app).rule) == ("apologised", rule)
    assert words not in status_text(app, case), "the decision can still be taken back"
    bayu.sends_act(case, "batalkan")
    assert guarantee(app).status == "opened"
    bayu.acts(case, act, **fields)
    time.moves(minutes=2)
    assert words in status_text(app, case)
    assert [words in text for text in sent(app, "jaminan_maaf")] == [True, True]
    worker.run_once(app)
    with app.app_context():
        states = db.session.scalars(select(OutboxMessage.state).where(OutboxMessage.template == "jaminan_maaf"))
        assert sorted(state == "cancelled" for state in states) == [False, True]
