"""The cookie of a visit, and the gate of `access.follower`."""

from flask import g, url_for

from app.tracking import visits
from app.tracking.models import Visit
from app.web import access
from app.web.cookies import Cookie
from app.web.htmx import go_to

COOKIE = Cookie("loket_lacak", visits.VISIT_LIFE)


def held_visit() -> Visit | None:
    token = COOKIE.held()
    return visits.find_visit(token) if token else None


@access.gate("follower")
def _gate(_access):
    visit = held_visit()
    if visit is None:
        return go_to(url_for("tracking.home"))
    g.application_id, g.with_pin = visit.application_id, visit.with_pin
    return None
