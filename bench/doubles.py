"""How often two unlike people are taken for a double because of their photos, and how many copies are found.

People are invented one by one: own NIK, name and address, so card, face and signature differ; the scenes (table, wall,
pose) are the same few for all, which is harder than life. Every pair is judged by the hashes and the limits of
`app/registration/doubles.py`. A copy is the same picture saved again, smaller and pressed harder, as messengers do.
"""

import io
import itertools

from PIL import Image

from app.demo.photos import set_of
from app.photos.cleaning import clean_photo
from app.registration.doubles import NEAR_BITS

PEOPLE = 40  # 780 pairs
FIRST = ("SITI", "BUDI", "RINA", "AGUS", "DEWI", "JOKO", "SRI", "EKO", "WATI", "HADI")
LAST = ("AMINAH", "SANTOSO", "LESTARI", "WIBOWO")
COPIES = ((0.8, 60), (0.5, 50))  # scale, quality


def main() -> None:
    people = [_photos_of(number) for number in range(PEOPLE)]
    hashes = [{kind: _hash(jpeg, kind) for kind, jpeg in photos.items()} for photos in people]
    pairs = list(itertools.combinations(hashes, 2))
    for kind, most in NEAR_BITS.items():
        alarms = sum(_apart(one[kind], other[kind]) <= most for one, other in pairs)
        copies = [
            _apart(own[kind], _hash(_saved_again(photos[kind], *how), kind))
            for photos, own in zip(people, hashes, strict=True) for how in COPIES
        ]
        found = sum(apart <= most for apart in copies)
        told = f"{alarms} of {len(pairs)} unlike pairs, {found} of {len(copies)} copies"
        print(f"{kind}: at most {most} of 64 bits: {told}")
    alarms = sum(any(_apart(one[kind], other[kind]) <= most for kind, most in NEAR_BITS.items())
                 for one, other in pairs)
    print(f"any photo: {alarms} of {len(pairs)} unlike pairs ({100 * alarms / len(pairs):.1f} %)")


def _photos_of(number: int) -> dict[str, bytes]:
    day = 1 + number % 28 + (40 if number % 2 else 0)
    nik = f"3574{1 + number % 5:02d}{day:02d}{1 + number % 12:02d}{60 + number % 40:02d}{number + 1:04d}"
    name = f"{FIRST[number % len(FIRST)]} CONTOH {LAST[number // len(FIRST)]}"
    address = f"Jl. Contoh {number}, RT 0{1 + number % 9}/RW 0{1 + number % 7}, Ketapang, Kademangan"
    return set_of(nik=nik, name=name, address=address)


def _hash(jpeg: bytes, kind) -> int:
    return clean_photo(jpeg, kind=kind).perceptual_hash


def _saved_again(jpeg: bytes, scale: float, quality: int) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as image:
        image.resize((int(image.width * scale), int(image.height * scale))).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()
