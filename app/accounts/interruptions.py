"""What the gate answers when somebody signed in must show first who sits there.

A GET leads to a page of its own and back. A POST is held up where it is: for the password the same
form comes back with all that was typed; behind a locked screen nothing of it is shown again.
"""

from urllib.parse import urlsplit

from flask import flash, make_response, request

from app.accounts import proof
from app.accounts.addresses import HOMES, LOCK_PAGE, PROOF_PAGE, SIGN_IN_PAGES
from app.accounts.cookies import take_cookie
from app.accounts.forms import ProofForm, UnlockForm
from app.accounts.safe_next import next_query, safe_next
from app.accounts.session_tries import SessionOver
from app.accounts.sessions import STAFF, SignedIn
from app.base.problems import FormRejected
from app.web.access import OFFICE
from app.web.htmx import go_to, render, wants_fragment

LOCKED = 423
LOCKED_HEADER = "X-Loket-Locked"


def locked_answer(person: SignedIn):
    """Nothing of the office, whatever was asked for. For htmx no body: the step stays as it is and
    office.js lays the lock over it."""
    if wants_fragment():
        response = make_response("", LOCKED)
        response.headers[LOCKED_HEADER] = "1"
        return response
    if request.method == "GET":
        return go_to(LOCK_PAGE + next_query(request.full_path.rstrip("?")))
    return lock_page(person, UnlockForm(formdata=None, next=page_before()), LOCKED)


def lock_page(person: SignedIn, form: UnlockForm, status: int = 200):
    has_pin = proof.has_pin(person)
    if not has_pin:
        form.secret.label.text = "Kata sandi Anda"
    return render("accounts/lock.html", status, form=form, person=person, has_pin=has_pin)


def proof_answer(person: SignedIn):
    """None when the password came along with the form and was right."""
    if request.method == "GET":
        return go_to(PROOF_PAGE + next_query(request.full_path.rstrip("?")))
    form = ProofForm(formdata=None)
    if "proof_password" in request.form:
        try:
            proof.prove(person, request.form["proof_password"])
        except SessionOver as over:
            return session_over(over.message)
        except FormRejected as rejected:
            form.show_errors({"proof_password": rejected.errors["password"]})
        else:
            return None
    return proof_page(form, request.path, _typed(), 422)


def proof_page(form: ProofForm, action: str, kept: list[tuple[str, str]], status: int = 200):
    """`kept` are the fields of the form that was held up; they travel along."""
    return render("accounts/proof.html", status, form=form, action=action, kept=kept)


def session_over(sentence: str):
    response = take_cookie(go_to(SIGN_IN_PAGES[STAFF]), STAFF)
    flash(sentence)
    return response


def page_before() -> str:
    """The page of the office a form was sent from, as far as the browser tells."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host:
        return HOMES[STAFF]
    return safe_next(before.path + (f"?{before.query}" if before.query else ""), HOMES[STAFF], OFFICE)


def _typed() -> list[tuple[str, str]]:
    own = ("csrf_token", "proof_password")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own]
