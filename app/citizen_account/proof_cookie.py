"""The cookies that tie codes to the browser that asked for them: as many as are sent in a day."""

from flask import Response

from app.citizen_account.codes import PROVED_LIFE
from app.citizen_account.models import NUMBER, PASSWORD
from app.messages.catalogue import CODE_LIFETIME
from app.web.cookies import Cookie

LIFE = CODE_LIFETIME + PROVED_LIFE
COOKIES = {PASSWORD: Cookie("loket_pulih", LIFE), NUMBER: Cookie("loket_nomor", LIFE)}
MOST_TOKENS = 3


def held_tokens(purpose: str) -> tuple[str, ...]:
    """The newest first."""
    return tuple(filter(None, COOKIES[purpose].held().split(".")))[:MOST_TOKENS]


def held_token(purpose: str) -> str:
    return next(iter(held_tokens(purpose)), "")


def give_cookie(response: Response, purpose: str, token: str) -> Response:
    kept = dict.fromkeys((token, *held_tokens(purpose)))
    return COOKIES[purpose].give(response, ".".join([*kept][:MOST_TOKENS]))


def take_cookie(response: Response, purpose: str) -> Response:
    return COOKIES[purpose].take(response)
