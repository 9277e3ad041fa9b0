"""Words of the desk that stand nowhere else: flags of other rows, hints about photos, sexes."""

from app.identity.findings import FLAG_TEXT
from app.registration.photo_kinds import BY_KIND, COUNT_WORD

OTHER_FLAGS: dict[str, str] = {
    "NIK_SUDAH_PUNYA_AKUN": "NIK ini sudah memiliki akun. Pemilik akun dikirimi pesan.",
    "NIK_DIAJUKAN_LAGI": "Ada pendaftaran lain dengan NIK yang sama dan belum selesai.",
    "NOMOR_DIPAKAI_BANYAK": "Nomor WhatsApp ini dipakai pada banyak pendaftaran yang belum selesai.",
    "KK_DIPAKAI_BANYAK": "Nomor KK ini dipakai pada banyak pendaftaran yang belum selesai.",
    "FOTO_SAMA": f"Dua dari {COUNT_WORD} foto adalah foto yang sama.",
}
HINTS: dict[str, str] = {
    "buram": "tampak kurang tajam", "gelap": "tampak gelap", "silau": "tampak silau", "pucat": "tampak pucat",
}
SEXES: dict[str | None, str] = {"L": "laki-laki", "P": "perempuan", None: "jenis kelamin tidak terbaca"}


def flag_text(code: str) -> str:
    return FLAG_TEXT.get(code) or OTHER_FLAGS.get(code, code)


def hint_text(kind: str, hint: str) -> str:
    return f"{BY_KIND[kind].on_desk} {HINTS.get(hint, hint)}."
