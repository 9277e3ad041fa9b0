"""Two cookies, so that one browser may be resident and staff at once: one never opens the other's doors."""

from flask import Response, g, session

from app.accounts.sessions import CITIZEN, LIVES, STAFF
from app.web.cookies import Cookie

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
