"""Who is signed in, and the gates of `access.citizen`, `access.staff` and `access.staff_arriving`."""

from urllib.parse import urlsplit

import structlog
from flask import current_app, flash, g, make_response, request
from sqlalchemy.exc import OperationalError

from app.accounts import proof, sessions
from app.accounts.attempts import SessionOver
from app.accounts.cookies import held_token, take_cookie
from app.accounts.forms import ProofForm, UnlockForm
from app.accounts.safe_next import DUE_PAGES, HOMES, LOCK_PAGE, PROOF_PAGE, SIGN_IN_PAGES, next_query, safe_next
from app.accounts.sessions import CITIZEN, STAFF, SignedIn
from app.base.database import login_manager
from app.base.problems import FormRejected, NotAllowed
from app.web import access
from app.web.access import OFFICE
from app.web.access_log import browser_family
from app.web.errors import to_the_door
from app.web.htmx import go_to, render, wants_fragment

log = structlog.get_logger()

__all__ = ("DUE_PAGES", "HOMES", "OFFICE", "SIGN_IN_PAGES", "signed_in")

# Flask-Login would otherwise write marks of its own into the session cookie of every visitor.
login_manager.session_protection = None


@login_manager.request_loader
def _current_user(_request) -> SignedIn | None:
    """The office reads the staff cookie, all other pages the resident's."""
    in_office = request.path == OFFICE or request.path.startswith(f"{OFFICE}/")
    person = signed_in(STAFF if in_office else CITIZEN)
    return person if person and not person.due else None


def signed_in(kind: str) -> SignedIn | None:
    """Who holds the session of this kind, staff on the way in included; one look-up per request."""
    known = g.setdefault("signed_in", {})
    if kind not in known:
        token = held_token(kind)
        known[kind] = sessions.load(token, kind) if token else None
    return known[kind]


@access.gate("citizen")
def _citizen_gate(_rule: access.Access):
    person = signed_in(CITIZEN)
    if person is None:
        if held_token(CITIZEN):
            flash("Waktu Anda di halaman ini habis. Silakan masuk lagi.")
        return to_the_door("Masuk lagi", SIGN_IN_PAGES[CITIZEN] + next_query(_wanted_page()))
    _count_as_activity(person)
    return None


@access.gate("staff")
def _staff_gate(rule: access.Access):
    person = signed_in(STAFF)
    if person is None:
        return _to_sign_in(STAFF)
    if person.due:
        return go_to(DUE_PAGES[person.due] + next_query(_wanted_page()))
    if person.locked_at and not _is_marked("while_locked"):
        return locked_answer(person)
    if not access.holds(person, rule.permission):
        raise NotAllowed()
    if _is_marked("needs_proof") and not proof.is_fresh(person):
        answer = proof_answer(person)
        if answer is not None:
            return answer
    _count_as_activity(person)
    return None


@access.gate("staff_arriving")
def _arriving_gate(_rule: access.Access):
    person = signed_in(STAFF)
    if person is None:
        return _to_sign_in(STAFF)
    return locked_answer(person) if person.locked_at else None


def _is_marked(mark: str) -> bool:
    return getattr(current_app.view_functions[request.endpoint], mark, False)


def _to_sign_in(kind: str):
    return go_to(SIGN_IN_PAGES[kind] + next_query(_wanted_page()))


def _wanted_page() -> str:
    """The page to come back to: what is on the screen when htmx asked, nothing after a POST."""
    if wants_fragment():
        return request.headers.get("HX-Current-URL", "").removeprefix(request.host_url.rstrip("/"))
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def _count_as_activity(person: SignedIn) -> None:
    if _is_marked("polling"):
        return
    try:
        sessions.touch(person)
        if person.kind == STAFF and not person.browser:
            sessions.note_browser(person, browser_family(request.user_agent.string))
    except OperationalError:
        log.warning("session_not_extended")  # reading goes on while another process holds the database


# What the gate answers when somebody signed in must show first who sits there.
#
# A GET leads to a page of its own and back. A POST is held up where it is: for the password the same
# form comes back with all that was typed; behind a locked screen nothing of it is shown again.

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
