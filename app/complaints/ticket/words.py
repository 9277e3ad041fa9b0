"""What kinds, categories and ways of answering are called. Classes are those of SP4N-LAPOR!."""

from app.base.services import city

COMPLAINT, ASPIRATION, INFORMATION = "complaint", "aspiration", "information"
KINDS: dict[str, str] = {
    COMPLAINT: "Pengaduan", ASPIRATION: "Aspirasi", INFORMATION: "Permintaan informasi",
}
KIND_HINTS: dict[str, str] = {
    COMPLAINT: "Ada pelayanan yang tidak sesuai.",
    ASPIRATION: "Saran atau harapan Anda.",
    INFORMATION: "Anda ingin bertanya sesuatu.",
}

# docs/facts.md 6
CATEGORIES: dict[str, str] = {
    "late": "Pelayanan lambat",
    "requirements": "Persyaratan",
    "conduct": "Sikap petugas",
    "illegal_fee": "Pungutan atau permintaan uang",
    "wrong_data": "Data salah",
    "website": "Situs atau aplikasi",
    "other": "Lainnya",
}
OTHER, LATE = "other", "late"
# what the standard (I) guarantees: "syarat, prosedur, biaya, waktu, produk layanan"
REQUIREMENTS, PROCEDURE, FEE, TIME, PRODUCT = "requirements", "procedure", "fee", "time", "product"
BREACHES: dict[str, str] = {
    REQUIREMENTS: "Syarat", PROCEDURE: "Prosedur", FEE: "Biaya", TIME: "Waktu", PRODUCT: "Produk layanan",
}
# category -> the breach it is about when it is upheld, unless the officer says otherwise
BREACH_OF: dict[str, str] = {
    LATE: TIME, "requirements": REQUIREMENTS, "illegal_fee": FEE, "wrong_data": PRODUCT, "website": PROCEDURE,
}
NO_BREACH = "none"
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

# about money or people of the office: only a supervisor closes these as no complaint
GUARDED_CATEGORIES = frozenset({"illegal_fee", "conduct"})
# the same to whoever wrote it
DISMISSALS_TOLD: dict[str, str] = {
    "spam": "Petugas menilai pesan ini bukan pengaduan, misalnya iklan atau salah kirim.",
    "unreadable": "Petugas tidak dapat memahami isi pesan ini dan tidak menemukan cara menghubungi Anda.",
    "duplicate": "Menurut petugas, hal yang sama sudah ada dalam pengaduan lain.",
}

# what of a letter could not be read: codes of app/mailbox/contents.py -> as the office reads it
UNREAD: dict[str, str] = {
    "encrypted": "Surat ini dienkripsi (PGP atau S/MIME), jadi isinya tidak dapat dibaca.",
    "tnef": "Berkas winmail.dat dari Outlook tidak dapat dibaca seluruhnya.",
    "heavy": "Bagian berhias (HTML) surat ini terlalu rumit, jadi tidak ditampilkan.",
    "shape": "Susunan surat ini rusak, jadi isinya tidak dapat dibaca otomatis.",
    "too-long": "Surat ini terlalu panjang, jadi hanya bagian awalnya yang ditampilkan.",
    "too-large": "Surat ini terlalu besar untuk diambil dari kotak surat.",
}
# the same to its sender
UNREAD_TOLD: dict[str, str] = {
    "encrypted": "surat Anda dienkripsi (PGP atau S/MIME)",
    "tnef": "surat Anda memuat berkas winmail.dat dari Outlook",
    "heavy": "bentuk surat Anda terlalu rumit",
    "shape": "susunan surat Anda rusak di jalan",
    "too-long": "surat Anda terlalu panjang",
    "too-large": "surat Anda terlalu besar",
}

# why words in a ticket may not be the resident's, and what a person found (doubts.py)
OTHER_ADDRESS, OTHER_NUMBER, FORGED, UNPROVEN = "other_address", "other_number", "forged", "unproven"
DOUBTS: dict[str, str] = {
    OTHER_ADDRESS: "Surat ini dikirim dari alamat yang bukan alamat pelapor.",
    OTHER_NUMBER: "Pesan ini dikirim dari nomor yang bukan nomor pelapor.",
    FORGED: "Pemeriksaan penyedia e-mail (DMARC) gagal: alamat pengirimnya mungkin dipalsukan.",
    UNPROVEN: "Alamat pengirimnya tidak dapat dipastikan: surat ini bukan balasan atas surat kami. Penyedia e-mail "
              "kami juga tidak memberi hasil pemeriksaan DMARC.",
}
OWNER, STRANGER = "owner", "stranger"
DOUBT_ANSWERS: dict[str, str] = {OWNER: "Dipastikan dari pelapor", STRANGER: "Bukan dari pelapor"}


HERE = "Situs ini"


def channel_names() -> dict[str, str]:
    """Channels of the city file by their short names (Telepon, not Telepon (0335) ...), and the ways to
    answer that are none."""
    contacts = city().contacts
    addresses = (contacts.phone, contacts.whatsapp, contacts.email, contacts.instagram, contacts.facebook)
    names = {}
    for channel in city().channels:
        known = next((address for address in addresses if address and channel.name.endswith(f" {address}")), "")
        names[channel.key] = HERE if channel.kind == "web" else channel.name.removesuffix(known).strip()
    return {**names, "phone": "Telepon", "page": "Halaman lacak", "note": "", "read_out": "Dibacakan di radio",
            "posted": "Ditempel di kotak saran", "in_person": "Disampaikan langsung"}
