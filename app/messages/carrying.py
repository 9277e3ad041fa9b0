"""Whether words of ours can travel in a short message, and how the person reads them then.

Inside the window (docs/whatsapp.md, facts 2) as they were written; outside it by a template, on one line. What fits
neither is for whoever writes to see before it is sent: nothing is cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.messages import contacts, texts
from app.messages.addresses import WHATSAPP, contact_index
from app.messages.catalogue import message_for
from app.messages.choose_gateway import gateway
from app.messages.whatsapp import templates

FREE, TEMPLATE = "free", "template"
TOO_LONG, NO_TEMPLATE = "too_long", "no_template"
# stands where each message has a code of its own
ANY_CODE = "XXXX-XXXX"


@dataclass(frozen=True)
class Carried:
    """`way` is FREE, TEMPLATE or "" for not at all; then `why` says why. `until` is when free text ends. `surplus`
    is how many characters are too many."""

    text: str
    way: str
    why: str = ""
    until: datetime | None = None
    surplus: int = 0


def carry(key: str, variables: Mapping[str, str], address: str) -> Carried:
    """How this message would go to this number now, word for word but for its check code."""
    message, can = message_for(key), gateway(WHATSAPP).capabilities
    values, index = texts.cleaned(message, variables), contact_index(address)
    if not can.templates or contacts.window_is_open(index, can.window):
        text = texts.full_text(message, values, ANY_CODE)
        surplus, until = len(text) - texts.LONGEST_FREE, contacts.window_ends(index, can.window)
        return Carried(text, "" if surplus > 0 else FREE, TOO_LONG if surplus > 0 else "", until, max(0, surplus))
    values = texts.on_one_line(message, values)
    text = texts.full_text(message, values, ANY_CODE)
    if (surplus := len(text) - texts.LONGEST) > 0:
        return Carried(text, "", TOO_LONG, surplus=surplus)
    if templates.use_of(message, {**values, texts.CHECK_CODE: ANY_CODE}) is None:
        return Carried(text, "", NO_TEMPLATE)
    return Carried(text, TEMPLATE)


def fits_template(message, values: Mapping[str, str]) -> bool:
    return len(texts.full_text(message, texts.on_one_line(message, values), ANY_CODE)) <= texts.LONGEST
