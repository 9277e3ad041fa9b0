"""/petugas/bertugas: the roster and one's own switch; /petugas/terlambat: late work and handing it out."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.office import duty, late
from app.review.desk import colleagues
from app.web.access import staff
from app.web.htmx import go_to, render

blueprint = Blueprint("duty", __name__, url_prefix="/petugas")


@blueprint.get("/bertugas")
@staff("staff_home")
def roster():
    return render("office/roster.html", roster=duty.roster(), own=duty.own(current_user.id))


@blueprint.post("/bertugas")
@staff("staff_home")
def settle():
    form = request.form
    if form.get("act") == "off":
        back = duty.go_off(current_user)
        flash(f"Anda tidak bertugas. {back} perkara kembali ke antrean." if back else "Anda tidak bertugas.")
    elif form.get("act") == "on":
        duty.come_back(current_user)
        flash("Anda bertugas lagi.")
    else:
        duty.settle(current_user, form.get("counter", ""), form.get("late_notice") == "y")
        flash("Tersimpan.")
    return go_to(url_for("duty.roster"))


@blueprint.get("/terlambat")
@staff("take_over")
def late_work():
    return _late_page()


@blueprint.post("/terlambat")
@staff("take_over")
def hand_out():
    form = request.form
    try:
        result = late.hand_out(
            form.getlist("cases")[:late.MOST], form.getlist("people"), form.get("reason", "")[:300], current_user
        )
    except FormRejected as rejected:
        return _late_page(422, rejected.errors)
    return _late_page(result=result)


def _late_page(status: int = 200, errors: dict | None = None, result: late.Result | None = None):
    return render(
        "office/late.html", status, lines=late.lines(), people=colleagues(), load=late.held_by(), errors=errors or {},
        typed=request.form, chosen=request.form.getlist("cases"), chosen_people=request.form.getlist("people"),
        result=result,
    )
