"""Outgoing messages and their fate at /petugas/pesan; is a message from us, at /cek-pesan."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base import journal, limits
from app.base.problems import NotFound
from app.messages import calls, channel, health_report, number_limits, states, templates
from app.messages.desk import page
from app.messages.inbound import attachments
from app.messages.whatsapp import errors
from app.web.access import holds, public, staff

blueprint = Blueprint("notifications", __name__)


@blueprint.app_context_processor
def _for_templates() -> dict:
    return {
        "message_trouble": health_report.trouble, "calls_waiting": lambda: calls.count_waiting(current_user),
        "codes_an_hour": number_limits.CODES_AN_HOUR, "codes_a_day": number_limits.CODES_A_DAY,
    }


@blueprint.get("/petugas/pesan")
@staff("see_channel")
def messages():
    """How the channel is; and the messages, for who may read them."""
    state = request.args.get("keadaan", "")
    if state and state not in states.ALL:
        raise NotFound()
    may_read = holds(current_user.role, "read_messages")
    lines, next_page = page.page_of(current_user, state, request.args.get("sesudah", "")) if may_read else ([], "")
    return render_template(
        "notifications/messages.html", lines=lines, next_page=next_page, state=state,
        message_labels=states.LABELS, error_for=errors.for_code, figures=health_report.figures(),
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
        "notifications/message.html", opened=page.read(message_id, current_user), message_labels=states.LABELS,
        error_for=errors.for_code, explained_at=errors.explained_at, call_labels=calls.LABELS,
        refusals=attachments.LABELS, may_tell=holds(current_user.role, "tell_applicant"),
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
