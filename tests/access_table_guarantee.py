"""The rules of the guarantee and of late work, for tests/access_table.py."""

GUARANTEE = """
GET /lacak/tidak-perlu-diantar                                                              303 303 303 303 303 303
POST /lacak/tidak-perlu-diantar                                                             303 303 303 303 303 303
GET /masuk/surat                                                                            200 200 200 200 200 200
POST /masuk/surat                                                                           422 422 422 422 422 422
GET /petugas/antar                                                                          303 303 200 200 403 403
GET /petugas/antar/<guarantee_id>                                                           303 303 404 404 403 403
POST /petugas/antar/<guarantee_id>/diterima                                                 303 303 404 404 403 403
POST /petugas/antar/<guarantee_id>/tidak-bertemu                                            303 303 404 404 403 403
GET /petugas/jaminan                                                                        303 303 200 200 200 403
GET /petugas/jaminan/<guarantee_id>                                                         303 303 404 404 404 403
GET /petugas/jaminan/<guarantee_id>/bukti                                                   303 303 404 404 404 403
POST /petugas/jaminan/<guarantee_id>/kurir                                                  303 303 404 404 404 403
POST /petugas/jaminan/<guarantee_id>/maaf                                                   303 303 404 404 404 403
POST /petugas/jaminan/<guarantee_id>/surat                                                  303 303 404 404 404 403
POST /petugas/jaminan/tampilan                                                              303 303 303 303 303 403
GET /petugas/jaminan/hitungan                                                               303 303 200 200 200 403
GET /petugas/bertugas                                                                       303 303 200 200 200 200
POST /petugas/bertugas                                                                      303 303 303 303 303 303
GET /petugas/terlambat                                                                      303 303 403 403 200 403
"""
