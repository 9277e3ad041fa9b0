"""What is looked at before a positive act (docs/checklist.md), as data, and what answers lead to. The table says
what is asked of whom and which words an answer leads to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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


# Whether answers lead to an account (standar pelayanan M; docs/checklist.md). Pure functions over the table.

EQUAL, DIFFERS, UNREADABLE = "equal", "differs", "unreadable"
RETURN, ASK_SECOND, DECLARE = "return", "ask_second", "declare_complete"
APPROVE, APPROVE_PROVISIONALLY = "approve", "approve_provisionally"
NO_MEANS = "Kembalikan atau tolak berkas ini."
UNSURE_MEANS = "Tidak dapat dipastikan. Kembalikan, atau minta orang kedua."
NIK_WRONG: dict[str, str] = {
    "": "Ketik NIK yang terbaca pada foto KTP.",
    DIFFERS: "NIK pada KTP berbeda dengan isian. Kembalikan agar pemohon memperbaikinya.",
    UNREADABLE: f"NIK pada foto KTP: {UNSURE_MEANS}",
}
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Look:
    """What one person found. `nik` is EQUAL, DIFFERS, UNREADABLE or "" when not read yet, `first` the answers
    given before those of others were shown, `explained` the points with a sentence of one's own."""

    nik: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    siak: str = ""
    first: Mapping[str, str] = field(default_factory=dict)
    explained: frozenset[str] = frozenset()

    def answer(self, key: str) -> str:
        """What was answered to the NIK, a point or SIAK, "" for nothing."""
        return {NIK: self.nik, SIAK: self.siak}.get(key, self.answers.get(key, ""))


@dataclass(frozen=True)
class Circumstances:
    """What the answers meet: `points` that apply, `others` who looked at the same sending, `open_doubles`
    nobody has settled; `alone` when who declared decides, `why_alone` when that has its sentence."""

    points: Sequence[Point]
    others: Sequence[Look] = ()
    deciding: bool = False
    open_doubles: int = 0
    alone: bool = False
    why_alone: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (NIK, *(point.key for point in self.points), *((SIAK,) if self.deciding else ()))


def differing(key: str, look: Look, others: Iterable[Look]) -> bool:
    """Whether somebody else found otherwise, or the own answer was changed after theirs was shown. That
    SIAK was closed to somebody else contradicts nothing."""
    theirs = {other.answer(key) for other in others} - {"", UNAVAILABLE if key == SIAK else ""}
    mine = look.answer(key)
    if not mine or not theirs:
        return False
    return len({mine, look.first.get(key, mine)} | theirs) > 1


def needs_sentence(key: str, look: Look, met: Circumstances) -> bool:
    """Whether the own answer stands only with a sentence."""
    may_be_unsure = any(point.key == key and not point.must_be_sure for point in met.points)
    return (may_be_unsure and look.answer(key) == UNSURE) or differing(key, look, met.others)


def hindrances(look: Look, met: Circumstances) -> Errors:
    """What stands against declaring complete or approving, by field of the form; empty when nothing does."""
    errors: Errors = {}
    if look.nik != EQUAL:
        errors["nik_read"] = [NIK_WRONG[look.nik]]
    for point in met.points:
        if sentence := _wrong(point, look.answer(point.key)):
            errors[f"check_{point.key}"] = [sentence]
    if met.deciding and (sentence := _wrong_siak(look.siak)):
        errors["siak"] = [sentence]
    for key in met.keys:
        if needs_sentence(key, look, met) and key not in look.explained:
            errors[f"why_{key}"] = [f"{NAMES[key]}: tulis satu kalimat mengapa jawaban Anda tetap begitu."]
    return {**errors, **_of_the_decision(met)} if met.deciding else errors


def is_in_doubt(look: Look, met: Circumstances) -> bool:
    """Whether there is something a second person could be asked about."""
    unsure = any(look.answer(key) in (UNSURE, UNREADABLE) for key in met.keys)
    return unsure or any(differing(key, look, met.others) for key in met.keys)


def allowed(look: Look, met: Circumstances) -> frozenset[str]:
    """The acts these answers allow. A return is always possible."""
    acts = {RETURN}
    if is_in_doubt(look, met):
        acts.add(ASK_SECOND)
    if not hindrances(look, met):
        leads_to = SIAK_RESULTS[look.siak].leads_to if met.deciding else ""
        acts.add(_positive(leads_to) if met.deciding else DECLARE)
    return frozenset(acts)


def _positive(leads_to: str) -> str:
    return APPROVE if leads_to == ACCOUNT else APPROVE_PROVISIONALLY


def _wrong(point: Point, answer: str) -> str:
    if not answer:
        return f"Jawab: {point.question}."
    if answer == NO:
        return f"Anda menjawab Tidak pada: {point.question}. {NO_MEANS}"
    return f"{point.question}: {UNSURE_MEANS}" if answer == UNSURE and point.must_be_sure else ""


def _wrong_siak(siak: str) -> str:
    if not siak:
        return "Pilih hasil pencarian di SIAK."
    if not SIAK_RESULTS[siak].leads_to:
        return f"SIAK: {SIAK_RESULTS[siak].label.lower()}. Kembalikan atau tolak pendaftaran ini."
    return ""


def _of_the_decision(met: Circumstances) -> Errors:
    errors: Errors = {}
    if met.open_doubles:
        errors["not_double"] = [f"Selesaikan dulu {met.open_doubles} dugaan ganda, satu per satu."]
    if met.alone and not met.why_alone:
        errors["why_alone"] = ["Tulis mengapa Anda sendiri yang menyatakan lengkap dan memutuskan."]
    return errors
