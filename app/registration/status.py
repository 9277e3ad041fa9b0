"""The registration as a kind of case: its states, and the only moves between them.

Two clocks: from sending to "lengkap" runs the office's own target, from there to the decision the promise of
the standard (C). Both end at closing time of a working day (docs/facts.md 5), and both warn before they end.
"""

from app.base.services import city
from app.casework.clocks import Case, Clock, share_of_time
from app.casework.kinds import DONE, NEW, OUTSIDE, SYSTEM, VISITOR, WORK, Act, Kind, Label, State
from app.registration.mend_spans import mending_spans

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
