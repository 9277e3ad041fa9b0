"""What one network address may have us store in a day: one client must not fill the disk.

A mobile network hides thousands of phones behind one address, so the budget is wide: a registration
keeps 1 to 3 MB, retaken photos counted too, and the whole city sends a few dozen a day. What is counted is what is
written, not what is still there: replacing a photo all day long counts as well. Rows stand under a keyed
index, do not tell whose address it is, and go after a day. Staff and machines (mail, WhatsApp), which
have limits of their own, pay nothing.
"""

import ipaddress
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import BigInteger, Date, String, bindparam, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, db, sqlite_write_lock
from app.base.network import payer
from app.base.services import sealer
from app.photos.errors import PhotoError

DAY_BYTES = 1 << 30
IPV6_NETWORK_BITS = 64  # a household has a whole network of this size: it counts as one address
KEPT_DAYS = 1

log = structlog.get_logger()


class DayUsedUp(PhotoError):
    """The address has stored its share of today."""

    status = 429
    code = "day-used-up"
    message = (
        "Hari ini sudah terlalu banyak foto dan berkas dikirim dari jaringan internet yang Anda pakai. "
        "Coba lagi besok, pakai jaringan lain, atau datang ke kantor kami."
    )

    def __init__(self) -> None:
        super().__init__()
        self.retry_after = _seconds_to_midnight()


class StoredBytes(Base):
    __tablename__ = "stored_bytes"

    address_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    bytes: Mapped[int] = mapped_column(BigInteger)


# refused is not counted, so a smaller file may still fit; two processes at once never both fit the last byte
SPEND = text("""
    INSERT INTO stored_bytes (address_index, day, bytes) VALUES (:index, :day, :amount)
    ON CONFLICT (address_index, day) DO UPDATE SET bytes = stored_bytes.bytes + excluded.bytes
    WHERE stored_bytes.bytes + excluded.bytes <= :most
    RETURNING bytes
""").bindparams(bindparam("day", type_=Date))


def spend(amount: int) -> None:
    """Count `amount` bytes about to be stored for the payer, in a transaction of its own: call it before
    extensions.transaction(), never inside. Raises DayUsedUp when they no longer fit into today."""
    if not payer.get():
        return
    values = {"index": _index(payer.get()), "day": clock.today(), "amount": amount, "most": DAY_BYTES}
    with sqlite_write_lock(db.engine), db.engine.connect() as connection:
        writing = connection.execution_options(loket_write=True)
        with writing.begin():
            old = clock.today() - timedelta(days=KEPT_DAYS)
            writing.execute(delete(StoredBytes).where(StoredBytes.day < old))
            fits = amount <= DAY_BYTES and writing.execute(SPEND, values).first() is not None
    if not fits:
        _refuse(values["index"])


def demand_room() -> None:
    """Raises DayUsedUp when the payer's share is used up already: nothing is opened in vain. Counts nothing."""
    if not payer.get():
        return
    index = _index(payer.get())
    query = select(StoredBytes.bytes).where(StoredBytes.address_index == index, StoredBytes.day == clock.today())
    with db.engine.connect() as connection:
        used = connection.execute(query).scalar() or 0
    if used >= DAY_BYTES:
        _refuse(index)


def _refuse(index: str) -> None:
    log.warning("storage_day_used_up", subject=index[:12])
    raise DayUsedUp


def _index(address: str) -> str:
    with suppress(ValueError):  # not an address at all: counts under what it says
        parsed = ipaddress.ip_address(address)
        if parsed.version == 6 and parsed.ipv4_mapped is None:
            address = str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
        elif parsed.version == 6:
            address = str(parsed.ipv4_mapped)
    return sealer().index("stored-bytes", address)


def _seconds_to_midnight() -> int:
    midnight = datetime.combine(clock.today() + timedelta(days=1), time(), clock.WIB)
    return max(1, int((midnight - clock.now()).total_seconds()))
