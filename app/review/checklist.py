"""What is looked at before a positive act (docs/checklist.md), as data.

The NIK is answered by typing what stands on the card, SIAK by one answer from which the rest follows. What
an answer leads to stands in these tables; `ruling.py` applies them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

YES, NO, UNSURE = "ya", "tidak", "tidak_pasti"
ANSWERS: dict[str, str] = {YES: "Ya", NO: "Tidak", UNSURE: "Tidak dapat dipastikan"}
NIK, SIAK = "nik", "siak"
NIK_REASON, NIK_UNREADABLE_REASON = "NIK_TIDAK_COCOK", "KTP_BURAM"


@dataclass(frozen=True)
class Point:
    """`short` is the question as it stands on the page, `lights` the picture that answers it. `reason` stands in the
    catalogue and is proposed when the answer is no, `unsure_reason` when nobody can tell. `must_be_sure`: without
    certainty there is no account; elsewhere a sentence is enough. `only_flagged`: asked only when something is
    flagged."""

    key: str
    question: str
    short: str
    lights: str = ""
    reason: str = ""
    unsure_reason: str = ""
    must_be_sure: bool = False
    only_flagged: bool = False

    def reason_for(self, answer: str) -> str:
        return {NO: self.reason, UNSURE: self.unsure_reason}.get(answer, "")


POINTS: tuple[Point, ...] = (
    Point("ktp", "Foto KTP utuh, asli, dan terbaca", "KTP utuh, asli, terbaca", "ktp", "KTP_BURAM", "KTP_BURAM",
          must_be_sure=True),
    Point("name", "Nama isian sama dengan KTP", "Nama sama dengan KTP", "ktp", "NAMA_TIDAK_COCOK", "KTP_BURAM",
          must_be_sure=True),
    Point("face", "Wajah di selfie sama dengan foto KTP", "Wajah sama dengan KTP", "face", "SELFIE_BEDA_ORANG",
          "SELFIE_TIDAK_JELAS", must_be_sure=True),
    Point("card", "KTP di selfie sama dengan KTP yang dikirim", "KTP di selfie sama", "selfie", "SELFIE_TANPA_KTP",
          "SELFIE_TANPA_KTP", must_be_sure=True),
    Point("signature", "Tanda tangan ada dan serupa", "Tanda tangan serupa", "signature", "TTD_TIDAK_JELAS"),
    Point("flags", "Catatan \"Perlu dilihat\" sudah dibaca", "Catatan di atas sudah dibaca", only_flagged=True),
)
NAMES: dict[str, str] = {NIK: "NIK pada KTP", **{point.key: point.question for point in POINTS}, SIAK: "SIAK"}

FOUND, UNAVAILABLE = "found", "unavailable"
ACCOUNT, PROVISIONAL = "account", "provisional"


@dataclass(frozen=True)
class SiakResult:
    """What the officer saw in SIAK; Loket has no connection to it. `leads_to` is ACCOUNT, PROVISIONAL or
    "" (return or reject). `reason` as in `Point`; `suspended` is why an account that was approved
    provisionally is suspended when this is found later, as the resident reads it."""

    key: str
    label: str
    leads_to: str = ""
    reason: str = ""
    suspended: str = ""


SIAK_RESULTS: dict[str, SiakResult] = {
    result.key: result for result in (
        SiakResult(FOUND, "Cocok", ACCOUNT),
        SiakResult("name_differs", "Tidak cocok: nama", reason="NAMA_TIDAK_COCOK",
                   suspended="Nama pada akun berbeda dengan data kependudukan."),
        SiakResult("kk_differs", "Tidak cocok: nomor KK", reason="KK_TIDAK_COCOK",
                   suspended="Nomor KK pada akun berbeda dengan data kependudukan."),
        SiakResult("moved", "Tidak cocok: sudah pindah", reason="BUKAN_WARGA_KOTA",
                   suspended="Menurut data kependudukan, pemilik NIK sudah pindah."),
        SiakResult("deceased", "Tidak cocok: tercatat meninggal", reason="DATA_TIDAK_DITEMUKAN",
                   suspended="Data kependudukan untuk NIK ini tidak aktif."),
        SiakResult("not_found", "Tidak ditemukan", reason="DATA_TIDAK_DITEMUKAN",
                   suspended="NIK Anda belum tercatat aktif di data kependudukan."),
        SiakResult(UNAVAILABLE, "Tidak dapat dibuka", PROVISIONAL),
    )
}
RECHECK_RESULTS: dict[str, SiakResult] = {key: one for key, one in SIAK_RESULTS.items() if key != UNAVAILABLE}


def points_for(flagged: bool) -> tuple[Point, ...]:
    """Those that apply: nobody is asked about a note that does not exist."""
    return tuple(point for point in POINTS if flagged or not point.only_flagged)


def proposed_reasons(answers: Mapping[str, str], siak: str, nik_differs: bool) -> frozenset[str]:
    """Catalogue codes that the answers given so far suggest."""
    found = {point.reason_for(answers.get(point.key, "")) for point in POINTS}
    found.add(SIAK_RESULTS[siak].reason if siak in SIAK_RESULTS else "")
    found.add(NIK_REASON if nik_differs else "")
    found.add(NIK_UNREADABLE_REASON if answers.get(NIK) == UNSURE else "")
    return frozenset(found - {""})
