"""Locking and unlocking the screen, staying signed in, and typing the password once more."""

from flask import Blueprint, flash, make_response, request

from app.accounts import gates, proof
from app.accounts.forms import PinForm, ProofForm, UnlockForm
from app.accounts.gates import HOMES, LOCK_PAGE, PROOF_PAGE, next_query, safe_next, signed_in
from app.accounts.passwords import SessionOver
from app.accounts.sessions import LIVES, STAFF, SignedIn
from app.base import clock
from app.base.problems import FormRejected
from app.web.access import OFFICE, polling, staff, while_locked
from app.web.htmx import go_to, render, wants_fragment

blueprint = Blueprint("staff_lock", __name__, url_prefix=OFFICE)


@blueprint.get("/kunci")
@staff("staff_home")
@while_locked
@polling
def lock_page():
    person, wanted = _person(), _inside(request.args.get("next"))
    if person.locked_at is None:
        return go_to(wanted)
    return gates.lock_page(person, UnlockForm(formdata=None, next=wanted))


@blueprint.post("/kunci")
@staff("staff_home")
@while_locked
@polling
def lock():
    """The script gets the lock to lay over the page; without it the page is left for the lock's own."""
    person = _person()
    proof.lock(person)
    before = gates.page_before()
    if wants_fragment():
        return gates.lock_page(person, UnlockForm(formdata=None, next=before))
    return go_to(LOCK_PAGE + next_query(before))


@blueprint.post("/buka")
@staff("staff_home")
@while_locked
@polling
def unlock():
    form, person = UnlockForm(), _person()
    try:
        proof.unlock(person, form.secret.data or "")
    except SessionOver as over:
        return gates.show_out(STAFF, over.message)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return gates.lock_page(person, form, 422)
    return make_response("", 204) if wants_fragment() else go_to(_inside(form.next.data))


@blueprint.get("/sesi")
@staff("staff_home")
@while_locked
@polling
def session_state():
    """For office.js: seconds until this session ends unused or at last, and whether it is locked."""
    person, now, life = _person(), clock.now(), LIVES[STAFF]
    idle, last = person.seen_at + life.idle - now, person.started_at + life.absolute - now
    return {
        "seconds": max(0, int(min(idle, last).total_seconds())), "final": last <= idle,
        "locked": person.locked_at is not None,
    }


@blueprint.post("/sesi")
@staff("staff_home")
def stay():
    """Being asked for is activity: the gate has begun the idle time anew."""
    return make_response("", 204)


@blueprint.get("/buktikan")
@staff("staff_home")
def proof_page():
    wanted = _inside(request.args.get("next"))
    return gates.proof_page(ProofForm(formdata=None), PROOF_PAGE, [("next", wanted)])


@blueprint.post("/buktikan")
@staff("staff_home")
def send_proof():
    form, wanted = ProofForm(), _inside(request.form.get("next"))
    try:
        proof.prove(_person(), form.proof_password.data or "")
    except SessionOver as over:
        return gates.show_out(STAFF, over.message)
    except FormRejected as rejected:
        form.show_errors({"proof_password": rejected.errors["password"]})
        return gates.proof_page(form, PROOF_PAGE, [("next", wanted)], 422)
    return go_to(wanted)


@blueprint.get("/pin")
@staff("staff_home")
def pin_page():
    return _pin_page(PinForm(formdata=None))


@blueprint.post("/pin")
@staff("staff_home")
def keep_pin():
    """Sets the PIN, or removes it with `hapus`; the password stands in the same form (A12)."""
    form, person = PinForm(), _person()
    try:
        proof.prove(person, form.password.data or "")
        if "hapus" in request.form:
            proof.remove_pin(person)
        else:
            proof.set_pin(person, form.pin.data or "", form.pin_again.data or "")
    except SessionOver as over:
        return gates.show_out(STAFF, over.message)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _pin_page(form, 422)
    flash("PIN sudah dihapus." if "hapus" in request.form else "PIN sudah tersimpan. Tekan F9 untuk mengunci layar.")
    return go_to(f"{OFFICE}/pin")


def _person() -> SignedIn:
    return signed_in(STAFF)


def _inside(url: str | None) -> str:
    """Never back to the lock itself."""
    wanted = safe_next(url, HOMES[STAFF], OFFICE)
    return HOMES[STAFF] if wanted.startswith(LOCK_PAGE) else wanted


def _pin_page(form: PinForm, status: int = 200):
    return render("accounts/pin.html", status, form=form, has_pin=proof.has_pin(_person()))
