"""What supervisors read about the promise: in time, how long, why returned, who did how much."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, update

from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import transaction
from app.base.problems import FormRejected
from app.messages.models import NumberProof
from app.registration import minutes
from app.registration.minutes import count_old
from app.registration.models import Application
from app.review import outages
from tests.builders import add_staff
from tests.desk import a_case, declare, name_staff, nik_of, officer, row
from tests.resident_pages import Follower, number_and_pin

# the clock of the tests stands at Monday 23 November 2026, 10.00 WIB


def figures(app, query: str = "") -> dict[str, str]:
    page = officer(app, "sri", "supervisor").open(f"/petugas/angka{query}")
    assert page.status == 200
    pairs = {line.dt.get_text(): line.dd.get_text(" ", strip=True) for line in page.soup.select(".rows > div")}
    lines = page.soup.select("tbody tr")
    rows = {line.th.get_text(): [cell.get_text() for cell in line.select("td")] for line in lines}
    return {**pairs, **rows}


def declared_case(app, number: int) -> str:
    case = a_case(app, number)
    declare(app, case, nik_of(number))
    return case


def test_an_empty_month_counts_nothing(app, time):
    found = figures(app)
    assert found["Disetujui"] == "0" and found["Dalam janji 1 hari kerja"] == "-"


def test_the_promise_is_measured_from_the_declaration_to_the_decision(app, time):
    quick, slow = (declared_case(app, number) for number in (1, 2))
    time.moves(hours=1)
    officer(app, "bayu").acts(quick, "setujui", nik_read=nik_of(1))
    time.moves(days=2)
    officer(app, "bayu").acts(slow, "setujui", nik_read=nik_of(2))
    found = figures(app)
    assert (found["Disetujui"], found["Dalam janji 1 hari kerja"]) == ("2", "50%")
    assert found["Disetujui tanpa dikembalikan"] == "100%"
    # one hour, and two working days of seven and a half and one hour
    assert found["Lengkap sampai diputus (janji), nilai tengah"] == "8 jam 30 menit"
    assert found["Dikirim sampai lengkap (target kantor), nilai tengah"] == "0 menit"


def test_returns_are_counted_by_reason_and_person_and_what_was_taken_back_is_not(app, time):
    late, taken_back = (declared_case(app, number) for number in (1, 2))
    early = a_case(app, 3)
    bayu, dewi = officer(app, "bayu"), officer(app, "dewi", "petugas")
    name_staff(app, "bayu", "Bayu Contoh")
    name_staff(app, "dewi", "Dewi Contoh")
    bayu.acts(late, "kembalikan", reasons=["KTP_BURAM"], why_declared="Saya salah lihat.")
    bayu.acts(taken_back, "kembalikan", reasons=["TTD_TIDAK_JELAS"], why_declared="Salah tekan.")
    bayu.sends_act(taken_back, "batalkan")
    dewi.acts(early, "kembalikan", reasons=["KTP_BURAM", "SELFIE_TIDAK_JELAS"])
    found = figures(app)
    assert (found["Dikembalikan"], found["Di antaranya setelah dinyatakan lengkap"]) == ("2", "1")
    assert found["Foto KTP: Foto KTP buram"] == "2"
    assert "Foto Tanda Tangan: Tanda tangan kosong, buram, atau beda" not in found
    assert found["Bayu Contoh"] == ["0", "0", "1", "0"] and found["Dewi Contoh"] == ["0", "0", "1", "0"]
    assert found["Menunggu pemohon"].startswith("2 ") and found["Lengkap, menunggu keputusan"].startswith("1 ")


def test_siak_that_could_not_be_opened_and_other_days_are_counted_apart(app, time):
    case = declared_case(app, 1)
    bayu = officer(app, "bayu")
    bayu.acts(case, "setujui", nik_read=nik_of(1), siak="unavailable")
    assert figures(app)["SIAK tidak dapat dibuka"] == "1"
    before = figures(app, "?dari=2026-10-01&sampai=2026-10-31")
    assert before["SIAK tidak dapat dibuka"] == "0" and before["Disetujui"] == "0"
    assert figures(app, "?dari=kemarin&sampai=99")["Disetujui"] == "1", "nonsense means this month"


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_the_backlog_is_told_by_age_and_numbers_nobody_wrote_from_are_counted(request, time, which):
    app = request.getfixturevalue(which)
    a_case(app, 1)
    time.moves(days=2)
    proven, unproven = (declared_case(app, number) for number in (2, 3))
    with app.app_context(), transaction() as session:
        number = session.get(Application, proven).phone_index
        session.execute(delete(NumberProof).where(NumberProof.about_id == proven))
        session.add(NumberProof(code="7KMP-3QXR", about_kind="application", about_id=proven, contact_index=number,
                                proven_at=clock.now()))
    found = figures(app)
    assert (found["Dikirim kurang dari 1 hari lalu"], found["Dikirim 1 sampai 3 hari lalu"]) == ("2", "1")
    assert found["Disetujui dengan nomor WhatsApp belum terbukti"] == "0"
    for number, case in ((2, proven), (3, unproven)):
        officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(number))
    found = figures(app)
    assert found["Dikirim kurang dari 1 hari lalu"] == "0"
    assert found["Disetujui dengan nomor WhatsApp belum terbukti"] == "1"


def test_every_promise_that_ended_counts_once_decided_or_not(app, time):
    """Kept, decided too late, overdue and undecided, and returned only after its time: one kept of four."""
    kept, slow, undecided, returned = (declared_case(app, number) for number in (1, 2, 3, 4))
    bayu = officer(app, "bayu")
    bayu.acts(kept, "setujui", nik_read=nik_of(1))
    running = figures(app)
    assert (running["Dalam janji 1 hari kerja"], running["Janji yang berakhir"]) == ("100%", "1")
    time.moment = datetime(2026, 11, 24, 16, 0, 1, tzinfo=WIB)
    bayu = officer(app, "bayu")
    bayu.acts(returned, "kembalikan", reasons=["KTP_BURAM"], why_declared="Saya salah lihat.")
    time.moves(hours=20)
    bayu = officer(app, "bayu")
    bayu.acts(slow, "setujui", nik_read=nik_of(2))
    found = figures(app)
    assert (found["Dalam janji 1 hari kerja"], found["Janji yang berakhir"]) == ("25%", "4")
    assert (found["Di antaranya terlewati"], found["Terlewati dan belum diputus"]) == ("3", "1")
    # on the day they were broken, whenever somebody got round to them
    late = figures(app, "?dari=2026-11-24&sampai=2026-11-24")
    assert (late["Janji yang berakhir"], late["Di antaranya terlewati"]) == ("3", "3")
    assert figures(app, "?dari=2026-11-25&sampai=2026-11-25")["Janji yang berakhir"] == "0"
    tabs = officer(app, "sri", "supervisor").open("/petugas/?tab=lewat").text
    assert row(app, undecided).number in tabs and row(app, returned).number not in tabs


def test_an_outage_of_siak_explains_a_broken_promise_and_hides_none(app, time):
    declared_case(app, 1)
    sri = officer(app, "sri", "supervisor")
    sri.open("/petugas/gangguan-siak")
    page = sri.send("/petugas/gangguan-siak", {"began": "2026-11-22T15:00", "ended": "2026-11-22T13:00", "source": ""})
    assert page.status == 422 and "Tulis dari mana Anda tahu" in page.text and "sesudah mulai" in page.text
    time.moves(days=2)
    assert figures(app)["Terlewati saat SIAK terganggu"] == "0"
    sri = officer(app, "sri", "supervisor")
    sri.open("/petugas/gangguan-siak")
    sri.send("/petugas/gangguan-siak", {"began": "2026-11-24T09:00", "source": "Surat Ditjen Dukcapil"})
    assert "masih terganggu" in sri.open("/petugas/gangguan-siak").text
    again = sri.send("/petugas/gangguan-siak", {"began": "2026-11-24T09:10", "source": "Dicoba di meja layanan"})
    assert again.status == 422 and "pukul 09.00 WIB sudah dicatat" in again.text, "two people notice the same"
    found = figures(app)
    assert (found["Terlewati saat SIAK terganggu"], found["Dalam janji 1 hari kerja"]) == ("1", "0%")
    sri.send("/petugas/gangguan-siak/1/selesai", {})
    assert "SIAK sudah dapat dibuka" not in sri.open("/petugas/gangguan-siak").text


def test_two_who_record_the_same_outage_at_once_record_it_once(pg_app, monkeypatch):
    sri, adi = (SimpleNamespace(id=add_staff(pg_app, name, "supervisor")) for name in ("sri", "adi"))
    first_has_written, second_is_done, write_line = Event(), Event(), journal.record

    def stay_a_moment(*told, actor, **more):
        if actor.id == sri.id:
            first_has_written.set()
            second_is_done.wait(0.5)  # it waits for us, so this runs out
        return write_line(*told, actor=actor, **more)

    def record(one):
        with pg_app.app_context():
            outages.record("2026-11-20T09:00", "", "Dicoba di meja layanan", one)

    monkeypatch.setattr(outages.journal, "record", stay_a_moment)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(record, sri)
        assert first_has_written.wait(30)
        with pytest.raises(FormRejected):
            record(adi)
        second_is_done.set()
        first.result(30)


def test_the_clock_of_the_office_stands_still_while_the_resident_mends(app, time):
    """One hour with the office, two working hours with the resident, one with the office: the end moves by two."""
    case = a_case(app, 1)
    assert row(app, case).due_at == datetime(2026, 11, 24, 16, 0, tzinfo=WIB)
    time.moves(hours=1)
    officer(app, "dewi", "petugas").acts(case, "kembalikan", reasons=["ALAMAT_TIDAK_LENGKAP"])
    time.moves(hours=3)
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, case))
    follower.sends_mended(address="Jl. Contoh Baru 9, RT 01/RW 02, Ketapang")
    assert row(app, case).due_at == datetime(2026, 11, 25, 9, 30, tzinfo=WIB)
    time.moves(hours=1)
    declare(app, case, nik_of(1))
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    found = figures(app)
    assert found["Dikirim sampai lengkap (target kantor), nilai tengah"] == "2 jam"
    assert found["Menunggu perbaikan pemohon, nilai tengah"] == "2 jam"


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_minutes_are_stored_with_the_decision_and_go_with_it_and_old_rows_are_filled(request, time, which):
    app = request.getfixturevalue(which)
    mended, plain = a_case(app, 1), declared_case(app, 2)
    officer(app, "dewi", "petugas").acts(mended, "kembalikan", reasons=["ALAMAT_TIDAK_LENGKAP"])
    time.moves(hours=3)
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, mended))
    follower.sends_mended(address="Jl. Contoh Baru 9, RT 01/RW 02, Ketapang")
    time.moves(minutes=30)
    declare(app, mended, nik_of(1))
    bayu = officer(app, "bayu")
    bayu.acts(plain, "setujui", nik_read=nik_of(2))
    assert stored(app, plain) == (0, None, 150)
    bayu.acts(mended, "setujui", nik_read=nik_of(1))
    bayu.sends_act(mended, "batalkan")
    assert stored(app, mended) == (None, None, None), "there is no decision"
    time.moves(minutes=15)
    officer(app, "bayu").acts(mended, "setujui", nik_read=nik_of(1))
    assert stored(app, mended) == (30, 120, 15)

    found = figures(app)
    assert found["Menunggu perbaikan pemohon, nilai tengah"] == "2 jam"
    set_minutes(app, None, None, None)
    assert figures(app) == found, "decided by an older version: counted from the moments"
    with app.app_context():
        assert count_old() == 2 and count_old() == 0
    assert (stored(app, mended), stored(app, plain)) == ((30, 120, 15), (0, None, 150))
    assert figures(app) == found
    set_minutes(app, 1, 2, 3)
    assert figures(app)["Lengkap sampai diputus (janji), nilai tengah"] == "3 menit", "what is stored is what is told"


def stored(app, case: str) -> tuple[int | None, int | None, int | None]:
    return tuple(getattr(row(app, case), name) for name in minutes.NAMES)


def set_minutes(app, *values: int | None) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Application).values(**dict(zip(minutes.NAMES, values, strict=True))))
