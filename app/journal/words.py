"""What a journal line says, in words."""

import json

from app.base.journal_line import JournalLine
from app.complaints.ticket import words as complaints
from app.correspondence.call_task import LABELS as CALL_ENDS
from app.privacy import kinds as rights
from app.registration.fields import KEPT
from app.registration.photo_kinds import PHOTOS
from app.registration.reasons import ITEMS, reason_of
from app.web.access import ROLE_WORDS
from app.web.jabatan import JABATAN_WORDS

SENTENCES: dict[str, str] = {
    "lanes_sealed": "Jurnal disegel",
    "notice_accepted": "Pemberitahuan data pribadi dibaca",
    "draft_moved": "Pendaftaran dilanjutkan di HP lain",
    "application_waits_for_look": "Menunggu dilihat, belum ada pesan yang dikirim",
    "application_looked_at": "Sudah dilihat, masuk antrean",
    "message_withheld": "Pesan tidak dikirim, isinya ditunjukkan di halaman",
    "forgotten_on_phone": "Dihapus dari HP pendaftar, datanya tetap ada",
    "application_submit": "Pendaftaran dikirim",
    "application_resubmit": "Perbaikan dikirim",
    "application_mended": "Satu bagian diperbaiki",
    "application_corrected": "Satu bagian diubah sebelum diperiksa",
    "application_declare_complete": "Berkas dinyatakan lengkap",
    "application_approve": "Disetujui, akun dibuat",
    "application_return": "Perlu diperbaiki",
    "application_reject": "Ditolak",
    "application_expire": "Berakhir karena tidak diperbaiki",
    "application_withdraw": "Dibatalkan pemohon",
    "application_take_back": "Persetujuan atau penolakan dibatalkan",
    "application_take_back_early": "Pernyataan lengkap atau pengembalian dibatalkan",
    "returned_after_declaration": "Dikembalikan setelah dinyatakan lengkap, alasannya ditulis",
    "nik_compared": "NIK pada KTP dicocokkan dengan isian",
    "evidence_given": "Daftar periksa diisi",
    "second_asked": "Orang kedua diminta",
    "one_person_day_opened": "Hari dengan satu orang dibuka",
    "siak_recheck_opened": "Akun sementara, SIAK diperiksa ulang",
    "siak_recheck_taken": "Pemeriksaan ulang SIAK diambil alih",
    "siak_rechecked": "SIAK diperiksa ulang",
    "account_suspended": "Akun pemohon ditangguhkan",
    "pin_renewed": "PIN baru diberikan di meja layanan",
    "claim_taken_over": "Diambil alih",
    "claim_handed_over": "Diserahkan kepada petugas lain",
    "double_settled": "Dinyatakan bukan ganda",
    "guarantee_open": "Jaminan layanan dibuka",
    "guarantee_join": "Pelanggaran lain ikut dalam jaminan",
    "guarantee_print": "Surat jaminan dicetak",
    "guarantee_fetch": "Surat jaminan dicetak untuk diambil",
    "guarantee_hand_over": "Surat diserahkan kepada kurir",
    "guarantee_not_met": "Kurir tidak bertemu pemohon",
    "guarantee_deliver": "Surat diterima pemohon",
    "guarantee_decline": "Pemohon memilih tidak diantar",
    "guarantee_apologise": "Permintaan maaf dicatat",
    "guarantee_end": "Jaminan ditutup karena tidak ada hasil",
    "guarantee_owe_again": "Surat berutang diantar lagi",
    "guarantee_void": "Jaminan batal bersama jawabannya",
    "guarantee_take_over": "Jaminan diambil alih",
    "guarantee_late": "Pengantaran terlambat",
    "guarantee_viewed": "Jaminan dibuka",
    "letter_code_used": "Kode surat dipakai",
    "duty_off": "Tidak bertugas, perkaranya dikembalikan",
    "duty_on": "Bertugas lagi",
    "promise_escalated": "Dilaporkan kepada Kepala Bidang",
    "siak_outage_recorded": "Gangguan SIAK dicatat",
    "siak_outage_ended": "Akhir gangguan SIAK dicatat",
    "clock_near": "Batas waktu hampir lewat",
    "clock_late": "Batas waktu lewat",
    "photos_asked_for": "Foto diminta dengan alasan",
    "photos_erased": "Foto dihapus sesuai masa simpan",
    "reason_added": "Alasan baru ditambahkan",
    "reason_changed": "Alasan diubah",
    "key_added": "Kunci baru dipakai",
    "key_retired": "Kunci lama tidak dipakai lagi",
    "index_key_replaced": "Kunci indeks diganti",
    "restored": "Dipulihkan dari cadangan",
    "clock_confirmed": "Jam mesin dinyatakan benar",
    "staff_kin_saved": "Nomor KK sendiri dicatat",
    "case_search": "Pencarian berkas",
    "list_opened_to_sort": "Daftar dibuka untuk diurutkan menurut nama atau NIK",
    "case_viewed": "Berkas dibuka",
    "photo_viewed": "Foto dibuka",
    "tracking_opened": "Halaman lacak dibuka",
    "account_created": "Akun pemohon dibuat",
    "account_closed": "Akun pemohon ditutup",
    "account_request_viewed": "Permintaan akun dibuka",
    "account_request_proposed": "Penggantian nomor diajukan",
    "account_request_approved": "Penggantian nomor dipastikan orang kedua",
    "account_request_near": "Permintaan ganti nomor hampir terlambat",
    "account_request_late": "Permintaan ganti nomor terlambat",
    "account_request_refused": "Permintaan ganti nomor ditolak",
    "own_data_viewed": "Data sendiri dilihat pemohon",
    "own_data_downloaded": "Data sendiri diunduh pemohon",
    "data_corrected": "Data pemohon diperbaiki",
    "rights_asked": "Permintaan hak atas data dikirim",
    "rights_viewed": "Permintaan hak atas data dibuka",
    "rights_granted": "Permintaan hak atas data dipenuhi",
    "rights_refused": "Permintaan hak atas data tidak dapat dipenuhi",
    "bulk_begun": "Satu tindakan untuk banyak berkas",
    "case_labelled": "Label dipasang",
    "case_unlabelled": "Label dilepas",
    "case_reminded": "Petugas diingatkan tentang berkas ini",
    "told_with_others": "Pesan yang sama dikirim kepada banyak pemohon",
    "rights_near": "Permintaan data pribadi hampir terlambat",
    "rights_late": "Permintaan data pribadi terlambat",
    "rights_stopped": "Permintaan penghapusan dihentikan lewat tautan di nomor WhatsApp pemilik data",
    "login_ok": "Masuk",
    "login_failed": "Gagal masuk",
    "login_locked": "Banyak percobaan masuk yang gagal",
    "step_code_sent": "Kode untuk HP atau komputer baru dikirim",
    "owner_told": "Pemilik akun diberi tahu tentang percobaan masuk",
    "reset_stopped": "Kode untuk kata sandi baru dihentikan pemiliknya",
    "logout": "Keluar",
    "logout_everywhere": "Keluar dari semua perangkat",
    "password_changed": "Kata sandi diganti",
    "password_reset": "Kata sandi dibuat ulang",
    "reset_asked": "Kode untuk kata sandi baru diminta",
    "number_change_asked": "Ganti nomor WhatsApp diminta",
    "number_changed": "Nomor WhatsApp diganti",
    "number_request_made": "Permintaan ganti nomor dikirim",
    "number_proven": "Nomor WhatsApp terbukti",
    "second_factor_enrolled": "Aplikasi kode dipasang",
    "second_factor_ok": "Kode masuk cocok",
    "password_proved": "Kata sandi diisi ulang",
    "proof_failed": "Salah mengisi PIN atau kata sandi",
    "screen_locked": "Layar dikunci",
    "screen_unlocked": "Layar dibuka",
    "pin_set": "PIN layar dibuat",
    "pin_removed": "PIN layar dihapus",
    "staff_added": "Akun pegawai ditambah",
    "staff_disabled": "Akun pegawai dinonaktifkan",
    "staff_enabled": "Akun pegawai diaktifkan lagi",
    "staff_invited_again": "Undangan pegawai dibuat lagi",
    "staff_reset_asked": "Kata sandi pegawai diminta dibuat ulang",
    "staff_reset": "Kata sandi pegawai dibuat ulang, disetujui pengawas",
    "staff_reset_recovered": "Kata sandi dibuat ulang dengan kode pemulihan sendiri",
    "staff_reset_machine": "Kata sandi pegawai dibuat ulang di komputer server",
    "staff_request_refused": "Permintaan akun pegawai ditolak",
    "supervisor_asked": "Pengawas baru diminta",
    "staff_contact_changed": "Kontak sendiri diganti",
    "reading_alarm": "Banyak berkas atau foto dibuka dalam satu jam",
    "role_changed": "Peran atau jabatan pegawai diganti",
    "month_signed": "Bulan dinyatakan sudah diperiksa",
    "office_notice_put_up": "Pengumuman kantor dipasang",
    "office_notice_taken_down": "Pengumuman kantor dicabut",
    "sessions_ended": "Sesi pegawai diakhiri",
    "invitation_accepted": "Kata sandi dibuat lewat tautan undangan",
    "journal_viewed": "Jurnal dibuka",
    "calendar_changed": "Kalender diubah",
    "calendar_seeded": "Kalender diisi dari data hari libur",
    "message_viewed": "Pesan dibuka",
    "message_resent": "Pesan dikirim ulang",
    "message_failed": "Pesan gagal terkirim",
    "message_cancelled": "Pesan dibatalkan",
    "message_unknown": "Belum pasti terkirim",
    "mail_failed": "E-mail gagal terkirim",
    "mail_unknown": "E-mail belum pasti terkirim",
    "mail_resent": "E-mail dikirim ulang",
    "inbound_viewed": "Pesan masuk dibuka",
    "inbound_file_viewed": "Lampiran pesan masuk dibuka",
    "inbound_recovered": "Pesan masuk yang tertinggal ditemukan",
    "contact_opted_out": "Nomor berhenti menerima pesan",
    "contact_opted_in": "Nomor menerima pesan lagi",
    "channel_stopped": "Saluran WhatsApp berhenti",
    "channel_resumed": "Saluran WhatsApp berjalan lagi",
    "channel_probed": "Saluran WhatsApp dicoba",
    "applicant_called": "Pemohon ditelepon",
    "call_task_viewed": "Tugas telepon dibuka",
    "call_task_near": "Telepon pemohon hampir terlambat",
    "call_task_late": "Telepon pemohon terlambat",
    "complaint_search": "Pencarian pengaduan",
    "ticket_viewed": "Pengaduan dibuka",
    "ticket_file_viewed": "Lampiran pengaduan dibuka",
    "ticket_letter_viewed": "Surat asli pengaduan diunduh",
    "ticket_receive": "Pengaduan diterima",
    "ticket_message": "Tulisan warga diterima",
    "ticket_mail_failed": "E-mail pengaduan tidak sampai",
    "ticket_mail_unknown": "E-mail pengaduan belum pasti sampai",
    "ticket_verify": "Pengaduan diperiksa",
    "ticket_follow_up": "Pengaduan ditindaklanjuti",
    "ticket_answer": "Pengaduan dijawab",
    "ticket_ask": "Warga ditanya",
    "ticket_call": "Warga ditelepon",
    "ticket_note": "Catatan pengaduan ditulis",
    "ticket_classify": "Jenis pengaduan diganti",
    "ticket_take_up": "Pengaduan dibuka lagi oleh petugas",
    "ticket_take_over": "Pengaduan diambil alih",
    "ticket_take_back": "Jawaban pengaduan dibatalkan sebelum terkirim",
    "ticket_explain_late": "Alasan terlambat ditulis",
    "ticket_link": "Pengaduan dihubungkan",
    "ticket_merge": "Pengaduan digabung",
    "ticket_merge_in": "Pengaduan lain digabung ke sini",
    "ticket_split": "Pengaduan dipisah",
    "ticket_dismiss": "Pengaduan ditutup tanpa tindak lanjut",
    "ready_answer_saved": "Teks siap pakai disimpan",
    "ready_answer_dropped": "Teks siap pakai dihapus",
    "ticket_agree_dismissal": "Penutupan pengaduan disetujui pengawas",
    "ticket_open_again": "Pengaduan dibuka lagi oleh petugas",
    "ticket_settle": "Pengaduan selesai",
    "ticket_close": "Pengaduan ditutup",
    "ticket_confirm": "Jawaban diterima warga",
    "ticket_reply": "Warga membalas",
    "ticket_warn": "Batas waktu pengaduan hampir lewat",
    "ticket_escalate": "Pengaduan dilaporkan terlambat kepada penanggung jawab",
    "ticket_lose": "Jawaban pengaduan tidak sampai",
    "ticket_reach": "Jawaban pengaduan sampai",
    "ticket_doubt": "Pesan yang belum tentu dari pelapor diterima",
    "ticket_settle_doubt": "Asal pesan pengaduan dipastikan",
    "ticket_step_code": "Kode untuk HP atau komputer baru dikirim ke pelapor",
    "ticket_rate": "Jawaban dinilai warga",
    "complaints_exported": "Daftar pengaduan diunduh",
    "ticket_reopen": "Pengaduan dibuka lagi karena dinilai 1",
    "data_exported": "Data diunduh",
    "competence_checked": "Kompetensi pegawai diperiksa",
    "training_recorded": "Pelatihan pegawai dicatat",
    "training_evidence_viewed": "Bukti pelatihan dibuka",
    "facility_saved": "Sarana dicatat",
    "facility_fault_reported": "Gangguan sarana dicatat",
    "facility_fault_mended": "Sarana selesai diperbaiki",
    "data_breach_recorded": "Kegagalan pelindungan data dicatat",
    "standard_version_recorded": "Versi standar pelayanan dicatat",
    "evaluation_started": "Evaluasi tahunan mulai disusun",
    "evaluation_frozen": "Angka evaluasi dibekukan",
    "evaluation_concluded": "Kesimpulan evaluasi ditulis",
    "evaluation_finding_added": "Temuan evaluasi ditambah",
    "evaluation_finding_removed": "Temuan evaluasi dihapus",
    "evaluation_action_followed": "Kabar tindakan perbaikan ditulis",
    "evaluation_signed": "Evaluasi tahunan ditandatangani",
    "survey_paper_entered": "Survei kertas dicatat",
    "survey_suggestions_read": "Saran dalam survei dibaca",
    "survey_quote_allowed": "Saran dalam survei boleh dikutip",
    "survey_quote_ended": "Saran dalam survei tidak dikutip lagi",
    "survey_notice_settled": "Survei yang perlu dilihat selesai dilihat",
    "rating_notice_settled": "Nilai 1 atas jawaban pengaduan selesai dilihat",
}

# detail key -> how it is said, with "{}" for the value; a key that is not here stays unsaid
DETAILS: dict[str, str] = {
    "reasons": "alasan {}", "item": "bagian {}", "kind": "{}", "role": "peran {}", "name": "{}",
    "jabatan": "jabatan {}", "reason": "alasan: {}", "source": "sumber: {}", "outcome": "hasil {}", "code": "kode {}",
    "by": "pengguna komputer {}", "cases": "{} berkas", "photos": "{} foto",
}
VALUES: dict[str, str] = {
    **{photo.kind: photo.journal for photo in PHOTOS}, **{field.key: field.journal for field in KEPT},
}


# what a code of one key is called; a code nobody has put into words stays unsaid
CODES: dict[str, dict[str, str]] = {
    "kind": {
        **{photo.kind: f"foto {photo.journal}" for photo in PHOTOS}, **complaints.KINDS,
        **{key: kind.label for key, kind in rights.KINDS.items()},
    },
    "outcome": {**complaints.OUTCOMES, **complaints.DISMISSALS, **complaints.DOUBT_ANSWERS, **CALL_ENDS},
    "role": ROLE_WORDS,
    "jabatan": JABATAN_WORDS,
}


def in_words(line: JournalLine) -> tuple[str, str]:
    """(what it says, what its detail and the browser add)."""
    return action_text(line.action), " · ".join(filter(None, (detail_text(line), line.device)))


def action_text(action: str) -> str:
    """The sentence; an action nobody has put into words yet shows its name rather than nothing."""
    return SENTENCES.get(action) or action.replace("_", " ")


def detail_text(line: JournalLine) -> str:
    """What the detail adds to the sentence, as far as it has words."""
    detail = json.loads(line.detail)
    words = {key: _word(key, value) for key, value in detail.items() if key in DETAILS and value}
    said = [DETAILS[key].format(word) for key, word in words.items() if word]
    if "is_working" in detail:
        said.insert(0, "kantor buka" if detail["is_working"] else "libur")
    if line.action == "role_changed":
        said.append(f"dari {ROLE_WORDS[detail['from']]} menjadi {ROLE_WORDS[detail['to']]}")
    return ", ".join(said)


def _word(key: str, value) -> str:
    return CODES[key].get(value, "") if key in CODES else _value(value)


def _value(value) -> str:
    if isinstance(value, list):
        return "; ".join(_value(part) for part in value)
    item, _, code = str(value).partition(":")
    if code and (reason := reason_of(code)):
        return f"{ITEMS[item]}: {reason.office}" if item in ITEMS else reason.office
    return VALUES.get(value, str(value))
