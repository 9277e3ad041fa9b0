"""The guarantee of the standard (I) as a kind of case: what was not as promised is brought to the resident's home.

A rejected or returned registration has no product, so it owes an apology and the reason instead; when what was
returned is approved after all, the delivery is owed again. Closed only with proof, refusal or apology.
"""

from app.base.services import city
from app.casework.clocks import Clock, hours_before
from app.casework.kinds import DONE, NEW, SYSTEM, VISITOR, WORK, Act, Kind, Label, State

OPENED, READY, CARRIED = "opened", "ready", "carried"
DELIVERED, DECLINED, APOLOGISED, VOID = "delivered", "declined", "apologised", "void"
LIVE = (OPENED, READY, CARRIED)

# how it became known
PROMISE, UPHELD, LATENESS = "promise", "upheld", "lateness"
SOURCES: dict[str, str] = {
    PROMISE: "janji waktu terlewati", UPHELD: "pengaduan terbukti", LATENESS: "pengaduan keterlambatan",
}
# why nothing is brought: rule -> (to the resident, in the office)
RULES: dict[str, tuple[str, str]] = {
    "rejected": (
        "Pendaftaran ini tidak disetujui, jadi tidak ada surat yang diantar. Kami tetap berutang maaf dan penjelasan.",
        "Ditolak: tidak ada produk, berutang maaf dan alasan",
    ),
    "returned": (
        "Pendaftaran ini dikembalikan untuk diperbaiki, jadi belum ada surat yang diantar. Jika nanti disetujui, "
        "suratnya kami antar.",
        "Dikembalikan: belum ada produk, berutang maaf dan alasan",
    ),
    "ended": (
        "Pendaftaran ini sudah ditutup, jadi tidak ada surat yang diantar.", "Pendaftaran ditutup: tidak ada produk",
    ),
    "unknown": (
        "Pengaduan ini tidak menyangkut satu pendaftaran, jadi tidak ada surat yang diantar.",
        "Tidak ada pendaftaran: berutang maaf dan alasan",
    ),
}

DELIVER = Clock(
    "deliver", "Antar", since=lambda case: case.counted_from,
    days=lambda case: city().guarantee.deliver_working_days, warn=hours_before(lambda: 2),
)
BY = "handle_guarantees"


def _from(starts: tuple[str, ...], end: str) -> dict[str, str]:
    return dict.fromkeys(starts, end)


GUARANTEE = Kind(
    "guarantee", about="guarantee", marks=("late_at",),
    states={
        OPENED: State(NEW, Label("Akan kami antar", "Menunggu akun atau surat", "warning"), DELIVER),
        READY: State(WORK, Label("Surat sudah siap", "Surat siap, belum dibawa", "progress"), DELIVER),
        CARRIED: State(WORK, Label("Surat dibawa petugas", "Dibawa petugas", "progress"), DELIVER),
        DELIVERED: State(DONE, Label("Surat sudah Anda terima", "Diterima", "good"), keeps_due=True),
        DECLINED: State(DONE, Label("Tidak perlu diantar", "Pemohon tidak perlu diantar", "quiet"), keeps_due=True),
        APOLOGISED: State(DONE, Label("Permintaan maaf", "Maaf disampaikan", "quiet"), keeps_due=True),
        VOID: State("", Label("", "Dibatalkan bersama jawabannya", "quiet")),
    },
    acts=(
        Act("print", {OPENED: READY, READY: READY}, by=BY, done="Surat siap. Serahkan kepada kurir."),
        # who wants no visit may still fetch the letter
        Act("fetch", {DECLINED: DECLINED}, by=BY, done="Surat siap. Serahkan setelah melihat KTP pemohon."),
        Act("hand_over", {READY: CARRIED, CARRIED: CARRIED}, by=BY, done="Kurir dicatat, pemohon diberi tahu."),
        Act("not_met", {CARRIED: READY}, by="carry_letters"),
        Act("deliver", {CARRIED: DELIVERED, READY: DELIVERED}, by="carry_letters"),
        Act("decline", _from(LIVE, DECLINED), by=VISITOR),
        Act("apologise", _from((OPENED, READY), APOLOGISED), by=BY, done="Permintaan maaf dicatat."),
        # follows what becomes of the registration
        Act("end", _from(LIVE, APOLOGISED), by=SYSTEM),
        Act("owe_again", {APOLOGISED: OPENED}, by=SYSTEM),
        # the answer that upheld the complaint was taken back within its minute
        Act("void", {OPENED: VOID}, by=SYSTEM),
    ),
)
