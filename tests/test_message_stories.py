"""What a resident's phone shows in the six typical stories, in order, as Twilio got it (docs/words.md).

`pytest -s tests/test_message_stories.py` prints them, to be read aloud.
"""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.base.clock import WIB
from app.base.database import db
from app.base.services import city
from app.complaints.ticket.models import Ticket
from app.messages import dispatcher
from app.review.clock_watch import record_warnings
from tests.accounts import time  # noqa: F401 (fixture)
from tests.complaints import Handler
from tests.desk import a_case, declare, nik_of, officer
from tests.own_account import NEW_PASSWORD, account, forgets, last_code  # noqa: F401 (fixtures)
from tests.test_complaints_whatsapp import writes  # noqa: F401 (fixture)
from tests.whatsapp import HOST, approved, twilio, twilio_openapi, wa_app  # noqa: F401 (fixtures)

META_SAYS = "adalah kode Anda."  # WhatsApp fixes the words of a one-time code


@pytest.fixture
def app(wa_app, approved):  # noqa: F811
    """Sends through the real library to the fake Twilio, every template approved."""
    plain, host = wa_app.test_client, HOST["base_url"].split("://")[1]

    def client(*args, **more):
        made = plain(*args, **more)
        made.environ_base |= {
            "HTTP_HOST": host, "wsgi.url_scheme": "https", "HTTP_REFERER": f"{HOST['base_url']}/",
        }
        return made

    wa_app.test_client = client
    return wa_app


@pytest.fixture
def phone(app, twilio, request):  # noqa: F811
    """phone() -> the texts that reached Twilio so far, oldest first; they are checked and printed on the way."""

    def read() -> list[str]:
        for _ in range(8):
            if not dispatcher.deliver_due():
                break
        forms = [form for method, path, form in twilio.requests if method == "POST" and path.endswith("/Messages.json")]
        texts = [form.get("Body") or twilio.content.rendered(form) for form in forms]
        print(f"\n===== {request.node.name}", *texts, sep="\n-----\n")
        for text in texts:
            assert city().short_name in text.splitlines()[0] or text.endswith(META_SAYS), text
            assert "AMINAH" not in text and "{{" not in text
        return texts

    return read


def has(texts: list[str], *parts: str) -> None:
    """One text for each part, in this order, and no more."""
    assert len(texts) == len(parts), texts
    for text, part in zip(texts, parts, strict=True):
        assert part in " ".join(text.split()), text


RECEIVED = "sudah kami terima pada"


def test_smooth(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "sudah aktif")


def test_returned_and_mended(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    officer(app, "bayu").acts(case, "kembalikan", reasons=["KTP_BURAM", "TTD_TIDAK_JELAS"])
    time.moves(minutes=2)
    has(phone(), RECEIVED, "perlu diperbaiki")


def test_rejected(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    officer(app, "bayu").acts(case, "tolak", reason="DATA_TIDAK_DITEMUKAN", nik_read=nik_of(1))
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "tidak dapat kami setujui")


def test_late_with_delivery(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    time.moment = datetime(2026, 11, 24, 16, 0, 1, tzinfo=WIB)
    assert record_warnings() == 1
    time.moves(minutes=2)
    has(phone(), RECEIVED, "sudah lengkap pada", "mohon maaf, kami terlambat")


def test_complaint_by_whatsapp(app, phone, writes, time):  # noqa: F811
    writes("KTP saya belum jadi, sudah dua minggu")
    ticket = db.session.scalars(select(Ticket.id)).one()
    Handler(officer(app, "pw", "supervisor").client).answers(ticket, "Data Anda sudah kami perbaiki.")
    has(phone(), "kami terima pada", "jawaban kami atas pengaduan")


def test_lost_password(app, phone, account):  # noqa: F811
    follower = forgets(app)
    follower.send("/lupa-sandi/kode", {"code": last_code(app)})
    follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD})
    texts = phone()
    has(texts, META_SAYS, "ada yang meminta kode", "kata sandi akun")
