"""What is said to the resident in each state, and for each act on the way so far."""

from app.registration import status

# status -> what it means and what happens next, in one or two plain sentences
MEANING: dict[str, str] = {
    status.DRAFT: "Pendaftaran ini belum dikirim. Lanjutkan pengisian, lalu kirim.",
    status.SUBMITTED: (
        "Pendaftaran Anda sudah kami terima dan menunggu diperiksa petugas. Anda tidak perlu melakukan apa pun."
    ),
    status.COMPLETE: "Data dan foto Anda lengkap. Petugas memutuskan, lalu hasilnya kami kirim.",
    status.RETURNED: "Ada bagian yang perlu Anda perbaiki. Data lain tetap tersimpan.",
    status.ACTIVE: "Akun Anda sudah aktif. Silakan masuk dengan NIK dan kata sandi Anda.",
    status.REJECTED: "Mohon maaf, pendaftaran ini tidak dapat kami setujui.",
    status.EXPIRED: (
        "Pendaftaran ini berakhir karena belum diperbaiki sampai batas waktunya. "
        "Anda dapat mendaftar lagi dari awal."
    ),
    status.WITHDRAWN: "Pendaftaran ini sudah dibatalkan. Anda dapat mendaftar lagi dari awal.",
}
NOTICE_TONE: dict[str, str] = {
    status.RETURNED: "warn", status.ACTIVE: "good", status.REJECTED: "bad", status.DRAFT: "warn",
}
ACTS: dict[str, str] = {
    "submit": "Pendaftaran terkirim",
    "declare_complete": "Data dan foto dinyatakan lengkap",
    "return": "Perlu diperbaiki",
    "resubmit": "Perbaikan terkirim",
    "approve": "Akun aktif",
    "reject": "Tidak disetujui",
    "expire": "Berakhir karena tidak diperbaiki",
    "withdraw": "Dibatalkan pemohon",
}
# what is still to come, as (heading, text)
AHEAD: dict[str, tuple[tuple[str, str], ...]] = {
    status.SUBMITTED: (
        ("Petugas memeriksa kelengkapan", "Pada jam layanan. Jika ada yang perlu diperbaiki, kami beri tahu."),
        ("Data dan foto dinyatakan lengkap", "Sejak saat itu batas waktunya tampil di halaman ini."),
        ("Akun aktif", "Anda dapat masuk dengan NIK dan kata sandi Anda."),
    ),
    status.COMPLETE: (("Akun aktif", "Anda dapat masuk dengan NIK dan kata sandi Anda."),),
    status.RETURNED: (
        ("Anda memperbaiki", "Selama itu waktu kami berhenti. Sesudahnya pendaftaran kembali ke antrean."),
        ("Data dan foto dinyatakan lengkap", ""),
        ("Akun aktif", ""),
    ),
}
