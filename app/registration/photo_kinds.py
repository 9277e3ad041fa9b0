"""The three photos of the registration, in the order of the public standard (B), each told once.

Steps, addresses, mending, the check page, the desk, exports, the front page and the journal's words read this
table. All photos of a registration are kept and erased alike (`app/retention/rules.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.photos.cleaning import PhotoKind as Judged


@dataclass(frozen=True)
class PhotoKind:
    """One photo of the form.

    `slug` is its part of an address. `judged_as` chooses the hints about its quality. `how` is the one sentence before
    it is taken, `ask` the question while it is looked at, `look` what to look at, `use` what to do then. The two
    examples are the pictures `img/<kind>-good.svg` and `-bad.svg`, with a caption and words for who cannot see them.
    `on_desk` is its name there, `desk_place` its place and key. `front` is heading and text of the front page.
    """

    kind: str
    slug: str
    label: str
    journal: str
    judged_as: Judged
    take: str
    how: str
    ask: str
    look: str
    use: str
    good: tuple[str, str]
    bad: tuple[str, str]
    on_desk: str
    desk_place: int
    front: tuple[str, str]
    camera: str = "environment"


PHOTOS: tuple[PhotoKind, ...] = (
    PhotoKind(
        "ktp", "ktp", "Foto KTP", "KTP", "ktp", take="Ambil foto KTP",
        how="Letakkan KTP asli di tempat datar dan terang, lalu foto dari atas.", ask="KTP terbaca?",
        look="Lihat fotonya: NIK dan nama harus terbaca.", use="NIK dan nama terbaca? Pakai foto ini.",
        good=("Utuh, semua tulisan terbaca", "KTP tampak utuh, lurus, dan jelas."),
        bad=("Miring, terpotong, silau", "KTP miring, terpotong, dan kena pantulan cahaya."),
        on_desk="Foto KTP", desk_place=1,
        front=(
            "Isi data, foto KTP",
            "NIK, nama, nomor WhatsApp, nomor KK, kata sandi baru, dan alamat. Lalu foto KTP asli Anda.",
        ),
    ),
    PhotoKind(
        "signature", "tanda-tangan", "Foto Tanda Tangan", "tanda tangan", "signature", take="Ambil foto tanda tangan",
        how="Tanda tangani kertas putih polos dengan tinta gelap, seperti di KTP Anda, lalu foto dari atas.",
        ask="Tanda tangan jelas?", look="Lihat fotonya: garisnya harus utuh dan jelas.",
        use="Garisnya utuh dan jelas? Pakai foto ini.",
        good=("Kertas putih, tinta gelap", "Tanda tangan besar dan gelap di kertas putih polos."),
        bad=("Kertas bergaris, pucat", "Tanda tangan kecil dan pucat di kertas bergaris."),
        on_desk="Tanda tangan", desk_place=3,
        front=("Foto tanda tangan", "Di kertas putih polos, sama seperti di KTP."),
    ),
    PhotoKind(
        "selfie", "selfie", "Foto Selfie sambil memegang KTP", "selfie", "selfie", take="Ambil foto selfie",
        how="Pegang KTP di samping wajah. Lepas masker, topi, dan kacamata gelap. Jilbab tidak perlu dilepas.",
        ask="Wajah dan KTP jelas?", look="Lihat fotonya: wajah dan KTP harus jelas.",
        use="Wajah dan KTP jelas? Pakai foto ini.",
        good=("Wajah dan KTP jelas", "Wajah terlihat utuh, KTP dipegang di samping wajah."),
        bad=("Wajah dan KTP tertutup", "Wajah tertutup topi, kacamata gelap, dan KTP."),
        on_desk="Foto selfie", desk_place=2, camera="user",
        front=("Foto selfie dengan KTP", "Wajah dan KTP terlihat jelas dalam satu foto."),
    ),
)
KINDS: tuple[str, ...] = tuple(photo.kind for photo in PHOTOS)
BY_KIND: dict[str, PhotoKind] = {photo.kind: photo for photo in PHOTOS}
BY_SLUG: dict[str, PhotoKind] = {photo.slug: photo for photo in PHOTOS}
ON_DESK: tuple[PhotoKind, ...] = tuple(sorted(PHOTOS, key=lambda photo: photo.desk_place))
# the part of an address that names a photo
RULE = f"/<any({','.join(slug if slug.isidentifier() else repr(slug) for slug in BY_SLUG)}):slug>"
COUNT_WORD = {3: "tiga", 4: "empat", 5: "lima"}[len(PHOTOS)]
