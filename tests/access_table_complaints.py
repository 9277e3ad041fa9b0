"""The lines of tests/access_table.py about the complaint desk."""

COMPLAINTS = """\
GET /petugas/pengaduan                                                                      303 303 200 200 200 403
GET /petugas/pengaduan/<ticket_id>                                                          303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/abaikan                                                 303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/ambil-alih                                              303 303 403 403 404 403
GET /petugas/pengaduan/<ticket_id>/berkas/<attachment_id>                                   303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/catatan                                                 303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/asal-pesan                                              303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/buka-lagi                                               303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/gabung                                                  303 303 404 404 404 403
POST /petugas/pengaduan/<ticket_id>/kejadian                                                303 303 404 404 404 403
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
"""
