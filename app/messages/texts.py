"""From a message definition and values to the text that is sent.

What people typed is only ever a value, never a template. Values are cleaned as WhatsApp demands
(docs/whatsapp.md, facts 2): not empty, no line break, no run of blanks, 1024 characters in all. What a colleague
wrote to one resident (Message.own_words) keeps its lines as free text, and loses them only in a template.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.base.services import city, settings
from app.city.worktime import show_days
from app.identity.name import greeting_name
from app.messages.addresses import CALL, EMAIL, LETTER, VISIT, WHATSAPP
from app.messages.catalogue import Message

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "messages"
LONGEST = 1024
LONGEST_FREE = 1600  # Twilio's own limit of a body
EMPTY = "-"
# how a text says where the next news comes to
RESULT_COMES = {
    WHATSAPP: "kami kirim ke WhatsApp ini", EMAIL: "kami kirim ke alamat ini", LETTER: "kami kirim dengan surat",
    CALL: "kami sampaikan lewat telepon", VISIT: "kami sampaikan saat Anda datang ke kantor",
}
CHECK_CODE, LAST_LINES = "kode_pesan", "_penutup"
PLACE_OF_TOKEN = re.compile(r"/(?:t|undangan)/[^/\s?#]+")
HIDDEN, SECRET_NAMES = "••••••", ("pin", "kode_terima")
TOKEN_IN_LINK = re.compile(r"(?<=/t/)[^/\s?#]+|(?<=/undangan/)[^/\s?#]+")
# a NIK or Nomor KK, however it was spaced: the privacy notice says that no message holds one
SIXTEEN = re.compile(r"(?<![\w/])(?:\d[ .-]?){12}(\d{4})(?!\w)")
# WhatsApp turns *x* into bold and a word like evil.com into a link; a name must do neither
MARKS_IN_NAMES = re.compile(r"[*_~`/:]")
DOT_BEFORE_LETTER = re.compile(r"\.(?=\w)")


def cleaned(message: Message, variables: Mapping[str, str]) -> dict[str, str]:
    """The values as they may be sent, in the message's order.

    Raises ValueError when a variable is missing or unknown: that is our bug, found at once.
    """
    if set(variables) != set(message.variables):
        wrong = sorted(set(variables) ^ set(message.variables))
        raise ValueError(f"message {message.key}: missing or unknown variables {wrong}")
    own = message.own_words
    values = {name: _clean(name, str(variables[name])) for name in message.variables if name != own}
    if own:
        written = _words(SIXTEEN.sub(r"••••\1", str(variables[own])))
        return {name: written if name == own else values[name] for name in message.variables}
    return _shortened(message, values)


def on_one_line(message: Message, values: Mapping[str, str]) -> dict[str, str]:
    """The values as a template may carry them: the words somebody wrote without their line breaks."""
    return {name: " ".join(value.split()) if name == message.own_words else value for name, value in values.items()}


def full_text(message: Message, values: Mapping[str, str], check_code: str) -> str:
    """What the person reads: the body, and the last lines that all share, with the check code. A one-time code
    has none, because WhatsApp fixes its words."""
    said = spoken_text(message, values)
    if message.is_code:
        return said
    last_lines = _body(LAST_LINES).render(**_constants(), **{CHECK_CODE: check_code}).strip()
    return f"{said}\n\n{last_lines}"


def for_office(message: Message, values: Mapping[str, str]) -> dict[str, str]:
    """The values as staff may see them: without what opens something in the person's name, which is
    a one-time code, a PIN, or the token in a link."""
    return {
        name: HIDDEN if message.is_code or name in SECRET_NAMES else TOKEN_IN_LINK.sub("…", value)
        for name, value in values.items()
    }


def for_speaking(message: Message, values: Mapping[str, str]) -> dict[str, str]:
    """The same for whoever says it by phone: a link without its token still leads to the right page."""
    return for_office(message, {name: PLACE_OF_TOKEN.sub("", value) for name, value in values.items()})


def spoken_text(message: Message, values: Mapping[str, str], channel: str = WHATSAPP) -> str:
    """The body alone, for whoever says it by phone or reads it in a letter."""
    filled = {**dict.fromkeys(message.variables, EMPTY), **values}  # a row of before may lack a place of today
    return _body(message.key).render(**_constants(), ke_mana=RESULT_COMES[channel], **filled).strip()


def template_names(message: Message) -> tuple[str, ...]:
    """What stands for {{1}}, {{2}}, ...; the text of an authentication template is Meta's own."""
    return tuple(message.variables) if message.is_code else (*message.variables, CHECK_CODE)


def template_body(message: Message) -> str:
    """The body as Meta approves it, with numbered places."""
    places = {name: f"{{{{{number}}}}}" for number, name in enumerate(template_names(message), 1)}
    check_code = places.pop(CHECK_CODE, "ABCD-EFGH")
    return full_text(message, places, check_code)


def _constants() -> dict[str, str]:
    """Fixed words of every text. `alamat` is typed by hand, so it has no https://."""
    here = city()
    return {
        "kantor": here.short_name, "alamat": settings().public_base_url.split("://", 1)[-1],
        "telepon": here.contacts.phone, "hari": show_days(here.office_hours),
    }


@cache
def _body(name: str):
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text; escaping would alter names with an apostrophe
    )
    return environment.get_template(f"{name}.txt")


def _clean(name: str, value: str) -> str:
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value)
    plain = " ".join(plain.split())
    if name == "nama":
        plain = DOT_BEFORE_LETTER.sub(". ", MARKS_IN_NAMES.sub("", greeting_name(plain))).strip()
    else:
        plain = SIXTEEN.sub(r"••••\1", plain).replace(".;", ";")
        plain = plain.rstrip(". ")  # the sentence around it has its own full stop
    return plain or EMPTY


def _words(value: str) -> str:
    """Each line as it was written, at most one empty line between two."""
    plain = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in value.replace("\r\n", "\n"))
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or EMPTY


def _shortened(message: Message, values: dict[str, str]) -> dict[str, str]:
    """Cut the longest value, again and again, until the whole text fits."""
    while (surplus := len(full_text(message, values, "XXXX-XXXX")) - LONGEST) > 0:
        longest = max(values, key=lambda name: len(values[name]))
        kept = max(len(values[longest]) - surplus - 1, len(values[longest]) // 2)
        values = {**values, longest: values[longest][:kept].rstrip() + "…"}
    return values
