"""What kinds, categories and ways of answering are called. Classes are those of SP4N-LAPOR!."""

COMPLAINT, ASPIRATION, INFORMATION = "complaint", "aspiration", "information"
KINDS: dict[str, str] = {
    COMPLAINT: "Pengaduan", ASPIRATION: "Aspirasi", INFORMATION: "Permintaan informasi",
}
KIND_HINTS: dict[str, str] = {
    COMPLAINT: "Ada pelayanan yang tidak sesuai.",
    ASPIRATION: "Saran atau harapan Anda.",
    INFORMATION: "Anda ingin bertanya sesuatu.",
}

# reference/domain.md 6
CATEGORIES: dict[str, str] = {
    "late": "Pelayanan lambat",
    "requirements": "Persyaratan",
    "conduct": "Sikap petugas",
    "illegal_fee": "Pungutan atau permintaan uang",
    "wrong_data": "Data salah",
    "website": "Situs atau aplikasi",
    "other": "Lainnya",
}
OTHER = "other"
# berkadar pengawasan: needs an examination, 60 working days
EXAMINED_CATEGORIES = frozenset({"illegal_fee"})

BY_WHATSAPP, BY_EMAIL, BY_PHONE, BY_PAGE = "whatsapp", "email", "phone", "page"
ANSWER_BY: dict[str, str] = {
    BY_WHATSAPP: "WhatsApp", BY_EMAIL: "E-mail", BY_PHONE: "Telepon", BY_PAGE: "halaman lacak",
}

PROVEN, NOT_PROVEN, PASSED_ON, GRANTED, NOT_A_CASE = "proven", "not_proven", "passed_on", "granted", "not_a_case"
OUTCOMES: dict[str, str] = {
    PROVEN: "Terbukti dan diperbaiki", NOT_PROVEN: "Tidak terbukti", PASSED_ON: "Diteruskan ke instansi lain",
    GRANTED: "Informasi atau saran ditanggapi",
}
DISMISSALS: dict[str, str] = {
    "spam": "Bukan pengaduan (iklan, penipuan, salah kirim)",
    "unreadable": "Tidak dapat dipahami dan tidak ada kontak",
    "duplicate": "Sudah ada pengaduan yang sama",
}
