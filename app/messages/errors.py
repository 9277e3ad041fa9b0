"""What can go wrong with a message, whatever its channel: what an error means and what follows from it.

Each channel has its own table of codes beside its gateway. Only what was certainly not sent is ever tried
again by itself: at once, then after 1, 5, 15 and 30 minutes and every 30 minutes, until four hours after the
first try (docs/limits.md). Limits counted over 24 hours outlast that (docs/whatsapp.md, facts 3, codes 63018,
63038 and 63049).
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

JITTER = 0.1


class Retry(Enum):
    """NEVER; BACKOFF up to four hours; DAY: a limit that ends within a day; SPARSELY: with growing
    delays, for a day; ONCE after a quarter of an hour; at once AS_TEMPLATE."""

    NEVER = "never"
    BACKOFF = "backoff"
    DAY = "day"
    SPARSELY = "sparsely"
    ONCE = "once"
    AS_TEMPLATE = "as_template"


class Effect(Enum):
    """What else follows: for the whole channel, for the template, or for the contact."""

    NONE = "none"
    SLOW_CHANNEL = "slow_channel"
    REST_CHANNEL = "rest_channel"
    STOP_CHANNEL = "stop_channel"
    STOP_TEMPLATE = "stop_template"
    OPT_OUT = "opt_out"


@dataclass(frozen=True)
class SendError:
    """`meaning` and `advice` are shown to staff."""

    meaning: str
    advice: str
    retry: Retry = Retry.NEVER
    effect: Effect = Effect.NONE


# our own codes: what no provider says
OWN: dict[str, SendError] = {
    "held_back": SendError("Ditahan karena masa uji coba", "Nomor ini tidak ada dalam daftar uji coba."),
    "too_late": SendError("Masa berlaku kode sudah lewat", "Pemohon dapat meminta kode baru."),
    "unreadable": SendError("Pesan ini tidak dapat dibuka lagi dari penyimpanan", "Beri tahu admin."),
    "erased": SendError("Isi pesan sudah dihapus sesuai masa simpan", "Tidak perlu tindakan."),
    "too_long": SendError("Kata-katanya terlalu panjang untuk pesan WhatsApp di luar 24 jam",
                          "Telepon dan sampaikan isinya, atau kirim jawaban yang lebih pendek."),
    "no_phone_code": SendError("Kode hanya dapat dikirim lewat WhatsApp", "Bantu warga di kantor."),
    "on_paper": SendError("Sudah diberikan di meja layanan sebagai bukti di kertas", "Tidak perlu tindakan."),
    "by_letter": SendError("Warga ini memilih dikabari dengan surat", "Cetak suratnya, kirim, lalu catat."),
    "by_call": SendError("Warga ini memilih dikabari lewat telepon", "Telepon, lalu catat hasilnya."),
    "by_visit": SendError("Warga ini memilih datang kembali ke kantor", "Sampaikan saat warga datang, lalu catat."),
    "taken_back": SendError("Petugas membatalkan keputusannya sebelum pesan terkirim", "Tidak perlu tindakan."),
}
NOT_SENT_ON_PURPOSE = ("held_back", "too_late")


def in_our_words(code: str) -> SendError:
    """Where no provider says anything."""
    return OWN.get(code, SendError(code, ""))


@dataclass(frozen=True)
class Plan:
    """`delays` after the first, second, ... failure; the last one repeats until `gives_up_after`."""

    delays: tuple[timedelta, ...]
    gives_up_after: timedelta


def _minutes(*each: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=minutes) for minutes in each)


PLANS: dict[Retry, Plan] = {
    Retry.BACKOFF: Plan(_minutes(0, 1, 5, 15, 30), timedelta(hours=4)),
    # an hour more than the 24 in which the limit is counted
    Retry.DAY: Plan(_minutes(1, 5, 15, 60), timedelta(hours=25)),
    Retry.SPARSELY: Plan(_minutes(60, 240, 720), timedelta(hours=25)),
}


def next_try(kind: Retry, first_try_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """The moment of the next try after `attempts` (1 or more) failed; None when it is time to stop."""
    plan = PLANS[kind]
    delay = plan.delays[min(attempts, len(plan.delays)) - 1]
    moment = now + delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, no secret
    return moment if moment - first_try_at <= plan.gives_up_after else None
