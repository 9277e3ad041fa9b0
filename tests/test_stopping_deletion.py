"""A deletion is told to its owner when it is asked for, and one press stops it; a limitation is said as it is."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re

import pytest
from sqlalchemy import select

from app.base.database import db
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload, text_of
from app.privacy import service
from app.privacy.models import RightsRequest
from tests.browser import Browser
from tests.resident_pages import Follower, number_and_pin
from tests.rights_pages import DESK, WHY, Clerk, Owner, account, clerk, owner  # noqa: F401 (fixtures)

NUMBER = "+6281200001001"


def warning(app) -> tuple[str, str]:
    """(number, text) of the one message that a deletion was asked for."""
    with app.app_context():
        row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "hak_data_diminta")).one()
        return open_payload(row).to, text_of(row)


def link_in(text: str) -> str:
    return re.search(r"/lacak/hak-data/t/[0-9a-f]+", text).group()


def the_request(app) -> RightsRequest:
    with app.app_context():
        return db.session.scalars(select(RightsRequest)).one()


def test_the_owner_hears_of_it_at_once_and_stops_it_with_one_press(app, owner, clerk):
    owner.asks("deletion")
    to, text = warning(app)
    assert to == NUMBER and "menghapus akun dan data pribadi" in text and "paling lambat" in text
    phone = Browser(app.test_client())  # no cookie, no PIN, no password
    page = phone.open(link_in(text))
    assert page.heading == "Permintaan penghapusan data" and the_request(app).status == "open", "looking stops nothing"
    second_tab = Browser(app.test_client())
    second_tab.open(link_in(text))
    page = phone.send(link_in(text), {})
    assert "Permintaan dihentikan" in page.text and "Tidak ada data yang dihapus" in page.text
    assert (the_request(app).status, the_request(app).ground) == ("refused", "DIHENTIKAN")
    assert "Permintaan dihentikan" in second_tab.send(link_in(text), {}).text, "pressed twice it is stopped once"
    assert "Dihentikan" in owner.open("/akun/hak-data").text
    assert "Dihentikan" in clerk.open(f"{DESK}?tab=dijawab").text
    clerk.open(f"{DESK}/{the_request(app).id}")
    assert "Hapus data dan akun" not in clerk.page.text


def test_who_asks_with_number_and_pin_alone_cannot_keep_it_from_the_owner(app, account):
    stranger = Follower(app.test_client())
    stranger.follows(*number_and_pin(app, account))
    stranger.open("/lacak/hak-data")
    stranger.send("/lacak/hak-data", {"kind": "deletion", "text": WHY})
    assert warning(app)[0] == NUMBER


def test_an_officer_who_answers_late_after_the_stop_erases_nothing(app, owner, clerk):
    owner.asks("deletion")
    clerk.opens_first()
    address = clerk.address
    phone = Browser(app.test_client())
    phone.open(link_in(warning(app)[1]))
    phone.send(link_in(warning(app)[1]), {})
    answer = clerk.send(f"{address}/penuhi", {"answer": "Kami hapus sesuai permintaan.", "sure": "y"})
    assert answer.status == 409 and the_request(app).status == "refused"


def test_after_the_answer_the_link_says_so(app, owner, clerk):
    owner.asks("deletion")
    text = warning(app)[1]
    phone = Browser(app.test_client())
    phone.open(link_in(text))
    clerk.grants()
    assert phone.send(link_in(text), {}).status == 409 and the_request(app).status == "granted"
    assert "sudah kami jawab" in phone.open(link_in(text)).text


@pytest.mark.parametrize("change", [
    lambda token: token[:-1], lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"), lambda token: "0" * 64,
    lambda token: token + "0", lambda token: token.upper(), lambda token: "\u0661" * 64,
])
def test_a_link_that_we_did_not_make_opens_nothing(app, owner, change):
    owner.asks("deletion")
    with app.app_context():
        token = service.token_of(the_request(app).id)
    answer = app.test_client().get(f"/lacak/hak-data/t/{change(token)}")
    assert answer.status_code == 404


def test_only_a_deletion_is_told_and_stopped_so(app, owner):
    owner.asks("restriction")
    with app.app_context():
        assert db.session.scalar(select(OutboxMessage).where(OutboxMessage.template == "hak_data_diminta")) is None
        token = service.token_of(the_request(app).id)
    assert app.test_client().get(f"/lacak/hak-data/t/{token}").status_code == 404


def test_the_officer_sees_whether_the_owner_was_reached(app, owner, clerk):
    owner.asks("deletion")
    page = clerk.opens_first()
    assert "Pemilik data dikirimi pesan" in page.text and "pastikan lewat telepon" in page.text
    assert link_in(warning(app)[1]) not in page.text


def test_a_limitation_promises_nothing_and_marks_the_registration(app, account, owner, clerk):
    owner.asks("restriction")
    page = clerk.opens_first()
    assert page.field("answer") == "" and "tidak ada yang dibatasi dengan sendirinya" in page.text
    assert clerk.grants("").status == 422
    clerk.grants("Foto Anda tidak kami pakai untuk pelatihan sampai akhir tahun.")
    case = clerk.open(f"/petugas/pendaftaran/{account}").text
    assert "Pemrosesan dibatasi" in case and "tidak kami pakai untuk pelatihan" in case
