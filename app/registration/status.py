"""The states of a registration, what leads from one to the next, and its clocks; and when it lay with its resident to
be mended: the clock of the office stands still meanwhile."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Select, String, column, select, table

from app.base import clock
from app.base.database import UtcDateTime, db
from app.base.services import city
from app.casework.clocks import Case, Clock, share_of_time
from app.casework.kinds import DONE, NEW, OUTSIDE, SYSTEM, VISITOR, WORK, Act, Kind, Label, State

MENDING = ("return", "resubmit", "take_back", "take_back_early")
Spans = tuple[tuple[datetime, datetime], ...]
# `models.py` stands above the states, and the states' clock asks here; so of the rows no more than this
CHANGES = table(
    "status_change", column("id"), column("application_id", String), column("act", String), column("at", UtcDateTime()),
)


def mending_spans(application_id: str) -> Spans:
    """Each from a return to the sending that answered it, or to now: the clock starts before that is written."""
    return spans_of((application_id,)).get(application_id, ())


def spans_of(application_ids: Collection[str] | Select) -> dict[str, Spans]:
    """The same of many: ids, or a query for them, which may find any number. A return that was taken back is none."""
    query = select(CHANGES.c.application_id, CHANGES.c.act, CHANGES.c.at).where(
        CHANGES.c.application_id.in_(application_ids), CHANGES.c.act.in_(MENDING),
    )
    return spans_among(db.session.execute(query.order_by(CHANGES.c.id)))


def spans_among(moves: Iterable[tuple[str, str, datetime]]) -> dict[str, Spans]:
    """The same of moves (application_id, act, at) in their order."""
    found: dict[str, list] = {}
    begun: dict[str, datetime] = {}
    for application_id, act, at in moves:
        if act not in MENDING:
            continue
        since = begun.pop(application_id, None)
        if act == "return":
            begun[application_id] = at
        elif act == "resubmit" and since is not None:
            found.setdefault(application_id, []).append((since, at))
    for application_id, since in begun.items():
        found.setdefault(application_id, []).append((since, clock.now()))
    return {application_id: tuple(spans) for application_id, spans in found.items()}


DRAFT, SUBMITTED, COMPLETE, RETURNED = "draft", "submitted", "complete", "returned"
ACTIVE, REJECTED, EXPIRED, WITHDRAWN = "active", "rejected", "expired", "withdrawn"
OPEN = (SUBMITTED, COMPLETE, RETURNED)


def _mending(case: Case):
    return mending_spans(case.id) if case.mended else ()


WARN = share_of_time(lambda: city().registration.warn_at_percent)
# a mended case counts from its first sending, without the time it lay with the resident
TARGET = Clock(
    "target", "Target kantor", since=lambda case: case.submitted_at,
    days=lambda case: city().registration.internal_target_working_days, warn=WARN, pauses=_mending,
)
PROMISE = Clock(
    "promise", "Janji", since=lambda case: case.declared_complete_at,
    days=lambda case: city().registration.promise_working_days, warn=WARN,
)

REGISTRATION = Kind(
    "registration", about="application",
    states={
        DRAFT: State("", Label("Belum dikirim", "Belum dikirim", "quiet")),
        SUBMITTED: State(NEW, Label("Menunggu pemeriksaan", "Baru", "new"), TARGET),
        COMPLETE: State(
            WORK, Label("Data dan foto lengkap, menunggu keputusan", "Lengkap, menunggu keputusan", "progress"),
            PROMISE,
        ),
        RETURNED: State(OUTSIDE, Label("Perlu Anda perbaiki", "Menunggu pemohon", "warning")),
        ACTIVE: State(DONE, Label("Akun aktif", "Disetujui", "good"), keeps_due=True),
        REJECTED: State(DONE, Label("Tidak disetujui", "Ditolak", "bad"), keeps_due=True),
        EXPIRED: State(DONE, Label("Berakhir karena tidak diperbaiki", "Berakhir", "quiet")),
        WITHDRAWN: State(DONE, Label("Dibatalkan", "Dibatalkan pemohon", "quiet")),
    },
    acts=(
        Act("submit", {DRAFT: SUBMITTED}, by=VISITOR),
        Act("declare_complete", {SUBMITTED: COMPLETE}, by="declare_complete", undo=True,
            done="Berkas dinyatakan lengkap."),
        Act("approve", {COMPLETE: ACTIVE}, by="decide", undo=True, done="Disetujui. Akun sudah aktif."),
        Act("reject", {SUBMITTED: REJECTED, COMPLETE: REJECTED}, by="decide", undo=True, done="Ditolak."),
        Act("return", {SUBMITTED: RETURNED}, by="return", undo=True, done="Dikembalikan untuk diperbaiki."),
        Act("return", {COMPLETE: RETURNED}, by="decide", undo=True, done="Dikembalikan untuk diperbaiki."),
        Act("resubmit", {RETURNED: SUBMITTED}, by=VISITOR),
        Act("expire", {RETURNED: EXPIRED}, by=SYSTEM),
        # by the resident; a deletion that was granted does the same
        Act("withdraw", {SUBMITTED: WITHDRAWN, RETURNED: WITHDRAWN, COMPLETE: WITHDRAWN}, by=VISITOR),
        # within a minute of one's own act; which of the two follows from where the act began
        Act("take_back", {ACTIVE: COMPLETE, REJECTED: COMPLETE, RETURNED: COMPLETE}, by="take_case"),
        Act("take_back_early", {COMPLETE: SUBMITTED, REJECTED: SUBMITTED, RETURNED: SUBMITTED}, by="take_case"),
    ),
)
WAITING = REGISTRATION.in_trays(NEW, WORK)
