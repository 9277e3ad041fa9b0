"""The guarantee of the standard (I) and complaints: upheld about one of the five, and that a registration is late."""

import base64
import io
import re
from datetime import datetime

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from app.base.clock import WIB
from app.base.database import db
from app.complaints.ticket.models import Ticket
from tests.complaints import Complainant
from tests.desk import a_case, declare, nik_of, officer, row, shared_photos
from tests.test_guarantee import a_missed_promise, breaches, code_of, guarantee, hand_over, sent, status_text

CATEGORIES = {"requirements": "requirements", "website": "procedure", "illegal_fee": "fee", "late": "time",
              "wrong_data": "product"}


@pytest.mark.parametrize(("category", "breach"), CATEGORIES.items())
def test_an_upheld_complaint_opens_a_guarantee(app, time, category, breach):
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moves(minutes=2)
    someone = Complainant(app.test_client())
    someone.open(f"/pengaduan?tentang={row(app, case).number}")
    someone.complains(category=category, about=row(app, case).number)
    sri = officer(app, "sri", "supervisor")
    ticket_id, version = newest_ticket(app)
    assert guarantee(app) is None, "nobody has said yet that the complaint is right"

    def answer(version: str):
        sri.open(f"/petugas/pengaduan/{ticket_id}")
        return sri.send(f"/petugas/pengaduan/{ticket_id}/jawab", {
            "version": version, "claim_token": "", "text": "Kami salah. Mohon maaf.", "via": "chosen", "act": "final",
            "outcome": "proven",
        })

    answer(version)
    assert breaches(app) == [(breach, "upheld")] and guarantee(app).status == "opened"
    assert "tidak sesuai janji" not in status_text(app, case), "the answer can still be taken back"
    sri.send(f"/petugas/pengaduan/{ticket_id}/batalkan", {"version": newest_ticket(app)[1], "claim_token": ""})
    assert breaches(app) == [] and guarantee(app).status == "void"
    answer(newest_ticket(app)[1])
    time.moves(minutes=2)
    assert breaches(app) == [(breach, "upheld")] and guarantee(app).status == "opened"
    assert "pengaduan Anda kepada Dukcapil Kota Probolinggo tentang" in sent(app, "jaminan_dibuka")[-1]
    assert "Hasilnya kami antar ke rumah Anda" in status_text(app, case)
    hadi = hand_over(app, "2026-11-24")
    drawing = hadi.at_door("diterima", relation="family", receiver="Ibu Contoh", proof="signature", drawing="")
    assert drawing.status == 422 and "menandatangani" in drawing.text
    by_slip = category == "late"  # the others are signed for on the phone
    if by_slip:
        hadi.at_door("diterima", multipart=True, relation="family", receiver="Ibu Contoh",
                     slip=(io.BytesIO(shared_photos()["ktp"]), "tanda-terima.jpg"))
    else:
        hadi.at_door("diterima", relation="family", receiver="Ibu Contoh", proof="signature", drawing=a_drawing())
    assert (guarantee(app).status, guarantee(app).proof) == ("delivered", "slip" if by_slip else "signature")
    assert "Suratnya sudah diterima" in status_text(app, case)
    bayu = officer(app, "bayu")
    page = bayu.open(f"/petugas/jaminan/{guarantee(app).id}")
    assert "Ibu Contoh" in page.text and ("foto tanda terima" if by_slip else "tanda tangan di HP") in page.text
    assert bayu.client.get(f"/petugas/jaminan/{guarantee(app).id}/bukti").mimetype == "image/jpeg"


def newest_ticket(app) -> tuple[str, str]:
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        return ticket.id, str(ticket.version)


def a_drawing() -> str:
    """As the canvas of a phone gives it."""
    picture = Image.new("RGB", (720, 320), "white")
    ImageDraw.Draw(picture).line([(50, 200), (200, 80), (350, 240), (600, 100)], fill="black", width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_a_lateness_complaint_is_linked_gets_one_day_and_joins(app, time):
    case = a_missed_promise(app, time)
    someone = Complainant(app.test_client())
    someone.open(f"/pengaduan?tentang={row(app, case).number}")
    assert someone.page.field("about") == row(app, case).number
    someone.complains(category="late", about=row(app, case).number)
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert (ticket.application_id, ticket.lateness) == (case, True)
        assert ticket.resolve_due_at == datetime(2026, 11, 25, 16, 0, tzinfo=WIB)
    assert breaches(app) == [("time", "promise"), ("time", "lateness")]
    assert len(sent(app, "melewati_batas")) == 1, "told once"
    officer(app, "bayu").acts(case, "setujui", nik_read=nik_of(1))
    time.moment = datetime(2026, 11, 25, 9, 0, tzinfo=WIB)
    hand_over(app).at_door("diterima", relation="self", code=code_of(app))
    assert guarantee(app).status == "delivered" and "Suratnya sudah diterima" in status_text(app, case)
    figures = officer(app, "sri", "supervisor").open("/petugas/angka?dari=2026-11-01&sampai=2026-11-30").text
    assert re.search(r"Jaminan dibuka\s*1\b", figures), "counted once, however often it was said"
