"""The cookie that ties a code to the browser that asked for it."""

from flask import Response, request

from app.citizen_account.codes import PROVED_LIFE
from app.citizen_account.models import NUMBER, PASSWORD
from app.notifications.catalogue import CODE_LIFETIME
from app.services import settings

NAMES = {PASSWORD: "loket_pulih", NUMBER: "loket_nomor"}
LIFE = CODE_LIFETIME + PROVED_LIFE


def cookie_name(purpose: str) -> str:
    return f"__Host-{NAMES[purpose]}" if settings().secure_cookies else NAMES[purpose]


def held_token(purpose: str) -> str:
    return request.cookies.get(cookie_name(purpose), "")


def give_cookie(response: Response, purpose: str, token: str) -> Response:
    response.set_cookie(
        cookie_name(purpose), token, max_age=int(LIFE.total_seconds()), path="/", httponly=True,
        secure=settings().secure_cookies, samesite="Lax",
    )
    return response


def take_cookie(response: Response, purpose: str) -> Response:
    response.delete_cookie(
        cookie_name(purpose), path="/", httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )
    return response
