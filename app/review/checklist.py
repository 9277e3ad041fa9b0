"""What is looked at before a positive act (reference/domain.md 10, "Verifier's checklist"), as data.

The first point, NIK on the form against the card, is answered by typing what stands on the card.
"""

from dataclasses import dataclass

YES, NO, UNSURE = "ya", "tidak", "tidak_pasti"
ANSWERS: dict[str, str] = {YES: "Ya", NO: "Tidak", UNSURE: "Tidak dapat dipastikan"}
NIK_REASON = "NIK_TIDAK_COCOK"


@dataclass(frozen=True)
class Point:
    """`reason` stands in the catalogue and is proposed when the answer is no. `with_siak` points are
    asked before the decision only, the others before the declaration too."""

    key: str
    question: str
    reason: str = ""
    with_siak: bool = False


POINTS: tuple[Point, ...] = (
    Point("ktp", "Foto KTP utuh, asli, dan terbaca", "KTP_BURAM"),
    Point("name", "Nama isian sama dengan KTP", "NAMA_TIDAK_COCOK"),
    Point("face", "Wajah di selfie sama dengan foto KTP", "SELFIE_BEDA_ORANG"),
    Point("card", "KTP di selfie sama dengan KTP yang dikirim", "SELFIE_TANPA_KTP"),
    Point("signature", "Tanda tangan ada dan serupa", "TTD_TIDAK_JELAS"),
    Point("flags", "Catatan \"Perlu dilihat\" sudah dibaca"),
    Point("siak_nik", "NIK aktif di SIAK", "DATA_TIDAK_DITEMUKAN", with_siak=True),
    Point("siak_kk", "Nomor KK sama dengan SIAK", "KK_TIDAK_COCOK", with_siak=True),
)

FOUND, UNAVAILABLE = "found", "unavailable"


@dataclass(frozen=True)
class SiakResult:
    """What the officer saw in SIAK. Loket has no connection to it. `reason` as in `Point`."""

    key: str
    label: str
    reason: str = ""


SIAK_RESULTS: dict[str, SiakResult] = {
    result.key: result for result in (
        SiakResult(FOUND, "Ditemukan, data cocok"),
        SiakResult("not_found", "Tidak ditemukan", "DATA_TIDAK_DITEMUKAN"),
        SiakResult("name_differs", "Nama berbeda", "NAMA_TIDAK_COCOK"),
        SiakResult("kk_differs", "Nomor KK berbeda", "KK_TIDAK_COCOK"),
        SiakResult("moved", "Sudah pindah", "BUKAN_WARGA_KOTA"),
        SiakResult("deceased", "Tercatat meninggal", "DATA_TIDAK_DITEMUKAN"),
        SiakResult(UNAVAILABLE, "SIAK tidak dapat dibuka"),
    )
}


def proposed_reasons(answers: dict[str, str], siak: str, nik_differs: bool) -> frozenset[str]:
    """Catalogue codes that the answers given so far suggest."""
    found = {point.reason for point in POINTS if answers.get(point.key) == NO}
    found.add(SIAK_RESULTS[siak].reason if siak in SIAK_RESULTS else "")
    found.add(NIK_REASON if nik_differs else "")
    return frozenset(found - {""})
