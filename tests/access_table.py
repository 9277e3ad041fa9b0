"""Who gets what: one line for each rule and method, one status for each kind of visitor.

Ids are well made but belong to nothing, forms are empty, CSRF is off: 404 and 422 therefore mean "may,
but there is nothing", 303 leads to signing in (or home, where one is signed in already), 403 is a
refusal by role. HEAD is answered as GET. A new route without a line here fails test_office_access.py.
"""

from tests.access_table_reports import PREPARING, REGISTERS, REPORTS, REPORTS_READ, STANDARD

KINDS = ("guest", "citizen", "petugas", "operator", "supervisor", "admin")

TABLE = """
GET /.well-known/security.txt                                                               200 200 200 200 200 200
GET /                                                                                       200 200 200 200 200 200
GET /akun                                                                                   303 200 303 303 303 303
GET /akun/data                                                                              303 200 303 303 303 303
POST /akun/data                                                                             303 422 303 303 303 303
GET /akun/hak-data                                                                          303 200 303 303 303 303
POST /akun/hak-data                                                                         303 422 303 303 303 303
GET /akun/hak-data/salinan                                                                  303 200 303 303 303 303
POST /akun/hak-data/salinan                                                                 303 422 303 303 303 303
POST /akun/keluar-semua                                                                     303 303 303 303 303 303
GET /akun/nomor                                                                             303 200 303 303 303 303
POST /akun/nomor                                                                            303 422 303 303 303 303
GET /akun/nomor/hilang                                                                      303 200 303 303 303 303
POST /akun/nomor/hilang                                                                     303 422 303 303 303 303
GET /akun/nomor/kode                                                                        303 303 303 303 303 303
POST /akun/nomor/kode                                                                       303 422 303 303 303 303
GET /akun/sandi                                                                             303 200 303 303 303 303
POST /akun/sandi                                                                            303 422 303 303 303 303
GET /cek-pesan                                                                              200 200 200 200 200 200
GET /daftar                                                                                 200 200 200 200 200 200
POST /daftar                                                                                422 422 422 422 422 422
GET /daftar/<any(ktp,'tanda-tangan',selfie):slug>                                           303 303 303 303 303 303
POST /daftar/<any(ktp,'tanda-tangan',selfie):slug>                                          303 303 303 303 303 303
GET /daftar/<any(ktp,'tanda-tangan',selfie):slug>/gambar                                    303 303 303 303 303 303
GET /daftar/bukti                                                                           303 303 303 303 303 303
GET /daftar/bukti.png                                                                       303 303 303 303 303 303
GET /daftar/data                                                                            303 303 303 303 303 303
POST /daftar/data                                                                           303 303 303 303 303 303
GET /daftar/dihapus                                                                         200 200 200 200 200 200
GET /daftar/hapus                                                                           303 303 303 303 303 303
POST /daftar/data/isian                                                                     303 303 303 303 303 303
POST /daftar/hapus                                                                          303 303 303 303 303 303
GET /daftar/lanjut-nanti                                                                    303 303 303 303 303 303
POST /daftar/lanjut-nanti                                                                   303 303 303 303 303 303
GET /daftar/periksa                                                                         303 303 303 303 303 303
POST /daftar/periksa                                                                        303 303 303 303 303 303
GET /daftar/selesai                                                                         303 303 303 303 303 303
GET /healthz                                                                                200 200 200 200 200 200
POST /keluar                                                                                303 303 303 303 303 303
GET /kinerja                                                                                200 200 200 200 200 200
GET /petugas/analisis                                                                       303 303 403 403 200 403
GET /petugas/beban-kerja                                                                    303 303 403 403 200 403
GET /petugas/bidang                                                                         303 303 403 403 200 403
GET /petugas/bulan                                                                          303 303 403 403 200 403
POST /petugas/bulan                                                                         303 303 403 403 422 403
GET /petugas/pengumuman                                                                     303 303 403 403 200 200
POST /petugas/pengumuman                                                                    303 303 403 403 422 422
POST /petugas/pengumuman/<notice_id>/cabut                                                  303 303 403 403 404 404
GET /petugas/ringkasan                                                                      303 303 403 403 200 403
GET /petugas/ringkasan/terlambat                                                            303 303 403 403 200 403
GET /petugas/sistem                                                                         303 303 403 403 200 200
GET /lacak                                                                                  200 200 200 200 200 200
POST /lacak                                                                                 422 422 422 422 422 422
GET /lacak/batalkan                                                                         303 303 303 303 303 303
POST /lacak/batalkan                                                                        303 303 303 303 303 303
GET /lacak/bukti                                                                            303 303 303 303 303 303
GET /lacak/bukti.png                                                                        303 303 303 303 303 303
GET /lacak/hak-data                                                                         303 303 303 303 303 303
GET /lacak/hak-data/t/<token>                                                               404 404 404 404 404 404
POST /lacak/hak-data/t/<token>                                                              404 404 404 404 404 404
POST /lacak/hak-data                                                                        303 303 303 303 303 303
GET /lacak/keadaan                                                                          303 303 303 303 303 303
GET /lacak/kode                                                                             303 303 303 303 303 303
POST /lacak/kode                                                                            422 422 422 422 422 422
POST /lacak/lanjutkan                                                                       303 303 303 303 303 303
POST /lacak/selesai                                                                         303 303 303 303 303 303
GET /lacak/t/<token>                                                                        404 404 404 404 404 404
POST /lacak/t/<token>                                                                       404 404 404 404 404 404
GET /lupa-sandi                                                                             200 200 200 200 200 200
POST /lupa-sandi                                                                            422 422 422 422 422 422
GET /lupa-sandi/baru                                                                        303 303 303 303 303 303
POST /lupa-sandi/baru                                                                       422 422 422 422 422 422
GET /lupa-sandi/dihentikan                                                                  200 200 200 200 200 200
GET /lupa-sandi/diterima                                                                    200 200 200 200 200 200
GET /lupa-sandi/kode                                                                        303 303 303 303 303 303
POST /lupa-sandi/kode                                                                       422 422 422 422 422 422
GET /lupa-sandi/t/<token>                                                                   404 404 404 404 404 404
POST /lupa-sandi/t/<token>                                                                  404 404 404 404 404 404
GET /lupa-sandi/tanpa-whatsapp                                                              200 200 200 200 200 200
POST /lupa-sandi/tanpa-whatsapp                                                             422 422 422 422 422 422
GET /masuk                                                                                  200 303 200 200 200 200
POST /masuk                                                                                 422 422 422 422 422 422
GET /masuk/kode                                                                             303 303 303 303 303 303
POST /masuk/kode                                                                            422 422 422 422 422 422
GET /pengaduan                                                                              200 200 200 200 200 200
POST /pengaduan                                                                             422 422 422 422 422 422
GET /pengaduan/lacak                                                                        200 200 200 200 200 200
POST /pengaduan/isian                                                                       204 204 204 204 204 204
POST /pengaduan/kosongkan                                                                   303 303 303 303 303 303
POST /pengaduan/lacak                                                                       422 422 422 422 422 422
POST /pengaduan/lacak/balas                                                                 303 303 303 303 303 303
GET /pengaduan/lacak/berkas/<attachment_id>                                                 404 404 404 404 404 404
GET /pengaduan/lacak/kode                                                                   303 303 303 303 303 303
POST /pengaduan/lacak/kode                                                                  422 422 422 422 422 422
POST /pengaduan/lacak/nilai                                                                 303 303 303 303 303 303
GET /pengaduan/ringkasan                                                                    200 200 200 200 200 200
GET /pengaduan/selesai                                                                      303 303 303 303 303 303
GET /perbaikan                                                                              303 303 303 303 303 303
POST /perbaikan                                                                             303 303 303 303 303 303
GET /perbaikan/<any(ktp,'tanda-tangan',selfie):slug>                                        303 303 303 303 303 303
POST /perbaikan/<any(ktp,'tanda-tangan',selfie):slug>                                       303 303 303 303 303 303
GET /perbaikan/<any(ktp,'tanda-tangan',selfie):slug>/<any(lama,baru):which>                 303 303 303 303 303 303
GET /petugas/                                                                               303 303 200 200 200 200
GET /petugas/alasan                                                                         303 303 403 403 403 200
GET /petugas/alasan/<reason_id>                                                             303 303 403 403 403 404
POST /petugas/alasan/<reason_id>                                                            303 303 403 403 403 404
GET /petugas/alasan/tambah                                                                  303 303 403 403 403 200
POST /petugas/alasan/tambah                                                                 303 303 403 403 403 422
POST /petugas/berikutnya                                                                    303 303 303 303 403 403
POST /petugas/buka                                                                          303 303 422 422 422 422
GET /petugas/angka                                                                          303 303 403 403 200 403
GET /petugas/buktikan                                                                       303 303 200 200 200 200
POST /petugas/buktikan                                                                      303 303 422 422 422 422
POST /petugas/cari                                                                          303 303 200 200 200 403
GET /petugas/data-diri                                                                      303 303 200 200 403 403
POST /petugas/data-diri                                                                     303 303 422 422 403 403
GET /petugas/dua-langkah                                                                    303 303 303 303 303 303
POST /petugas/dua-langkah                                                                   303 303 303 303 303 303
GET /petugas/dua-langkah/qr                                                                 303 303 403 403 403 403
GET /petugas/hak                                                                            303 303 200 200 200 200
GET /petugas/hak-data                                                                       303 303 403 200 200 403
GET /petugas/hak-data/<request_id>                                                          303 303 403 404 404 403
POST /petugas/hak-data/<request_id>/penuhi                                                  303 303 403 404 404 403
POST /petugas/hak-data/<request_id>/tolak                                                   303 303 403 404 404 403
GET /petugas/kabar                                                                          303 303 200 200 200 200
POST /petugas/tampilan                                                                      303 303 303 303 303 403
GET /petugas/hitungan                                                                       303 303 200 200 200 200
GET /petugas/jurnal                                                                         303 303 403 403 200 403
GET /petugas/kalender                                                                       303 303 403 403 403 200
POST /petugas/kalender                                                                      303 303 403 403 403 422
POST /petugas/keluar                                                                        303 303 303 303 303 303
GET /petugas/kontak                                                                         303 303 200 200 200 200
POST /petugas/kontak                                                                        303 303 422 422 422 422
GET /petugas/kunci                                                                          303 303 303 303 303 303
POST /petugas/kunci                                                                         303 303 303 303 303 303
GET /petugas/loket                                                                          303 303 200 200 403 403
POST /petugas/loket                                                                         303 303 422 422 403 403
POST /petugas/loket/selesai                                                                 303 303 303 303 403 403
GET /petugas/masuk                                                                          200 200 303 303 303 303
POST /petugas/masuk                                                                         422 422 422 422 422 422
GET /petugas/masuk/kode                                                                     303 303 303 303 303 303
POST /petugas/masuk/kode                                                                    422 422 422 422 422 422
GET /petugas/pegawai                                                                        303 303 403 403 403 200
GET /petugas/pegawai/<staff_id>                                                             303 303 403 403 403 404
POST /petugas/pegawai/<staff_id>/akhiri-sesi                                                303 303 403 403 403 404
POST /petugas/pegawai/<staff_id>/aktifkan                                                   303 303 403 403 403 404
POST /petugas/pegawai/<staff_id>/nonaktifkan                                                303 303 403 403 403 404
POST /petugas/pegawai/<staff_id>/peran                                                      303 303 403 403 403 422
POST /petugas/pegawai/<staff_id>/tautan                                                     303 303 403 403 403 404
GET /petugas/pegawai/tambah                                                                 303 303 403 403 403 200
POST /petugas/pegawai/tambah                                                                303 303 403 403 403 422
GET /petugas/pendaftaran/<application_id>                                                   303 303 404 404 404 403
POST /petugas/pendaftaran/<application_id>/ambil-alih                                       303 303 403 403 404 403
POST /petugas/pendaftaran/<application_id>/batalkan                                         303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/bukan-ganda                                      303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/denyut                                           303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/draf                                             303 303 404 404 403 403
GET /petugas/pendaftaran/<application_id>/foto/<any(ktp,signature,selfie):kind>             303 303 404 404 404 403
GET /petugas/pendaftaran/<application_id>/foto/<any(ktp,signature,selfie):kind>/sebelumnya  303 303 404 404 404 403
POST /petugas/pendaftaran/<application_id>/kembalikan                                       303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/lengkap                                          303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/lepas                                            303 303 303 303 403 403
POST /petugas/pendaftaran/<application_id>/lihat-foto                                       303 303 404 404 404 403
POST /petugas/pendaftaran/<application_id>/nik                                              303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/orang-kedua                                      303 303 404 404 403 403
GET /petugas/pendaftaran/<application_id>/pegangan                                          303 303 404 404 404 403
POST /petugas/pendaftaran/<application_id>/periksa-ulang                                    303 303 403 404 403 403
POST /petugas/pendaftaran/<application_id>/periksa-ulang/ambil                              303 303 403 404 403 403
POST /petugas/pendaftaran/<application_id>/pratinjau                                        303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/serahkan                                         303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/setujui                                          303 303 403 404 403 403
POST /petugas/pendaftaran/<application_id>/sudah-dilihat                                    303 303 404 404 403 403
POST /petugas/pendaftaran/<application_id>/tolak                                            303 303 403 404 403 403
GET /petugas/pengaduan                                                                      303 303 200 200 200 403
GET /petugas/pengaduan/<ticket_id>                                                          303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/abaikan                                                 303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/ambil-alih                                              303 303 403 403 404 403
GET /petugas/pengaduan/<ticket_id>/berkas/<attachment_id>                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/catatan                                                 303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/asal-pesan                                              303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/buka-lagi                                               303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/gabung                                                  303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/golongkan                                               303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/hadir                                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/jawab                                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/klaim                                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/lepas                                                   303 303 303 303 303 403
POST /petugas/pengaduan/<ticket_id>/pisah                                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/tautkan                                                 303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/terlambat                                               303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/tindak-lanjut                                           303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/tutup-kembali                                           303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/batalkan                                                303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/draf                                                    303 303 404 404 404 403
POST /petugas/pengaduan/tampilan                                                            303 303 303 303 303 403
GET /petugas/pengaduan/hitungan                                                            303 303 200 200 200 403
POST /petugas/pengaduan/berikutnya                                                          303 303 303 303 303 403
GET /petugas/pengaduan/angka                                                                303 303 200 200 200 403
GET /petugas/pengaduan/catat                                                                303 303 200 200 200 403
POST /petugas/pengaduan/catat                                                               303 303 422 422 422 403
POST /petugas/pengaduan/cari                                                                303 303 200 200 200 403
GET /petugas/pengaduan/lapor.<any(csv,xlsx):kind>                                           303 303 403 403 200 403
GET /petugas/pengaduan/unduh.<any(csv,xlsx):kind>                                           303 303 403 403 200 403
GET /petugas/pemulihan                                                                      200 200 200 200 200 200
POST /petugas/pemulihan                                                                     422 422 422 422 422 422
GET /petugas/permintaan                                                                     303 303 403 200 200 403
GET /petugas/permintaan-akun                                                                303 303 403 403 200 403
GET /petugas/permintaan-akun/<request_id>                                                   303 303 403 403 404 403
POST /petugas/permintaan-akun/<request_id>/setujui                                          303 303 403 403 404 403
POST /petugas/permintaan-akun/<request_id>/tolak                                            303 303 403 403 404 403
GET /petugas/permintaan/<request_id>                                                        303 303 403 404 404 403
POST /petugas/permintaan/<request_id>/pastikan                                              303 303 403 404 404 403
GET /petugas/permintaan/<request_id>/selfie                                                 303 303 403 404 404 403
POST /petugas/permintaan/<request_id>/setujui                                               303 303 403 404 403 403
POST /petugas/permintaan/<request_id>/tolak                                                 303 303 403 404 404 403
GET /petugas/pesan                                                                          303 303 200 200 200 200
GET /petugas/pesan/<message_id>                                                             303 303 404 404 404 403
POST /petugas/pesan/<message_id>/kirim-ulang                                                303 303 404 404 404 403
POST /petugas/pesan/<message_id>/sudah-disampaikan                                          303 303 404 404 404 403
GET /petugas/pesan/email                                                                    303 303 200 200 200 403
POST /petugas/pesan/email/<message_id>/kirim-ulang                                          303 303 404 404 404 403
GET /petugas/pesan/lampiran/<attachment_id>                                                 303 303 404 404 404 403
GET /petugas/pesan/masuk                                                                    303 303 200 200 200 403
POST /petugas/pesan/saluran                                                                 303 303 403 403 303 303
GET /petugas/pemeriksaan                                                                    303 303 403 403 403 200
GET /petugas/pin                                                                            303 303 200 200 200 200
POST /petugas/pin                                                                           303 303 422 422 422 422
GET /petugas/sandi                                                                          303 303 200 200 200 200
POST /petugas/sandi                                                                         303 303 422 422 422 422
GET /petugas/gangguan-siak                                                                  303 303 200 200 200 403
POST /petugas/gangguan-siak                                                                 303 303 422 422 422 403
POST /petugas/gangguan-siak/<outage_id>/selesai                                             303 303 404 404 404 403
GET /petugas/satu-orang                                                                     303 303 403 403 200 403
POST /petugas/satu-orang                                                                    303 303 403 403 422 403
GET /petugas/sesi                                                                           303 303 200 200 200 200
POST /petugas/sesi                                                                          303 303 204 204 204 204
GET /petugas/telepon                                                                        303 303 200 200 200 403
GET /petugas/telepon/<task_id>                                                              303 303 404 404 404 403
POST /petugas/telepon/<task_id>                                                             303 303 404 404 404 403
GET /petugas/undangan/<token>                                                               404 404 404 404 404 404
POST /petugas/undangan/<token>                                                              404 404 404 404 404 404
GET /privasi                                                                                200 200 200 200 200 200
GET /readyz                                                                                 200 200 200 200 200 200
GET /standar-pelayanan                                                                      200 200 200 200 200 200
POST /wa/masuk                                                                              403 403 403 403 403 403
POST /wa/status                                                                             403 403 403 403 403 403
""" + REPORTS.lstrip()

# What a function of oversight (line L of the service standard) opens, as supervisor with that jabatan: every line of
# the office that does not answer 403. The Kepala Bidang opens what a supervisor opens, but for the pages of the others.
OF_EVERYBODY = """
GET /petugas/ GET /petugas/hak GET /petugas/kabar GET /petugas/hitungan GET /petugas/kontak POST /petugas/kontak
GET /petugas/pin POST /petugas/pin
GET /petugas/buktikan POST /petugas/buktikan GET /petugas/kunci POST /petugas/kunci POST /petugas/buka
GET /petugas/sesi POST /petugas/sesi
"""
FUNCTIONS = {
    "kepala_dinas": f"GET /petugas/angka {REPORTS_READ} POST /petugas/evaluasi/<year_id>/tanda-tangan",
    "sekretaris": f"""
        {REPORTS_READ} {REGISTERS}
        GET /petugas/angka GET /petugas/permintaan-akun GET /petugas/permintaan-akun/<request_id>
        POST /petugas/permintaan-akun/<request_id>/setujui POST /petugas/permintaan-akun/<request_id>/tolak
        GET /petugas/satu-orang POST /petugas/satu-orang
    """,
    "analis_kebijakan": f"GET /petugas/angka {REPORTS_READ} {PREPARING} {STANDARD}",
    "operator_go": "GET /petugas/pemeriksaan GET /petugas/pesan POST /petugas/pesan/saluran",
}
CLOSED_TO_KEPALA_BIDANG = "POST /petugas/evaluasi/<year_id>/tanda-tangan"
"""
