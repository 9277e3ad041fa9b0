"""One ticket at the desk: reading, claiming, classifying, answering, merging. Nothing typed is lost on a
refusal or a race: the same page comes back with the words in it."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base import journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound
from app.casework import claims, notes, undo
from app.casework.attempt import attempt, read_seen
from app.casework.desk import Seen
from app.complaints.desk import acts, answering, incidents, merge_split
from app.complaints.desk import page as desk
from app.complaints.desk.case_desk import DESK
from app.complaints.desk.rendering import DRAFTS, file_response, inserted_answer, show_ticket
from app.complaints.ticket import files, visibility
from app.complaints.ticket.models import Ticket, TicketAttachment
from app.complaints.ticket.notices import Told
from app.complaints.ticket.visibility import find_visible, may_see
from app.web.access import polling, staff
from app.web.htmx import wants_fragment

blueprint = Blueprint("complaint_desk", __name__, url_prefix="/petugas/pengaduan/<ticket_id>")


@blueprint.get("")
@staff("read_complaints")
def ticket_page(ticket_id: str):
    acts.open_ticket(ticket_id, current_user)
    return show_ticket(ticket_id)


@blueprint.get("/berkas/<attachment_id>")
@staff("read_complaints")
def file(ticket_id: str, attachment_id: str):
    find_visible(ticket_id, current_user)
    row = db.session.get(TicketAttachment, attachment_id)
    if row is None or row.ticket_id != ticket_id or not visibility.may_read(desk.message_of(row), current_user):
        raise NotFound()
    small = "kecil" in request.args
    if not small:
        with transaction():
            journal.record(files.viewed(row), actor=acts.actor_of(current_user), about=("ticket", ticket_id))
    return file_response(row, "small" if small else "full")


@blueprint.post("/hadir")
@staff("read_complaints")
@polling
def be_present(ticket_id: str):
    """Who else is here; asked by the open page every few seconds. Writing holds on to one's own claim."""
    ticket, is_writing = find_visible(ticket_id, current_user), "menulis" in request.args
    token, version = request.form.get("claim_token", "")[:32], ticket.version
    claims.be_present(("ticket", ticket_id), current_user, is_writing)
    lost = bool(token) and not claims.beat(DESK, ticket_id, token, is_writing) and is_writing
    return render_template(
        "complaints/_presence.html", others=claims.others_present(("ticket", ticket_id), current_user, desk.PRESENT),
        stale=request.args.get("versi", "") != str(version),
        taken_over=claims.taken_over(DESK, ticket_id) if lost else None,
    )


@blueprint.post("/klaim")
@staff("handle_complaints")
def claim(ticket_id: str):
    return _act(ticket_id, lambda: claims.claim(DESK, ticket_id, current_user),
                "Pengaduan ini sekarang Anda tangani.")


@blueprint.post("/lepas")
@staff("handle_complaints")
def release(ticket_id: str):
    token = request.form.get("claim_token", "")
    return _act(ticket_id, lambda: claims.release(DESK, ticket_id, token), "Pengaduan dilepas.")


@blueprint.post("/ambil-alih")
@staff("oversee_complaints")
def take_over(ticket_id: str):
    reason = request.form.get("reason", "")
    return _act(ticket_id, lambda: claims.take_over(DESK, ticket_id, reason, current_user.id, current_user),
                "Pengaduan Anda ambil alih.")


@blueprint.post("/golongkan")
@staff("handle_complaints")
def classify(ticket_id: str):
    typed = request.form
    classes = acts.Classes(
        kind=typed.get("kind", ""), category=typed.get("category", ""), unit=typed.get("unit", ""),
        handler=typed.get("handler", "")[:32], needs_examination="needs_examination" in typed,
        about_staff="about_staff" in typed, about_staff_id=typed.get("about_staff_id", "")[:32],
    )
    verify = typed.get("act") == "verify"
    said = "Diperiksa dan diteruskan." if verify else "Tersimpan."
    return _act(ticket_id, lambda: acts.classify(_seen(ticket_id), classes, verify), said)


@blueprint.post("/tindak-lanjut")
@staff("handle_complaints")
def follow_up(ticket_id: str):
    return _act(ticket_id, lambda: acts.follow_up(_seen(ticket_id)), "Tindak lanjut dimulai.")


@blueprint.post("/buka-lagi")
@staff("handle_complaints")
def take_up(ticket_id: str):
    message_id = request.form.get("message", "")[:32]
    return _act(ticket_id, lambda: acts.take_up(_seen(ticket_id), message_id), "Pengaduan dibuka lagi.")


@blueprint.post("/catatan")
@staff("handle_complaints")
def note(ticket_id: str):
    text = request.form.get("note", "")
    return _act(ticket_id, lambda: acts.write_note(ticket_id, current_user, text), "Catatan disimpan.")


@blueprint.post("/jawab")
@staff("handle_complaints")
def answer(ticket_id: str):
    asked = request.form.get("act")
    if request.form.get("ready"):
        return show_ticket(ticket_id, inserted=inserted_answer(ticket_id))
    if asked == "preview":
        return attempt(partial(_preview, ticket_id), lambda told: show_ticket(ticket_id, preview=told),
                       partial(show_ticket, ticket_id))
    if asked not in ("final", "ask"):
        return show_ticket(ticket_id)  # Enter in a one-line field must not send a half-written answer
    _keep_draft(ticket_id)
    given = _given_answer(final=asked == "final")
    return _act(ticket_id, lambda: answering.answer(_seen(ticket_id), given), _answered)


@blueprint.post("/pratinjau")
@staff("handle_complaints")
def preview(ticket_id: str):
    """What the resident would read of what is typed so far; asked by the open page while one types."""
    try:
        told = _preview(ticket_id)
    except FormRejected:
        told = None
    return render_template("complaints/_told.html", told=told, final=bool(request.form.get("outcome")))


@blueprint.post("/draf")
@staff("handle_complaints")
def save_draft(ticket_id: str):
    """What is typed and not sent yet; the open page does it by itself."""
    _keep_draft(ticket_id)
    if wants_fragment():
        return "", 204
    flash("Tulisan disimpan. Belum ada yang dikirim.")
    return redirect(_where_next(ticket_id), 303)


@blueprint.post("/batalkan")
@staff("handle_complaints")
def take_back(ticket_id: str):
    return _act(ticket_id, lambda: undo.undo(DESK, _seen(ticket_id)),
                "Dibatalkan. Tidak ada yang dikirim kepada pelapor.")


@blueprint.post("/tinjau")
@staff("handle_complaints")
def agree_to_dismissal(ticket_id: str):
    return _act(ticket_id, lambda: acts.agree_to_dismissal(_seen(ticket_id)), "Penutupan disetujui.")


@blueprint.post("/buka-ulang")
@staff("handle_complaints")
def open_again(ticket_id: str):
    reason = request.form.get("again", "")
    return _act(ticket_id, lambda: acts.open_again(_seen(ticket_id), reason), "Pengaduan dibuka lagi.")


@blueprint.post("/abaikan")
@staff("handle_complaints")
def dismiss(ticket_id: str):
    reason = request.form.get("reason", "")
    return _act(ticket_id, lambda: acts.dismiss(_seen(ticket_id), reason), "Pengaduan ditutup.")


@blueprint.post("/tutup-kembali")
@staff("handle_complaints")
def settle(ticket_id: str):
    return _act(ticket_id, lambda: acts.settle(_seen(ticket_id)), "Pengaduan ditutup kembali.")


@blueprint.post("/asal-pesan")
@staff("handle_complaints")
def settle_doubt(ticket_id: str):
    message, found = request.form.get("message", "")[:32], request.form.get("found", "")
    return _act(ticket_id, lambda: acts.settle_doubt(_seen(ticket_id), message, found),
                "Asal pesan dicatat.")


@blueprint.post("/terlambat")
@staff("handle_complaints")
def explain_lateness(ticket_id: str):
    reason = request.form.get("late_reason", "")
    act = partial(acts.explain_lateness, _seen(ticket_id), reason)
    return _act(ticket_id, act, "Alasan disimpan.")


@blueprint.post("/tautkan")
@staff("handle_complaints")
def link(ticket_id: str):
    number = request.form.get("application", "")[:40]
    said = "Pendaftaran ditautkan." if number.strip() else "Tautan dihapus."
    return _act(ticket_id, lambda: acts.link_registration(_seen(ticket_id), number), said)


@blueprint.post("/gabung")
@staff("handle_complaints")
def merge(ticket_id: str):
    number = request.form.get("number", "")[:40]
    return _act(
        ticket_id, lambda: merge_split.merge(_seen(ticket_id), number), "Pengaduan digabung.",
    )


@blueprint.post("/kejadian")
@staff("handle_complaints")
def join_incident(ticket_id: str):
    chosen, title = request.form.get("incident", "")[:32], request.form.get("incident_title", "")
    return _act(ticket_id, lambda: incidents.join(_seen(ticket_id), chosen, title), "Kejadian disimpan.")


@blueprint.post("/pisah")
@staff("handle_complaints")
def split(ticket_id: str):
    message = request.form.get("message", "")[:32]
    return _act(ticket_id, lambda: merge_split.split(_seen(ticket_id), message),
                lambda made: f"Dipisah menjadi pengaduan {made.number}.")


def _act(ticket_id: str, act: Callable[[], object], said: str | Callable[[object], str]):
    """Do one thing and say so; when it is refused, the page again with everything typed."""
    def then(done: object):
        flash(said if isinstance(said, str) else said(done))
        return redirect(_where_next(ticket_id), 303)

    return attempt(act, then, partial(show_ticket, ticket_id))


def _where_next(ticket_id: str) -> str:
    """The ticket, or the list when it went to others: about a member of staff, or joined to such a one."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is not None and may_see(ticket, current_user):
        return url_for("complaint_desk.ticket_page", ticket_id=ticket_id)
    flash("Pengaduan ini tentang petugas. Sekarang hanya pengawas dan petugas yang ditugaskan dapat membukanya.")
    return url_for("complaint_inbox.inbox_page")


def _given_answer(final: bool) -> answering.Answer:
    typed = request.form
    return answering.Answer(
        text=typed.get("text", ""), via=typed.get("via", ""), final=final, outcome=typed.get("outcome", ""),
        call=typed.get("call", ""), late_reason=typed.get("late_reason", ""),
        breach=typed.get("breach", ""),
    )


def _preview(ticket_id: str) -> Told:
    ticket = find_visible(ticket_id, current_user)
    return answering.preview(ticket, _given_answer(final=bool(request.form.get("outcome"))))


def _keep_draft(ticket_id: str) -> None:
    """In a transaction of its own, before anything is refused."""
    with transaction():
        find_visible(ticket_id, current_user)
        for form, names in DRAFTS.items():
            if any(name in request.form for name in names):
                typed = {name: request.form.getlist(name) for name in names}
                notes.keep_draft(("ticket", ticket_id), form, typed, current_user.id)


def _answered(reached: bool) -> str:
    if reached:
        return "Jawaban disimpan. Status pengirimannya tampil pada pesannya."
    return "Percobaan menelepon dicatat. Pelapor belum menerima jawaban."


def _seen(ticket_id: str) -> Seen:
    return read_seen(ticket_id, current_user)
