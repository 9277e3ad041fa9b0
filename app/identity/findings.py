"""What a rule says of a field: why it is refused, or what the operator should see."""

from dataclasses import dataclass


class FieldError(Exception):
    """`message` is an Indonesian sentence for the citizen: what is wrong and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class NeedsRecheck(FieldError):
    """The NIK is possible but strange: the citizen looks at the card once more, then it is accepted.

    `nik` is the normalised value he was warned about; the form hands it back as `rechecked`.
    """

    def __init__(self, message: str, nik: str):
        super().__init__(message)
        self.nik = nik


# Flags. One never stops the citizen; it is a line on the operator's desk.

NIK_DATE = "TANGGAL_TIDAK_LAZIM"
NIK_REGION_UNKNOWN = "WILAYAH_TIDAK_DIKENAL"
NIK_REGION_OLD = "WILAYAH_LAMA"
NIK_REGION_OTHER = "WILAYAH_LUAR_KOTA"
NIK_SERIAL_ZERO = "URUT_0000"
NIK_PATTERN = "POLA"
NIK_UNDER_17 = "USIA_DI_BAWAH_17"
KK_DATE = "KK_TANGGAL_TIDAK_LAZIM"
KK_REGION_UNKNOWN = "KK_WILAYAH_TIDAK_DIKENAL"
KK_REGION_OTHER = "KK_LUAR_KOTA"
PHONE_ABROAD = "NOMOR_LUAR_NEGERI"
PHONE_PREFIX_UNKNOWN = "NOMOR_AWALAN_TIDAK_DIKENAL"
PHONE_PATTERN = "NOMOR_POLA"
NAME_LONG = "NAMA_PANJANG"
NAME_DIGITS = "NAMA_BERANGKA"
NAME_TITLE = "NAMA_BERGELAR"
NAME_UNUSUAL = "NAMA_TANDA_TIDAK_LAZIM"
ADDRESS_WITHOUT_RT = "ALAMAT_TANPA_RT"
ADDRESS_UNREACHED = "ALAMAT_TIDAK_DAPAT_DIANTAR"

# sentences for the operator, never shown to the citizen
FLAG_TEXT: dict[str, str] = {
    NIK_DATE: "Tanggal lahir dalam NIK tidak biasa. Cocokkan NIK dengan foto KTP.",
    NIK_REGION_UNKNOWN: "Kode wilayah dalam NIK tidak ada di tabel. Cocokkan NIK dengan foto KTP.",
    NIK_REGION_OLD: "Kode wilayah dalam NIK adalah kode lama, sebelum pemekaran wilayah.",
    NIK_REGION_OTHER: "NIK pertama kali terbit di luar kota ini. Ini hanya keterangan.",
    NIK_SERIAL_ZERO: "Nomor urut dalam NIK adalah 0000. Cocokkan NIK dengan foto KTP.",
    NIK_PATTERN: "NIK hanya tersusun dari dua angka berbeda. Cocokkan NIK dengan foto KTP.",
    NIK_UNDER_17: "Menurut NIK, usia pemohon di bawah 17 tahun atau di atas 100 tahun.",
    KK_DATE: "Tanggal dalam nomor KK tidak biasa. Cocokkan nomor KK dengan data SIAK.",
    KK_REGION_UNKNOWN: "Kode wilayah dalam nomor KK tidak ada di tabel. Cocokkan dengan data SIAK.",
    KK_REGION_OTHER: "Nomor KK terbit di luar kota ini. Periksa apakah pemohon penduduk kota ini.",
    PHONE_ABROAD: "Nomor WhatsApp terdaftar di luar negeri.",
    PHONE_PREFIX_UNKNOWN: "Awalan nomor WhatsApp tidak dikenal sebagai nomor HP biasa.",
    PHONE_PATTERN: "Nomor WhatsApp hanya tersusun dari dua angka berbeda. Mungkin asal isi.",
    NAME_LONG: "Nama lebih dari 60 huruf. Cocokkan dengan foto KTP.",
    NAME_DIGITS: "Nama berisi angka. Cocokkan dengan foto KTP.",
    NAME_TITLE: "Nama tampaknya berisi gelar. Cocokkan dengan foto KTP.",
    NAME_UNUSUAL: "Nama berisi tanda yang jarang ada pada KTP. Cocokkan dengan foto KTP.",
    ADDRESS_WITHOUT_RT: "Alamat tidak menyebut RT. Cocokkan dengan foto KTP.",
    ADDRESS_UNREACHED: "Surat belum dapat diantar ke alamat ini. Kelurahan belum dipilih, kelurahan di luar kota, "
    "atau tidak ada RT maupun nomor rumah.",
}


# What every rule hands back.

@dataclass(frozen=True)
class Parsed:
    """The normalised value, and the flags (codes of `flags.FLAG_TEXT`) the operator should see."""

    value: str
    flags: tuple[str, ...] = ()


def chosen(flags: dict[str, bool]) -> tuple[str, ...]:
    """The codes whose condition holds, in the order written."""
    return tuple(code for code, holds in flags.items() if holds)
