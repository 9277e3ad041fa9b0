"""What a resident's phone shows in the six typical stories, in order, as the outbox sends it (docs/words.md).

`pytest -s tests/test_message_stories.py` prints them, to be read aloud.
"""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.base.clock import WIB
from app.base.database import db
from app.base.services import city
from app.complaints.ticket.models import Ticket
from app.review.clock_watch import record_warnings
from tests.accounts import time  # noqa: F401 (fixture)
from tests.complaints import Handler
from tests.desk import a_case, declare, nik_of, officer
from tests.own_account import NEW_PASSWORD, account, forgets, last_code  # noqa: F401 (fixtures)
from tests.resident_pages import messages
from tests.test_complaints_whatsapp import writes  # noqa: F401 (fixture)


@pytest.fixture
def phone(app, request):
    """phone() -> the texts so far, oldest first; they are checked and printed on the way."""

    def read() -> list[str]:
        texts = [text for _, _, text in messages(app)]
        print(f"\n===== {request.node.name}", *texts, sep="\n-----\n")
        for text in texts:
            assert city_name(app) in text.splitlines()[0], text
            assert "AMINAH" not in text and "{{" not in text
        return texts

    return read


def city_name(app) -> str:
    with app.app_context():
        return city().short_name


def has(texts: list[str], *parts: str) -> None:
    """One text for each part, in this order, and no more."""
    assert len(texts) == len(parts), texts
    for text, part in zip(texts, parts, strict=True):
        assert part in " ".join(text.split()), text


RECEIVED = "sudah kami terima pada"


def test_smooth(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    time.moves(seconds=1)
    declare(app, case, nik_of(1))
    time.moves(seconds=1)
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "sudah aktif")


def test_returned_and_mended(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    time.moves(seconds=1)
    officer(app, "bayu").acts(case, "kembalikan", reasons=["KTP_BURAM", "TTD_TIDAK_JELAS"])
    time.moves(minutes=2)
    has(phone(), RECEIVED, "perlu diperbaiki")


def test_rejected(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    time.moves(seconds=1)
    declare(app, case, nik_of(1))
    time.moves(seconds=1)
    officer(app, "bayu").acts(case, "tolak", ground="DATA_TIDAK_DITEMUKAN")
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "tidak dapat kami setujui")


def test_late_with_delivery(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    time.moves(seconds=1)
    declare(app, case, nik_of(1))
    time.moves(seconds=1)
    time.moment = datetime(2026, 11, 24, 16, 0, 1, tzinfo=WIB)
    with app.app_context():
        assert record_warnings() == 1
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "mohon maaf, kami terlambat")


def test_complaint_by_whatsapp(app, phone, writes, time):  # noqa: F811
    writes("KTP saya belum jadi, sudah dua minggu")
    with app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
    time.moves(seconds=1)
    Handler(officer(app, "pw", "supervisor").client).answers(ticket, "Data Anda sudah kami perbaiki.")
    has(phone(), "kami terima pada", "jawaban kami atas pengaduan")


def test_lost_password(app, phone, account):  # noqa: F811
    follower = forgets(app)
    follower.send("/lupa-sandi/kode", {"code": last_code(app)})
    follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD})
    texts = phone()
    has(texts, "Kode ganti kata sandi", "ada yang meminta kode", "kata sandi akun")
