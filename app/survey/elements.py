"""The nine elements and the profile of the official form (Permenpan RB 14/2017; docs/facts.md 7).

Kept by code: the form asks about facilities (SARPRAS) before complaints (ADUAN), the list of elements names them the
other way round, so a place in a list says nothing.
"""

from dataclasses import dataclass


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
