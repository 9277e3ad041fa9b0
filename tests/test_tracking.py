"""Following a registration with number and PIN, or by a link of ours."""

import io
import re

import pytest
import segno
from PIL import Image

from app.messages.dispatcher import deliver_due
from app.registration.receipt import QR_SIDE
from tests.browser import Officer
from tests.builders import RESIDENT, an_application
from tests.desk import officer
from tests.own_account import plain
from tests.resident_pages import Follower, application, link_in, messages, number_and_pin

NOT_MATCHING = "Nomor pendaftaran atau PIN tidak cocok"


@pytest.fixture
def sent(app):
    return an_application(app)


@pytest.fixture
def resident(app, sent):
    """Somebody who has typed number and PIN."""
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, sent))
    return follower


def test_number_and_pin_show_the_status_without_naming_anybody(resident):
    page = resident.page
    assert page.status == 200 and "Menunggu pemeriksaan" in page.text
    assert "Siti" in page.text and "AMINAH" not in page.text
    for secret in (*(RESIDENT[name] for name in ("nik", "full_name", "kk_number", "address")), "0812-0000-1001"):
        assert secret not in str(page.soup)


def test_a_number_may_be_typed_with_small_letters_blanks_or_without_the_dash(app, sent):
    number, pin = number_and_pin(app, sent)
    for typed in (number.lower(), number.replace("-", ""), f" {number.lower()} ", number.replace("-", " ")):
        assert "Menunggu pemeriksaan" in Follower(app.test_client()).follows(typed, f" {pin} ").text, typed


def test_an_unknown_number_and_a_wrong_pin_get_the_same_answer(app, sent):
    number, pin = number_and_pin(app, sent)
    wrong = "000000" if pin != "000000" else "111111"
    pairs = (number, wrong), ("2222-2222", pin), ("2222-2222", "------"), ("", "")
    answers = [Follower(app.test_client()).follows(*pair) for pair in pairs]
    for page in answers:
        assert page.status == 422 and NOT_MATCHING in page.text
        assert pin not in str(page.soup)
    assert len({plain(page) for page in answers}) == 1


def test_the_own_tries_are_forgiven_by_success(app, sent):
    number, pin = number_and_pin(app, sent)
    for _ in range(12):
        assert Follower(app.test_client()).follows(number, pin).status == 200


def test_a_visit_ends_by_itself_and_by_pressing_tutup(app, time, sent, resident):
    again = Follower(app.test_client())
    again.follows(*number_and_pin(app, sent))
    assert again.send("/lacak/selesai", {}).heading == "Lacak Pendaftaran"
    resident.follows(*number_and_pin(app, sent))
    time.moves(minutes=61)
    assert resident.open("/lacak").heading == "Lacak Pendaftaran"


def test_the_promise_appears_once_the_documents_are_complete(app, time, sent, resident, staff_client):
    assert "Selesai paling lambat" not in resident.page.text
    Officer(staff_client("petugas")).acts(sent, "lengkap")
    time.moves(seconds=61)
    page = resident.open("/lacak")
    assert "Data dan foto lengkap, menunggu keputusan" in page.text
    assert re.search(r"Selesai paling lambat \w+, \d+ \w+ 2026 pukul 16\.[03]0 WIB", page.text)
    assert "Data dan foto dinyatakan lengkap" in page.text


def test_the_place_in_the_queue_counts_who_came_before(app):
    first, second = an_application(app), an_application(app, nik="3574031212850002")
    for place, application_id in ((1, first), (2, second)):
        page = Follower(app.test_client()).follows(*number_and_pin(app, application_id))
        assert f"Perkiraan antrean {place}" in page.text


def test_messages_and_their_fate_are_shown_but_never_a_code(app, resident):
    assert "Pendaftaran diterima" in resident.page.text and "Menunggu dikirim" in resident.page.text
    with app.app_context():
        deliver_due(10, lambda: False)
    assert "Menunggu dikirim" not in resident.open("/lacak").text


def test_a_complaint_about_it_begins_with_its_number(app, sent, resident):
    link = resident.page.soup.find("a", string="Sampaikan pengaduan")["href"]
    assert f"Tentang pendaftaran {number_and_pin(app, sent)[0]}" in resident.open(link).soup.find("textarea").get_text()
    assert resident.open("/pengaduan?tentang=<b>lain</b>").soup.find("textarea").get_text().strip() == ""


def test_a_rejection_tells_why_and_what_to_do_now(app, time, sent, resident, staff_client):
    Officer(staff_client("operator")).acts(sent, "tolak", ground="BUKAN_WARGA_KOTA", note="")
    time.moves(seconds=61)
    page = resident.open("/lacak")
    assert "Layanan ini hanya untuk penduduk kota kami." in page.text
    assert "Hubungi Disdukcapil tempat Anda terdaftar." in page.text


def test_the_refreshing_part_is_a_fragment_and_leads_out_when_the_visit_is_over(app, time, resident):
    headers = {"HX-Request": "true"}
    answer = resident.client.get("/lacak/keadaan", headers=headers)
    assert answer.status_code == 200 and "<html" not in answer.text and 'id="keadaan"' in answer.text
    time.moves(days=1)
    assert resident.client.get("/lacak/keadaan", headers=headers).headers["HX-Redirect"] == "/lacak"


def test_the_link_of_the_first_message_opens_the_page_without_number_and_pin(app, sent):
    follower = Follower(app.test_client())
    page = follower.opens_link(link_in(messages(app, "pendaftaran_diterima")[0][2]))
    assert follower.address == "/lacak" and "Menunggu pemeriksaan" in page.text
    assert "Demi keamanan" in page.text


def test_a_link_alone_neither_changes_nor_withdraws_nor_shows_the_pin(app, sent):
    follower = Follower(app.test_client())
    follower.opens_link(link_in(messages(app, "pendaftaran_diterima")[0][2]))
    pin = number_and_pin(app, sent)[1]
    for address in ("/lacak/batalkan", "/lacak/bukti.png", "/lacak/bukti"):
        assert follower.open(address).status == 403
    follower.open("/perbaikan")
    assert follower.address == "/lacak"
    assert follower.send("/lacak/batalkan", {"confirm": "ya"}).status == 403
    assert pin not in follower.open("/lacak").text
    assert application(app, sent).status == "submitted"


def test_a_link_takes_nothing_away_from_who_has_typed_the_pin(app, sent, resident):
    resident.opens_link(link_in(messages(app, "pendaftaran_diterima")[0][2]))
    assert "Perbaiki data atau foto" in resident.page.text
    resident.opens_link(link_in(messages(app, "pendaftaran_diterima")[0][2]))
    assert resident.open("/lacak/batalkan").status == 200


def test_a_link_expires_and_nonsense_is_answered_alike(app, time, sent):
    link = link_in(messages(app, "pendaftaran_diterima")[0][2])
    time.moves(days=400)
    old, nonsense = Follower(app.test_client()), Follower(app.test_client())
    assert old.opens_link(link).status == 404
    assert nonsense.open("/lacak/t/" + "0" * 32).status == 404
    assert old.page.text == nonsense.page.text


def test_no_link_is_stored_as_it_is(app, sent, tmp_path):
    token = link_in(messages(app, "pendaftaran_diterima")[0][2]).rsplit("/", 1)[-1].encode()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert token not in path.read_bytes(), path.name


def test_a_withdrawal_is_asked_about_then_done_and_told(app, sent, resident):
    resident.open("/lacak/batalkan")
    assert "Batalkan pendaftaran" in resident.send("/lacak/batalkan", {}).heading
    assert application(app, sent).status == "submitted"
    assert "Dibatalkan" in resident.send("/lacak/batalkan", {"confirm": "ya"}).text
    assert application(app, sent).status == "withdrawn"
    assert len(messages(app, "pendaftaran_dibatalkan")) == 1


def test_nothing_is_withdrawn_once_the_documents_are_complete(app, time, sent, resident, staff_client):
    resident.open("/lacak/batalkan")
    Officer(staff_client("petugas")).acts(sent, "lengkap")
    assert resident.send("/lacak/batalkan", {"confirm": "ya"}).status == 409
    assert "tidak dapat dibatalkan lagi" in resident.open("/lacak/batalkan").text
    assert application(app, sent).status == "complete"


def test_the_receipt_is_a_png_with_a_qr_code_that_leads_to_the_status_page(app, sent, resident):
    answer = resident.client.get("/lacak/bukti.png")
    assert answer.mimetype == "image/png" and answer.data.startswith(b"\x89PNG")
    assert len(answer.data) < 80_000
    assert answer.headers["Cache-Control"] == "no-store"
    address = f"http://127.0.0.1:8000/lacak?nomor={number_and_pin(app, sent)[0]}"
    assert holds_qr_code(answer.data, address) and not holds_qr_code(answer.data, f"{address}2")
    assert resident.open("/lacak/bukti").status == 200


def holds_qr_code(png: bytes, address: str) -> bool:
    """Whether the picture shows this very code, module for module, in its middle column."""
    code = segno.make(address, error="m")
    side = code.symbol_size()[0]
    picture = Image.open(io.BytesIO(png)).convert("L")
    scale = QR_SIDE // side
    x = (picture.width - side * scale) // 2
    wanted = [[bool(dark) for dark in row] for row in code.matrix_iter(border=4)]
    return any(
        all(wanted[row][column] == (picture.getpixel((x + column * scale + scale // 2, y + row * scale)) < 128)
            for row in range(side) for column in range(side))
        for y in range(picture.height - side * scale)
    )


def test_pages_of_a_visit_are_closed_without_one(app, client):
    for address in ("/perbaikan", "/perbaikan/ktp", "/lacak/batalkan", "/lacak/bukti.png", "/lacak/keadaan"):
        answer = client.get(address)
        assert answer.status_code == 303 and answer.location == "/lacak"


def test_who_lost_the_pin_gets_a_new_one_at_the_counter(app, sent, resident):
    number, old = number_and_pin(app, sent)
    petugas = officer(app, "tini", "petugas")
    address = f"/petugas/pendaftaran/{sent}/pin-baru"
    petugas.opens_case(sent)
    assert petugas.page.soup.find("a", href=address)
    petugas.open(address)
    refused = petugas.send(address, {})
    assert refused.status == 422 and "KTP asli" in refused.text and number_and_pin(app, sent) == (number, old)
    given = petugas.send(address, {"card_seen": "y"})
    _, new = number_and_pin(app, sent)
    assert new != old and new in given.text and "PIN lama tidak berlaku lagi" in given.text
    assert new in petugas.open(address).text, "loading the page again gives no other"
    other = officer(app, "joko")
    assert new not in other.open(address).text
    assert "Menunggu pemeriksaan" not in resident.open("/lacak").text, "what was opened with the old PIN is over"
    assert NOT_MATCHING in Follower(app.test_client()).follows(number, old).text
    assert "Menunggu pemeriksaan" in Follower(app.test_client()).follows(number, new).text
    [(_, _, told)] = messages(app, "pin_diganti")
    assert new not in told and "Di luar jam layanan" in told
    assert "PIN baru diberikan" in petugas.open(f"/petugas/pendaftaran/{sent}").text
