"""The cookie that finds the draft again after the camera killed the tab: persistent, HttpOnly."""

from flask import flash, g, request, url_for

from app.base.problems import StaleDecision
from app.registration import drafts
from app.registration.drafts import draft_life, find_by_token
from app.registration.models import Application
from app.web import access
from app.web.cookies import Cookie
from app.web.errors import to_the_door
from app.web.htmx import go_to

# Names the draft a page was made for: another tab may have begun one for somebody else meanwhile.
DRAFT_FIELD = "draft"
FORGOTTEN = "keeping.forgotten"
# who opens these with a cookie that opens nothing any more is told the way back to the registration
AFTER_SENDING = frozenset(("registration.done", "keeping.receipt", "keeping.print_receipt"))
FORGET = "keeping.forget"
MOVED = (
    "Pendaftaran ini sudah Anda lanjutkan di HP lain, jadi tidak terbuka lagi di sini. Tidak ada yang hilang: "
    "teruskan di HP itu, atau pakai nomor dan PIN di Lacak Pendaftaran."
)
COOKIE = Cookie("loket_draf", draft_life)


def held_application() -> Application | None:
    """The registration of this browser, whatever its state."""
    token = COOKIE.held()
    return find_by_token(token) if token else None


@access.gate("draft_holder")
def _gate(_access):
    application = held_application()
    if application is None:
        over = request.endpoint in AFTER_SENDING and COOKIE.is_held()
        if COOKIE.is_held() and drafts.was_moved_away(COOKIE.held()):
            flash(MOVED)
        if over or request.endpoint == FORGET:
            return COOKIE.take(go_to(url_for(FORGOTTEN)))
        start = url_for("registration.start")
        return COOKIE.take(to_the_door("Buka Login User Baru dan setujui pemberitahuannya", start))
    if request.form.get(DRAFT_FIELD, application.id) != application.id:
        raise StaleDecision(
            "Halaman ini milik pendaftaran lain. Tidak ada yang disimpan. Mulai lagi dari Login User Baru."
        )
    g.application_id = application.id
    return None
