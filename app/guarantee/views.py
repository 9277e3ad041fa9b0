"""The pages of a guarantee: /petugas/jaminan for the desk, its letters and couriers; /petugas/antar, the courier's day
on a phone, whose every form may be sent twice; and the resident's: refuse the delivery, use the code of the letter."""

from datetime import UTC, datetime

from flask import Blueprint, flash, g, request, url_for
from flask_login import current_user
from wtforms import StringField

from app.accounts.forms import NewPasswordForm
from app.base import clock
from app.base.ids import new_id
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.casework.attempt import Refusal, attempt, read_seen
from app.casework.claims import holder_of
from app.casework.clocks import time_left
from app.casework.list_page import ListPage, serve_list
from app.city.office_calendar import calendar_for
from app.guarantee import letter, page, queue, service
from app.guarantee.models import CODE, RELATIONS, SIGNATURE, SLIP
from app.guarantee.moves import find, unseal
from app.guarantee.service import NOT_MET, Door
from app.guarantee.status import CARRIED, GUARANTEE, RULES
from app.guessing.known_browser import remember
from app.survey.inviting import qr_svg
from app.web.access import follower, holds, public, staff
from app.web.headers import photo_response
from app.web.htmx import go_to, render

blueprint = Blueprint("guarantees", __name__, url_prefix="/petugas/jaminan")
ONE = "/<guarantee_id>"
QUIET = Refusal(200)


LIST = ListPage(
    queue.GUARANTEES, "guarantee/list.html", page="guarantees.all_of_them", case="guarantees.case",
    case_id_name="guarantee_id",
    context=lambda: {"labels": GUARANTEE.labels},
)


serve_list(blueprint, LIST, "handle_guarantees")


@blueprint.get(ONE)
@staff("handle_guarantees")
def case(guarantee_id: str):
    return _show(guarantee_id)(QUIET)


@blueprint.post(f"{ONE}/surat")
@staff("handle_guarantees")
def print_letter(guarantee_id: str):
    """The page to print is the answer itself: the code exists nowhere else, and a reload prints another."""
    return attempt(
        lambda: letter.print_letter(read_seen(guarantee_id, current_user)),
        lambda made: render("guarantee/letter.html", letter=made, now=clock.now(), guarantee_id=guarantee_id,
                            survey_code=qr_svg(made.survey, "Kode QR survei")),
        _show(guarantee_id),
    )


@blueprint.post(f"{ONE}/kurir")
@staff("handle_guarantees")
def hand_over(guarantee_id: str):
    form = request.form
    return attempt(
        lambda: service.hand_over(
            read_seen(guarantee_id, current_user), form.get("courier", ""), form.get("day", ""), form.get("since", ""),
            form.get("until", ""),
        ), _then(guarantee_id, "hand_over"), _show(guarantee_id),
    )


@blueprint.post(f"{ONE}/maaf")
@staff("handle_guarantees")
def apologise(guarantee_id: str):
    return attempt(
        lambda: service.apologise(read_seen(guarantee_id, current_user), request.form.get("rule", "")),
        _then(guarantee_id, "apologise"), _show(guarantee_id),
    )


@blueprint.get(f"{ONE}/bukti")
@staff("handle_guarantees")
def proof_picture(guarantee_id: str):
    guarantee = service.view(guarantee_id, current_user)
    picture = unseal(guarantee, "proof", guarantee.proof_sealed)
    if not picture:  # proven by code, or erased since
        raise NotFound()
    return photo_response(picture, "bukti")


def _then(guarantee_id: str, act: str):
    def then(done: object):
        flash(next(one.done for one in GUARANTEE.acts if one.name == act))
        return go_to(url_for("guarantees.case", guarantee_id=guarantee_id))

    return then


def _show(guarantee_id: str):
    def show(refusal: Refusal):
        guarantee = service.view(guarantee_id, current_user) if refusal is QUIET else find(guarantee_id)
        left = time_left(guarantee.due_at, guarantee.warn_at, calendar_for())
        return render(
            "guarantee/case.html", refusal.status, shown=page.case_page(guarantee),
            label=GUARANTEE.labels[guarantee.status], left=left if GUARANTEE.clock_of(guarantee.status) else None,
            refusal=refusal, typed=request.form, couriers=service.couriers(), holder=holder_of(guarantee),
            handles=holds(current_user, "handle_guarantees"), may=GUARANTEE.may, rules=RULES,
        )

    return show


courier = Blueprint("courier", __name__, url_prefix="/petugas/antar")


@courier.get("")
@staff("carry_letters")
def day():
    carried, done = page.stops_of(current_user.id)
    return render("guarantee/courier_day.html", carried=carried, done=done, today=clock.now())


@courier.get(ONE)
@staff("carry_letters")
def stop(guarantee_id: str):
    return _stop_page(guarantee_id)


@courier.post(f"{ONE}/diterima")
@staff("carry_letters")
def delivered(guarantee_id: str):
    return _send(guarantee_id, lambda door: service.delivered(
        guarantee_id, door, current_user, request.remote_addr or ""
    ), "Tersimpan: surat sudah diterima.")


@courier.post(f"{ONE}/tidak-bertemu")
@staff("carry_letters")
def not_met(guarantee_id: str):
    return _send(guarantee_id, lambda door: service.not_met(guarantee_id, door, current_user),
                 "Tersimpan: tidak bertemu. Pemohon diberi tahu hari berikutnya.")


def _send(guarantee_id: str, act, said: str):
    try:
        act(_door())
    except FormRejected as rejected:
        return _stop_page(guarantee_id, 422, rejected.errors)
    except (StaleDecision, NotAllowed) as refused:
        return _stop_page(guarantee_id, refused.status, {"": [refused.message]})
    flash(said)
    return go_to(url_for("courier.day"))


def _door() -> Door:
    form, slip = request.form, request.files.get("slip")
    drawn = form.get("drawing", "")
    proof = form.get("proof") or (SLIP if slip is not None and slip.filename else SIGNATURE if drawn else CODE)
    return Door(
        form.get("once", ""), _moment(form.get("happened_at", "")), proof, form.get("code", "")[:20],
        form.get("relation", ""), form.get("receiver", ""), drawn,
        slip.read() if slip is not None and proof == SLIP else None, form.get("reason", ""), form.get("next_day", ""),
    )


def _moment(text: str) -> datetime | None:
    """As a phone says it: 2026-11-27T06:30:00.000Z."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said.astimezone(UTC) if said.tzinfo is not None else None


def _stop_page(guarantee_id: str, status: int = 200, errors: dict | None = None):
    guarantee = service.view(guarantee_id, current_user)
    mine = guarantee.status == CARRIED and guarantee.courier_id == current_user.id
    if not mine and not errors:
        raise NotFound()
    return render(
        "guarantee/courier_stop.html", status, stop=page.stop_of(guarantee) if mine else None, errors=errors or {},
        typed=request.form, once=request.form.get("once") or new_id(), relations=RELATIONS, not_met=NOT_MET,
    )


resident = Blueprint("guarantee", __name__)


class LetterForm(NewPasswordForm):
    number = StringField("Nomor pendaftaran")
    code = StringField("Kode dari surat")


@resident.get("/lacak/tidak-perlu-diantar")
@follower
def ask_decline():
    _demand_pin()
    return render("guarantee/decline.html")


@resident.post("/lacak/tidak-perlu-diantar")
@follower
def decline():
    _demand_pin()
    service.decline(g.application_id)
    flash("Dicatat: suratnya tidak kami antar. Akun Anda tetap aktif.")
    return go_to(url_for("tracking.home"))


@resident.get("/masuk/surat")
@public
def letter_page():
    return _letter_page(LetterForm(formdata=None, number=request.args.get("nomor", "")[:20]))


@resident.post("/masuk/surat")
@public
def use_letter():
    form = LetterForm()
    try:
        values = form.single_values()
        mark = letter.use_code(values["number"], values["code"], values["new_password"], request.remote_addr or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _letter_page(form, 422)
    flash("Kata sandi baru sudah disimpan. Silakan masuk.")
    return remember(go_to(url_for("accounts.sign_in_page")), mark)


def _letter_page(form: LetterForm, status: int = 200):
    return render("guarantee/letter_code.html", status, form=form)


def _demand_pin() -> None:
    if not g.with_pin:
        raise NotAllowed("Untuk ini kami perlu PIN Anda. Buka Lacak Pendaftaran, lalu isi nomor dan PIN.")
