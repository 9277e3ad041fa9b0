"""Label, remind and apologise on many at once: shown before, told case by case, taken back together."""


from app.base.database import db
from app.messages.models import OutboxMessage
from app.messages.outbox import text_of
from tests.builders import sign_in_staff
from tests.complaints import Handler, a_ticket
from tests.desk import a_case, declare, nik_of, officer
from tests.test_casework_bulk import INBOX, QUEUE, carries_out, plans

LABEL = "SIAK mati 27 Nov"


def sent(app, template: str) -> list[tuple[str, str]]:
    """(state, text) of every such message."""
    with app.app_context():
        query = db.select(OutboxMessage).where(OutboxMessage.template == template)
        return [(row.state, text_of(row)) for row in db.session.scalars(query.order_by(OutboxMessage.created_at))]


def takes_back(person, page) -> str:
    """Undo all, from the page of results."""
    return person.send(page.soup.select_one("form.undo")["action"], {}).text


def test_labels_are_put_on_many_found_by_a_filter_and_taken_back(app, time):
    ids = [a_case(app, number) for number in (1, 2, 3)]
    rina = officer(app, "rina")
    rina.open(QUEUE)
    assert plans(rina, "label", ids[:2]).heading == "Beri label: 2 dari 2"
    assert carries_out(rina).status == 422
    assert "nomor orang" in carries_out(rina, label="NIK 3574014505900001").text
    page = carries_out(rina, label=f"  {LABEL} ")
    assert page.heading == "Beri label: 2 dari 2 berhasil"
    result = rina.address
    listed = rina.open(f"{QUEUE}&label={LABEL}")
    assert len(listed.soup.select("tr[data-case]")) == 2 and listed.text.count(LABEL) >= 3
    assert LABEL in rina.opens_case(ids[0]).text
    rina.open(QUEUE)
    plans(rina, "label", ids)
    page = carries_out(rina, label=LABEL)
    assert page.heading == "Beri label: 1 dari 3 berhasil" and page.text.count("Sudah berlabel ini.") == 2
    assert "1 dibatalkan." in takes_back(rina, page)
    rina.open(QUEUE)
    plans(rina, "label", ids)
    assert carries_out(rina, label=LABEL, off="y").heading == "Beri label: 2 dari 3 berhasil"
    assert LABEL not in rina.open(f"{QUEUE}").text
    assert "Ini tidak dapat dibatalkan lagi." in (time.moves(minutes=2), rina.open(result),
                                                  rina.send(f"{result}/batalkan", {}))[2].text


def test_colleagues_are_reminded_of_what_they_hold_and_hear_of_it_at_once(app, time):
    free, held, own = (a_case(app, number) for number in (1, 2, 3))
    dewi, boss = officer(app, "dewi"), officer(app, "sri", "supervisor")
    dewi.opens_case(held)
    boss.open(QUEUE)
    page = plans(boss, "ingatkan", [free, held])
    assert page.heading == "Ingatkan petugasnya: 1 dari 2" and "serahkan dulu" in page.text
    page = carries_out(boss)
    assert page.heading == "Ingatkan petugasnya: 1 dari 1 berhasil"
    told = dewi.client.get("/petugas/kabar").get_json()["handed"]
    assert [one["words"][:12] for one in told] == ["Diingatkan: "] and held in told[0]["url"]
    boss.open(QUEUE)
    assert "Baru saja diingatkan." in plans(boss, "ingatkan", [held]).text
    boss.page = page
    assert "1 dibatalkan." in takes_back(boss, page)
    assert dewi.client.get("/petugas/kabar").get_json()["handed"] == []
    boss.open(QUEUE)
    plans(boss, "ingatkan", [held])
    carries_out(boss)
    dewi.sends_act(held, "kembalikan", reasons=["KTP_BURAM"])
    assert dewi.client.get("/petugas/kabar").get_json()["handed"] == [], "who acted is reminded no more"
    assert own


def test_residents_who_have_to_mend_are_reminded_once_a_day(app, time):
    returned, new = a_case(app, 1), a_case(app, 2)
    rina = officer(app, "rina")
    rina.opens_case(returned)
    rina.sends_act(returned, "kembalikan", reasons=["KTP_BURAM"])
    rina.open("/petugas/?tab=menunggu-pemohon")
    page = plans(rina, "ingatkan-pemohon", [returned, new])
    assert page.heading == "Ingatkan pemohon: 1 dari 2" and "masih menunggu perbaikan" in page.text
    done = carries_out(rina)
    (state, text), = sent(app, "pengingat_perbaikan")
    assert state == "pending" and page.soup.select_one("p.message").get_text().split("\n")[0] in text
    rina.page = done
    assert "1 dibatalkan." in takes_back(rina, done)
    assert [state for state, _ in sent(app, "pengingat_perbaikan")] == ["cancelled"]
    rina.open(QUEUE)
    plans(rina, "ingatkan-pemohon", [returned])
    carries_out(rina)
    rina.open(QUEUE)
    assert "Hari ini sudah diingatkan." in plans(rina, "ingatkan-pemohon", [returned]).text


def test_who_waits_too_long_gets_an_apology_in_the_words_that_were_shown(app, time, staff_client):
    late, fresh = a_case(app, 1), a_case(app, 2)
    declare(app, late, nik_of(1))
    declare(app, fresh, nik_of(2))
    time.moves(days=2)
    early = a_case(app, 3)
    rina = officer(app, "rina")
    rina.open(QUEUE)
    page = plans(rina, "maaf", [late, fresh, early])
    assert page.heading == "Minta maaf: 2 dari 3" and "Belum terlambat" in page.text
    shown = page.soup.select_one("p.message").get_text().strip()
    assert "sistem kependudukan nasional sedang terganggu" in shown
    page = carries_out(rina, text="Listrik kantor padam sejak pagi.", confirm="")
    shown = page.soup.select_one("p.message").get_text().strip()
    assert "Sebabnya: Listrik kantor padam sejak pagi." in shown and sent(app, "permintaan_maaf") == []
    carries_out(rina, text="Listrik kantor padam sejak pagi.")
    assert [state for state, _ in sent(app, "permintaan_maaf")] == ["pending"] * 2
    assert any(shown in text for _, text in sent(app, "permintaan_maaf"))

    ids = [a_ticket(app, phone=f"0812-0000-40{number:02}", text=f"Belum selesai {number}.") for number in range(2)]
    person = Handler(staff_client("petugas"))
    person.open(INBOX)
    assert plans(person, "maaf", ids, "complaints").heading == "Minta maaf: 0 dari 2", "nothing is late yet"
    time.moves(days=10)
    person = Handler(sign_in_staff(app.test_client(), "petugas1"))
    person.open(INBOX)
    page = plans(person, "maaf", ids, "complaints")
    assert page.heading == "Minta maaf: 2 dari 2" and "Mohon maaf, kami terlambat" in page.soup.textarea.get_text()
    done = carries_out(person, text=page.soup.textarea.get_text().strip())
    assert done.heading == "Minta maaf: 2 dari 2 berhasil", done.text
    assert "Mohon maaf, kami terlambat menangani" in person.reads(ids[0]).text
