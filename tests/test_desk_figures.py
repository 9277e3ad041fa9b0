"""What supervisors read about the promise: in time, how long, why returned, who did how much."""

import pytest
from sqlalchemy import delete

from app.base import clock
from app.base.database import transaction
from app.messages.models import NumberProof
from app.registration.models import Application
from tests.desk import a_case, declare, name_staff, nik_of, officer

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
    assert found["Disetujui"] == "0" and found["Diputus dalam janji 1 hari kerja"] == "-"


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_the_promise_is_measured_from_the_declaration_to_the_decision(request, time, which):
    app = request.getfixturevalue(which)
    quick, slow = (declared_case(app, number) for number in (1, 2))
    time.moves(hours=1)
    officer(app, "bayu").acts(quick, "setujui", nik_read=nik_of(1))
    time.moves(days=2)
    officer(app, "bayu").acts(slow, "setujui", nik_read=nik_of(2))
    found = figures(app)
    assert (found["Disetujui"], found["Diputus dalam janji 1 hari kerja"]) == ("2", "50%")
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
