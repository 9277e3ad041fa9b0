"""The cookie that holds a sealed step (`step_codes`) until its code is typed."""

from flask import Response, request

from app.base.services import settings
from app.guessing.step_codes import LIFE


def cookie_name() -> str:
    return "__Host-loket_langkah" if settings().secure_cookies else "loket_langkah"


def held_token() -> str:
    return request.cookies.get(cookie_name(), "")


def give_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(), token, max_age=int(LIFE.total_seconds()), path="/", httponly=True,
        secure=settings().secure_cookies, samesite="Lax",
    )
    return response


def take_cookie(response: Response) -> Response:
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )
    return response
