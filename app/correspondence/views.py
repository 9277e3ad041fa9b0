"""The pages of messages: what was sent and what became of it at /petugas/pesan, e-mail below it, whom to phone at
/petugas/telepon; is a message from us, at /cek-pesan."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base import journal, limits
from app.base.problems import NotFound
from app.correspondence import calls, mails, page
from app.correspondence.call_task import LABELS
from app.messages import channel, quota, states
from app.messages.choose_gateway import CHANNELS, error_for
from app.messages.email import smtp as mail_errors
from app.messages.inbound import attachments
from app.messages.whatsapp import templates
from app.messages.whatsapp.errors import explained_at
from app.web.access import holds, public, staff

blueprint = Blueprint("notifications", __name__)
mails_blueprint = Blueprint("mails", __name__, url_prefix="/petugas/pesan/email")


@blueprint.app_context_processor
def _for_templates() -> dict:
    return {
        "message_trouble": channel.trouble, "calls_waiting": lambda: calls.count_waiting(current_user),
        "mails_in_trouble": lambda: mails.count_in_trouble(current_user),
        "message_label": states.label_of, "codes_an_hour": quota.CODES_AN_HOUR,
        "codes_a_day": quota.CODES_A_DAY,
    }


@blueprint.get("/petugas/pesan")
@staff("see_channel")
def messages():
    """How the channel is; and the messages, for who may read them."""
    state = request.args.get("keadaan", "")
    if state and state not in states.ALL:
        raise NotFound()
    may_read = holds(current_user, "read_messages")
    lines, next_page = page.page_of(current_user, state, request.args.get("sesudah", "")) if may_read else ([], "")
    return render_template(
        "notifications/messages.html", lines=lines, next_page=next_page, state=state,
        message_labels=states.LABELS, channels=CHANNELS, error_for=error_for, figures=channel.figures_of_messages(),
        template_labels=templates.STATUS_LABELS, channel=channel.state(), holds=holds,
        may_read=may_read,
    )


@blueprint.get("/petugas/pesan/masuk")
@staff("read_messages")
def inbound():
    return render_template("notifications/inbound.html", entries=page.newest_inbound(current_user),
                           refusals=attachments.LABELS)


@blueprint.get("/petugas/pesan/lampiran/<attachment_id>")
@staff("read_messages")
def attachment(attachment_id: str):
    row, data = page.open_attachment(attachment_id, current_user)
    # never shown in the browser: what strangers sent is only ever saved
    ending = row.content_type.rpartition("/")[2]
    return Response(data, content_type="application/octet-stream", headers={
        "Content-Disposition": f'attachment; filename="lampiran-{row.id[:8]}.{ending}"',
    })


@blueprint.post("/petugas/pesan/saluran")
@staff("manage_channel")
def try_channel():
    channel.try_now(_actor())
    flash("Saluran dicoba lagi sekarang.")
    return redirect(url_for("notifications.messages"), 303)


@blueprint.get("/petugas/pesan/<message_id>")
@staff("read_messages")
def message(message_id: str):
    return render_template(
        "notifications/message.html", opened=page.read(message_id, current_user), channels=CHANNELS,
        error_for=error_for, explained_at=explained_at, call_labels=LABELS,
        refusals=attachments.LABELS, may_tell=holds(current_user, "tell_applicant"),
    )


@blueprint.post("/petugas/pesan/<message_id>/kirim-ulang")
@staff("tell_applicant")
def resend(message_id: str):
    page.resend(message_id, current_user)
    flash("Pesan masuk antrean dan segera dikirim ulang.")
    return redirect(url_for("notifications.message", message_id=message_id), 303)


@blueprint.post("/petugas/pesan/<message_id>/sudah-disampaikan")
@staff("tell_applicant")
def told(message_id: str):
    calls.told_by_phone(message_id, current_user)
    flash("Dicatat: pesan sudah disampaikan lewat telepon.")
    return redirect(url_for("notifications.message", message_id=message_id), 303)


@mails_blueprint.get("")
@staff("read_messages")
def letters():
    lines, next_page = mails.letters_of(current_user, request.args.get("sesudah", "")[:32])
    return render_template(
        "notifications/mails.html", lines=lines, next_page=next_page, message_labels=states.LABELS,
        figures=mails.figures(), left=mails.left_alone(holds(current_user, "oversee_complaints")),
        error_for=mail_errors.for_code, meaning=mail_errors.in_a_sentence,
        may_resend=holds(current_user, "tell_applicant"), may_read=holds(current_user, "read_complaints"),
    )


@mails_blueprint.post("/<message_id>/kirim-ulang")
@staff("tell_applicant")
def resend_letter(message_id: str):
    page.resend(message_id, current_user)
    flash("E-mail masuk antrean dan segera dikirim ulang.")
    return redirect(url_for("mails.letters"), 303)


@blueprint.get("/cek-pesan")
@public
def check():
    typed = request.args.get("kode", "").strip()[:40]
    found = None
    if typed:
        found = page.sent_with_code(typed)
        if found is None:  # a right code is answered whatever others behind this address typed
            limits.hit("check-message", request.remote_addr or "")
    return render_template("notifications/check.html", typed=typed, found=found)


def _actor() -> journal.Actor:
    return journal.Actor("staff", current_user.id)
