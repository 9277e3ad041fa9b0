"""The cookie that finds the draft again after the camera killed the tab: persistent, HttpOnly."""

from flask import Response, g, request

from app.base.problems import StaleDecision
from app.base.services import settings
from app.registration.drafts import draft_life, find_by_token
from app.registration.models import Application
from app.web import access
from app.web.htmx import go_to

# Names the draft a page was made for: another tab may have begun one for somebody else meanwhile.
DRAFT_FIELD = "draft"
FORGOTTEN = "/daftar/dihapus"
# who opens these with a cookie that opens nothing any more is told the way back to the registration
AFTER_SENDING = frozenset(("registration.done", "keeping.receipt", "keeping.print_receipt"))
FORGET = "keeping.forget"


def cookie_name() -> str:
    return "__Host-loket_draf" if settings().secure_cookies else "loket_draf"


def give_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(), token, max_age=int(draft_life().total_seconds()), path="/", httponly=True,
        secure=settings().secure_cookies, samesite="Lax",
    )
    return response


def take_cookie(response: Response) -> Response:
    """So that the next person at this machine finds nothing of the last one."""
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )
    return response


def held_application() -> Application | None:
    """The registration of this browser, whatever its state."""
    token = request.cookies.get(cookie_name(), "")
    return find_by_token(token) if token else None


@access.gate("draft_holder")
def _gate(_access):
    application = held_application()
    if application is None:
        over = request.endpoint in AFTER_SENDING and cookie_name() in request.cookies
        return take_cookie(go_to(FORGOTTEN if over or request.endpoint == FORGET else "/daftar"))
    if request.form.get(DRAFT_FIELD, application.id) != application.id:
        raise StaleDecision(
            "Di HP ini sudah dibuka pendaftaran lain. Tidak ada yang disimpan, supaya data dua orang tidak tercampur."
        )
    g.application_id = application.id
    return None
