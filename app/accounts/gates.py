"""Who is signed in, and the gates of `access.citizen`, `access.staff` and `access.staff_arriving`."""

import structlog
from flask import current_app, flash, g, request
from sqlalchemy.exc import OperationalError

from app.accounts import interruptions, proof, sessions
from app.accounts.addresses import DUE_PAGES, HOMES, SIGN_IN_PAGES
from app.accounts.cookies import held_token
from app.accounts.safe_next import next_query
from app.accounts.sessions import CITIZEN, STAFF, SignedIn
from app.base.database import login_manager
from app.base.problems import NotAllowed
from app.web import access
from app.web.access import OFFICE
from app.web.browser_family import browser_family
from app.web.htmx import go_to, wants_fragment

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
            flash("Sesi Anda sudah berakhir. Silakan masuk lagi.")
        return _to_sign_in(CITIZEN)
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
        return interruptions.locked_answer(person)
    if not access.holds(person.role, rule.permission):
        raise NotAllowed()
    if _is_marked("needs_proof") and not proof.is_fresh(person):
        answer = interruptions.proof_answer(person)
        if answer is not None:
            return answer
    _count_as_activity(person)
    return None


@access.gate("staff_arriving")
def _arriving_gate(_rule: access.Access):
    person = signed_in(STAFF)
    if person is None:
        return _to_sign_in(STAFF)
    return interruptions.locked_answer(person) if person.locked_at else None


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
