"""A day in the life of the channel, simulated: invented registrations pour in, real residents go on.

The clock is a simulated one; outbox, claims, dispatcher, shares and bursts are the real ones. Drafts are
written as rows, because decoding three photos each says nothing about the channel; they are sent by the
same service a resident's *Ya* calls.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app.base import clock
from app.base.database import db, transaction
from app.base.ids import new_id, new_pin, readable_code
from app.messages import contacts, dispatcher, outbox
from app.messages.addresses import by_whatsapp
from app.messages.models import OutboxMessage
from app.registration.models import Application, Photo
from app.registration.personal import Personal, seal_personal, seal_pin
from app.registration.photo_kinds import KINDS
from app.registration.service import submit

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60
# what real residents get in a day: (message, how many a day); the office works at night, too, here
REAL = {"akun_aktif": 60, "perlu_perbaikan": 30, "pengaduan_dijawab": 15, "kode_reset_sandi": 15}
VALUES = {
    "akun_aktif": {"nama": "SITI CONTOH", "tautan": "https://contoh.go.id/masuk"},
    "perlu_perbaikan": {"nama": "SITI CONTOH", "kode": "7KMP-3QXR", "daftar_alasan": "Foto KTP kurang jelas.",
                        "tautan": "https://contoh.go.id/lacak", "tgl": "Senin, 7 Desember 2026", "kontak": "(0335) 1"},
    "pengaduan_dijawab": {"tiket": "ADU-2026-000123", "tautan": "https://contoh.go.id/lacak", "tgl": "Senin"},
    "kode_reset_sandi": {"kode": "483920"},
}


@dataclass
class Day:
    """What came of a simulated day: ids of messages of real residents, and of registrations:
    real ones from numbers that proved themselves and from others, and invented ones."""

    real: list[str] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)

    def plus(self, other: "Day") -> "Day":
        return Day(self.real + other.real, self.proven + other.proven, self.unproven + other.unproven,
                   self.invented + other.invented)


class Flood:
    """Invented registrations: from one network, after one pattern, or with no sign in common at all."""

    def __init__(self, kind: str):
        self.kind, self.number = kind, 0

    def send(self) -> str:
        self.number += 1
        address = "203.0.113.9" if self.kind == "network" else f"10.{self.number // 250 % 250}.{self.number % 250}.7"
        stem = "357401450590" if self.kind == "pattern" else None
        return send_registration(self.number, address, stem)


def send_registration(
    number: int, address: str, stem: str | None = None, proven: bool = False, fingerprint: str = "", **same: str,
) -> str:
    """Id of a sent registration of somebody who shares nothing with anybody but what is given: `stem`, 12
    digits of NIK; `fingerprint` of a photo; fields of the form."""
    person = Personal(**{
        "nik": f"{stem or secrets.randbelow(10**12):0>12}{number % 10**4:04d}", "full_name": f"ORANG {new_id()[:12]}",
        "whatsapp_number": f"+628{secrets.randbelow(10**10):010d}", "kk_number": f"{secrets.randbelow(10**16):016d}",
        "address": "Jl. Contoh 5", **same,
    })
    with transaction() as session:
        application = Application(
            id=new_id(), status="draft", notice_version="uji", notice_hash="uji", notice_accepted_at=clock.now(),
            flags=[], number=readable_code(8), password_hash="-",
        )
        seal_personal(application, person)
        seal_pin(application, new_pin())
        session.add(application)
        session.flush()
        session.add_all(_photo(application.id, kind, fingerprint) for kind in KINDS)
        if proven:
            contacts.heard_from(application.phone_index, None, clock.now() - timedelta(days=3))
        application_id = application.id
    submit(application_id, address)
    return application_id


def live_through(
    minutes: int, move: Callable[[timedelta], None], an_hour: int, flood: Flood, real_receipts: int = 20,
    day_minutes: int = DAY_MINUTES,
) -> Day:
    """`move` moves the clock. `an_hour` invented registrations; `real_receipts` real ones a day, every
    second from a number that wrote to us before. In fewer `day_minutes` the same day's messages stand closer."""
    day = Day()
    for minute in range(minutes):
        for _ in range(_share_of(an_hour, 60, minute)):
            day.invented.append(flood.send())
        for template, a_day in REAL.items():
            for _ in range(_share_of(a_day, day_minutes, minute)):
                day.real.append(_real_message(template))
        for _ in range(_share_of(real_receipts, day_minutes, minute)):
            number = len(day.proven) + len(day.unproven)
            of_kind = day.unproven if number % 2 else day.proven
            of_kind.append(send_registration(number, f"198.51.{number % 200}.4", proven=number % 2 == 0))
        dispatcher.deliver_due(limit=1000)
        move(MINUTE)
    return day


def receipts_of(registrations: list[str]) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.about_kind == "application")
    return [row for row in db.session.scalars(query) if row.about_id in set(registrations)]


def waits_of(message_ids: list[str]) -> list[timedelta | None]:
    """From writing to the first try of each; None for one never tried."""
    rows = {row.id: row for row in db.session.scalars(select(OutboxMessage))}
    found = [rows[one] for one in message_ids]
    return [row.first_try_at - row.created_at if row.first_try_at else None for row in found]


def most_people_in_a_day(sent: list[tuple[datetime, str]]) -> int:
    """The most different people written to in any 24 hours; `sent` is (moment, number) in order."""
    most, first = 0, 0
    for place, (moment, _) in enumerate(sent):
        while sent[first][0] <= moment - timedelta(hours=24):
            first += 1
        most = max(most, len({number for _, number in sent[first:place + 1]}))
    return most


def _real_message(template: str) -> str:
    with transaction():
        to = f"+628{secrets.randbelow(10**10):010d}"
        return outbox.enqueue(template, to=by_whatsapp(to), variables=VALUES[template], about=("citizen", new_id())).id


def _photo(application_id: str, kind: str, fingerprint: str) -> Photo:
    return Photo(
        application_id=application_id, kind=kind, storage_key=new_id(), thumbnail_key=new_id(), sealed_sha256="-",
        fingerprint=fingerprint or secrets.token_hex(32), perceptual_hash=secrets.token_hex(8),
        width=1, height=1, hints=[],
    )


def _share_of(many: int, minutes: int, minute: int) -> int:
    """How many of `many` in `minutes` fall into this minute, evenly."""
    return many * (minute + 1) // minutes - many * minute // minutes
