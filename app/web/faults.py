"""How often a page failed in a way nobody foresaw: counted by day and page, with the code of the newest one, which is
in the log and was shown to whoever met it."""

from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, insert_once, transaction

KEPT, SHOWN = timedelta(days=90), timedelta(days=7)
NO_PAGE = "tanpa halaman"
log = structlog.get_logger()


class ServerFault(Base):
    __tablename__ = "server_fault"

    day: Mapped[date] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    incident: Mapped[str] = mapped_column(String(8))
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note(endpoint: str | None, incident: str) -> None:
    """Inside no transaction. Never raises: when the database is what failed, the log has to do."""
    key = {"day": clock.today(), "page": (endpoint or NO_PAGE)[:80]}
    try:
        with transaction() as session:
            insert_once(ServerFault, **key, number=0, incident=incident, last_at=clock.now())
            row = session.get(ServerFault, key, with_for_update=True, populate_existing=True)
            row.number, row.incident, row.last_at = row.number + 1, incident, clock.now()
            session.execute(delete(ServerFault).where(ServerFault.day < clock.today() - KEPT))
    except Exception as failed:  # noqa: BLE001
        log.error("fault_not_counted", kind=type(failed).__name__)


def newest() -> list[ServerFault]:
    """Of the last seven days."""
    query = select(ServerFault).where(ServerFault.day > clock.today() - SHOWN)
    return list(db.session.scalars(query.order_by(ServerFault.last_at.desc())))
