"""The part of tests/access_table.py about survey, registers, evaluation and downloads."""

REPORTS = """
GET /skm                                                                                    200 200 200 200 200 200
GET /survei                                                                                 303 303 303 303 303 303
GET /survei/t/<token>                                                                       410 410 410 410 410 410
GET /survei/bagian/<any('1','2','3','4'):number>                                        303 303 303 303 303 303
POST /survei/bagian/<any('1','2','3','4'):number>                                       303 303 303 303 303 303
GET /survei/keluar                                                                          303 303 303 303 303 303
GET /survei/selesai                                                                         200 200 200 200 200 200
POST /survei/ketuk                                                                          404 404 404 404 404 404
GET /petugas/survei                                                                         303 303 403 403 200 403
GET /petugas/survei/saran                                                                   303 303 403 403 200 403
POST /petugas/survei/saran/<answer_id>                                                      303 303 403 403 404 403
GET /petugas/survei/perhatian                                                               303 303 403 403 200 403
POST /petugas/survei/perhatian/<answer_id>                                                  303 303 403 403 422 403
POST /petugas/survei/perhatian/pengaduan/<ticket_id>                                        303 303 403 403 404 403
GET /petugas/survei/kertas                                                                  303 303 200 200 200 403
POST /petugas/survei/kertas                                                                 303 303 422 422 422 403
GET /petugas/survei/kode-qr                                                                 303 303 200 200 200 403
GET /petugas/kompetensi                                                                     303 303 403 403 200 200
GET /petugas/kompetensi/<staff_id>                                                          303 303 403 403 404 404
POST /petugas/kompetensi/<staff_id>                                                         303 303 403 403 404 404
POST /petugas/kompetensi/<staff_id>/pelatihan                                               303 303 403 403 404 404
GET /petugas/kompetensi/bukti/<training_id>                                                 303 303 403 403 404 404
GET /petugas/sarana                                                                         303 303 403 403 200 200
GET /petugas/sarana/tambah                                                                  303 303 403 403 200 200
POST /petugas/sarana/tambah                                                                 303 303 403 403 422 422
GET /petugas/sarana/<facility_id>                                                           303 303 403 403 404 404
POST /petugas/sarana/<facility_id>                                                          303 303 403 403 404 404
POST /petugas/sarana/<facility_id>/gangguan                                                 303 303 403 403 404 404
POST /petugas/sarana/gangguan/<fault_id>/selesai                                            303 303 403 403 404 404
GET /petugas/pelindungan-data                                                               303 303 403 403 200 200
POST /petugas/pelindungan-data                                                              303 303 403 403 422 422
GET /petugas/standar                                                                        303 303 403 403 200 200
POST /petugas/standar                                                                       303 303 403 403 422 422
GET /petugas/evaluasi                                                                       303 303 403 403 200 403
POST /petugas/evaluasi                                                                      303 303 403 403 422 403
GET /petugas/evaluasi/<year_id>                                                             303 303 403 403 404 403
POST /petugas/evaluasi/<year_id>/angka                                                      303 303 403 403 404 403
POST /petugas/evaluasi/<year_id>/temuan                                                     303 303 403 403 404 403
POST /petugas/evaluasi/<year_id>/kesimpulan                                                 303 303 403 403 404 403
POST /petugas/evaluasi/<year_id>/tanda-tangan                                               303 303 403 403 404 403
GET /petugas/evaluasi/<year_id>/cetak                                                       303 303 403 403 404 403
GET /petugas/evaluasi/<year_id>/unduh.xlsx                                                  303 303 403 403 404 403
POST /petugas/evaluasi/temuan/<finding_id>/hapus                                            303 303 403 403 404 403
POST /petugas/evaluasi/temuan/<finding_id>/kabar                                            303 303 403 403 404 403
GET /petugas/unduh                                                                          303 303 403 403 200 403
GET /petugas/unduh/<name_id>.<any(csv,xlsx):kind>                                           303 303 403 403 404 403
"""

# for the five functions of oversight
REPORTS_READ = """
GET /petugas/survei GET /petugas/evaluasi GET /petugas/evaluasi/<year_id> GET /petugas/evaluasi/<year_id>/cetak
GET /petugas/evaluasi/<year_id>/unduh.xlsx
"""
REGISTERS = """
GET /petugas/kompetensi GET /petugas/kompetensi/<staff_id> POST /petugas/kompetensi/<staff_id>
POST /petugas/kompetensi/<staff_id>/pelatihan GET /petugas/kompetensi/bukti/<training_id>
GET /petugas/sarana GET /petugas/sarana/tambah POST /petugas/sarana/tambah GET /petugas/sarana/<facility_id>
POST /petugas/sarana/<facility_id> POST /petugas/sarana/<facility_id>/gangguan
POST /petugas/sarana/gangguan/<fault_id>/selesai GET /petugas/pelindungan-data POST /petugas/pelindungan-data
"""
STANDARD = "GET /petugas/standar POST /petugas/standar"
PREPARING = """
POST /petugas/evaluasi POST /petugas/evaluasi/<year_id>/angka POST /petugas/evaluasi/<year_id>/temuan
POST /petugas/evaluasi/<year_id>/kesimpulan POST /petugas/evaluasi/temuan/<finding_id>/hapus
POST /petugas/evaluasi/temuan/<finding_id>/kabar
GET /petugas/unduh GET /petugas/unduh/<name_id>.<any(csv,xlsx):kind>
"""
