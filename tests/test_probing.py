"""What strangers can find out by trying: not whether a NIK is registered, and nothing of anybody else.

Signing in is probed in test_accounts, a forgotten password in test_recovery, a lost number in
test_own_account, number and PIN in test_tracking; the times of answers are printed by bench/probing.
"""

import re

import pytest
from werkzeug.routing import AnyConverter

from app.base.problems import TooManyRequests
from tests.browser import Resident
from tests.builders import RESIDENT, an_application
from tests.own_account import UNKNOWN_NIK
from tests.resident_pages import Follower, application, messages, number_and_pin

OTHER_PHONE, THIRD_PHONE = "0812-0000-7777", "0812-0000-8888"
# one-time tokens of 128 bits, and the file of a complaint, which asks whose it is (test_complaints_public)
NAMED_IN_AN_ADDRESS = {
    "/lacak/t/<token>", "/lacak/hak-data/t/<token>", "/lupa-sandi/t/<token>", "/petugas/undangan/<token>",
    "/pengaduan/lacak/berkas/<attachment_id>", "/survei/t/<token>",
}


def registering(app, nik: str, phone: str) -> list[str]:
    """The words of every page on the way, without what is new each time."""
    stranger = Resident(app.test_client())
    stranger.starts()
    pages = [stranger.fills_in(nik=nik, whatsapp_number=phone)]
    stranger.sends_all_photos()
    pages += [stranger.open("/daftar/periksa"), stranger.confirms(), stranger.open("/lacak")]
    number, pin = (stranger.open("/daftar/selesai") and stranger.number), stranger.pin
    follower = Follower(app.test_client())
    pages.append(follower.follows(number, pin))
    own = (number, pin, phone, nik, f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}")
    return [without(f"{page.status} {page.text}", own) for page in pages]


def without(text: str, own: tuple[str, ...]) -> str:
    for one in own:
        text = text.replace(one, "")
    return re.sub(r"Kode pesan: \S+", "Kode pesan:", text)


def test_registering_a_nik_that_has_an_account_looks_like_registering_any_other(app, account, time):
    known = registering(app, RESIDENT["nik"], OTHER_PHONE)
    unknown = registering(app, UNKNOWN_NIK, THIRD_PHONE)
    # the one place that counts other registrations is the queue, by order of sending alone
    assert [page.replace("antrean 2", "antrean 1") for page in unknown] == known
    assert [to for _, to, _ in messages(app, "nik_sudah_punya_akun")] == ["+6281200001001"]


def test_strangers_who_send_a_nik_all_day_neither_shut_its_owner_out_nor_learn_of_him(app):
    for _ in range(5):
        an_application(app, whatsapp_number=OTHER_PHONE)
    assert application(app, an_application(app)).status == "submitted"


def test_the_sixth_registration_of_one_person_in_a_day_waits(app):
    for _ in range(5):
        an_application(app)
    with pytest.raises(TooManyRequests):
        an_application(app)


def test_no_address_of_residents_names_an_object_that_could_be_guessed(app):
    named = set()
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        free = [name for name in rule.arguments if not isinstance(rule._converters[name], AnyConverter)]
        if free and access is not None and access.kind != "staff":
            named.add(rule.rule)
    assert named == NAMED_IN_AN_ADDRESS


def test_the_visit_of_one_registration_opens_nothing_of_another(app):
    mine, other = an_application(app), an_application(app, nik=UNKNOWN_NIK, full_name="BUDI CONTOH LAIN")
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, mine))
    theirs = number_and_pin(app, other)
    for address in ("/lacak", "/lacak/bukti", "/perbaikan", "/lacak/hak-data"):
        page = follower.open(f"{address}?nomor={theirs[0]}&id={other}")
        assert not any(word in str(page.soup) for word in (*theirs, UNKNOWN_NIK, "BUDI CONTOH LAIN"))
