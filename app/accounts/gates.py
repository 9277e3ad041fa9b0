"""Who is signed in and by which cookie, the gates of `access.citizen`, `access.staff` and `access.staff_arriving`, and
where one goes after them."""

from urllib.parse import quote, unquote, urlsplit

import structlog
from flask import Response, current_app, flash, g, make_response, request, session
from sqlalchemy.exc import OperationalError

from app.accounts import proof, sessions
from app.accounts.forms import ProofForm, UnlockForm
from app.accounts.passwords import SessionOver
from app.accounts.sessions import CITIZEN, LIVES, STAFF, SignedIn
from app.base.database import login_manager
from app.base.problems import FormRejected, NotAllowed
from app.web import access
from app.web.access import OFFICE
from app.web.access_log import browser_family
from app.web.cookies import Cookie
from app.web.errors import to_the_door
from app.web.htmx import go_to, render, wants_fragment

log = structlog.get_logger()

__all__ = ("DUE_PAGES", "HOMES", "OFFICE", "SIGN_IN_PAGES", "signed_in")

# Two cookies, so that one browser may be resident and staff at once: one never opens the other's doors.

# staff cookies go with the browser window; a resident stays signed in on the own phone
COOKIES = {
    CITIZEN: Cookie("loket_warga", LIVES[CITIZEN].absolute),
    STAFF: Cookie("loket_petugas", None, same_site="Strict"),
}


def held_token(kind: str) -> str:
    return COOKIES[kind].held()


def give_cookie(response: Response, kind: str, token: str) -> Response:
    COOKIES[kind].give(response, token)
    _renew_csrf()
    return response


def take_cookie(response: Response, kind: str) -> Response:
    """Sign-out. Not "cookies" in Clear-Site-Data: that would end the other kind's session too."""
    COOKIES[kind].take(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    _renew_csrf()
    return response


def _renew_csrf() -> None:
    """A form opened before this moment belongs to another person: its token is void."""
    session.clear()
    g.pop("csrf_token", None)


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
            return show_out(STAFF, over.message)
        except FormRejected as rejected:
            form.show_errors({"proof_password": rejected.errors["password"]})
        else:
            return None
    return proof_page(form, request.path, _typed(), 422)


def proof_page(form: ProofForm, action: str, kept: list[tuple[str, str]], status: int = 200):
    """`kept` are the fields of the form that was held up; they travel along."""
    return render("accounts/proof.html", status, form=form, action=action, kept=kept)


def show_out(kind: str, sentence: str) -> Response:
    """Back to the door, with a sentence, which comes after the cookie is taken: that empties the browser's session."""
    response = take_cookie(go_to(SIGN_IN_PAGES[kind]), kind)
    flash(sentence)
    return response


def end_session(kind: str) -> Response:
    """Whoever's session has run out meanwhile still gets rid of the cookie."""
    if person := signed_in(kind):
        sessions.sign_out(person)
    return show_out(kind, "Anda sudah keluar.")


def page_before() -> str:
    """The page of the office a form was sent from, as far as the browser tells."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host:
        return HOMES[STAFF]
    return safe_next(before.path + (f"?{before.query}" if before.query else ""), HOMES[STAFF], OFFICE)


def _typed() -> list[tuple[str, str]]:
    own = ("csrf_token", "proof_password")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own]


# After signing in: only to a page of our own (docs/security.md, trap 9).

MAX_LENGTH = 500
PRINTABLE = frozenset(map(chr, range(0x21, 0x7F)))


def safe_next(url: str | None, default: str, inside: str = "/") -> str:
    """`url` when it is a local path at or below `inside`, else `default`.

    Judged as written and once decoded, because browsers read `/\\evil`, `/%5cevil` and a tab or
    newline after the slash as another host.
    """
    if url and len(url) <= MAX_LENGTH and _is_local(url) and _is_local(unquote(url)):
        return url if _is_inside(urlsplit(url).path, inside) else default
    return default


def next_query(url: str) -> str:
    """`?next=...` for a page worth coming back to, else nothing."""
    wanted = safe_next(url, "")
    return f"?next={quote(wanted, safe='/')}" if wanted else ""


def _is_local(url: str) -> bool:
    if not url.startswith("/") or url.startswith("//") or "\\" in url or not PRINTABLE.issuperset(url):
        return False
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def _is_inside(path: str, folder: str) -> bool:
    stem = folder.rstrip("/")
    return ".." not in path and (path == stem or path.startswith(stem + "/"))


# Where signing in begins, leads and stops on the way.

HOMES = {CITIZEN: "/akun", STAFF: f"{OFFICE}/"}
SIGN_IN_PAGES = {CITIZEN: "/masuk", STAFF: f"{OFFICE}/masuk"}
DUE_PAGES = {
    sessions.CODE: f"{OFFICE}/dua-langkah",
    sessions.PASSWORD: f"{OFFICE}/sandi",
    sessions.ENROL: f"{OFFICE}/dua-langkah",
}
LOCK_PAGE = f"{OFFICE}/kunci"
PROOF_PAGE = f"{OFFICE}/buktikan"
