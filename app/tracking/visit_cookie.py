"""The cookie of a visit, and the gate of `access.follower`."""

from flask import Response, g, request

from app.base.services import settings
from app.tracking import visits
from app.tracking.models import Visit
from app.web import access
from app.web.htmx import go_to

FORM = "/lacak"


def cookie_name() -> str:
    return "__Host-loket_lacak" if settings().secure_cookies else "loket_lacak"


def give_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(), token, max_age=int(visits.VISIT_LIFE.total_seconds()), path="/", httponly=True,
        secure=settings().secure_cookies, samesite="Lax",
    )
    return response


def take_cookie(response: Response) -> Response:
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )
    return response


def held_token() -> str:
    return request.cookies.get(cookie_name(), "")


def held_visit() -> Visit | None:
    token = held_token()
    return visits.find_visit(token) if token else None


@access.gate("follower")
def _gate(_access):
    visit = held_visit()
    if visit is None:
        return go_to(FORM)
    g.application_id, g.with_pin = visit.application_id, visit.with_pin
    return None
