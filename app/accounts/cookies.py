"""Two cookies, so that one browser may be resident and staff at once: one never opens the other's doors."""

from flask import Response, g, request, session

from app.accounts.sessions import CITIZEN, LIVES, STAFF
from app.base.services import settings

NAMES = {CITIZEN: "loket_warga", STAFF: "loket_petugas"}
SAME_SITE = {CITIZEN: "Lax", STAFF: "Strict"}


def cookie_name(kind: str) -> str:
    """`__Host-` pins the cookie to this host, path / and https (docs/security.md S6)."""
    return f"__Host-{NAMES[kind]}" if settings().secure_cookies else NAMES[kind]


def held_token(kind: str) -> str:
    return request.cookies.get(cookie_name(kind), "")


def give_cookie(response: Response, kind: str, token: str) -> Response:
    """Staff cookies go with the browser window; a resident stays signed in on the own phone."""
    max_age = int(LIVES[CITIZEN].absolute.total_seconds()) if kind == CITIZEN else None
    response.set_cookie(
        cookie_name(kind), token, max_age=max_age, path="/", httponly=True,
        secure=settings().secure_cookies, samesite=SAME_SITE[kind],
    )
    renew_csrf()
    return response


def take_cookie(response: Response, kind: str) -> Response:
    """Sign-out. Not "cookies" in Clear-Site-Data: that would end the other kind's session too."""
    response.delete_cookie(
        cookie_name(kind), path="/", httponly=True, secure=settings().secure_cookies,
        samesite=SAME_SITE[kind],
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    renew_csrf()
    return response


def renew_csrf() -> None:
    """A form opened before this moment belongs to another person: its token is void."""
    session.clear()
    g.pop("csrf_token", None)
