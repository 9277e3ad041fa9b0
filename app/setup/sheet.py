"""The sheet an IT officer prints and keeps: where everything is, how to back up, whom to call. Holds no secret."""

from app.setup.questions import Answers

SHEET = """\
LOKET - LEMBAR PEMASANGAN                                   {office}
Cetak, isi tanggalnya, simpan di map TI. Lembar ini tidak memuat rahasia.
Dipasang tanggal: ______________   oleh: ______________________________

ALAMAT        {url}   ({mode})
SETELAN       {folder}/loket.env     (kunci ada di sini; hanya root yang dapat membaca)
BERKAS KOTA   {folder}/city.toml     (jam, kontak, kelurahan, layanan)
DATA          {data}
DATABASE      {database}
FOTO          {photos}
WHATSAPP      {whatsapp}

KUNCI. Salin {folder}/loket.env ke dua tempat di luar mesin ini (amplop tertutup di
brankas, misalnya), JANGAN bersama cadangan data. Tanpa kunci itu cadangan tidak dapat
dibuka oleh siapa pun, juga oleh kita.
   Salinan 1 disimpan di: ____________________   Salinan 2: ____________________

CADANGAN. Berjalan sendiri setiap malam (loket-backup.timer).
   Memeriksa: loket doctor       Membuat sekarang: systemctl start loket-backup
   Memulihkan di mesin baru: docs/running.md, bagian "Pindah mesin".

SETIAP HARI   Buka {url}/petugas/pemeriksaan sebagai admin, atau jalankan: loket doctor
GANGGUAN      docs/running.md, satu halaman untuk setiap alarm.
              Hubungi: {call}
"""


def sheet(answers: Answers, env: dict[str, str]) -> str:
    database = "PostgreSQL" if env.get("DATABASE_URL") else f"SQLite, {answers['data']}/loket.sqlite3"
    return SHEET.format(
        office=answers["city.short_name"], url=env["PUBLIC_BASE_URL"],
        mode="latihan" if answers["mode"] == "staging" else "layanan warga",
        folder=answers["folder"], data=answers["data"], database=database,
        photos=env.get("PHOTOS_URL") or f"{answers['data']}/photos",
        whatsapp="Twilio" if env["WHATSAPP_GATEWAY"] == "twilio" else "dicetak saja, tidak dikirim",
        call=answers["call"],
    )
