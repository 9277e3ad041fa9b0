"""E-mails of the office at /petugas/pesan/email: the list, and sending one again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.complaints.desk import mail_desk
from app.complaints.desk.acts import actor_of
from app.mailbox.words import meaning
from app.messages.email import delivery
from app.web.access import holds, staff

blueprint = Blueprint("complaint_mails", __name__, url_prefix="/petugas/pesan/email")


@blueprint.app_context_processor
def _for_templates() -> dict:
    return {"mails_in_trouble": lambda: mail_desk.count_in_trouble(current_user)}


@blueprint.get("")
@staff("read_messages")
def mails():
    lines, next_page = mail_desk.page_of(current_user, request.args.get("sesudah", "")[:32])
    return render_template(
        "complaints/mails.html", lines=lines, next_page=next_page, states=mail_desk.STATES,
        figures=mail_desk.figures(), meaning=meaning, may_resend=holds(current_user.role, "tell_applicant"),
        may_read=holds(current_user.role, "read_complaints"),
    )


@blueprint.post("/<mail_id>/kirim-ulang")
@staff("tell_applicant")
def resend(mail_id: str):
    mail_desk.check_visible(mail_id, current_user)
    delivery.resend(mail_id, actor_of(current_user))
    flash("E-mail masuk antrean dan segera dikirim ulang.")
    return redirect(url_for("complaint_mails.mails"), 303)
