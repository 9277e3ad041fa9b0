"""Which ticket something said belongs to.

By proof first: the outside id of a message we know, of either direction. Then by a ticket number from the
contact the ticket belongs to. On WhatsApp, where people do not quote, by the open ticket of that contact. At
last by a ticket number alone: numbers can be guessed, so such words are not its owner's (doubts.py).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select

from app.base import clock
from app.base.database import db, once_a_page
from app.base.services import city
from app.complaints.ticket import status as st
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket, TicketMessage
from app.complaints.ticket.personal import Contact, email_index, external_index, phone_index
from app.messages.contacts import same_person
from app.messages.email.threads import letter_of

TICKET_NUMBER = re.compile(r"\bADU[-\s]?(20\d\d)[-\s]?(\d{1,9})\b", re.IGNORECASE)
LONGEST_CHAIN = 20


def ticket_of_external(channel: str, external_id: str) -> Ticket | None:
    """The ticket of a message that arrived before with this outside id."""
    index = external_index(channel, external_id)
    if index is None:
        return None
    query = select(Ticket).join(TicketMessage, TicketMessage.ticket_id == Ticket.id)
    return db.session.scalar(query.where(TicketMessage.external_index == index))


def ticket_of_letter(message_id: str) -> Ticket | None:
    """The ticket of a letter of ours to a resident."""
    letter = letter_of(message_id)
    return db.session.get(Ticket, letter.about_id) if letter is not None and letter.about_kind == "ticket" else None


def ticket_of_thread(channel: str, contact: Contact, hints: Iterable[str] | str) -> Ticket | None:
    """The ticket to go on with, or None when a new one is to be opened. It may be somebody else's: whether the
    words are its owner's is for the caller to judge (`belongs_to`)."""
    hints = [hints] if isinstance(hints, str) else list(hints)
    found = next(filter(None, (_by_hint(channel, contact, hint) for hint in hints if hint)), None)
    if found is None and channel_kind(channel) == "whatsapp":
        found = _open_of_contact(contact)
    if usable(found) is None:
        found = next(filter(None, (by_number(find_number(hint) or "") for hint in hints)), None)
    return usable(found)


def find_number(text: str) -> str | None:
    """The first ticket number in a text, in its proper spelling."""
    found = TICKET_NUMBER.search(text)
    return f"ADU-{found[1]}-{int(found[2]):06d}" if found else None


def by_number(number: str) -> Ticket | None:
    return db.session.scalar(select(Ticket).where(Ticket.number == number))


@once_a_page
def of_same_contact(ticket: Ticket) -> list[Ticket]:
    """Other tickets of the same person, newest first; not for an anonymous one."""
    condition = _same_contact(ticket.phone_index, ticket.email_index)
    if condition is None or ticket.anonymous:
        return []
    query = select(Ticket).where(condition, Ticket.id != ticket.id, Ticket.anonymous.is_(False))
    return list(db.session.scalars(query.order_by(Ticket.received_at.desc()).limit(20)))


def belongs_to(ticket: Ticket, contact: Contact) -> bool:
    """Whether this contact is the ticket's own, by number or by e-mail."""
    phones = same_person(phone_index(contact.phone)) if contact.phone else set()
    return ticket.phone_index in phones or (
        ticket.email_index is not None and ticket.email_index == email_index(contact.email)
    )


def channel_kind(channel: str) -> str:
    """The kind that the city file gives a channel; "" for one that is no longer in it."""
    return next((known.kind for known in city().channels if known.key == channel), "")


def _by_hint(channel: str, contact: Contact, hint: str) -> Ticket | None:
    if number := find_number(hint):
        ticket = by_number(number)
        return ticket if ticket is not None and belongs_to(ticket, contact) else None
    return ticket_of_external(channel, hint) or ticket_of_letter(hint)


def _open_of_contact(contact: Contact) -> Ticket | None:
    if not contact.phone:
        return None
    query = select(Ticket).where(
        Ticket.phone_index.in_(same_person(phone_index(contact.phone))), Ticket.status.in_(st.LIVE),
    )
    return db.session.scalar(query.order_by(Ticket.received_at.desc()).limit(1))


def usable(ticket: Ticket | None) -> Ticket | None:
    """The ticket it was merged into; None when it was closed too long ago to be opened again."""
    for _ in range(LONGEST_CHAIN):
        if ticket is None or ticket.status != st.MERGED:
            break
        ticket = db.session.get(Ticket, ticket.merged_into_id)
    if ticket is None or ticket.status in st.LIVE:
        return ticket
    until: datetime | None = timekeeping.reopen_until(ticket)
    return ticket if until is not None and clock.now() <= until else None


def _same_contact(phone: str | None, email: str | None):
    conditions = [Ticket.phone_index == phone] if phone else []
    conditions += [Ticket.email_index == email] if email else []
    return or_(*conditions) if conditions else None


# Words that are no news: thanks, a thumb up, "ok". They stay in the ticket, open nothing again and move no clock.
#
# Only what consists of nothing else counts: one word more, a question mark or a "belum", and it is news.

MOST_WORDS_OF_THANKS = 20
_WORD = re.compile(r"[^\W_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(_WORD.findall(listed))


# at least one of them says that it is a courtesy
THANKS = _words("""
    terima kasih terimakasih trimakasih trima trims makasih makasi maaci mksh mks tks thx tq thanks thank
    thankyou tengkyu nuwun suwun kesuwun maturnuwun sukron syukron jazakallah jazakumullah alhamdulillah amin
    aamiin ok oke okay okey okee oce siap baik baiklah sip mantap mantab good great nice noted bagus keren hebat
    setuju dimengerti paham mengerti
""")
BESIDE_THANKS = _words("""
    banyak sekali banget byk ya iya yaa yes yup pak bapak bu ibu buk mas mbak kak kakak min admin petugas semua
    semuanya dukcapil capil tim team atas untuk dan juga saya kami kita jawaban jawabannya informasi
    informasinya info infonya penjelasan penjelasannya bantuan bantuannya respon responnya respons responsnya
    pelayanan pelayanannya perhatian perhatiannya kerja sama samanya kerjasama kerjasamanya tanggapan
    tanggapannya balasan balasannya sangat membantu cepat ramah job you so very much for your help the khairan
    khoiron katsiran matur sama sudah udah telah selesai beres lancar puas salam sehat selalu semoga sukses
    hormat nggih njih inggih wassalamualaikum wassalam wr wb waalaikumsalam sore pagi siang malam selamat
""")
_SIGNATURE = re.compile(
    r"^(?:-- ?$|(?:sent|dikirim|terkirim) (?:from|dari|menggunakan|via)\b.*|(?:get|dapatkan) outlook (?:for|untuk) .*)",
    re.IGNORECASE | re.MULTILINE,
)
_RATING = re.compile(r"(?:nilai|rating|bintang)?\s*:?\s*([1-5])\s*(?:/\s*5|dari\s+5|bintang)?\s*[.!]?", re.IGNORECASE)
_STARS = re.compile(r"[⭐🌟★]\ufe0f?")


def is_courtesy(text: str, name: str = "") -> bool:
    """Whether these words are nothing but thanks or a yes. `name` is the writer's, who may sign with it."""
    said = _SIGNATURE.split(text, maxsplit=1)[0].strip()
    if not said or "?" in said or "？" in said or len(said) > 400:
        return False
    words = [_plain(word) for word in _WORD.findall(said.lower())]
    if not words:
        return any(unicodedata.category(char) in ("So", "Sk") for char in said)
    signed = {_plain(word) for word in _WORD.findall(name.lower())}
    return (
        len(words) <= MOST_WORDS_OF_THANKS and any(word in THANKS for word in words)
        and all(word in THANKS or word in BESIDE_THANKS or word in signed for word in words)
    )


def rating_in(text: str) -> int | None:
    """One to five, when the words are nothing else: a number or stars."""
    said = text.strip()
    if found := _RATING.fullmatch(said):
        return int(found[1])
    stars = len(_STARS.findall(said))
    return stars if 1 <= stars <= 5 and not _STARS.sub("", said).strip() else None


def _plain(word: str) -> str:
    """Letters written long are written once: "okeee", "makasihhh"."""
    short = re.sub(r"(.)\1{2,}", r"\1", word)
    if word in BESIDE_THANKS or short in THANKS or short in BESIDE_THANKS:
        return word if word in BESIDE_THANKS else short
    return re.sub(r"(.)\1+$", r"\1", word)
