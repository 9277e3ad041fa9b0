"""The receipt as a picture for the phone's gallery: first name (a family tells three apart), number, PIN,
QR code. Never the NIK. And what is said of it by WhatsApp."""

import io

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import String, and_, bindparam, literal, select

from app.accounts.models import Citizen
from app.base.database import db
from app.base.services import city, settings
from app.city.dates import show_date, show_moment, show_time
from app.city.office_calendar import REVISION, revision
from app.messages import outbox, proving
from app.messages.models import NumberProof
from app.registration import personal
from app.registration.links import FOLLOW, FOLLOW_LIFE, new_link
from app.registration.models import Application
from app.registration.personal import open_personal, open_pin

SIZE = (900, 1400)
MARGIN = 64
RECEIPT = "pendaftaran_diterima"  # the message
DEEP, SUN, INK, SOFT, PAPER, SKY = "#0a2f55", "#f2a31b", "#15222f", "#4b5b6b", "#ffffff", "#e8f1fa"
QR_SIDE = 420  # pixels, quiet zone included; readable from paper and from another phone


def receipt_png(application: Application) -> bytes:
    """PNG of about 25 kB. The QR code opens /lacak with the number filled in; the PIN stays to be typed."""
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    _head(draw)
    y = _centred(draw, 235, "Bukti pendaftaran akun online", 40, DEEP)
    y = _centred(draw, y, f"untuk {open_personal(application).greeting_name}", 36, INK)
    y = _centred(draw, y + 8, f"{show_date(application.submitted_at)}, {show_time(application.submitted_at)}", 30, SOFT)
    draw.rounded_rectangle((MARGIN, y + 30, SIZE[0] - MARGIN, y + 385), radius=28, fill=SKY)
    y = _centred(draw, y + 62, "Nomor pendaftaran", 32, SOFT)
    y = _centred(draw, y + 4, application.number, 76, DEEP)
    y = _centred(draw, y + 22, "PIN", 32, SOFT)
    y = _centred(draw, y + 4, open_pin(application), 76, DEEP)
    qr = _qr(f"{settings().public_base_url}/lacak?nomor={application.number}")
    picture.paste(qr, ((SIZE[0] - qr.width) // 2, y + 55))
    y = _centred(draw, y + 55 + qr.height, "Pindai untuk melihat status,", 30, INK)
    y = _centred(draw, y + 4, f"atau buka {city().public_domain}/lacak", 30, INK)
    y = _centred(draw, y + 24, "Jangan beri tahu PIN kepada siapa pun. Layanan ini gratis.", 28, SOFT)
    _centred(draw, y + 4, f"Butuh bantuan? Telepon {city().contacts.phone}", 28, SOFT)
    out = io.BytesIO()
    picture.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


def _head(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, SIZE[0], 190), fill=DEEP)
    draw.rectangle((0, 190, SIZE[0], 202), fill=SUN)
    draw.text((MARGIN, 44), "Loket", font=_font(60), fill=PAPER)
    draw.text((MARGIN, 120), f"Dukcapil {city().name}", font=_font(36), fill="#d3e4f5")


def _centred(draw: ImageDraw.ImageDraw, y: int, text: str, size: int, fill: str) -> int:
    """Write one line, smaller when it would not fit; returns where the next may begin."""
    while size > 18 and draw.textlength(text, font=_font(size)) > SIZE[0] - 2 * MARGIN:
        size -= 2
    draw.text((SIZE[0] // 2, y), text, font=_font(size), fill=fill, anchor="ma")
    return y + round(size * 1.25)


def _qr(address: str) -> Image.Image:
    import segno

    picture, code = io.BytesIO(), segno.make(address, error="m")
    code.save(picture, kind="png", scale=QR_SIDE // code.symbol_size()[0], border=4)
    return Image.open(io.BytesIO(picture.getvalue())).convert("RGB")


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font that Pillow brings along, so that no machine needs one installed."""
    return ImageFont.load_default(size)


def tell_received(application: Application, account: Citizen | None) -> None:
    """The receipt to the applicant, and word to the holder of the account with this NIK if there is one, inside the
    caller's transaction."""
    person = personal.open_personal(application)
    outbox.enqueue(
        RECEIPT, to=personal.reached_at(person), about=("application", application.id),
        variables={
            "nama": person.greeting_name, "kode": application.number,
            "tgl_jam": show_moment(application.submitted_at),
            "tautan": new_link(application.id, FOLLOW, FOLLOW_LIFE),
        },
    )
    tell_account_holder(application, account)


def tell_account_holder(application: Application, account: Citizen | None) -> None:
    """When the NIK has an account, its holder is told at the number on record, and nobody else. Nothing
    is said about a registration that waits to be looked at."""
    if account is None or application.to_look:
        return
    on_record = personal.open_citizen(account)
    outbox.enqueue(
        "nik_sudah_punya_akun", to=personal.reached_at(on_record), about=("citizen", account.id),
        on_record=True,
        variables={"nama": on_record.greeting_name, "tautan": f"{settings().public_base_url}/masuk"},
    )


def receipt_is_withheld(application: Application) -> bool:
    """Whether the page is all the receipt there is. What else it says of the number and of office hours is asked
    with it."""
    withheld, days, proof = db.session.execute(_BESIDE_RECEIPT, {"id": application.id}).one()
    revision.found(days or 0)
    proving.proof_of.found(proof, ("application", application.id))
    return withheld


_APPLICATION = bindparam("id", type_=String)
_BESIDE_RECEIPT = select(
    outbox.withheld_about("application", _APPLICATION, RECEIPT).label("withheld"), REVISION, NumberProof,
).select_from(select(literal(1)).subquery()).outerjoin(
    NumberProof, and_(NumberProof.about_kind == "application", NumberProof.about_id == _APPLICATION),
)


def account_of(application: Application) -> Citizen | None:
    return db.session.scalar(_ACCOUNT, {"nik": application.nik_index})


_ACCOUNT = select(Citizen).where(Citizen.nik_index == bindparam("nik"))
