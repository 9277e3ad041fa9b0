"""/petugas/bertugas: the roster and one's own switch; /petugas/terlambat: late work, to be handed out."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.office import duty, late
from app.review.desk import colleagues, in_hand
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
    lines = late.lines()
    return render(
        "office/late.html", lines=lines, number=sum(one.is_late for one in lines), people=colleagues(), load=in_hand(),
        most=late.MOST,
    )
