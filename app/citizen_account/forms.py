"""What the pages of the account ask for, and the cookies that tie codes to the browser that asked for them. The rules
live in the services and in `app/identity`."""

from flask import Response
from wtforms import HiddenField, PasswordField, StringField

from app.citizen_account.codes import PROVED_LIFE
from app.citizen_account.models import NUMBER, PASSWORD
from app.messages.catalogue import CODE_LIFETIME
from app.web.cookies import Cookie
from app.web.forms import OnwardForm


class AskCodeForm(OnwardForm):
    nik = StringField("NIK")


class RevealForm(OnwardForm):
    password = PasswordField("Kata sandi")


class NewNumberForm(OnwardForm):
    new_number = StringField("Nomor WhatsApp baru")
    password = PasswordField("Kata sandi")


class BothCodesForm(OnwardForm):
    code_old = StringField("Kode yang masuk ke nomor lama")
    code_new = StringField("Kode yang masuk ke nomor baru")


class LostNumberForm(OnwardForm):
    """The selfie itself is taken from the request by the view."""

    nik = StringField("NIK")
    new_number = StringField("Nomor WhatsApp baru")
    # "ya" once its owner was told that the photo is poor
    despite = HiddenField()


# as many cookies as codes are sent in a day
PROOF_LIFE = CODE_LIFETIME + PROVED_LIFE
PROOF_COOKIES = {PASSWORD: Cookie("loket_pulih", PROOF_LIFE), NUMBER: Cookie("loket_nomor", PROOF_LIFE)}
MOST_TOKENS = 3


def held_tokens(purpose: str) -> tuple[str, ...]:
    """The newest first."""
    return tuple(filter(None, PROOF_COOKIES[purpose].held().split(".")))[:MOST_TOKENS]


def held_token(purpose: str) -> str:
    return next(iter(held_tokens(purpose)), "")


def give_cookie(response: Response, purpose: str, token: str) -> Response:
    kept = dict.fromkeys((token, *held_tokens(purpose)))
    return PROOF_COOKIES[purpose].give(response, ".".join([*kept][:MOST_TOKENS]))


def take_cookie(response: Response, purpose: str) -> Response:
    return PROOF_COOKIES[purpose].take(response)
