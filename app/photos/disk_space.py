"""How much room is left on the disks we write to; uploads are refused before anything else suffers.

What fills a disk is photos and files. Below LEAST_FREE they wait, while forms, decisions and messages,
which need next to nothing, go on.
"""

import ipaddress
import shutil
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import structlog
from sqlalchemy import BigInteger, Connection, Date, String, bindparam, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, Look, db, look_at, sqlite_write_lock, transaction
from app.base.ids import payer
from app.base.services import sealer, settings
from app.photos.errors import PhotoBusy, PhotoError
from app.photos.store import S3_SCHEME

LEAST_FREE = 0.10
GETTING_FULL = 0.20  # told by `flask doctor` before anybody is refused
TRY_AGAIN_SECONDS = 600

log = structlog.get_logger()


class NoSpaceLeft(PhotoBusy):
    """The disk is nearly full: 503, because making room is our affair and not the sender's."""

    code = "no-space"
    message = (
        "Tempat penyimpanan kami hampir penuh, jadi foto dan berkas belum dapat diterima. "
        "Yang sudah tersimpan tidak hilang. Coba lagi nanti, atau datang ke kantor kami."
    )
    retry_after = TRY_AGAIN_SECONDS


def demand_space() -> None:
    """Raises NoSpaceLeft while less than LEAST_FREE of a disk we write to is free."""
    share = free_share()
    if share < LEAST_FREE:
        log.error("disk_nearly_full", free_percent=round(100 * share, 1))
        raise NoSpaceLeft


def free_share() -> float:
    """Of the fullest disk we write to: the part that is free, 0 to 1."""
    usages = [shutil.disk_usage(folder) for folder in _folders()]
    return min(usage.free / usage.total for usage in usages)


def _folders() -> list[Path]:
    """The database, request bodies on their way in, and the photos if they lie in a folder."""
    photos = settings().photos_url
    return [settings().instance, *([] if photos.startswith(S3_SCHEME) else [Path(photos)])]


# What one network address may have us store in a day: one client must not fill the disk.
#
# A mobile network hides thousands of phones behind one address, so the budget is wide: a registration
# keeps 1 to 3 MB, retaken photos counted too, and the whole city sends a few dozen a day. What is counted is what is
# written, not what is still there: replacing a photo all day long counts as well. Rows stand under a keyed
# index, do not tell whose address it is, and go after a day. Staff and machines (mail, WhatsApp), which
# have limits of their own, pay nothing.

DAY_BYTES = 1 << 30
IPV6_NETWORK_BITS = 64  # a household has a whole network of this size: it counts as one address
KEPT_DAYS = 1



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


USED = select(StoredBytes.bytes).where(
    StoredBytes.address_index == bindparam("payer_index"), StoredBytes.day == bindparam("payer_day"),
).scalar_subquery()


def spend(amount: int) -> None:
    """Count `amount` bytes about to be stored for the payer, in a transaction of its own: call it before
    extensions.transaction(), never inside. Raises DayUsedUp when they no longer fit into today."""
    if not payer.get():
        return
    with sqlite_write_lock(db.engine), db.engine.connect() as connection:
        writing = connection.execution_options(loket_write=True)
        with writing.begin():
            fits = _fits(writing, amount)
    if not fits:
        _refuse(_index(payer.get()))


def spend_here(amount: int) -> None:
    """The same inside the caller's transaction(), which ends when this raises: what is not recorded is not counted."""
    if payer.get() and not _fits(db.session.connection(), amount):
        _refuse(_index(payer.get()))


def _fits(connection: Connection, amount: int) -> bool:
    values = {"index": _index(payer.get()), "day": clock.today(), "amount": amount, "most": DAY_BYTES}
    return amount <= DAY_BYTES and connection.execute(SPEND, values).scalar() is not None


def forget_old_days() -> None:
    """A job of the worker."""
    with transaction() as session:
        session.execute(delete(StoredBytes).where(StoredBytes.day < clock.today() - timedelta(days=KEPT_DAYS)))


def room() -> tuple[Look, ...]:
    """Whether the payer's share has room, if anybody pays: nothing is opened in vain. Raises DayUsedUp when it is used
    up already. Counts nothing."""
    if not payer.get():
        return ()
    index = _index(payer.get())

    def judge(used: int | None) -> None:
        if (used or 0) >= DAY_BYTES:
            _refuse(index)

    return (Look(USED, {"payer_index": index, "payer_day": clock.today()}, judge),)


def demand_room() -> None:
    """Ask for that alone."""
    if looks := room():
        look_at(*looks)


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
    midnight = clock.midnight(clock.today() + timedelta(days=1))
    return max(1, int((midnight - clock.now()).total_seconds()))
