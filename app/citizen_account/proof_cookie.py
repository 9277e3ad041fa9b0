"""The cookie that ties codes to the browser that asked for them: as many as are sent in a day."""

from flask import Response, request

from app.base.services import settings
from app.citizen_account.codes import PROVED_LIFE
from app.citizen_account.models import NUMBER, PASSWORD
from app.messages.catalogue import CODE_LIFETIME

NAMES = {PASSWORD: "loket_pulih", NUMBER: "loket_nomor"}
LIFE = CODE_LIFETIME + PROVED_LIFE
MOST_TOKENS = 3


def cookie_name(purpose: str) -> str:
    return f"__Host-{NAMES[purpose]}" if settings().secure_cookies else NAMES[purpose]


def held_tokens(purpose: str) -> tuple[str, ...]:
    """The newest first."""
    return tuple(filter(None, request.cookies.get(cookie_name(purpose), "").split(".")))[:MOST_TOKENS]


def held_token(purpose: str) -> str:
    return next(iter(held_tokens(purpose)), "")


def give_cookie(response: Response, purpose: str, token: str) -> Response:
    kept = dict.fromkeys((token, *held_tokens(purpose)))
    response.set_cookie(
        cookie_name(purpose), ".".join([*kept][:MOST_TOKENS]), max_age=int(LIFE.total_seconds()), path="/",
        httponly=True, secure=settings().secure_cookies, samesite="Lax",
    )
    return response


def take_cookie(response: Response, purpose: str) -> Response:
    response.delete_cookie(
        cookie_name(purpose), path="/", httponly=True, secure=settings().secure_cookies, samesite="Lax"
    )
    return response
