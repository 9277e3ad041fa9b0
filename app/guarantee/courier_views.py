"""/petugas/antar: the courier's day on a phone. Every form may be sent twice: what the phone called it is kept."""

from datetime import UTC, datetime

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base import clock
from app.base.ids import new_id
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.guarantee import page, service
from app.guarantee.models import CODE, RELATIONS, SIGNATURE, SLIP
from app.guarantee.service import NOT_MET, Door
from app.guarantee.status import CARRIED
from app.web.access import staff
from app.web.htmx import go_to, render

blueprint = Blueprint("courier", __name__, url_prefix="/petugas/antar")
STOP = "/<guarantee_id>"


@blueprint.get("")
@staff("carry_letters")
def day():
    carried, done = page.stops_of(current_user.id)
    return render("guarantee/courier_day.html", carried=carried, done=done, today=clock.now())


@blueprint.get(STOP)
@staff("carry_letters")
def stop(guarantee_id: str):
    return _stop_page(guarantee_id)


@blueprint.post(f"{STOP}/diterima")
@staff("carry_letters")
def delivered(guarantee_id: str):
    return _send(guarantee_id, lambda door: service.delivered(
        guarantee_id, door, current_user, request.remote_addr or ""
    ), "Tersimpan: surat sudah diterima.")


@blueprint.post(f"{STOP}/tidak-bertemu")
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
