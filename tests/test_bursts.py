"""A burst of registrations waits in *Perlu dilihat* and sends nothing until somebody looked."""

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.registration import bursts
from app.registration.models import Application
from app.registration.service import submit
from bench._flood import send_registration
from tests.accounts import an_account
from tests.browser import Resident
from tests.builders import an_application
from tests.desk import journalled, messages, nik_of, officer, row
from tests.resident_pages import Follower, number_and_pin
from tests.test_desk_queue import numbers, tab_counts

TAB = "/petugas/?tab=perlu-dilihat"
WORKING = ("semua", "baru", "diperbaiki", "hampir-lewat", "lewat", "lewat-target", "ganda")
# each sign alone: what the registrations of a burst have in common
ALIKE = {
    bursts.NETWORK: {"address": "198.51.100.{number}"},
    bursts.KK: {"kk_number": "3574010101100001"},
    bursts.PHONE: {"whatsapp_number": "+6281200001001"},
    bursts.NAME: {"full_name": "SITI CONTOH AMINAH"},
    bursts.NIK_RUN: {"stem": "357401450590"},
    bursts.PHOTO: {"fingerprint": "f" * 64},
}


def sends(app, number: int, kind: str = "") -> str:
    """Id of a registration from an address of its own that shares nothing but the sign."""
    shared = {name: value.format(number=number) for name, value in ALIKE.get(kind, {}).items()}
    with app.app_context():
        return send_registration(number, **{"address": f"10.0.{number}.9", **shared})


def to_look(app, ids: list[str]) -> list[bool]:
    return [row(app, one).to_look for one in ids]


@pytest.fixture
def waiting(app, time) -> str:
    """A registration that came as the third with the same photos."""
    for number in (1, 2, 3):
        draft = an_application(app, send=False, nik=nik_of(number * 1111), whatsapp_number=f"0812-0000-200{number}",
                               full_name=f"{'ABC'[number - 1]}NI CONTOH", kk_number=f"357401010110000{number}")
        with app.app_context():
            submit(draft, f"10.0.{number}.9")
            db.session.remove()
    with app.app_context():
        return db.session.scalar(select(Application.id).where(Application.to_look))


@pytest.mark.parametrize("kind", bursts.KINDS)
def test_each_sign_alone_lets_a_registration_wait_from_its_threshold_on(app, time, kind):
    most = bursts.SIGNS[kind].most
    ids = [sends(app, number, kind) for number in range(1, most + 3)]
    assert to_look(app, ids) == [False] * most + [True, True]
    with app.app_context():
        assert bursts.look_of(ids[-1]).signs == [kind]


@pytest.mark.parametrize("kind", bursts.KINDS)
def test_the_same_number_spread_over_a_longer_time_waits_for_nobody(app, time, kind):
    sign = bursts.SIGNS[kind]
    ids = []
    for number in range(1, sign.most + 3):
        ids.append(sends(app, number, kind))
        time.moves(seconds=sign.span.total_seconds() / sign.most)
    assert not any(to_look(app, ids))


def test_registrations_with_nothing_in_common_never_wait(app, time):
    assert not any(to_look(app, [sends(app, number) for number in range(1, 25)]))


def test_whoever_waits_is_received_told_the_truth_and_sent_nothing(app, time, waiting):
    assert [template for template, _ in messages(app)] == ["pendaftaran_diterima"] * 2
    number, pin = number_and_pin(app, waiting)
    page = Follower(app.test_client()).follows(number, pin)
    assert "petugas melihat pendaftaran ini dulu. Pesan WhatsApp kami kirim sesudah itu." in page.text
    assert "Perkiraan antrean" not in page.text


def test_the_last_page_says_that_an_officer_looks_first(app, time):
    for number in (1, 2, 3):
        page = Resident(app.test_client()).registers(
            nik=nik_of(number * 1111), whatsapp_number=f"0812-0000-200{number}",
            full_name=f"{'ABC'[number - 1]}NI CONTOH", kk_number=f"357401010110000{number}")
        assert ("Petugas melihatnya dulu" in page.text) == (number == 3)
        assert page.heading == "Registrasi selesai" and "PIN" in page.text


def test_it_stands_in_its_own_tab_and_is_given_to_nobody(app, time, waiting):
    petugas = officer(app, "rina", "petugas")
    page = petugas.open(TAB)
    assert numbers(page) == [row(app, waiting).number]
    assert tab_counts(page)["perlu-dilihat"] == "1" and tab_counts(page)["semua"] == "2"
    for tab in WORKING:
        assert row(app, waiting).number not in numbers(petugas.open(f"/petugas/?tab={tab}"))
    for _ in range(3):
        petugas.open("/petugas/")
        petugas.send("/petugas/berikutnya", {})
    assert row(app, waiting).claimed_by is None
    assert "1 pendaftaran yang serupa menunggu dilihat" in officer(app, "dewi", "supervisor").open("/petugas/").text


def test_nobody_decides_it_before_it_was_looked_at(app, time, waiting):
    bayu = officer(app, "bayu")
    page = bayu.opens_case(waiting)
    assert "Lebih dari 2 pendaftaran dalam 24 jam dengan foto yang sama." in page.text
    assert row(app, waiting).claimed_by is None, "looking claims nothing"
    for act in ("lengkap", "kembalikan", "tolak"):
        bayu.acts(waiting, act, nik_read=nik_of(3333), reasons=["KTP_BURAM"], ground="DATA_TIDAK_DITEMUKAN")
    assert row(app, waiting).status == "submitted" and len(messages(app)) == 2


def test_looked_at_it_goes_its_way_with_receipt_and_journal_line(app, time, waiting):
    petugas = officer(app, "rina", "petugas")
    before = row(app, waiting)
    petugas.opens_case(waiting)
    page = petugas.sends_act(waiting, "sudah-dilihat")
    assert "Sudah dilihat. Pendaftaran ini sekarang ada di antrean." in page.text
    after = row(app, waiting)
    assert not after.to_look and (after.submitted_at, after.due_at) == (before.submitted_at, before.due_at)
    assert [template for template, _ in messages(app)] == ["pendaftaran_diterima"] * 3
    assert "application_looked_at" in journalled(app, waiting)
    assert after.claimed_by, "who looked goes on with it"
    with app.app_context():
        assert bursts.look_of(waiting).looked_by == after.claimed_by


def test_two_who_look_at_once_send_one_receipt(app, time, waiting):
    rina, bayu = officer(app, "rina", "petugas"), officer(app, "bayu")
    rina.opens_case(waiting)
    bayu.opens_case(waiting)
    rina.sends_act(waiting, "sudah-dilihat")
    assert bayu.sends_act(waiting, "sudah-dilihat").status == 409
    assert len(messages(app)) == 3


def test_a_withdrawn_one_leaves_the_tab_and_sends_nothing(app, time, waiting):
    number, pin = number_and_pin(app, waiting)
    follower = Follower(app.test_client())
    follower.follows(number, pin)
    follower.open("/lacak/batalkan")
    follower.send("/lacak/batalkan", {"confirm": "ya"})
    assert row(app, waiting).status == "withdrawn" and len(messages(app)) == 2
    assert numbers(officer(app, "rina", "petugas").open(TAB)) == []


def test_the_holder_of_an_account_hears_of_a_waiting_one_only_after_the_look(app, time):
    an_account(app, nik=nik_of(9), whatsapp_number="0812-0000-9999")
    for number in (1, 2):
        sends(app, number, bursts.PHOTO)
    with app.app_context():
        waiting = send_registration(9, "10.1.1.1", stem=nik_of(9)[:12], fingerprint="f" * 64)
    assert row(app, waiting).to_look
    assert "nik_sudah_punya_akun" not in dict(messages(app))
    rina = officer(app, "rina", "petugas")
    rina.opens_case(waiting)
    rina.sends_act(waiting, "sudah-dilihat")
    assert "nik_sudah_punya_akun" in dict(messages(app))


def test_what_staff_file_at_the_counter_never_waits(app, time):
    petugas = officer(app, "rina", "petugas")
    for number in range(1, 5):
        petugas.open("/petugas/loket")
        petugas.send("/petugas/loket", {"notice": "y"})
        warga = Resident(petugas.client)
        warga.page = petugas.page
        warga.fills_in(nik=nik_of(number))
        warga.sends_all_photos()
        warga.confirms()
        petugas.open("/petugas/")
        petugas.send("/petugas/loket/selesai", {})
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Application).where(Application.to_look)) == 0


def test_no_address_is_kept_and_marks_are_forgotten(app, time):
    sends(app, 1, bursts.NETWORK)
    with app.app_context():
        marks = list(db.session.scalars(select(bursts.SubmissionMark)))
        assert {mark.kind for mark in marks} == set(bursts.KINDS)
        assert all(len(mark.value_index) == 64 and "198.51" not in mark.value_index for mark in marks)
    time.moves(days=2, minutes=1)
    with app.app_context():
        assert bursts.forget_old_marks() == len(marks)


@pytest.mark.parametrize(("one", "other", "alike"), [
    ("203.0.113.4", "203.0.113.200", True), ("203.0.113.4", "203.0.114.4", False),
    ("2001:db8:1:2::3", "2001:db8:1:ff::9", True), ("2001:db8:1::1", "2001:db8:2::1", False),
    ("::ffff:203.0.113.4", "203.0.113.9", True),
])
def test_a_network_is_the_address_without_its_end(one, other, alike):
    assert (bursts._network_of(one) == bursts._network_of(other)) is alike


def test_a_burst_waits_on_postgresql_too(pg_app):
    ids = [sends(pg_app, number, bursts.NAME) for number in range(1, 6)]
    assert to_look(pg_app, ids) == [False] * 3 + [True] * 2
    rina = officer(pg_app, "rina", "petugas")
    assert len(numbers(rina.open(TAB))) == 2
    rina.opens_case(ids[3])
    rina.sends_act(ids[3], "sudah-dilihat")
    assert to_look(pg_app, ids)[3:] == [False, True]
