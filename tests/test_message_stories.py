"""The six typical stories, read from what the stand-in of Twilio took over HTTP, in the order in which a phone gets
them: templates as Meta fills them, and free text where somebody wrote to us.

docs/message-stories.md shows them, to be read aloud; `make stories` writes it anew.
"""

import os
import re
from datetime import datetime

import pytest
from sqlalchemy import select

from app.base.clock import WIB
from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.demo.photos import realistic_ktp
from app.messages import dispatcher
from app.messages.inbound import inbox
from app.review.promises import record_warnings
from tests.accounts import an_account, time  # noqa: F401 (fixture)
from tests.complaints import Handler
from tests.desk import a_case, declare, name_staff, nik_of, officer
from tests.fake_twilio import SETTINGS, FakeTwilio
from tests.messaging import PHONE
from tests.own_account import NEW_PASSWORD, forgets
from tests.resident_pages import Follower
from tests.test_docs import ROOT
from tests.test_guarantee import MISSED, Desk, code_of, guarantee, hand_over
from tests.whatsapp import approve_all, inbound_form, sid

DOCUMENT = ROOT / "docs" / "message-stories.md"
SITE = "http://dukcapil.contoh.id"
RECEIVED, COMPLETE = "sudah kami terima pada", "nyatakan lengkap pada"


@pytest.fixture
def twilio():
    fake = FakeTwilio()
    yield fake
    fake.close()


@pytest.fixture
def extra_settings(twilio):
    return {**SETTINGS, "TWILIO_API_BASE": twilio.url, "PUBLIC_BASE_URL": SITE}


@pytest.fixture
def phone(app, twilio):
    with app.app_context():
        approve_all(twilio)
    return Phone(app, twilio)


class Phone:
    """Of the resident: what Twilio was given for it so far, oldest first."""

    def __init__(self, app, twilio: FakeTwilio):
        self.app, self.twilio = app, twilio

    def reads(self) -> list[str]:
        """Every text, after what is due now was sent."""
        with self.app.app_context():
            dispatcher.deliver_due()
        outgoing = [made for made in self.twilio.messages.values() if made["direction"] == "outbound-api"]
        assert {made["to"] for made in outgoing} == {f"whatsapp:{PHONE}"}
        return [made["body"] for made in outgoing]

    def faults(self, story: str, *parts: str) -> list[str]:
        """What is not so: one text for each part, in this order, no more, each word as the document shows it."""
        texts = self.reads()
        told = "\n\n".join(f"```text\n{_with_samples(text)}\n```" for text in texts)
        if os.environ.get("WRITE_STORIES"):
            DOCUMENT.write_text(_replaced(DOCUMENT.read_text(), story, told))
        found = [] if len(texts) == len(parts) else [f"{len(texts)} texts, not {len(parts)}: {texts}"]
        found += [f"without {part!r}: {text}" for text, part in zip(texts, parts, strict=False)
                  if part not in " ".join(text.split())]
        found += [text for text in texts if "AMINAH" in text or "{{" in text]
        if _section(DOCUMENT.read_text(), story) != told:
            found.append("other words than in the document: make stories writes them anew")
        return found


def _with_samples(text: str) -> str:
    """The same samples for what is made by chance."""
    text = re.sub(r"(?<=/t/)[0-9a-f]+", "5d2c…", text)
    text = re.sub(r"(?<=Kode pesan: )[\w-]{9}", "ABCD-EFGH", text)
    text = re.sub(r"\b(?=[A-Z0-9-]*[A-Z])[A-Z2-9]{4}-[A-Z2-9]{4}\b(?<!ABCD-EFGH)", "7KMP-3QXR", text)
    return re.sub(r"(?<=PIN: )\d{8}", "48392017", re.sub(r"(?<![-\d])\d{6}\b", "482915", text))


def _section(document: str, story: str) -> str:
    return document.partition(f"\n## {story}\n")[2].partition("\n## ")[0].strip()


def _replaced(document: str, story: str, told: str) -> str:
    before, heading, after = document.partition(f"\n## {story}\n")
    _, following, rest = after.partition("\n## ")
    return f"{before}{heading or f'{chr(10)}## {story}{chr(10)}'}\n{told}\n{following}{rest}"


@pytest.fixture
def writes(app, twilio):
    """writes(text): a message as Twilio reports it, signed, and worked off as the worker does."""

    def write(text: str) -> None:
        form = inbound_form(twilio, sid(1), text)
        answer = app.test_client().post("/wa/masuk", data=form, headers=twilio.signed(f"{SITE}/wa/masuk", form))
        assert answer.status_code < 300
        with app.app_context():
            inbox.handle_new()

    return write


def a_complete_case(app, phone, time) -> str:  # noqa: F811
    """Received and declared complete, and both were told."""
    case = a_case(app, 1)
    phone.reads()
    declare(app, case, nik_of(1))
    time.moves(minutes=2)
    phone.reads()
    return case


def test_smooth(app, phone, time):  # noqa: F811
    case = a_complete_case(app, phone, time)
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    assert phone.faults("Smooth", RECEIVED, COMPLETE, "sudah aktif") == []


def test_returned_and_mended(app, phone, time):  # noqa: F811
    case = a_case(app, 1)
    phone.reads()
    bayu = officer(app, "bayu")
    bayu.acts(case, "kembalikan", reasons=["KTP_BURAM"])
    time.moves(minutes=2)
    resident = Follower(app.test_client())
    resident.opens_link(link_to_mend(phone.reads()[-1]))
    assert resident.mends_photo("ktp", realistic_ktp(nik=nik_of(1), name="SITI CONTOH AMINAH SARI")).status == 200
    assert "terkirim" in resident.sends_mended().text
    time.moves(minutes=2)
    declare(app, case, nik_of(1))
    time.moves(minutes=2)
    bayu.acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    assert phone.faults("Returned and mended", RECEIVED, "perlu diperbaiki", COMPLETE, "sudah aktif") == []


def test_rejected(app, phone, time):  # noqa: F811
    case = a_complete_case(app, phone, time)
    officer(app, "bayu").acts(case, "tolak", ground="DATA_TIDAK_DITEMUKAN")
    time.moves(minutes=2)
    assert phone.faults("Not approved", RECEIVED, COMPLETE, "tidak dapat kami setujui") == []


def test_late_with_delivery(app, phone, time):  # noqa: F811
    case = a_complete_case(app, phone, time)
    time.moment = MISSED
    with app.app_context():
        record_warnings()
    phone.reads()
    time.moment = datetime(2026, 11, 25, 8, 0, tzinfo=WIB)
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    phone.reads()
    officer(app, "hadi", "petugas")
    name_staff(app, "hadi", "Hadi Purnomo")
    hand_over(app)
    phone.reads()
    time.moment = datetime(2026, 11, 25, 13, 20, tzinfo=WIB)
    Desk(app, "hadi", "petugas").at_door("tidak-bertemu", reason="away", next_day="2026-11-26")
    phone.reads()
    time.moment = datetime(2026, 11, 26, 9, 0, tzinfo=WIB)
    hand_over(app, "2026-11-26")
    last = phone.reads()[-1]
    code = code_of(app)
    assert code in last, "the code at the door is the one of the newest message"
    time.moment = datetime(2026, 11, 26, 13, 30, tzinfo=WIB)
    Desk(app, "hadi", "petugas").at_door("diterima", once="b", relation="self", code=code)
    assert guarantee(app).status == "delivered"
    time.moves(minutes=2)
    assert phone.faults(
        "Late, with delivery", RECEIVED, COMPLETE, "mohon maaf, kami terlambat", "sudah aktif",
        "diantar oleh petugas kami Hadi", "tidak bertemu Anda", "diantar oleh petugas kami Hadi",
    ) == []


def test_complaint_by_whatsapp(app, phone, writes, time):  # noqa: F811
    writes("KTP saya belum jadi, sudah dua minggu")
    phone.reads()
    with app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
    time.moves(seconds=1)
    Handler(officer(app, "pw", "supervisor").client).answers(ticket, "Data Anda sudah kami perbaiki.")
    time.moves(minutes=2)
    assert phone.faults("Complaint by WhatsApp", "kami terima pada", "jawaban kami atas pengaduan") == []


def test_lost_password(app, phone, time):  # noqa: F811
    an_account(app)
    follower = forgets(app)
    code, _ = phone.reads()
    follower.send("/lupa-sandi/kode", {"code": code.split()[0]})
    follower.send("/lupa-sandi/baru", {"new_password": NEW_PASSWORD})
    assert phone.faults("Lost password", "adalah kode Anda", "ada yang meminta kode", "kata sandi akun") == []


def link_to_mend(text: str) -> str:
    return re.search(r"/lacak/t/[0-9a-f]+", text).group()
