"""One act on many cases: shown before, told case by case afterwards, taken back as a whole."""


from app.base.database import db
from app.messages.models import OutboxMessage
from tests.complaints import Handler, a_ticket, the
from tests.desk import a_case, declare, name_staff, officer, row

QUEUE, INBOX = "/petugas/?tab=semua", "/petugas/pengaduan?tab=terbuka"
TEXT = "Mohon maaf, loket kami gangguan listrik sampai siang."


def plans(person, act: str, ids: list[str], name: str = "registrations"):
    return person.send("/petugas/massal", {"list": name, "bulk": act, "case": ids})


def carries_out(person, **typed):
    """With the form of the plan in front of this person."""
    shown = {field["name"]: field["value"] for field in person.page.soup.select("form.panel input[type=hidden]")}
    cases = [field["value"] for field in person.page.soup.select("input[name=case]")]
    data = {**shown, "case": cases, "confirm": "ya", **typed}
    return person.send("/petugas/massal/kerjakan", data)


def test_cases_are_handed_out_together_each_with_its_own_result_and_taken_back_together(app, time):
    free, held, decided = (a_case(app, number) for number in (1, 2, 3))
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    name_staff(app, "rina", "Rina Contoh")
    rina.opens_case(decided)
    rina.sends_act(decided, "kembalikan", reasons=["KTP_BURAM"])
    dewi.opens_case(held)
    rina.open(QUEUE)
    page = plans(rina, "serahkan", [free, held, decided])
    assert page.heading == "Serahkan: 1 dari 3"
    assert "Sedang dipegang Dewi Contoh." in page.text and "Tidak ada yang dikerjakan lagi." in page.text
    assert row(app, free).assigned_to is None, "showing does nothing"
    page = carries_out(rina)
    assert page.status == 422 and "Pilih petugasnya." in page.text
    page = carries_out(rina, to=dewi_id)
    assert page.heading == "Serahkan: 1 dari 1 berhasil" and row(app, free).assigned_to == dewi_id
    result = rina.address
    assert dewi.client.get(result).status_code == 404, "one's own only"
    rina.send(f"{result}/batalkan", {})
    assert row(app, free).assigned_to is None and "Dibatalkan" in rina.page.text


def test_who_oversees_takes_over_what_others_hold_and_says_why(app, time):
    ids = [a_case(app, number) for number in (1, 2)]
    dewi, boss = officer(app, "dewi"), officer(app, "sri", "supervisor")
    rina_id = (officer(app, "rina"), name_staff(app, "rina", "Rina Contoh"))[1]
    dewi.opens_case(ids[0])
    boss.open(QUEUE)
    plans(boss, "ambil-alih", ids)
    assert carries_out(boss, to=rina_id).status == 422
    assert carries_out(boss, to=rina_id, reason="Dewi sakit hari ini.").heading == "Ambil alih: 2 dari 2 berhasil"
    assert {row(app, one).assigned_to for one in ids} == {rina_id}
    dewi.open(QUEUE)
    assert plans(dewi, "ambil-alih", ids).status == 403


def test_nothing_that_rests_on_evidence_can_be_done_to_many(app, time):
    case = a_case(app)
    declare(app, case)
    rina = officer(app, "rina")
    offered = {button["value"] for button in rina.open(QUEUE).soup.select("button[form=massal]")}
    assert offered == {"serahkan", "label", "ingatkan-pemohon", "maaf"}
    for act in ("setujui", "approve", "tolak", "kembalikan", "lengkap"):
        rina.open(QUEUE)
        assert plans(rina, act, [case]).status == 404


def test_what_changed_meanwhile_is_refused_with_its_reason_and_can_be_tried_again(app, time):
    first, second = a_case(app, 1), a_case(app, 2)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    rina.open(QUEUE)
    plans(rina, "serahkan", [first, second])
    dewi.opens_case(second)
    page = carries_out(rina, to=dewi_id)
    assert page.heading == "Serahkan: 1 dari 2 berhasil" and "Sedang dipegang Dewi Contoh." in page.text
    time.moves(minutes=11)
    shown = {field["name"]: field["value"] for field in page.soup.select("form.panel input[type=hidden]")}
    assert shown["case"] == second
    assert rina.send("/petugas/massal", shown).heading == "Serahkan: 1 dari 1"


def test_complaints_of_one_outage_are_answered_together_in_words_for_each(app, staff_client):
    ids = [a_ticket(app, phone=f"0812-0000-30{number:02}", text=f"Loket mati {number}.") for number in range(3)]
    rina = Handler(staff_client("petugas"))
    rina.open(INBOX)
    plans(rina, "jawab", ids, "complaints")
    page = carries_out(rina, text=f"{TEXT} Nomor Anda [tiket].", final="", confirm="")
    assert page.heading == "Jawab bersama: 3 dari 3", "looking sends nothing"
    page = carries_out(rina, text=f"{TEXT} Nomor Anda [tiket].", final="")
    assert page.heading == "Jawab bersama: 3 dari 3 berhasil", page.text
    for one in ids:
        assert f"{TEXT} Nomor Anda {the(app, one, 'number')}." in rina.reads(one).text
    rina.open(page.soup.select_one("form.undo")["action"].removesuffix("/batalkan"))
    rina.send(f"{rina.address}/batalkan", {})
    assert "3 dibatalkan." in rina.page.text
    with app.app_context():
        sent = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.about_kind == "ticket")).all()
        assert {message.state for message in sent if message.template != "pengaduan_diterima"} <= {"cancelled"}
