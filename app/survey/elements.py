"""The nine elements and the profile of the official form (Permenpan RB 14/2017; docs/facts.md 7), and the index made of
them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Element:
    """`answers` are the words of 1, 2, 3 and 4; `code` names the column of the answer."""

    code: str
    name: str
    question: str
    answers: tuple[str, str, str, str]


FITS = ("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai")
ELEMENTS: tuple[Element, ...] = (
    Element("u1", "Persyaratan", "Bagaimana pendapat Saudara tentang kesesuaian persyaratan pelayanan dengan jenis "
            "pelayanannya?", FITS),
    Element("u2", "Sistem, mekanisme, dan prosedur", "Bagaimana pemahaman Saudara tentang kemudahan prosedur "
            "pelayanan di unit ini?", ("Tidak mudah", "Kurang mudah", "Mudah", "Sangat mudah")),
    Element("u3", "Waktu penyelesaian", "Bagaimana pendapat Saudara tentang kecepatan waktu dalam memberikan "
            "pelayanan?", ("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat")),
    Element("u4", "Biaya/tarif", "Bagaimana pendapat Saudara tentang kewajaran biaya/tarif dalam pelayanan?",
            ("Sangat mahal", "Cukup mahal", "Murah", "Gratis")),
    Element("u5", "Produk spesifikasi jenis pelayanan", "Bagaimana pendapat Saudara tentang kesesuaian produk "
            "pelayanan antara yang tercantum dalam standar pelayanan dengan hasil yang diberikan?", FITS),
    Element("u6", "Kompetensi pelaksana", "Bagaimana pendapat Saudara tentang kompetensi/kemampuan petugas dalam "
            "pelayanan?", ("Tidak kompeten", "Kurang kompeten", "Kompeten", "Sangat kompeten")),
    Element("u7", "Perilaku pelaksana", "Bagaimana pendapat Saudara tentang perilaku petugas dalam pelayanan terkait "
            "kesopanan dan keramahan?", ("Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sopan dan ramah",
                                         "Sangat sopan dan ramah")),
    Element("sarpras", "Sarana dan prasarana", "Bagaimana pendapat Saudara tentang kualitas sarana dan prasarana?",
            ("Buruk", "Cukup", "Baik", "Sangat baik")),
    Element("aduan", "Penanganan pengaduan, saran, dan masukan", "Bagaimana pendapat Saudara tentang penanganan "
            "pengaduan pengguna layanan?", ("Tidak ada", "Ada tetapi tidak berfungsi", "Berfungsi kurang maksimal",
                                            "Dikelola dengan baik")),
)
CODES = tuple(element.code for element in ELEMENTS)
NAMES = {element.code: element.name for element in ELEMENTS}
MARKS = ("1", "2", "3", "4")
FEE = "u4"  # a free service earns 4; less says that somebody paid
FREE = 4
WORST = 1

# The profile: nothing of it has to be said. Ages are bands, so that nobody is found by one.
PROFILE: dict[str, tuple[str, dict[str, str]]] = {
    "sex": ("Jenis kelamin", {"L": "Laki-laki", "P": "Perempuan"}),
    "age": ("Usia", {"17": "17 sampai 25 tahun", "26": "26 sampai 40 tahun", "41": "41 sampai 60 tahun",
                     "61": "61 tahun atau lebih"}),
    "education": ("Pendidikan terakhir", {"sd": "SD", "smp": "SMP", "sma": "SMA", "s1": "S1", "s2": "S2", "s3": "S3"}),
    "work": ("Pekerjaan", {"pns": "PNS", "tni": "TNI", "polri": "POLRI", "swasta": "Swasta",
                           "wirausaha": "Wirausaha", "lainnya": "Lainnya"}),
}
LINK, QR, PAPER = "link", "qr", "paper"
WAYS: dict[str, str] = {LINK: "Tautan di pesan atau surat", QR: "Kode QR", PAPER: "Lembar kertas"}
REGISTRATION, COMPLAINT, OFFICE = "registration", "complaint", "office"
SERVICES: dict[str, str] = {
    REGISTRATION: "Pendaftaran akun online", COMPLAINT: "Pengaduan", OFFICE: "Layanan di kantor",
}
ACCOUNT, SENT = "account", "sent"
PLACES: dict[str, str] = {SENT: "setelah mendaftar", ACCOUNT: "di halaman akun"}
TAPS: dict[int, str] = {1: "Tidak puas", 2: "Kurang puas", 3: "Cukup", 4: "Puas", 5: "Sangat puas"}


# The index of satisfaction (IKM) from sums and a count, with exact fractions (docs/facts.md 7).
#
# Each of nine elements weighs exactly 1/9: offices that type 0.11 or 0.111 print a lower index for the same answers.

TO_HUNDRED = 25  # from 1..4 to 25..100
# chi square of one degree of freedom at 95 %, and the margin of 5 % (Krejcie and Morgan, 1970)
CHI_SQUARE, SHARE, MARGIN = Fraction("3.841"), Fraction(1, 2), Fraction(1, 20)


@dataclass(frozen=True)
class Grade:
    letter: str
    words: str


# the lowest index of each grade, best first; an index is rounded before it is looked up
GRADES: tuple[tuple[Decimal, Grade], ...] = (
    (Decimal("88.31"), Grade("A", "Sangat baik")), (Decimal("76.61"), Grade("B", "Baik")),
    (Decimal("65.00"), Grade("C", "Kurang baik")), (Decimal(0), Grade("D", "Tidak baik")),
)


@dataclass(frozen=True)
class Score:
    """`mean` is NRR, 1.00 to 4.00; `value` the same on 25.00 to 100.00; both rounded half up to two places."""

    mean: Decimal
    value: Decimal

    @property
    def grade(self) -> Grade:
        return grade_of(self.value)


def index_of(sums: Mapping[str, int], answers: int) -> Score | None:
    """The index of `answers` answers whose marks add up to `sums` by element; None without answers: that is no zero."""
    if not answers:
        return None
    return _score(sum(Fraction(sums[code], answers) for code in CODES) / len(CODES))


def element_score(total: int, answers: int) -> Score | None:
    return _score(Fraction(total, answers)) if answers else None


def grade_of(value: Fraction | Decimal) -> Grade:
    """By the index as it is printed, rounded half up: 88.305 is 88.31 and therefore A."""
    rounded = half_up(Fraction(value))
    return next(grade for lowest, grade in GRADES if rounded >= lowest)


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """Of a number that is not negative. Python's own rounding goes to the even neighbour."""
    whole = math.floor(value * 10**places + Fraction(1, 2))
    return Decimal(whole).scaleb(-places)


def sample_size(served: int) -> int:
    """How many of `served` people have to answer so that the index speaks for all (Krejcie and Morgan)."""
    if served < 1:
        return 0
    spread = CHI_SQUARE * SHARE * (1 - SHARE)
    return int(half_up(spread * served / (MARGIN**2 * (served - 1) + spread), places=0))


def _score(mean: Fraction) -> Score:
    return Score(half_up(mean), half_up(mean * TO_HUNDRED))
