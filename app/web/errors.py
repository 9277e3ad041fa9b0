"""Error pages: what went wrong, what to do now, and an incident id that is also in the log."""

import errno
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.base import clock
from app.base.clock import WIB
from app.base.problems import DomainError, PhotoMissing, StaleDecision, TemporarilyUnavailable, TooManyRequests
from app.base.sealing import SealBroken
from app.city.dates import show_date, show_time
from app.web import faults
from app.web.access import OFFICE
from app.web.access_log import asked
from app.web.assets import STATIC
from app.web.faults import LOST_PLACE, NOT_THIS_ROLE, STALE_FORM, STALE_WORDS, TEXTS
from app.web.headers import PHOTO_CSP
from app.web.htmx import go_to, wants_data, wants_fragment

log = structlog.get_logger()


def _in_office(status: int) -> bool:
    """Whether the page stays in the frame of the office, with its numbers and the button that locks the screen. Not
    when the house itself is in trouble: that frame asks the database."""
    return status < 500 and f"{request.path}/".startswith(f"{OFFICE}/") and current_user.is_authenticated


def init_errors(app: Flask) -> None:
    app.before_request(_name_the_incident)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StaleDataError, lambda error: _domain_error(StaleDecision()))
    for kind in (OperationalError, InternalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _database_error)
    app.register_error_handler(OSError, _system_error)
    app.register_error_handler(Exception, _unexpected_error)


def error_page(
    status: int, message: str | None = None, headers: dict[str, str] | None = None,
    texts: tuple[str, str] | None = None, door: tuple[str, str] | None = None,
):
    """`message` is the sentence of the case; `texts` replaces the usual heading and advice. `door` is (words, address)
    of the page to be opened first, before what was typed can be sent again."""
    heading, advice = texts or TEXTS.get(status, TEXTS[500 if status >= 500 else 400])
    if wants_data():
        response = jsonify(error=message or f"{heading}. {advice}")
        response.status_code = status
        response.headers.extend(headers or {})
        return response
    incident = g.get("incident") or secrets.token_hex(4)
    in_office = _in_office(status)
    if in_office and status == 403:
        advice = NOT_THIS_ROLE
    body = render_template(
        "errors/page.html", frame="staff_base.html" if in_office else "base.html", in_office=in_office,
        status=status, heading=heading, message=message, advice=advice,
        incident=incident, is_fragment=wants_fragment(), typed=typed_fields(status), sent_to=sent_to(),
        door=door,
    )
    response = make_response(body, status)
    if wants_fragment():
        # htmx swaps 422 only (see the htmx-config in base.html); these pages replace the step too
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    response.headers.extend(headers or {})
    return response


def to_the_door(words: str, address: str):
    """For somebody who is no longer known here and has to begin at `address`: a redirect, but where something was typed
    a page that holds it and opens the door beside itself."""
    if wants_data() or not typed_fields(401):
        return go_to(address)
    return error_page(401, texts=LOST_PLACE, door=(words, address))


def _name_the_incident() -> None:
    g.incident = secrets.token_hex(4)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        incident=g.incident, endpoint=request.endpoint, ip=asked().address,
    )


def _domain_error(error: DomainError):
    headers = {}
    log.info("refused", status=error.status, kind=type(error).__name__)
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
        message = error.message if error.message != TooManyRequests.message else None
        return error_page(error.status, message, headers, (TEXTS[429][0], _when_again(error.retry_after)))
    if isinstance(error, TemporarilyUnavailable):
        headers["Retry-After"] = "5"
    return error_page(error.status, error.message, headers)


def _when_again(seconds: int) -> str:
    """The wait in words; from two minutes on the clock says it better."""
    if seconds < 120:
        return f"Tunggu {seconds} detik, lalu coba lagi."
    again = clock.now() + timedelta(seconds=seconds + 59)  # the clock shows no seconds: never too early
    day = "" if again.astimezone(WIB).date() == clock.today() else f"{show_date(again)} "
    return f"Coba lagi mulai {day}pukul {show_time(again)}."


def _csrf_error(error: CSRFError):
    log.info("csrf_refused")
    return error_page(400, texts=STALE_WORDS if typed_fields(400) else STALE_FORM)


def _http_error(error: HTTPException):
    if error.response is not None:
        return error.response
    if request_ctx.url_adapter is None:  # asked for another host: the page says it all the same, with links of ours
        request_ctx.url_adapter = current_app.url_map.bind(request.environ["SERVER_NAME"])
    status = error.code or 500
    headers = {k: v for k, v in error.get_headers() if k.lower() not in ("content-type", "content-length")}
    return error_page(status, headers=headers)


# what a log line says of a database that did not serve us, by the words of its driver
WHY = (
    ("full", ("disk is full", "No space left", "disk I/O error", "could not extend file")),
    ("locked", ("database is locked", "lock timeout", "deadlock detected")),
    ("slow", ("statement timeout",)),
    ("frozen", ("no answer within", "timeout expired")),
    ("too_many", ("QueuePool limit", "too many clients", "remaining connection slots")),
)


def _database_error(error):
    """Locked, full, frozen or away: a sentence and a time to come back, never a trace."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    why = next((name for name, words in WHY if any(word in said for word in words)), "stopped")
    log.error("database_unavailable", why=why, kind=type(error.__cause__ or error).__name__)
    return error_page(503, headers={"Retry-After": "5"})


def _system_error(error: OSError):
    """A full disk, met wherever a body, a photo or a log is written, is not the fault of who sent it."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _unexpected_error(error)
    log.error("disk_full")
    return error_page(503, headers={"Retry-After": "60"})


def _unexpected_error(error: Exception):
    # the traceback goes to the log through the redaction of logs.py; the page shows only the id
    log.exception("unexpected_error", kind=type(error).__name__)
    faults.note(request.endpoint, g.get("incident", ""))
    return error_page(500)


# What was stored and no longer opens: its object is missing, its seal broken, or its key not at hand.
#
# Said plainly, because trying again never helps: to a browser that wants a picture by a picture, else by
# a page. The log line names the record; `flask fsck` finds all others.

GONE = 410
HEADING = "Berkas ini tidak dapat dibuka lagi"
FOR_RESIDENTS = (
    "Yang tersimpan di tempat kami rusak atau hilang. Ini bukan kesalahan Anda, dan mencoba lagi tidak membantu. "
    "Jika ini foto pendaftaran yang belum dikirim, ambil foto baru. Jika bukan, hubungi kami."
)
FOR_STAFF = (
    "Yang tersimpan rusak, hilang, atau disegel dengan kunci yang tidak ada di sini. Beri tahu admin dan sebutkan "
    "kode di bawah. Jika ini foto pendaftaran, kembalikan berkasnya supaya warga mengirim foto baru."
)



def init_unreadable(app: Flask) -> None:
    app.register_error_handler(SealBroken, _seal_broken)
    app.register_error_handler(PhotoMissing, _object_missing)


def _seal_broken(error: SealBroken):
    log.error("stored_value_unreadable", kind=type(error).__name__, record=error.context, key_id=error.key_id)
    return _answer()


def _object_missing(error: PhotoMissing):
    log.error("stored_object_missing", kind=type(error).__name__, path=request.path)
    return _answer()


def _answer():
    if wants_picture():
        return _picture()
    advice = FOR_STAFF if request.path.startswith(OFFICE) else FOR_RESIDENTS
    return error_page(GONE, texts=(HEADING, advice))


def wants_picture() -> bool:
    """An <img> takes images of several kinds and no page."""
    accepted = request.headers.get("Accept", "")
    return "image/" in accepted and "text/html" not in accepted


def _picture() -> Response:
    response = Response((STATIC / "img" / "photo-unreadable.svg").read_bytes(), GONE, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response


# statuses after which the same fields may be sent again; 400 stands for a stale or missing token, 401 for somebody who
# is no longer known here
SENT_AGAIN = (400, 401, 429, 500, 503)
NEVER = re.compile(r"password|sandi|pin$|^pin|code|kode|csrf_token|totp|secret_key|recovery", re.IGNORECASE)
# what a person reads again: field -> what it is called; the rest travels along unseen
LABELS = {
    "text": "Pengaduan", "reply": "Balasan", "sentence": "Kalimat penilaian", "suggestion": "Saran", "place": "Tempat",
    "name": "Nama", "full_name": "Nama lengkap", "address": "Alamat", "whatsapp_number": "Nomor WhatsApp",
    "email": "E-mail", "nik": "NIK", "kk_number": "Nomor KK", "number": "Nomor", "happened_on": "Tanggal kejadian",
    "new_number": "Nomor WhatsApp baru", "value": "Yang benar", "village": "Kelurahan",
    "reason": "Alasan", "note": "Catatan", "contact": "Kontak", "details": "Penjelasan", "message": "Pesan",
}
# what a form carries without anybody having typed or chosen it
CARRIED = frozenset((
    "submission_id", "draft", "next", "to", "fresh", "upload_id", "version", "claim_token", "confirm", "notice", "act",
    "about", "nik_rechecked",
))
LONG = ("text", "reply", "address", "suggestion", "details", "note", "message")
MOST_FIELDS, MOST_CHARACTERS = 80, 200_000


@dataclass(frozen=True)
class Typed:
    """`label` is "" for what is not shown."""

    name: str
    value: str = field(repr=False)
    label: str = ""
    is_long: bool = False


def typed_fields(status: int) -> list[Typed]:
    """What was typed, for an answer that cannot show the page of the form: a lost cookie, a stale token, too many
    tries, a database that is away. The error page holds the fields as they came, with a button that sends them
    again; one mechanism for every form, with and without JavaScript. Never carried: passwords, PINs and codes, files,
    and anything of a request from another site, which is refused before (headers.refuse_foreign_origin). Empty when
    there is nothing to be sent again."""
    if request.method != "POST" or status not in SENT_AGAIN or request.endpoint is None:
        return []
    try:
        given = list(request.form.items(multi=True))[:MOST_FIELDS]
    except (HTTPException, OSError, ValueError):  # the body itself could not be read
        return []
    over = {"draft"} if status == 401 else frozenset()  # who has to begin again begins another draft
    kept = [(name, value) for name, value in given if not NEVER.search(name) and name not in over]
    if sum(len(value) for _, value in kept) > MOST_CHARACTERS or not any(
        value.strip() for name, value in kept if name not in CARRIED
    ):
        return []
    return [
        Typed(name, value, LABELS.get(name, "") if value.strip() else "", name in LONG or len(value) > 100)
        for name, value in kept
    ]


def sent_to() -> str:
    """Where the form went, by its own address alone."""
    return request.full_path if request.query_string else request.path
