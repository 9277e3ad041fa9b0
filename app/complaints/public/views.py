"""Complaints for everybody: the form at /pengaduan, the receipt, and following by number and PIN."""

from datetime import timedelta

from flask import Blueprint, flash, make_response, request, session, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.base import clock, limits
from app.base.database import db
from app.base.ids import LONG_CODE, OLD_TICKET_PIN, TICKET_PIN, new_id, normalise_code
from app.base.problems import FormRejected, NotFound, TemporarilyUnavailable, TooManyRequests
from app.base.services import city
from app.complaints.arriving import web_form
from app.complaints.desk.rendering import file_response, sent_files
from app.complaints.public import tracking, typed
from app.complaints.public.typed import ComplaintForm, RatingForm, ReplyForm, TrackForm
from app.complaints.ticket import notices, timekeeping
from app.complaints.ticket.models import Ticket, TicketAttachment
from app.complaints.ticket.personal import open_part, open_pin
from app.complaints.ticket.status import ANSWERED, label_of
from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, KIND_HINTS, KINDS
from app.guessing import budgets, step_codes
from app.guessing.known_browser import STEP_COOKIE, remember, visitor
from app.guessing.step_codes import StepNeeded
from app.photos.errors import PhotoBusy
from app.web.access import public
from app.web.cookies import Cookie
from app.web.errors import to_the_door
from app.web.forms import CodeForm
from app.web.htmx import come_back, go_to, render

blueprint = Blueprint("complaints", __name__, url_prefix="/pengaduan")
HELD, HELD_SECONDS = "complaint", 30 * 60
RECEIPT = "complaint_sent"
TYPING = Cookie("loket_tulisan", lambda: timedelta(days=city().retention.drafts_days))
CHOOSE_AGAIN = "Tulisan Anda masih ada di bawah. Pilih lagi berkasnya, lalu kirim."
BUSY = "Layanan sedang sibuk. Tulisan Anda masih ada di bawah. Tunggu sebentar, lalu kirim lagi."


@blueprint.get("")
@public
def start():
    """`?tentang=` names a registration: its status page leads here."""
    number = normalise_code(request.args.get("tentang", "")[:20])
    named = number if len(number) == len("7KMP-3QXR") else ""
    text = f"Tentang pendaftaran {named}: " if named else ""
    kept = {} if text else typed.typed_with(TYPING.held())
    fresh = {"submission_id": new_id(), "text": text, "about": named}
    ticked = {name: bool(kept.get(name)) for name in ("anonymous", "secret")}
    return _form_page(ComplaintForm(formdata=None, data={**fresh, **kept, **ticked}), typed_before=bool(kept))


@blueprint.post("/isian")
@public
def keep():
    """Sent by the page as each field is left, and as the page is left."""
    limits.hit("typed-complaint", request.remote_addr or "")
    return TYPING.give(make_response("", 204), typed.keep_typed(TYPING.held(), request.form))


@blueprint.post("/kosongkan")
@public
def start_afresh():
    typed.forget_typed(TYPING.held())
    return TYPING.take(go_to(url_for("complaints.start")))


@blueprint.post("")
@public
def send():
    form = ComplaintForm()
    try:
        ticket = web_form.send(
            form.single_values(), {name: form[name].data for name in ("anonymous", "secret", "survey")},
            sent_files(), request.remote_addr or "",
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _form_page(form, 422, rejected.errors.get("files", [""])[0])
    except TooManyRequests as error:
        # nothing typed is lost: the same form comes back, with the sentence and the time to wait
        form.form_errors.append(f"{error.message} Tulisan Anda masih ada di bawah.")
        return _form_page(form, 429, retry_after=error.retry_after)
    except PhotoBusy as busy:
        return _form_page(form, busy.status, f"{busy.message} {CHOOSE_AGAIN}", busy.retry_after)
    except (OperationalError, PoolTimeout, TemporarilyUnavailable):
        form.form_errors.append(BUSY)
        return _form_page(form, 503, retry_after=5)
    session[RECEIPT] = session[HELD] = [ticket.id, _now() + HELD_SECONDS]
    typed.forget_typed(TYPING.held())
    return TYPING.take(remember(go_to(url_for("complaints.done")), tracking.mark_of(ticket)))


@blueprint.get("/selesai")
@public
def done():
    ticket = _held(RECEIPT)
    if ticket is None:
        return go_to(url_for("complaints.track"))
    return render("complaints/done.html", ticket=ticket, pin=open_pin(ticket), kinds=KINDS, by_whatsapp=BY_WHATSAPP,
                  by_email=BY_EMAIL, withheld=notices.receipt_is_withheld(ticket))


@blueprint.get("/lacak")
@public
def track():
    ticket = None if "lain" in request.args else _held(HELD)
    if ticket is None:
        return _ask_page(TrackForm(formdata=None, data={"number": request.args.get("nomor", "")[:40]}))
    return _ticket_page(ticket)


@blueprint.post("/lacak")
@public
def open_ticket():
    form = TrackForm()
    try:
        let_in = tracking.open_ticket(form.number.data or "", form.pin.data or "", visitor())
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _ask_page(form, 422)
    except StepNeeded as needed:
        return STEP_COOKIE.give(go_to(url_for("complaints.code_page")), needed.token)
    return _enter(let_in)


@blueprint.get("/lacak/kode")
@public
def code_page():
    if not step_codes.held(STEP_COOKIE.held(), budgets.TICKET):
        return go_to(url_for("complaints.track"))
    return _code_page(CodeForm(formdata=None))


@blueprint.post("/lacak/kode")
@public
def send_code():
    form = CodeForm()
    try:
        let_in = tracking.finish_opening(STEP_COOKIE.held(), form.code.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _code_page(form, 422)
    except step_codes.StepOver as over:
        again = TrackForm(formdata=None)
        again.form_errors.append(over.message)
        return STEP_COOKIE.take(_ask_page(again, over.status))
    return STEP_COOKIE.take(_enter(let_in))


@blueprint.post("/lacak/balas")
@public
def reply():
    ticket, form = _held(HELD), ReplyForm()
    if ticket is None:
        return to_the_door("Isi lagi nomor dan PIN pengaduan", url_for("complaints.track"))
    try:
        tracking.reply(
            ticket.id, form.reply.data or "", sent_files(), request.form.get("submission_id", "")[:64],
            request.remote_addr or "",
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _ticket_page(ticket, reply_form=form, status=422, file_error=rejected.errors.get("files", [""])[0])
    except PhotoBusy as busy:
        page = _ticket_page(ticket, reply_form=form, status=busy.status, file_error=busy.message)
        return come_back(page, busy.retry_after)
    flash("Balasan Anda sudah kami terima.")
    return go_to(url_for("complaints.track"))


@blueprint.post("/lacak/nilai")
@public
def rate():
    ticket, form = _held(HELD), RatingForm()
    if ticket is None:
        return to_the_door("Isi lagi nomor dan PIN pengaduan", url_for("complaints.track"))
    try:
        tracking.rate(ticket.id, form.rating.data or "", form.sentence.data or "", "settled" in request.form)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _ticket_page(ticket, rating_form=form, status=422)
    flash("Terima kasih. Penilaian Anda sudah kami simpan.")
    return go_to(url_for("complaints.track"))


@blueprint.get("/lacak/berkas/<attachment_id>")
@public
def file(attachment_id: str):
    ticket, row = _held(HELD), db.session.get(TicketAttachment, attachment_id)
    if ticket is None or row is None or row.ticket_id != ticket.id or not _is_shown(row):
        raise NotFound()
    return file_response(row, "small" if "kecil" in request.args else "full")


def _is_shown(row: TicketAttachment) -> bool:
    message = next((m for m in tracking.find(row.ticket_id).messages if m.id == row.message_id), None)
    return message is not None and tracking.is_shown(message)


def _held(key: str) -> Ticket | None:
    """The ticket this browser proved number and PIN of, for half an hour (the signed session cookie)."""
    held = session.get(key)
    if not isinstance(held, list) or len(held) != 2 or held[1] < _now():
        return None
    return db.session.get(Ticket, held[0])


def _now() -> int:
    return int(clock.now().timestamp())


def _form_page(
    form: ComplaintForm, status: int = 200, file_error: str = "", retry_after: int = 0, typed_before: bool = False,
):
    answer = render("complaints/form.html", status, form=form, kind_hints=KIND_HINTS, file_error=file_error,
                    by_page=BY_PAGE, typed_before=typed_before, keep_url=url_for("complaints.keep"))
    return come_back(answer, retry_after)


def _enter(let_in: tracking.LetIn):
    session[HELD] = [let_in.ticket.id, _now() + HELD_SECONDS]
    return remember(go_to(url_for("complaints.track")), let_in.mark)


def _code_page(form: CodeForm, status: int = 200):
    return render(
        "accounts/step.html", status, form=form, action=url_for("complaints.send_code"),
        start=url_for("complaints.track"),
        start_label="Lacak Pengaduan",
        why="Pengaduan ini terlalu sering dicoba dari HP atau komputer yang tidak kami kenal.",
        sent=f"Nomor dan PIN tadi benar? Kode {LONG_CODE} angka sudah kami kirim ke WhatsApp atau e-mail yang "
             "Anda tulis di pengaduan itu.",
        ways=("Periksa nomor dan PIN, lalu isi sekali lagi.",
              "Di HP yang dipakai mengirim pengaduan itu, nomor dan PIN saja cukup."),
    )


def _ask_page(form: TrackForm, status: int = 200):
    return render(
        "complaints/track.html", status, form=form, pin_digits=TICKET_PIN, old_pin_digits=OLD_TICKET_PIN,
    )


def _ticket_page(
    ticket: Ticket, reply_form: ReplyForm | None = None, rating_form: RatingForm | None = None, status: int = 200,
    file_error: str = "",
):
    ticket = tracking.as_told(ticket)
    kept = {"rating": str(ticket.rating or ""), "sentence": open_part(ticket, "rating", ticket.rating_sealed)}
    return render(
        "complaints/ticket.html", status, ticket=ticket, label=label_of(ticket), kinds=KINDS,
        ended_how=tracking.ended_how(ticket), stages=tracking.stages(ticket), said=tracking.conversation(ticket),
        until=timekeeping.reopen_until(ticket),
        may_reply=tracking.may_go_on(ticket), may_rate=tracking.may_rate(ticket), file_error=file_error,
        answered=ticket.status == ANSWERED, late=ticket.is_open and ticket.resolve_due_at <= clock.now(),
        reply_form=reply_form or ReplyForm(formdata=None), submission_id=new_id(),
        rating_form=rating_form or RatingForm(formdata=None, data=kept),
    )
