"""The page of one ticket, as it is answered to a look, to a refused form and to somebody who came late."""

from flask import Response, make_response, render_template, request
from flask_login import current_user

from app.base.services import city
from app.casework import notes
from app.casework.attempt import Refusal, typed_now, typed_words
from app.complaints.desk import answering
from app.complaints.desk import page as desk
from app.complaints.desk.case_desk import ANSWER_FORM
from app.complaints.desk.ready import all_answers, fill_in
from app.complaints.ticket import files, timekeeping
from app.complaints.ticket.models import PHOTO, TicketAttachment
from app.complaints.ticket.notices import Told, is_told
from app.complaints.ticket.status import TICKET, label_of
from app.complaints.ticket.visibility import find_visible, shown_contact
from app.complaints.ticket.words import (
    ANSWER_BY,
    BREACH_OF,
    BREACHES,
    CATEGORIES,
    DISMISSALS,
    DOUBT_ANSWERS,
    KINDS,
    OUTCOMES,
    channel_names,
)
from app.photos.disk_space import demand_space
from app.photos.proof import ENDINGS
from app.web.access import who_asks
from app.web.headers import PHOTO_CSP

# how what was typed is called and said to somebody who came too late
TYPED_NAMES = {
    "text": "Jawaban", "note": "Catatan internal", "late_reason": "Alasan terlambat", "reason": "Alasan",
    "via": "Disampaikan", "outcome": "Hasil", "breach": "Jaminan", "call": "Hasil telepon",
    "number": "Nomor pengaduan tujuan",
    "application": "Nomor pendaftaran", "again": "Alasan membuka lagi", "kind": "Jenis",
    "category": "Kategori", "unit": "Bagian",
    "handler": "Petugas", "about_staff_id": "Petugas yang diadukan", "ready": "Teks siap pakai",
    "needs_examination": "Perlu pemeriksaan", "about_staff": "Tentang petugas", "found": "Asal pesan",
}
# form -> its fields, kept while they are typed
DRAFTS = {ANSWER_FORM: ("text", "via", "outcome", "breach", "call", "late_reason"), "note": ("note",)}
TYPED_WORDS = {
    **KINDS, **CATEGORIES, **OUTCOMES, **BREACHES, **DISMISSALS, **answering.VIA_LABELS, "y": "ya",
    **{key: label for key, (label, _) in answering.CALLS.items()},
}


def _typed(ticket_id: str) -> dict[str, str]:
    """What this request brought, over what this person typed before."""
    drafts = notes.drafts_of(("ticket", ticket_id), DRAFTS, current_user.id)
    kept = [drafts.get(form, {}) for form in DRAFTS]
    return {**{name: given[0] for one in kept for name, given in one.items()}, **dict(typed_now())}


def show_ticket(
    ticket_id: str, refusal: Refusal | None = None, inserted: str | None = None, preview: Told | None = None,
):
    ticket = find_visible(ticket_id, who_asks())
    typed, contact, (left, running) = (
        _typed(ticket_id), shown_contact(ticket, who_asks()), timekeeping.left_of(ticket),
    )
    name = contact.name if contact else ""
    if inserted is not None:
        typed["text"] = inserted
    return make_response(render_template(
        "complaints/desk.html", desk=desk.desk_of(ticket, who_asks()), ticket=ticket, typed=typed, preview=preview,
        label=label_of(ticket), refusal=refusal, errors=refusal.errors if refusal else {},
        typed_before=typed_words(TYPED_NAMES, TYPED_WORDS), label_of=label_of, may=TICKET.may, kinds=KINDS,
        categories=CATEGORIES, channels=channel_names(), units=city().complaint_units, dismissals=DISMISSALS,
        outcomes=OUTCOMES, breaches=BREACHES, breach_of=BREACH_OF,
        answer_by=ANSWER_BY, vias=answering.ways(ticket), is_told=is_told(ticket), calls=answering.CALLS,
        ready=[(one, fill_in(one.text, ticket, name)) for one in all_answers()],
        left=left, explain=answering.must_explain(ticket), doubt_answers=DOUBT_ANSWERS, running=running,
    ), refusal.status if refusal else 200)


def inserted_answer(ticket_id: str) -> str:
    """What is typed already, and the ready answer below it."""
    ticket = find_visible(ticket_id, who_asks())
    chosen = request.form.get("ready", "")
    text = next((one.text for one in all_answers() if one.name == chosen), "")
    contact = shown_contact(ticket, who_asks())
    name = contact.name if contact else ""
    typed = request.form.get("text", "").strip()
    if not text:
        return typed
    return f"{typed}\n\n{fill_in(text, ticket, name)}" if typed else answering.fill_in(text, ticket, name)


# Reading what a complaint page sent: every file, and a file going out again.

def sent_files() -> list[files.File]:
    """Every file of the form; the empty inputs arrive without a name. Raises NoSpaceLeft."""
    named = [part for part in request.files.getlist("files") if part.filename]
    if named:
        demand_space()
    return [files.File(part.read(), part.filename) for part in named]


def file_response(row: TicketAttachment, size: str = "full") -> Response:
    """A file on its way to one who may see it: never cached, never run as anything else."""
    small = size == "small" and row.thumbnail_key is not None
    response = Response(files.read(row, "small" if small else "full"), mimetype=row.content_type)
    is_played = row.content_type.startswith(("audio/", "video/"))
    ending = ENDINGS.get(row.content_type, "bin")
    shown = "inline" if (row.kind == PHOTO or is_played) and "unduh" not in request.args else "attachment"
    response.headers["Content-Disposition"] = f'{shown}; filename="lampiran.{ending}"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    # a player asks for pieces, to start before the end and to be turned back
    return response.make_conditional(request, accept_ranges=True, complete_length=response.calculate_content_length()) \
        if is_played else response
